"""Counts for the floor and the board of orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.counts import SOON_S, STUCK_AFTER_S, QueueCount
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import EscalationState, Grade, HeardSignal, NextStep, Speaker, Turn
from campaigns.store import Decide, Store
from tests.campaigns.contract.words import T0, again, claim_one, decider, follows, lead, result

HIGH, LOW = Grade.HIGH, Grade.LOW
VISIT, SMS = FollowUpKind.VISIT, FollowUpKind.SMS
ORDERED, SENT, DONE = FollowUpState.ORDERED, FollowUpState.SENT, FollowUpState.DONE


def due(at: float, *, by_at: float | None = None) -> Decide:
    return follows(replace(again(at), first_call_by_at=by_at))


class TestQueueCounts:
    def test_a_queue_is_counted_by_grade_and_by_when_it_is_due(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, HIGH), lead(2, HIGH)], now=T0, decide=due(T0))
        store.add_leads("spring", [lead(3, HIGH)], now=T0, decide=due(T0 + SOON_S))
        store.add_leads("spring", [lead(4, HIGH), lead(5, LOW)], now=T0, decide=due(T0 + SOON_S + 1))
        (spring,) = store.queue_counts(now=T0, closed_since_at=T0)
        assert spring.campaign.name == "spring"
        assert spring.queued == (QueueCount(HIGH, 2, 1, 1, 0, None), QueueCount(LOW, 0, 0, 1, 0, None))

    def test_claims_and_what_a_claim_finds_late_are_counted_in_the_right_place(self, store: Store) -> None:
        late = follows(NextStep(due_at=T0, urgency=1, call_until_at=T0 + 10))
        store.add_leads("spring", [lead(1, HIGH)], now=T0, decide=late)
        store.add_leads("spring", [lead(2, HIGH), lead(3, LOW)], now=T0, decide=due(T0))
        claim_one(store, now=T0 + 20)
        (spring,) = store.queue_counts(now=T0 + 20, closed_since_at=T0)
        assert (spring.calling, [(each.grade, each.now) for each in spring.queued]) == (1, [(HIGH, 1), (LOW, 1)])

    def test_first_attempts_beyond_their_deadline_are_overdue_before_and_after_the_alarm(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, HIGH)], now=T0, decide=due(T0, by_at=T0 + 60))
        store.add_leads("spring", [lead(2, HIGH)], now=T0, decide=due(T0, by_at=T0 + 90))
        store.add_leads("spring", [lead(3, HIGH)], now=T0, decide=due(T0, by_at=T0 + 900))
        for _ in range(2):
            (spring,) = store.queue_counts(now=T0 + 100, closed_since_at=T0)
            assert (spring.queued[0].overdue, spring.queued[0].overdue_since_at) == (2, T0 + 60)
            store.raise_overdue(now=T0 + 100)
        claim = claim_one(store, now=T0 + 100)
        store.dialled(claim.attempt_id, now=T0 + 100)
        store.finish(claim.attempt_id, result(), due(T0 + 500), now=T0 + 110)
        assert store.queue_counts(now=T0 + 200, closed_since_at=T0)[0].queued[0].overdue == 1

    def test_waiting_and_closed_cases_are_counted(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=follows(NextStep(waits=True)))
        store.add_leads("spring", [lead(2)], now=T0 - 50, decide=follows(NextStep(close_reason="expired")))
        store.add_leads("spring", [lead(3)], now=T0 + 50, decide=follows(NextStep(close_reason="expired")))
        store.create_campaign("summer", now=T0)
        spring, summer = store.queue_counts(now=T0, closed_since_at=T0)
        assert (spring.queued, spring.waiting, spring.closed) == ((), 1, 1)
        assert (summer.campaign.name, summer.queued, summer.calling) == ("summer", (), 0)


class TestBoard:
    @pytest.fixture
    def case_id(self, store: Store) -> int:
        store.add_leads("spring", [lead(1, HIGH, name="王芳")], now=T0, decide=decider(T0))
        return store.cases()[0].id

    def test_open_orders_come_by_deadline_with_their_cases(self, store: Store, case_id: int) -> None:
        sms = store.order(case_id, Order(SMS, T0 + 900), now=T0, by="Li")
        visit = store.order(case_id, Order(VISIT, T0 + 600), now=T0, by="Li")
        store.delivered(sms.id, channel="smpp", reference="1", now=T0)
        board = store.board(now=T0 + 700, ended_since_at=T0)
        assert [(order.id, case.lead.name) for order, case in board.open] == [(visit.id, "王芳"), (sms.id, "王芳")]
        assert board.counts == {(VISIT, ORDERED): 1, (SMS, SENT): 1}
        assert (board.late, board.late_since_at, board.ended) == ({VISIT: 1}, T0 + 600, ())
        assert [order.id for order, _ in store.board(now=T0, ended_since_at=T0, kinds={SMS}).open] == [sms.id]
        nothing_shown = store.board(now=T0, ended_since_at=T0, limit=0)
        assert (nothing_shown.open, nothing_shown.counts) == ((), board.counts)

    def test_ended_orders_are_shown_for_a_while(self, store: Store, case_id: int) -> None:
        order = store.order(case_id, Order(VISIT, T0 + 600), now=T0, by="Li")
        store.feedback(order.id, DONE, result="met", by="station", now=T0 + 5)
        board = store.board(now=T0 + 700, ended_since_at=T0 + 5)
        assert [each.result for each, _ in board.ended] == ["met"]
        assert (board.open, board.counts, board.late, board.late_since_at) == ((), {}, {}, None)
        assert store.board(now=T0 + 700, ended_since_at=T0 + 6).ended == ()

    def test_orders_that_do_not_leave_are_undelivered(self, store: Store, case_id: int) -> None:
        order = store.order(case_id, Order(VISIT, T0 + 6000), now=T0, by="Li")

        def undelivered(now: float) -> tuple[int, float | None]:
            board = store.board(now=now, ended_since_at=T0)
            return board.undelivered, board.undelivered_since_at

        assert undelivered(T0 + STUCK_AFTER_S) == (0, None)
        assert undelivered(T0 + STUCK_AFTER_S + 1) == (1, T0)
        for n in (0, 20):
            store.claim_deliveries(now=T0 + n, lease_s=10, limit=5)
            store.delivery_failed(order.id, error="no route", next_try_at=T0 + n + 1, now=T0 + n)
        assert undelivered(T0 + 30) == (1, T0)
        store.delivered(order.id, channel="sheet", reference="x", now=T0 + 40)
        assert undelivered(T0 + 4000) == (0, None)


class TestWhatGoesOn:
    def test_calls_in_progress_are_seen_with_what_was_said_last(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, HIGH), lead(2)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.dialled(claim.attempt_id, now=T0 + 1)
        store.answered(claim.attempt_id, now=T0 + 5)
        for n in range(5):
            store.add_turn(claim.attempt_id, Turn(Speaker.SUBJECT, f"第{n}句", n, n + 1.0), now=T0 + n)
        store.add_signal(claim.attempt_id, HeardSignal("about_to_send", "转账", "zh.1", 3.0), now=T0 + 4)
        store.offer_escalation(claim.attempt_id, reason="about_to_send", words="转账", now=T0 + 4)
        (seen,) = store.calls_in_progress()
        assert (seen.attempt.id, seen.case.id, seen.campaign) == (claim.attempt_id, claim.case.id, "spring")
        assert (seen.attempt.dialled_at, seen.answered_at) == (T0 + 1, T0 + 5)
        assert [turn.text for turn in seen.attempt.turns] == ["第2句", "第3句", "第4句"]
        assert [signal.name for signal in seen.attempt.signals] == ["about_to_send"]
        assert [each.state for each in seen.attempt.escalations] == [EscalationState.OFFERED]
        store.finish(claim.attempt_id, result(), follows(again(T0 + 900)), now=T0 + 9)
        assert store.calls_in_progress() == []

    def test_the_last_word_on_each_trunk_is_known(self, store: Store) -> None:
        assert store.breakers() == []
        store.note("breaker.opened", {"node": "a", "failed": 6, "of": 6, "probe_at": T0}, now=T0)
        store.note("breaker.opened", {"node": "b", "failed": 6, "of": 6, "probe_at": T0}, now=T0 + 1)
        store.note("breaker.closed", {"node": "a", "open_s": 60.0, "probes": 1}, now=T0 + 60)
        found = [(event.kind, event.data["node"], event.at) for event in store.breakers()]
        assert found == [("breaker.opened", "b", T0 + 1), ("breaker.closed", "a", T0 + 60)]
