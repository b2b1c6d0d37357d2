"""What follows is decided inside the transaction that carries it out, and on whom it must be decided anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Case,
    CaseState,
    Conviction,
    Disposition,
    Grade,
    HeardSignal,
    History,
    Mention,
    MentionKind,
    NextStep,
    Outcome,
    Relative,
    Suppression,
)
from campaigns.store import NotFoundError, Store, StoreError
from tests.campaigns.contract.words import (
    COOL_DOWN_S,
    LEASE_S,
    T0,
    URGENCY,
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


class DecisionError(Exception):
    pass


def broken(history: History) -> NextStep:
    raise DecisionError


def queued(store: Store, last: int = 1, step: NextStep | None = None, *, now: float = T0) -> Case:
    store.add_leads("spring", [lead(last)], now=now, decide=follows(step) if step else decider(now))
    return store.cases()[-1]


def waiting(store: Store, *orders: Order, until_at: float | None = None) -> Case:
    return queued(store, step=NextStep(waits=True, wait_until_at=until_at, orders=orders))


def told(store: Store, case_id: int) -> list[str]:
    return [event.kind for event in store.events(limit=1000, case_id=case_id)]


class TestDeciding:
    def test_a_decision_knows_all_that_happened_before_it_in_its_transaction(self, store: Store) -> None:
        seen: list[History] = []

        def decide(history: History) -> NextStep:
            seen.append(history)
            return again(T0 + 900)

        store.set_policy("spring", "a policy", now=T0, by="Li")
        store.add_leads("spring", [lead(1, Grade.HIGH, name="王芳")], now=T0, decide=decide)
        claim = claim_one(store, now=T0 + 900)
        store.dialled(claim.attempt_id, now=T0 + 900)
        signal, mention = HeardSignal("denies", "没有", "zh.1", 3.0), Mention(MentionKind.APP, "会议", "会议软件", 4.0)
        store.add_signal(claim.attempt_id, signal, now=T0 + 910)
        store.add_mention(claim.attempt_id, mention, now=T0 + 910)
        ended = result(Outcome.DENIES, T0 + 930)
        store.finish(claim.attempt_id, ended, decide, now=T0 + 930)
        new, after = seen
        assert (new.case.lead.name, new.case.state, new.attempts, new.free_at) == ("王芳", CaseState.QUEUED, (), 0.0)
        assert new.campaign.policy == "a policy"
        assert (after.case.last_outcome, after.case.attempts) == (Outcome.DENIES, 1)
        (attempt,) = after.attempts
        assert (attempt.result, attempt.signals, attempt.mentions) == (ended, (signal,), (mention,))
        assert after.free_at == T0 + 900 + COOL_DOWN_S

    @pytest.mark.parametrize(
        "use",
        [
            lambda s, claim: s.finish(claim.attempt_id, result(), broken, now=T0 + 50),
            lambda s, claim: s.recover(now=T0 + 1000, decide=broken),
            lambda s, claim: s.add_leads("spring", [lead(8), lead(9)], now=T0, decide=broken),
            lambda s, claim: s.add_leads("spring", [lead(2, Grade.HIGH)], now=T0, decide=broken),
            lambda s, claim: s.revise(2, broken, now=T0),
            lambda s, claim: s.add_linked_case(1, lead(7), relation="女儿", now=T0, decide=broken),
        ],
        ids=["finish", "recover", "add_leads", "merge", "revise", "add_linked_case"],
    )
    def test_a_decision_that_fails_undoes_everything(self, store: Store, use: Callable[..., object]) -> None:
        queued(store)
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        queued(store, 2)
        store.order(2, Order(FollowUpKind.RELATIVE, T0 + 60), now=T0, by="Li")
        before = store.cases(), store.attempts(), store.follow_ups(), last_seq(store)
        with pytest.raises(DecisionError):
            use(store, claim)
        assert (store.cases(), store.attempts(), store.follow_ups(), last_seq(store)) == before
        assert store.in_progress() == 1

    def test_a_decision_that_uses_the_store_is_an_error_and_does_nothing(self, store: Store) -> None:
        def decide(history: History) -> NextStep:
            store.suppressions(now=T0)
            return again(T0)

        with pytest.raises(StoreError):
            store.add_leads("spring", [lead(1)], now=T0, decide=decide)
        assert store.cases() == []
        assert queued(store).id

    def test_all_of_a_step_is_carried_out(self, store: Store) -> None:
        queued(store)
        claim = claim_one(store)
        step = NextStep(
            due_at=T0 + 500,
            urgency=7,
            call_until_at=T0 + 900,
            grade=Grade.HIGH,
            orders=(Order(FollowUpKind.SMS, T0 + 60, {"text": "小心"}), Order(FollowUpKind.VISIT, T0 + 7200)),
            suppress=Suppression(number(5), "the fraudster's own", "", T0, None),
            why="long busy",
        )
        assert store.finish(claim.attempt_id, result(), follows(step), now=T0) == step
        case = store.case(claim.case.id)
        assert (case.lead.grade, case.due_at, case.urgency, case.call_until_at) == (Grade.HIGH, T0 + 500, 7, T0 + 900)
        assert [(f.kind, f.deadline_at, f.data, f.attempt_id) for f in store.follow_ups(case.id)] == [
            (FollowUpKind.SMS, T0 + 60, {"text": "小心"}, claim.attempt_id),
            (FollowUpKind.VISIT, T0 + 7200, {}, claim.attempt_id),
        ]
        assert [each.number for each in store.suppressions(now=T0)] == [number(5)]
        assert set(told(store, case.id)[-5:]) == {
            "case.graded",
            "follow_up.ordered",
            "suppression.added",
            "case.queued",
        }
        assert [e.data["why"] for e in store.events(limit=100) if e.kind == "case.graded"] == ["long busy"]

    def test_a_grade_never_falls(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0, decide=follows(NextStep(due_at=T0, grade=Grade.LOW)))
        assert store.cases()[0].lead.grade is Grade.HIGH

    def test_a_step_is_returned_as_it_was_carried_out(self, store: Store) -> None:
        queued(store)
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        assert store.finish(claim.attempt_id, result(), follows(again(T0 + 1)), now=T0).due_at == T0 + COOL_DOWN_S

    def test_the_first_deadline_stays(self, store: Store) -> None:
        case = queued(store, step=NextStep(due_at=T0, first_call_by_at=T0 + 60))
        store.revise(case.id, follows(NextStep(due_at=T0 + 5, first_call_by_at=T0 + 600)), now=T0)
        assert store.case(case.id).first_call_by_at == T0 + 60

    def test_a_raised_grade_is_decided_on_with_all_that_is_known(self, store: Store) -> None:
        case = queued(store)
        store.order(case.id, Order(FollowUpKind.VISIT, T0 + 60), now=T0, by="Li")
        seen: list[History] = []

        def decide(history: History) -> NextStep:
            seen.append(history)
            return decider(T0)(history)

        store.add_leads("spring", [lead(1, Grade.HIGH, age=71)], now=T0, decide=decide)
        ((history),) = seen
        assert (history.case.lead.grade, history.case.lead.age) == (Grade.HIGH, 71)
        assert len(history.follow_ups) == 1
        assert store.case(case.id).urgency == URGENCY[Grade.HIGH]

    def test_a_raised_grade_during_a_call_is_known_when_it_ends(self, store: Store) -> None:
        queued(store)
        claim = claim_one(store)
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0, decide=broken)
        store.finish(claim.attempt_id, result(), decider(T0), now=T0)
        assert store.case(claim.case.id).urgency == URGENCY[Grade.HIGH]

    def test_a_lead_fills_every_blank_and_adds_accounts_and_relatives(self, store: Store) -> None:
        daughter, wife = Relative(number(50), "女儿", "王小"), Relative(number(51), "妻子")
        store.add_leads("spring", [lead(1, accounts=("622",), relatives=(daughter,))], now=T0, decide=decider(T0))
        more = lead(
            1,
            group="elderly",
            amount=20000.0,
            source="bank",
            warned_at=T0 - 60,
            expires_at=T0 + 9e4,
            address="某路 1 号",
            precinct="广州市/天河区",
            time_zone="Asia/Urumqi",
            accounts=("622", "955"),
            relatives=(Relative(number(50), "姐姐"), wife),
        )
        store.add_leads("spring", [more], now=T0, decide=decider(T0))
        (case,) = store.cases()
        assert case.lead.relatives == (daughter, wife)
        assert case.lead.accounts == ("622", "955")
        kept = ("group", "amount", "source", "warned_at", "expires_at", "address", "precinct", "time_zone")
        assert [getattr(case.lead, name) for name in kept] == [getattr(more, name) for name in kept]
        before = last_seq(store)
        store.add_leads("spring", [more], now=T0, decide=decider(T0))
        assert last_seq(store) == before


class TestRevising:
    def test_a_plan_is_changed_and_one_that_stays_leaves_no_trace(self, store: Store) -> None:
        case = queued(store)
        step = NextStep(due_at=T0 + 60, urgency=9, call_until_at=T0 + 90)
        assert store.revise(case.id, follows(step), now=T0) == step
        before = store.case(case.id), last_seq(store)
        assert store.revise(case.id, follows(step), now=T0 + 5) == step
        assert (store.case(case.id), last_seq(store)) == before
        store.revise(case.id, follows(NextStep(waits=True)), now=T0 + 6)
        before = store.case(case.id), last_seq(store)
        store.revise(case.id, follows(NextStep(waits=True)), now=T0 + 7)
        assert (store.case(case.id), last_seq(store)) == before

    def test_whoever_is_called_or_closed_is_left_alone(self, store: Store) -> None:
        case = queued(store)
        claim = claim_one(store)
        assert store.revise(case.id, broken, now=T0) is None
        store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="warned")), now=T0)
        assert store.revise(case.id, broken, now=T0) is None
        with pytest.raises(NotFoundError, match="999"):
            store.revise(999, broken, now=T0)

    def test_a_waiting_case_is_not_called_and_may_be_queued_again(self, store: Store) -> None:
        case = waiting(store, Order(FollowUpKind.VISIT, T0 + 60))
        assert (case.state, case.due_at) == (CaseState.WAITING, None)
        assert store.claim("n1", now=T0 + 1e6, lease_s=LEASE_S, limit=9) == []
        assert store.next_due_at() is None
        store.revise(case.id, decider(T0), now=T0)
        assert claim_one(store).case.id == case.id

    def test_leads_merge_into_a_waiting_case_and_a_raised_grade_calls_again(self, store: Store) -> None:
        case = waiting(store, Order(FollowUpKind.VISIT, T0 + 60))
        store.add_leads("spring", [lead(1, age=71)], now=T0, decide=decider(T0))
        assert store.case(case.id).state is CaseState.WAITING
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0, decide=decider(T0))
        assert store.case(case.id).state is CaseState.QUEUED
        assert len(store.cases()) == 1

    @pytest.mark.parametrize("claimed_between", [False, True])
    def test_ended_calling_hours(self, store: Store, *, claimed_between: bool) -> None:
        case = queued(store, step=NextStep(due_at=T0, call_until_at=T0 + 60))
        assert store.to_revise(now=T0 + 59) == []
        if claimed_between:
            assert store.claim("n1", now=T0 + 60, lease_s=LEASE_S, limit=9) == []
        assert store.to_revise(now=T0 + 60) == [case.id]
        store.revise(case.id, follows(NextStep(due_at=T0 + 900, call_until_at=T0 + 1800)), now=T0 + 60)
        assert store.to_revise(now=T0 + 60) == []
        assert store.next_due_at() == T0 + 900
        assert claim_one(store, now=T0 + 900).case.id == case.id

    def test_an_expired_lead(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, expires_at=T0 + 60)], now=T0, decide=decider(T0))
        assert store.to_revise(now=T0 + 59) == []
        assert len(store.to_revise(now=T0 + 60)) == 1

    def test_a_suppressed_number(self, store: Store) -> None:
        one, _ = queued(store), queued(store, 2)
        store.suppress(Suppression(number(1), "asked us not to", "chen", T0, T0 + 60), now=T0)
        assert store.to_revise(now=T0 + 1) == [one.id]
        assert store.to_revise(now=T0 + 60) == []

    @pytest.mark.parametrize("kind", [FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE])
    def test_an_ended_order(self, store: Store, kind: FollowUpKind) -> None:
        case = waiting(store, Order(kind, T0 + 60))
        (order,) = store.follow_ups(case.id)
        store.feedback(order.id, FollowUpState.ACKNOWLEDGED, by="station", now=T0 + 1)
        assert store.to_revise(now=T0 + 1e6) == []
        store.feedback(order.id, FollowUpState.FAILED, result="no such address", by="station", now=T0 + 2)
        assert store.to_revise(now=T0 + 2) == [case.id]
        store.revise(case.id, decider(T0 + 2), now=T0 + 2)
        assert store.to_revise(now=T0 + 2) == []

    def test_an_order_that_ended_while_the_case_was_queued(self, store: Store) -> None:
        case = queued(store, step=NextStep(due_at=T0 + 900, orders=(Order(FollowUpKind.VISIT, T0 + 60),)))
        (order,) = store.follow_ups(case.id)
        store.feedback(order.id, FollowUpState.DONE, result="convinced", by="station", now=T0 + 2)
        assert store.to_revise(now=T0 + 2) == [case.id]
        store.revise(case.id, follows(NextStep(due_at=T0 + 900)), now=T0 + 2)  # the same as before
        assert store.to_revise(now=T0 + 2) == []

    @pytest.mark.parametrize("kind", [FollowUpKind.SMS, FollowUpKind.BLOCK])
    def test_a_message_or_a_report_to_a_block_list_holds_nobody_up(self, store: Store, kind: FollowUpKind) -> None:
        case = waiting(store, Order(kind, T0 + 60))
        (order,) = store.follow_ups(case.id)
        store.feedback(order.id, FollowUpState.FAILED, by="gateway", now=T0 + 1)
        assert store.to_revise(now=T0 + 1) == []
        assert store.to_revise(now=T0 + 3600) == [case.id]

    def test_the_time_until_which_a_case_waits(self, store: Store) -> None:
        case = waiting(store, Order(FollowUpKind.VISIT, T0 + 60), until_at=T0 + 100)
        assert store.to_revise(now=T0 + 99) == []
        assert store.to_revise(now=T0 + 100) == [case.id]

    def test_who_waits_for_nothing_is_decided_on_again_after_an_hour_and_not_at_once(self, store: Store) -> None:
        case = waiting(store)
        assert store.to_revise(now=T0 + 3599) == []
        assert store.to_revise(now=T0 + 3600) == [case.id]
        store.revise(case.id, follows(NextStep(waits=True)), now=T0 + 3600)
        assert store.to_revise(now=T0 + 3600) == []

    @pytest.mark.parametrize("waits", [False, True])
    def test_a_human_s_judgement(self, store: Store, *, waits: bool) -> None:
        case = waiting(store, Order(FollowUpKind.VISIT, T0 + 60)) if waits else queued(store)
        store.record_disposition(Disposition(case.id, None, Conviction.CONVINCED, "chen", T0), now=T0)
        assert store.to_revise(now=T0) == [case.id]
        store.revise(case.id, follows(NextStep(close_reason="convinced")), now=T0)
        assert store.to_revise(now=T0) == []
        store.record_disposition(Disposition(case.id, None, Conviction.MONEY_SENT, "chen", T0), now=T0)
        assert store.to_revise(now=T0 + 1e6) == []

    def test_what_came_in_during_a_call_is_known_at_its_end(self, store: Store) -> None:
        case = queued(store)
        claim = claim_one(store)
        store.record_disposition(Disposition(case.id, None, Conviction.CONVINCED, "chen", T0), now=T0)
        assert store.to_revise(now=T0) == []
        store.finish(claim.attempt_id, result(), follows(again(T0 + 60)), now=T0)
        assert store.to_revise(now=T0) == []

    def test_no_more_than_the_limit_in_order(self, store: Store) -> None:
        store.add_leads(
            "spring", [lead(n) for n in range(5)], now=T0, decide=follows(NextStep(due_at=T0, call_until_at=T0 + 1))
        )
        ids = [case.id for case in store.cases()]
        assert store.to_revise(now=T0 + 9, limit=3) == ids[:3]

    def test_the_queued_cases_of_a_campaign_are_named_in_pages(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        store.add_leads("autumn", [lead(1)], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(n) for n in range(5)], now=T0, decide=decider(T0))
        ids = [case.id for case in store.cases(campaign="spring")]
        store.revise(ids[1], follows(NextStep(close_reason="x")), now=T0)
        left = [ids[0], *ids[2:]]
        assert store.queued("spring", limit=2) == left[:2]
        assert store.queued("spring", after=left[1]) == left[2:]
        assert store.queued("none") == []

    def test_a_history_says_what_bars_the_number(self, store: Store, open_store: Opener) -> None:
        case = queued(store)
        assert store.history(case.id, now=T0) == History(case, store.campaigns()[0])
        barred = Suppression(number(1), "asked us not to", "chen", T0, T0 + 60)
        store.suppress(barred, now=T0)
        assert store.history(case.id, now=T0).suppressed == barred
        assert store.history(case.id, now=T0 + 60).suppressed is None
        with pytest.raises(NotFoundError, match="999"):
            store.history(999, now=T0)


class TestPolicies:
    def test_a_campaign_s_policy_is_kept_and_its_change_says_who(self, store: Store) -> None:
        for _ in range(2):
            assert store.set_policy("spring", "hours: none", now=T0, by="Li").policy == "hours: none"
        assert store.campaigns()[0].policy == "hours: none"
        (event,) = [event for event in store.events() if event.kind == "campaign.policy"]
        assert event.data == {"name": "spring", "policy": "hours: none", "by": "Li"}

    def test_lifted_hours_say_who_and_why(self, store: Store) -> None:
        for by, why in (("", "a wave"), ("Li", " ")):
            with pytest.raises(StoreError, match="a name and a reason"):
                store.lift_hours("spring", T0 + 60, now=T0, by=by, why=why)
        assert store.campaigns()[0].hours_lifted_until_at is None
        assert store.lift_hours("spring", T0 + 60, now=T0, by="Li", why="a wave").hours_lifted_until_at == T0 + 60
        assert kinds(store)[-1] == "campaign.hours_lifted"
        assert store.events()[-1].data == {"name": "spring", "until_at": T0 + 60, "by": "Li", "why": "a wave"}
        for use in (
            lambda: store.set_policy("winter", "", now=T0, by="Li"),
            lambda: store.lift_hours("winter", T0, now=T0, by="Li", why="x"),
        ):
            with pytest.raises(NotFoundError, match="winter"):
                use()
