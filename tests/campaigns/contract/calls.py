"""What happened on a call, and how it ended."""

from __future__ import annotations

import pytest

from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Act,
    AttemptResult,
    CaseState,
    EscalationState,
    Grade,
    HeardSignal,
    NextStep,
    Outcome,
    Speaker,
    Turn,
)
from campaigns.store import LeaseLostError, NotFoundError, Store
from tests.campaigns.contract.words import (
    CALL_BACK_URGENCY,
    COOL_DOWN_S,
    LEASE_S,
    T0,
    again,
    claim_one,
    decider,
    follows,
    kinds,
    last_seq,
    lead,
    result,
)


class TestCalls:
    def test_all_that_happened_on_a_call_is_kept(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        attempt_id = claim_one(store).attempt_id
        store.dialled(attempt_id, now=T0 + 1)
        store.answered(attempt_id, now=T0 + 5)
        turns = (
            Turn(Speaker.ROBOT, "请问，有没有自称警察的人给您打过电话？", 0.0, 2.5, "ask-contact"),
            Turn(Speaker.SUBJECT, "有，他正在另一个电话上", 3.0, 4.5, "ask-contact"),
            Turn(Speaker.DISSUADER, "我是民警", 40.0, 41.0, name="zhou"),
            Turn(Speaker.RELATIVE, "妈，别转", 42.0, 43.0),
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

    def test_what_is_done_on_a_call_is_an_event_that_says_who(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.add_act(claim.attempt_id, Act.HELD, by="chen", now=T0 + 9)
        told = store.events(case_id=claim.case.id)[-1]
        assert (told.kind, told.at, told.attempt_id, told.data) == (
            "call.held",
            T0 + 9,
            claim.attempt_id,
            {"by": "chen"},
        )

    def test_an_offer_beside_somebody_who_speaks_is_told_from_others(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        attempt_id = claim_one(store).attempt_id
        store.offer_escalation(attempt_id, reason="money_sent", words="", now=T0 + 1)
        store.offer_escalation(attempt_id, reason="money_sent", words="", now=T0 + 2, beside=True)
        assert [record.beside for record in store.attempt(attempt_id).escalations] == [False, True]

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
            lambda: store.add_act(999, Act.HELD, by="x", now=T0),
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
