"""What every store must do. A store's own test module takes this over:

```python
from tests.campaigns.store_contract import *  # noqa: F403

@pytest.fixture
def open_store(tmp_path): ...   # a picklable function: cool_down_s=120.0 -> Store, always on the same empty database
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.event_schema import KINDS
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    AttemptResult,
    CampaignState,
    CaseState,
    Claim,
    EscalationState,
    Grade,
    HeardSignal,
    History,
    ImportCount,
    Lead,
    NextStep,
    Outcome,
    Speaker,
    Suppression,
    Turn,
)
from campaigns.store import Decide, LeaseLostError, NotFoundError, Store, StoreError

COOL_DOWN_S = 120.0
T0 = 1_800_000_000.0
LEASE_S = 30.0

CALL_BACK_URGENCY = 2000
URGENCY = {Grade.LOW: 100, Grade.MEDIUM: 200, Grade.HIGH: 1000}

Opener = Callable[..., Store]


def decider(now: float) -> Decide:
    """A plan of the suite's own: call at once, again a minute after each call, at once when a human was wanted."""

    def decide(history: History) -> NextStep:
        case = history.case
        ended = [attempt for attempt in history.attempts if attempt.result is not None]
        urgency = max(case.urgency, URGENCY[case.lead.grade])
        if ended and ended[-1].escalations and ended[-1].escalations[-1].joined_s is None:
            urgency = CALL_BACK_URGENCY
        return NextStep(due_at=now + 60 if ended else now, urgency=urgency, why="the suite's plan")

    return decide


def number(last: int) -> str:
    return f"+86111{last:08d}"


def lead(last: int, grade: Grade = Grade.MEDIUM, **more: Any) -> Lead:
    return Lead(number(last), grade=grade, **more)


def kinds(store: Store, after: int = 0) -> list[str]:
    return [event.kind for event in store.events(after=after, limit=100_000)]


def last_seq(store: Store) -> int:
    return max((event.seq for event in store.events(limit=100_000)), default=0)


def claim_one(store: Store, node: str = "n1", *, now: float = T0, lease_s: float = LEASE_S) -> Claim:
    (claim,) = store.claim(node, now=now, lease_s=lease_s, limit=1)
    return claim


def result(outcome: Outcome = Outcome.NO_ANSWER, ended_at: float = T0) -> AttemptResult:
    return AttemptResult(outcome, ended_at=ended_at)


def again(due_at: float, level: int = 200) -> NextStep:
    return NextStep(due_at=due_at, urgency=level)


def follows(step: NextStep) -> Decide:
    """A decision that was taken before."""
    return lambda history: step


@pytest.fixture
def store(open_store: Opener) -> Iterator[Store]:
    opened = open_store(cool_down_s=COOL_DOWN_S)
    opened.create_campaign("spring", now=T0 - 100)
    yield opened
    opened.close()


class TestCampaigns:
    def test_a_campaign_is_made_running_and_once(self, store: Store) -> None:
        first = store.create_campaign("autumn", now=T0)
        assert first.state is CampaignState.RUNNING
        assert store.create_campaign("autumn", now=T0 + 1) == first
        assert [campaign.name for campaign in store.campaigns()] == ["spring", "autumn"]
        assert kinds(store).count("campaign.created") == 2

    def test_a_change_of_state_says_who_and_a_repetition_says_nothing(self, store: Store) -> None:
        for _ in range(2):
            campaign = store.set_campaign_state("spring", CampaignState.PAUSED, now=T0, by="officer Li")
            assert campaign.state is CampaignState.PAUSED
        (event,) = [event for event in store.events() if event.kind == "campaign.state"]
        assert event.data == {"name": "spring", "state": "paused", "by": "officer Li"}

    def test_an_unknown_campaign_is_an_error(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match="winter"):
            store.set_campaign_state("winter", CampaignState.PAUSED, now=T0, by="x")
        with pytest.raises(NotFoundError, match="winter"):
            store.add_leads("winter", [lead(1)], now=T0, decide=decider(T0))

    @pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.STOPPED])
    def test_only_running_campaigns_are_claimed(self, store: Store, state: CampaignState) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        store.set_campaign_state("spring", state, now=T0, by="x")
        assert store.claim("n1", now=T0, lease_s=LEASE_S, limit=9) == []
        assert store.next_due_at() is None
        store.set_campaign_state("spring", CampaignState.RUNNING, now=T0, by="x")
        assert store.next_due_at() == T0
        assert len(store.claim("n1", now=T0, lease_s=LEASE_S, limit=9)) == 1


class TestLeads:
    def test_a_lead_becomes_a_queued_case_that_is_due_at_once(self, store: Store) -> None:
        full = Lead(number(1), "王芳", "冒充公检法", Grade.HIGH, "zh-CN", "female", 71, "独居")
        assert store.add_leads("spring", [full], now=T0, decide=decider(T0)) == ImportCount(accepted=1)
        (case,) = store.cases(campaign="spring")
        assert (case.lead, case.state, case.due_at, case.attempts) == (full, CaseState.QUEUED, T0, 0)
        assert store.case(case.id) == case
        assert store.cases(campaign="none") == []

    def test_the_same_leads_twice_change_nothing(self, store: Store) -> None:
        leads = [lead(1, Grade.HIGH, name="王芳"), lead(2)]
        store.add_leads("spring", leads, now=T0, decide=decider(T0))
        before = store.cases(), last_seq(store)
        assert store.add_leads("spring", leads, now=T0 + 5, decide=decider(T0 + 5)) == ImportCount(merged=2)
        assert (store.cases(), last_seq(store)) == before

    def test_a_merge_raises_the_grade_with_its_urgency_and_fills_blanks_only(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.LOW, name="王芳")], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(1, Grade.HIGH, name="别人", age=71, note="独居")], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(1, Grade.LOW, sex="female")], now=T0, decide=decider(T0))
        (case,) = store.cases()
        assert case.lead == lead(1, Grade.HIGH, name="王芳", age=71, note="独居", sex="female")
        assert case.urgency == URGENCY[Grade.HIGH]
        changed = [event.data["changed"] for event in store.events() if event.kind == "lead.merged"]
        assert [sorted(map(str, c)) for c in changed if isinstance(c, list)] == [["age", "grade", "note"], ["sex"]]

    def test_a_lead_that_raises_no_grade_leaves_the_plan_alone(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(Outcome.CALLBACK_DUE), follows(again(T0 + 1, CALL_BACK_URGENCY)), now=T0)
        store.add_leads("spring", [lead(1, Grade.HIGH, age=71)], now=T0, decide=follows(NextStep(close_reason="no")))
        (case,) = store.cases()
        assert (case.state, case.urgency, case.due_at) == (CaseState.QUEUED, CALL_BACK_URGENCY, T0 + 1)

    def test_a_lead_for_a_closed_case_opens_a_new_one(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(Outcome.WARNED), follows(NextStep(close_reason="warned")), now=T0)
        assert store.add_leads("spring", [lead(1)], now=T0 + 9, decide=decider(T0 + 9)).accepted == 1
        assert [case.state for case in store.cases()] == [CaseState.CLOSED, CaseState.QUEUED]

    def test_campaigns_have_cases_of_their_own(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        assert store.add_leads("autumn", [lead(1)], now=T0, decide=decider(T0)).accepted == 1

    def test_an_error_in_mid_batch_leaves_nothing_behind(self, store: Store) -> None:
        def broken() -> Iterator[Lead]:
            yield lead(1)
            raise RuntimeError("the file ended")

        before = last_seq(store)
        with pytest.raises(RuntimeError):
            store.add_leads("spring", broken(), now=T0, decide=decider(T0))
        assert store.cases() == []
        assert last_seq(store) == before
        assert store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0)).accepted == 1

    def test_an_imported_file_is_remembered_for_its_campaign(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        assert store.imported_at("spring", "abc") is None
        store.record_import("spring", "abc", file="a.csv", read=3, accepted=1, merged=1, rejected=1, now=T0)
        store.record_import("spring", "abc", file="a.csv", read=3, accepted=0, merged=2, rejected=1, now=T0 + 5)
        assert store.imported_at("spring", "abc") == T0 + 5
        assert store.imported_at("autumn", "abc") is None


class TestClaims:
    def test_a_claim_is_an_attempt_under_a_lease(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store, "n1")
        assert claim.lease_until_at == T0 + LEASE_S
        assert (claim.case.state, claim.case.attempts) == (CaseState.CALLING, 1)
        attempt = store.attempt(claim.attempt_id)
        assert (attempt.case_id, attempt.node, attempt.result) == (claim.case.id, "n1", None)
        assert store.in_progress() == 1
        assert store.claim("n2", now=T0, lease_s=LEASE_S, limit=9) == []

    def test_the_most_urgent_goes_first_then_the_longest_due(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        store.add_leads("spring", [lead(1, Grade.LOW)], now=T0 - 50, decide=decider(T0 - 50))
        store.add_leads("spring", [lead(2, Grade.MEDIUM), lead(3, Grade.HIGH)], now=T0 - 5, decide=decider(T0 - 5))
        store.add_leads("autumn", [lead(4, Grade.HIGH)], now=T0 - 9, decide=decider(T0 - 9))
        order = [c.case.lead.number for c in store.claim("n1", now=T0, lease_s=LEASE_S, limit=9)]
        assert order == [number(4), number(3), number(2), number(1)]

    def test_what_is_not_due_waits(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0 + 10, decide=decider(T0 + 10))
        assert store.next_due_at() == T0 + 10
        assert store.claim("n1", now=T0 + 9.9, lease_s=LEASE_S, limit=1) == []
        assert len(store.claim("n1", now=T0 + 10, lease_s=LEASE_S, limit=1)) == 1
        assert store.next_due_at() is None

    def test_no_more_than_the_limit(self, store: Store) -> None:
        store.add_leads("spring", [lead(n) for n in range(5)], now=T0, decide=decider(T0))
        assert [len(store.claim("n1", now=T0, lease_s=LEASE_S, limit=n)) for n in (0, 2, 9)] == [0, 2, 3]

    def test_renewing_keeps_a_claim_and_names_what_is_lost(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        one, two = store.claim("n1", now=T0, lease_s=LEASE_S, limit=2)
        store.recover(now=T0, node="other", decide=decider(T0))
        ids = [one.attempt_id, two.attempt_id, 999]
        assert store.renew("n2", ids, now=T0, lease_s=LEASE_S) == ids
        assert store.renew("n1", ids, now=T0 + 20, lease_s=LEASE_S) == [999]
        assert store.recover(now=T0 + 40, decide=decider(T0 + 40)) == []
        assert len(store.recover(now=T0 + 50, decide=decider(T0 + 50))) == 2

    def test_giving_back_leaves_no_trace_but_the_events(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        before = store.cases()
        claim = claim_one(store)
        store.give_back(claim.attempt_id, now=T0 + 1, reason="no line free")
        assert store.cases() == before
        assert store.attempts() == []
        assert store.in_progress() == 0
        assert kinds(store)[-2:] == ["attempt.claimed", "attempt.given_back"]
        assert claim_one(store, now=T0 + 1).attempt_id != claim.attempt_id

    def test_a_dialled_number_is_not_given_back(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        with pytest.raises(StoreError, match="dialled"):
            store.give_back(claim.attempt_id, now=T0, reason="x")

    def test_nobody_dials_after_the_lease_ran_out(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        with pytest.raises(LeaseLostError):
            store.dialled(claim.attempt_id, now=T0 + LEASE_S + 1)
        assert store.attempt(claim.attempt_id).dialled_at is None


class TestCoolDown:
    def test_a_number_is_not_called_by_two_campaigns_at_once(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        (claim,) = store.claim("n1", now=T0, lease_s=LEASE_S, limit=9)
        assert store.next_due_at() is None
        store.give_back(claim.attempt_id, now=T0, reason="x")
        assert store.next_due_at() == T0

    def test_a_dialled_number_rests_for_all_campaigns_even_after_the_call(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0 + 1)
        store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="x")), now=T0 + 2)
        assert store.next_due_at() == T0 + 1 + COOL_DOWN_S
        assert store.claim("n1", now=T0 + COOL_DOWN_S, lease_s=LEASE_S, limit=9) == []
        assert len(store.claim("n1", now=T0 + 1 + COOL_DOWN_S, lease_s=LEASE_S, limit=9)) == 1

    def test_a_policy_cannot_shorten_it(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0 + 1)
        store.finish(claim.attempt_id, result(), follows(again(T0 + 3)), now=T0 + 2)
        assert store.cases()[0].due_at == T0 + 1 + COOL_DOWN_S

    def test_a_new_lead_does_not_shorten_it(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="x")), now=T0 + 2)
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0 + 3, decide=decider(T0 + 3))
        assert store.cases()[-1].due_at == T0 + COOL_DOWN_S

    def test_another_process_with_a_shorter_one_does_not_undo_it(self, store: Store, open_store: Opener) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="x")), now=T0 + 2)
        hasty = open_store(cool_down_s=0.0)
        hasty.add_leads("spring", [lead(1)], now=T0 + 3, decide=decider(T0 + 3))
        hasty.close()
        assert store.claim("n1", now=T0 + COOL_DOWN_S - 1, lease_s=LEASE_S, limit=9) == []


class TestCalls:
    def test_all_that_happened_on_a_call_is_kept(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        attempt_id = claim_one(store).attempt_id
        store.dialled(attempt_id, now=T0 + 1)
        store.answered(attempt_id, now=T0 + 5)
        turns = (
            Turn(Speaker.ROBOT, "请问，有没有自称警察的人给您打过电话？", 0.0, 2.5, "ask-contact"),
            Turn(Speaker.SUBJECT, "有，他正在另一个电话上", 3.0, 4.5, "ask-contact"),
        )
        for turn in reversed(turns):
            store.add_turn(attempt_id, turn, now=T0 + 9)
        signal = HeardSignal("in_contact_now", "正在另一个电话上", "zh.contact.3", 4.1)
        store.add_signal(attempt_id, signal, now=T0 + 9)
        escalation = store.offer_escalation(attempt_id, reason="in_contact_now", words="正在", now=T0 + 10)
        store.escalation_rang(escalation, dissuader="chen", now=T0 + 10.5)
        store.escalation_rang(escalation, dissuader="zhou", now=T0 + 31)
        store.end_escalation(escalation, EscalationState.JOINED, dissuader="zhou", now=T0 + 33)
        ended = AttemptResult(
            Outcome.ESCALATED, T0 + 200, T0 + 5, key_warning_heard=True, sip_code=200, reason="BYE", recording="r/1.wav"
        )
        store.finish(attempt_id, ended, follows(NextStep(close_reason="escalated")), now=T0 + 200)

        attempt = store.attempt(attempt_id)
        assert attempt.dialled_at == T0 + 1
        assert attempt.turns == turns
        assert attempt.signals == (signal,)
        assert attempt.result == ended
        (record,) = attempt.escalations
        assert (record.id, record.state, record.dissuader, record.tried) == (
            escalation,
            EscalationState.JOINED,
            "zhou",
            ("chen", "zhou"),
        )
        assert (record.first_ring_s, record.joined_s) == (0.5, 23.0)
        case = store.case(attempt.case_id)
        assert (case.state, case.closed_reason, case.due_at, case.last_outcome) == (
            CaseState.CLOSED,
            "escalated",
            None,
            Outcome.ESCALATED,
        )

    def test_the_answer_is_kept_when_the_result_does_not_tell_it(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        attempt_id = claim_one(store).attempt_id
        store.answered(attempt_id, now=T0 + 5)
        store.finish(attempt_id, result(Outcome.WARNED), follows(NextStep(close_reason="warned")), now=T0 + 9)
        stored = store.attempt(attempt_id).result
        assert stored is not None
        assert stored.answered_at == T0 + 5

    def test_attempts_come_newest_first_by_case_or_campaign(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        one, two = store.claim("n1", now=T0, lease_s=LEASE_S, limit=2)
        assert [a.id for a in store.attempts(campaign="spring")] == [two.attempt_id, one.attempt_id]
        assert [a.id for a in store.attempts(case_id=one.case.id)] == [one.attempt_id]
        assert [a.id for a in store.attempts(limit=1)] == [two.attempt_id]
        assert store.attempts(campaign="none") == []

    def test_unknown_ids_are_errors(self, store: Store) -> None:
        for use in (
            lambda: store.case(999),
            lambda: store.attempt(999),
            lambda: store.answered(999, now=T0),
            lambda: store.offer_escalation(999, reason="x", words="", now=T0),
            lambda: store.escalation_rang(999, dissuader="x", now=T0),
        ):
            with pytest.raises(NotFoundError, match="999"):
                use()
        with pytest.raises(LeaseLostError):
            store.dialled(999, now=T0)


class TestEndings:
    def test_a_case_is_queued_again(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(Outcome.BUSY), follows(again(T0 + 300, 250)), now=T0 + 9)
        case = store.case(claim.case.id)
        assert (case.state, case.due_at, case.urgency, case.last_outcome, case.attempts) == (
            CaseState.QUEUED,
            T0 + 300,
            250,
            Outcome.BUSY,
            1,
        )
        assert store.in_progress() == 0
        assert kinds(store)[-2:] == ["attempt.finished", "case.queued"]

    def test_an_attempt_ends_once(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(), follows(again(T0 + 300)), now=T0)
        before = last_seq(store)
        with pytest.raises(LeaseLostError):
            store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="x")), now=T0)
        assert last_seq(store) == before

    def test_follow_ups_are_ordered_once_for_a_case(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        visit, stop = Order(FollowUpKind.VISIT, T0 + 7200), Order(FollowUpKind.STOP_PAYMENT, T0 + 600)
        step = NextStep(due_at=T0 + 1, urgency=CALL_BACK_URGENCY, orders=(visit,))
        store.finish(claim.attempt_id, result(Outcome.CALLBACK_DUE), follows(step), now=T0)
        second = claim_one(store, now=T0 + 2)
        assert second.case.id == claim.case.id
        end = NextStep(close_reason="denies", orders=(visit, stop))
        store.finish(second.attempt_id, result(Outcome.DENIES), follows(end), now=T0 + 2)
        ordered = store.follow_ups(claim.case.id)
        assert [(each.kind, each.attempt_id, each.state) for each in ordered] == [
            (FollowUpKind.VISIT, claim.attempt_id, FollowUpState.ORDERED),
            (FollowUpKind.STOP_PAYMENT, second.attempt_id, FollowUpState.ORDERED),
        ]
        assert store.follow_ups() == ordered
        assert kinds(store).count("follow_up.ordered") == 2


class TestRecovery:
    def test_a_dead_nodes_undialled_cases_are_due_at_once(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        assert store.recover(now=T0 + LEASE_S - 1, decide=decider(T0 + LEASE_S - 1)) == []
        (taken,) = store.recover(now=T0 + LEASE_S, decide=decider(T0 + LEASE_S))
        assert (taken.id, taken.result) == (claim.attempt_id, None)
        assert store.attempts() == []
        assert claim_one(store, "n2", now=T0 + LEASE_S).case.id == claim.case.id
        with pytest.raises(LeaseLostError):
            store.dialled(claim.attempt_id, now=T0 + 1)

    def test_a_dead_nodes_dialled_calls_failed_and_cool_down(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0 + 3)
        store.answered(claim.attempt_id, now=T0 + 6)
        (taken,) = store.recover(now=T0 + LEASE_S, decide=decider(T0 + LEASE_S))
        assert taken.result is not None
        assert (taken.result.outcome, taken.result.answered_at) == (Outcome.LINE_FAILURE, T0 + 6)
        case = store.case(claim.case.id)
        assert (case.state, case.due_at, case.attempts) == (CaseState.QUEUED, T0 + 3 + COOL_DOWN_S, 1)
        assert case.urgency == claim.case.urgency
        with pytest.raises(LeaseLostError):
            store.finish(claim.attempt_id, result(), follows(NextStep(close_reason="x")), now=T0 + 40)

    def test_a_restarted_node_takes_back_its_own_and_leaves_the_others(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        mine, theirs = claim_one(store, "n1"), claim_one(store, "n2")
        taken = store.recover(now=T0 + 1, node="n1", decide=decider(T0 + 1))
        assert [attempt.id for attempt in taken] == [mine.attempt_id]
        assert store.attempt(theirs.attempt_id).result is None

    def test_a_call_that_died_while_an_escalation_was_open_is_most_urgent(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.LOW)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        store.offer_escalation(claim.attempt_id, reason="money_sent", words="转了", now=T0 + 9)
        (taken,) = store.recover(now=T0 + 50, decide=decider(T0 + 50))
        assert store.case(claim.case.id).urgency == CALL_BACK_URGENCY
        assert store.attempt(taken.id).escalations[0].state is EscalationState.SUBJECT_LEFT

    def test_what_was_heard_is_kept_after_the_lease_was_lost(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0)
        store.recover(now=T0 + LEASE_S, decide=decider(T0 + LEASE_S))
        store.add_turn(claim.attempt_id, Turn(Speaker.SUBJECT, "喂", 0, 1), now=T0 + LEASE_S)
        assert len(store.attempt(claim.attempt_id).turns) == 1


class TestEvents:
    def test_they_rise_in_order_and_are_read_in_pages(self, store: Store) -> None:
        store.add_leads("spring", [lead(n) for n in range(20)], now=T0, decide=decider(T0))
        everything = store.events(limit=1000)
        seqs = [event.seq for event in everything]
        assert seqs == sorted(set(seqs))
        pages, after = [], 0
        while page := store.events(after=after, limit=6):
            pages += page
            after = page[-1].seq
        assert pages == everything

    def test_a_case_tells_its_whole_story(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0 + 1)
        store.finish(claim.attempt_id, result(), follows(again(T0 + 900)), now=T0 + 30)
        told = [(e.kind, e.at) for e in store.events() if e.case_id == claim.case.id]
        assert told == [
            ("lead.accepted", T0),
            ("case.queued", T0),
            ("attempt.claimed", T0),
            ("attempt.dialled", T0 + 1),
            ("attempt.finished", T0 + 30),
            ("case.queued", T0 + 30),
        ]
        for event in store.events():
            ids, fields = KINDS[event.kind]
            assert set(event.data) == set(fields), event.kind
            assert all(getattr(event, name) is not None for name in ids)

    def test_a_cursor_is_remembered(self, store: Store, open_store: Opener) -> None:
        assert store.cursor("mqtt") == 0
        store.set_cursor("mqtt", 7)
        store.set_cursor("desk", 3)
        store.set_cursor("mqtt", 8)
        other = open_store()
        assert (other.cursor("mqtt"), other.cursor("desk")) == (8, 3)
        other.close()

    def test_two_stores_on_one_database_see_the_same(self, store: Store, open_store: Opener) -> None:
        other = open_store(cool_down_s=COOL_DOWN_S)
        other.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        other.set_campaign_state("spring", CampaignState.PAUSED, now=T0, by="x")
        assert other.in_progress() == 1
        store.finish(claim.attempt_id, result(), follows(again(T0)), now=T0)
        assert other.events(limit=1000) == store.events(limit=1000)
        other.close()


GRADES = (Grade.LOW, Grade.MEDIUM, Grade.HIGH)
a_lead = st.builds(
    Lead,
    number=st.integers(0, 3).map(number),
    name=st.sampled_from(["", "王芳", "李强"]),
    grade=st.sampled_from(GRADES),
    age=st.sampled_from([None, 30, 70]),
)


class TestHistories:
    """What a bulletin counts."""

    def _touched(self, store: Store, from_at: float, until_at: float) -> list[int]:
        found = store.histories(changed_from_at=from_at, changed_until_at=until_at)
        return [history.case.id for history in found]

    def test_each_is_what_the_case_s_own_history_is(self, store: Store) -> None:
        from tests.campaigns.every_event import tell_every_event  # noqa: PLC0415 (made of this module's pieces)

        tell_every_event(store)
        until_at = T0 + 1e7
        store.add_leads("spring", [lead(5, Grade.HIGH)], now=until_at - 20, decide=decider(until_at - 20))
        store.dialled(claim_one(store, now=until_at - 20).attempt_id, now=until_at - 10)
        for case in store.cases():
            store.suppress(Suppression(case.lead.number, "asked us not to", "chen", until_at, None), now=until_at)
        found = list(store.histories(changed_from_at=T0 - 1, changed_until_at=until_at))
        assert len(found) == len(store.cases())
        assert found == [store.history(case.id, now=until_at) for case in store.cases()]
        assert any(history.free_at for history in found)
        assert all(history.suppressed for history in found)

    def test_a_case_is_there_from_its_opening_to_its_last_change(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        (case,) = store.cases()
        assert self._touched(store, T0, T0 + 1) == [case.id]
        assert self._touched(store, T0 - 1, T0) == []
        assert self._touched(store, T0 + 1, T0 + 2) == []

    def test_an_order_that_went_out_touches_its_case(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        (case,) = store.cases()
        ordered = store.order(case.id, Order(FollowUpKind.SMS, T0 + 60), now=T0, by="chen")
        store.delivered(ordered.id, channel="smpp", reference="1", now=T0 + 90)
        assert self._touched(store, T0 + 90, T0 + 100) == [case.id]

    def test_a_deadline_in_the_span_that_is_not_kept_belongs_to_it_though_nothing_was_done(self, store: Store) -> None:
        by_at = T0 + 500
        store.add_leads("spring", [lead(1)], now=T0, decide=follows(NextStep(due_at=T0, first_call_by_at=by_at)))
        store.add_leads("spring", [lead(2)], now=T0, decide=decider(T0))
        uncalled, visited = store.cases()
        store.order(visited.id, Order(FollowUpKind.VISIT, by_at), now=T0, by="chen")
        assert self._touched(store, by_at - 100, by_at + 100) == [uncalled.id, visited.id]
        assert self._touched(store, by_at + 1, by_at + 100) == []


class TestProperties:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(batches=st.lists(st.lists(a_lead, max_size=6), max_size=4))
    def test_merging_knows_no_order_of_grades_and_loses_nothing(
        self, open_store: Opener, batches: list[list[Lead]]
    ) -> None:
        store = open_store(cool_down_s=COOL_DOWN_S)
        name = f"c{len(store.campaigns())}"  # the database outlives the example
        store.create_campaign(name, now=T0)
        counts = [store.add_leads(name, batch, now=T0, decide=decider(T0)) for batch in batches]
        leads = [one for batch in batches for one in batch]
        cases = {case.lead.number: case for case in store.cases(campaign=name)}
        store.close()
        assert set(cases) == {one.number for one in leads}
        assert sum(count.accepted for count in counts) == len(cases)
        assert sum(count.merged for count in counts) == len(leads) - len(cases)
        for told, case in cases.items():
            own = [one for one in leads if one.number == told]
            assert GRADES.index(case.lead.grade) == max(GRADES.index(one.grade) for one in own)
            assert case.urgency == URGENCY[case.lead.grade]
            assert case.lead.name == next((one.name for one in own if one.name), "")
            assert case.lead.age == next((one.age for one in own if one.age is not None), None)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        plan=st.lists(
            st.tuples(st.sampled_from(["dial", "give_back", "finish", "die", "lead", "wait"]), st.integers(0, 200)),
            max_size=40,
        )
    )
    def test_no_history_calls_a_number_twice_within_its_cool_down(
        self, open_store: Opener, plan: list[tuple[str, int]]
    ) -> None:
        store = open_store(cool_down_s=COOL_DOWN_S)
        tag = len(store.campaigns())  # the database outlives the example
        names = [f"p{tag}-{n}" for n in range(2)]
        own = [f"+86112{tag:04d}{n:04d}" for n in range(3)]
        for campaign in store.campaigns():
            store.set_campaign_state(campaign.name, CampaignState.STOPPED, now=T0, by="test")
        for name in names:
            store.create_campaign(name, now=T0)
            store.add_leads(name, [Lead(n) for n in own], now=T0, decide=decider(T0))
        now = T0
        held: list[tuple[Claim, bool]] = []
        dialled: dict[str, float] = {}
        for action, amount in plan:
            now += amount
            if action == "lead":
                store.add_leads(
                    names[amount % 2], [Lead(own[amount % 3], grade=Grade.HIGH)], now=now, decide=decider(now)
                )
            elif action == "die":
                store.recover(now=now, node="n1", decide=decider(now))
                held.clear()
            elif action == "dial":
                claims = store.claim("n1", now=now, lease_s=1e6, limit=1 + amount % 3)
                due_at = store.next_due_at()
                assert due_at is None or due_at > now or len(claims) == 1 + amount % 3
                for claim in claims:
                    told = claim.case.lead.number
                    assert told not in {c.case.lead.number for c, _ in held}
                    assert now - dialled.get(told, 0.0) >= COOL_DOWN_S
                    if amount % 5:
                        store.dialled(claim.attempt_id, now=now)
                        dialled[told] = now
                    held.append((claim, bool(amount % 5)))
            elif held and action in {"finish", "give_back"}:
                claim, was_dialled = held.pop()
                if action == "give_back" and not was_dialled:
                    store.give_back(claim.attempt_id, now=now, reason="test")
                else:
                    step = again(now + amount) if amount % 2 else NextStep(close_reason="x")
                    store.finish(claim.attempt_id, result(), follows(step), now=now)
        assert store.in_progress() == len(held)
        store.recover(now=now, node="n1", decide=decider(now))
        assert store.in_progress() == 0
        store.close()
