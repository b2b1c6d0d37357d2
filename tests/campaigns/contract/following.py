"""Orders beside the telephone: delivery, feedback, relatives, deadlines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.follow_up import MAY_BECOME, OPEN, RESULTS, FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import Case, CaseState, NextStep
from campaigns.store import NotFoundError, Store, StoreError
from tests.campaigns.contract.words import (
    LEASE_S,
    T0,
    Opener,
    again,
    claim_one,
    decider,
    follows,
    kinds,
    last_seq,
    lead,
    number,
    result,
)

VISIT, SMS, RELATIVE = FollowUpKind.VISIT, FollowUpKind.SMS, FollowUpKind.RELATIVE
SENT, ACKNOWLEDGED, DONE, FAILED = (
    FollowUpState.SENT,
    FollowUpState.ACKNOWLEDGED,
    FollowUpState.DONE,
    FollowUpState.FAILED,
)


@pytest.fixture
def case(store: Store) -> Case:
    store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
    return store.cases()[0]


def ordered(store: Store, case: Case, kind: FollowUpKind = VISIT, deadline_at: float = T0 + 600) -> FollowUp:
    return store.order(case.id, Order(kind, deadline_at, {"text": "小心"}), now=T0, by="Li")


class TestOrders:
    def test_a_person_orders_and_the_open_one_of_that_kind_is_it(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        assert (order.state, order.by, order.attempt_id, order.data) == ("ordered", "Li", None, {"text": "小心"})
        assert (order.ordered_at, order.deadline_at, order.next_try_at, order.tries) == (T0, T0 + 600, T0, 0)
        assert order.is_open
        assert ordered(store, case, deadline_at=T0 + 9) == order == store.follow_up(order.id)
        store.feedback(order.id, FAILED, by="station", now=T0)
        second = ordered(store, case)
        assert second.id != order.id
        assert store.follow_ups(case.id) == [store.follow_up(order.id), second]
        assert store.follow_ups(open_only=True) == [second]
        assert kinds(store).count("follow_up.ordered") == 2

    def test_unknown_ids_are_errors(self, store: Store) -> None:
        for use in (
            lambda: store.order(999, Order(VISIT, T0), now=T0, by="Li"),
            lambda: store.follow_up(999),
            lambda: store.delivered(999, channel="x", reference="", now=T0),
            lambda: store.delivery_failed(999, error="x", next_try_at=None, now=T0),
            lambda: store.feedback(999, DONE, result="met", by="x", now=T0),
            lambda: store.add_linked_case(999, lead(2), relation="", now=T0, decide=decider(T0)),
        ):
            with pytest.raises(NotFoundError, match="999"):
                use()


class TestDeliveries:
    def test_the_earliest_deadline_goes_first_and_none_goes_twice_within_its_lease(
        self, store: Store, open_store: Opener, case: Case
    ) -> None:
        visit, message = ordered(store, case, VISIT, T0 + 600), ordered(store, case, SMS, T0 + 60)
        other = open_store()
        (first,) = store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=1)
        (second,) = other.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)
        assert (first.id, second.id, first.tries) == (message.id, visit.id, 1)
        assert other.claim_deliveries(now=T0 + LEASE_S - 1, lease_s=LEASE_S, limit=9) == []
        again_now = other.claim_deliveries(now=T0 + LEASE_S, lease_s=LEASE_S, limit=9)
        assert [(each.id, each.tries) for each in again_now] == [(message.id, 2), (visit.id, 2)]
        other.close()

    def test_only_the_kinds_that_are_asked_for(self, store: Store, case: Case) -> None:
        ordered(store, case, VISIT), ordered(store, case, SMS)
        assert [each.kind for each in store.claim_deliveries(now=T0, lease_s=9, limit=9, kinds=[SMS])] == [SMS]
        assert store.claim_deliveries(now=T0, lease_s=9, limit=9, kinds=[]) == []

    def test_what_is_delivered_is_not_given_out_again(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)
        sent = store.delivered(order.id, channel="webhook", reference="V-1", now=T0 + 2)
        assert (sent.state, sent.sent_at, sent.channel, sent.reference) == (SENT, T0 + 2, "webhook", "V-1")
        assert store.claim_deliveries(now=T0 + 1e6, lease_s=LEASE_S, limit=9) == []
        before = last_seq(store)
        assert store.delivered(order.id, channel="webhook", reference="V-1", now=T0 + 9).sent_at == T0 + 2
        assert last_seq(store) == before

    def test_a_failed_delivery_is_tried_later_or_given_up(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)
        assert store.delivery_failed(order.id, error="down", next_try_at=T0 + 100, now=T0).state == "ordered"
        assert store.claim_deliveries(now=T0 + 99, lease_s=LEASE_S, limit=9) == []
        assert len(store.claim_deliveries(now=T0 + 100, lease_s=LEASE_S, limit=9)) == 1
        failed = store.delivery_failed(order.id, error="refused", next_try_at=None, now=T0 + 101)
        assert (failed.state, failed.result, failed.ended_at, failed.next_try_at) == (FAILED, "refused", T0 + 101, None)
        assert kinds(store)[-2:] == ["follow_up.delayed", "follow_up.failed"]

    def test_feedback_that_is_quicker_than_the_delivery_stands(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)
        store.feedback(order.id, ACKNOWLEDGED, by="station", now=T0 + 1)
        late = store.delivered(order.id, channel="webhook", reference="V-1", now=T0 + 2)
        assert (late.state, late.sent_at, late.reference) == (ACKNOWLEDGED, T0 + 2, "V-1")
        assert store.delivery_failed(order.id, error="x", next_try_at=None, now=T0 + 3).state is ACKNOWLEDGED

    def test_what_is_put_off_was_no_try_and_nobody_is_told(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)
        before = last_seq(store)
        store.put_off(order.id, until_at=T0 + 500)
        assert (store.follow_up(order.id).tries, store.follow_up(order.id).next_try_at) == (0, T0 + 500)
        assert last_seq(store) == before
        store.delivered(order.id, channel="x", reference="", now=T0)
        store.put_off(order.id, until_at=T0 + 900)
        assert store.follow_up(order.id).next_try_at is None

    def test_a_delivery_that_was_begun_is_known_until_its_end_is(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.delivery_begun(order.id, now=T0 + 3)
        assert store.follow_up(order.id).begun_at == T0 + 3
        store.delivery_failed(order.id, error="x", next_try_at=T0 + 9, now=T0 + 4)
        assert store.follow_up(order.id).begun_at is None
        store.delivery_begun(order.id, now=T0 + 9)
        store.delivered(order.id, channel="smpp", reference="7", now=T0 + 10)
        assert store.follow_up(order.id).begun_at is None

    def test_an_order_is_known_by_the_receiver_s_name_for_it(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        assert store.follow_up_by_reference("smpp", "7") is None
        sent = store.delivered(order.id, channel="smpp", reference="7", now=T0)
        assert store.follow_up_by_reference("smpp", "7") == sent
        assert store.follow_up_by_reference("webhook", "7") is None
        assert store.follow_up_by_reference("smpp", "") is None


class TestFeedback:
    def reach(self, store: Store, case: Case, state: FollowUpState) -> FollowUp:
        """An order in that state."""
        order = ordered(store, case)
        if state is SENT:
            return store.delivered(order.id, channel="x", reference="1", now=T0)
        if state is FollowUpState.ORDERED:
            return order
        return store.feedback(order.id, state, result="met" if state is DONE else "", by="station", now=T0)

    @pytest.mark.parametrize("before", FollowUpState)
    @pytest.mark.parametrize("after", FollowUpState)
    def test_only_allowed_changes(self, store: Store, case: Case, before: FollowUpState, after: FollowUpState) -> None:
        order = self.reach(store, case, before)
        seq = last_seq(store)
        answer = {"result": "met" if after is DONE else "", "by": "station", "now": T0 + 5}
        if after is before:
            assert store.feedback(order.id, after, **answer) == order
            assert last_seq(store) == seq
        elif after in MAY_BECOME[before] and after is not SENT:
            changed = store.feedback(order.id, after, note="at the door", **answer)
            assert (changed.state, changed.note, changed.is_open) == (after, "at the door", after in OPEN)
            assert changed.next_try_at is None
            assert kinds(store, seq) == [f"follow_up.{after.value}"]
        else:
            with pytest.raises(StoreError, match="cannot become"):
                store.feedback(order.id, after, **answer)
            assert (store.follow_up(order.id), last_seq(store)) == (order, seq)

    @pytest.mark.parametrize("kind", FollowUpKind)
    def test_only_known_results(self, store: Store, case: Case, kind: FollowUpKind) -> None:
        order = ordered(store, case, kind)
        for wrong in ("", "eaten by the dog"):
            with pytest.raises(StoreError, match="ends with one of"):
                store.feedback(order.id, DONE, result=wrong, by="x", now=T0)
        done = store.feedback(order.id, DONE, result=RESULTS[kind][0], by="x", now=T0 + 7)
        assert (done.result, done.ended_at) == (RESULTS[kind][0], T0 + 7)

    def test_another_result_for_what_is_done_is_refused(self, store: Store, case: Case) -> None:
        order = ordered(store, case)
        store.feedback(order.id, DONE, result="met", by="station", now=T0)
        with pytest.raises(StoreError):
            store.feedback(order.id, DONE, result="not_met", by="station", now=T0)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        changes=st.lists(
            st.tuples(st.sampled_from(["deliver", "fail", "give_up", "claim", *FollowUpState]), st.integers(0, 90)),
            max_size=12,
        )
    )
    def test_no_order_ends_twice_or_comes_back(self, open_store: Opener, changes: list[tuple[str, int]]) -> None:
        store = open_store()
        name = f"c{len(store.campaigns())}"
        store.create_campaign(name, now=T0)
        store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        order = ordered(store, store.cases(campaign=name)[0])
        now, ended = T0, None
        for change, amount in changes:
            now += amount
            try:
                if change == "deliver":
                    store.delivered(order.id, channel="x", reference="1", now=now)
                elif change in {"fail", "give_up"}:
                    later = now + 30 if change == "fail" else None
                    store.delivery_failed(order.id, error="x", next_try_at=later, now=now)
                elif change == "claim":
                    claimed = store.claim_deliveries(now=now, lease_s=LEASE_S, limit=99)
                    assert ended is None or order.id not in {each.id for each in claimed}
                else:
                    wanted = FollowUpState(change)
                    store.feedback(order.id, wanted, result="met" if wanted is DONE else "", by="x", now=now)
            except StoreError:
                pass
            is_now = store.follow_up(order.id)
            if ended is not None:
                assert (is_now.state, is_now.result, is_now.ended_at) == ended
            elif not is_now.is_open:
                assert is_now.next_try_at is None
                ended = (is_now.state, is_now.result, is_now.ended_at)
        told = [event.kind for event in store.events(limit=100_000) if event.data.get("follow_up_id") == order.id]
        assert sum(kind in {"follow_up.done", "follow_up.failed"} for kind in told) == (ended is not None)
        assert told.count("follow_up.sent") <= 1
        store.close()


class TestRelatives:
    def linked(self, store: Store, case: Case, last: int = 50) -> Case:
        order = ordered(store, case, RELATIVE)
        return store.add_linked_case(order.id, lead(last), relation="女儿", now=T0 + 1, decide=decider(T0 + 1))

    def test_the_call_to_a_relative_is_a_linked_case_made_once(self, store: Store, case: Case) -> None:
        linked = self.linked(store, case)
        assert (linked.linked_case_id, linked.relation, linked.state) == (case.id, "女儿", CaseState.QUEUED)
        assert linked.campaign_id == case.campaign_id
        assert self.linked(store, case) == linked
        assert len(store.cases()) == 2
        assert (store.linked_cases(case.id), store.linked_cases(linked.id)) == ([linked], [])
        assert store.linked_cases(case.id) == [linked]
        assert store.linked_cases(linked.id) == []
        accepted = [event.data["linked_case_id"] for event in store.events() if event.kind == "lead.accepted"]
        assert accepted == [None, case.id]

    @pytest.mark.parametrize(
        ("reason", "means"),
        [("warned", "warned"), ("acknowledged", "acknowledged"), ("denies", "refused"), ("expired", "not_reached")],
    )
    def test_its_end_is_the_end_of_the_order(self, store: Store, case: Case, reason: str, means: str) -> None:
        store.revise(case.id, follows(NextStep(waits=True, orders=(Order(RELATIVE, T0 + 600),))), now=T0)
        linked = self.linked(store, case)
        claim = claim_one(store, now=T0 + 1)
        assert claim.case.id == linked.id
        store.finish(claim.attempt_id, result(), follows(again(T0 + 5)), now=T0 + 2)
        (order,) = store.follow_ups(case.id)
        assert order.is_open
        store.finish(
            claim_one(store, now=T0 + 5).attempt_id, result(), follows(NextStep(close_reason=reason)), now=T0 + 9
        )
        (order,) = store.follow_ups(case.id)
        assert (order.state, order.result, order.note, order.ended_at) == (DONE, means, reason, T0 + 9)
        assert store.to_revise(now=T0 + 9) == [case.id]

    def test_a_call_that_is_not_even_begun_ends_the_order(self, store: Store, case: Case) -> None:
        order = ordered(store, case, RELATIVE)
        close = follows(NextStep(close_reason="suppressed"))
        linked = store.add_linked_case(order.id, lead(50), relation="女儿", now=T0, decide=close)
        assert linked.state is CaseState.CLOSED
        ended = store.follow_up(order.id)
        assert (ended.state, ended.result, ended.note) == (DONE, "not_reached", "suppressed")

    def test_an_order_that_ended_before_is_left_as_it_is(self, store: Store, case: Case) -> None:
        linked = self.linked(store, case)
        (order,) = store.follow_ups(case.id)
        store.feedback(order.id, FAILED, result="called off", by="Li", now=T0)
        store.revise(linked.id, follows(NextStep(close_reason="warned")), now=T0 + 9)
        assert store.follow_up(order.id).result == "called off"

    def test_a_relative_may_be_a_subject_too_and_is_not_called_for_both_at_once(self, store: Store, case: Case) -> None:
        linked = self.linked(store, case)
        count = store.add_leads("spring", [lead(50, name="王小")], now=T0 + 1, decide=decider(T0 + 1))
        assert (count.accepted, count.merged) == (1, 0)
        own = store.cases()[-1]
        assert own.linked_case_id is None
        again_count = store.add_leads("spring", [lead(50, age=40)], now=T0 + 1, decide=decider(T0 + 1))
        assert (again_count.accepted, again_count.merged) == (0, 1)
        assert store.case(linked.id).lead == lead(50)
        called = [claim.case.lead.number for claim in store.claim("n1", now=T0 + 1, lease_s=LEASE_S, limit=9)]
        assert sorted(called) == [number(1), number(50)]

    def test_who_is_a_subject_already_is_called_as_a_relative_all_the_same(self, store: Store, case: Case) -> None:
        store.add_leads("spring", [lead(50)], now=T0, decide=decider(T0))
        assert self.linked(store, case).linked_case_id == case.id


class TestDeadlines:
    def test_a_late_first_attempt_is_told_once(self, store: Store) -> None:
        for last in (1, 2):
            step = NextStep(due_at=T0, first_call_by_at=T0 + 60 * last)
            store.add_leads("spring", [lead(last)], now=T0, decide=follows(step))
        one, two = store.cases()
        assert store.raise_overdue(now=T0 + 60) == []
        (event,) = store.raise_overdue(now=T0 + 61)
        assert (event.kind, event.case_id, event.data["deadline_at"]) == ("case.overdue", one.id, T0 + 60)
        assert store.events(after=event.seq - 1) == [event]
        assert store.raise_overdue(now=T0 + 62) == []
        assert [case.id for case in store.overdue(now=T0 + 62)[0]] == [one.id]
        claimed = store.claim("n1", now=T0 + 63, lease_s=LEASE_S, limit=1)[0].case.id
        assert claimed == one.id
        assert store.overdue(now=T0 + 63)[0] == []
        assert [event.case_id for event in store.raise_overdue(now=T0 + 200)] == [two.id]

    def test_a_late_order_is_told_once_until_it_ends(self, store: Store, case: Case) -> None:
        late, later = ordered(store, case, VISIT, T0 + 60), ordered(store, case, SMS, T0 + 90)
        assert store.raise_overdue(now=T0 + 60) == []
        (event,) = store.raise_overdue(now=T0 + 61)
        assert (event.kind, event.data["follow_up_id"], event.data["order"]) == ("follow_up.overdue", late.id, "visit")
        assert store.raise_overdue(now=T0 + 62) == []
        assert store.follow_up(late.id).overdue_since_at == T0 + 61
        assert [each.id for each in store.overdue(now=T0 + 99)[1]] == [late.id, later.id]
        store.feedback(late.id, DONE, result="met", by="station", now=T0 + 99)
        assert [each.id for each in store.overdue(now=T0 + 99)[1]] == [later.id]
        store.feedback(later.id, DONE, result="delivered", by="gateway", now=T0 + 99)
        assert store.raise_overdue(now=T0 + 1e6) == []
