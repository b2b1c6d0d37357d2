"""Who is called: claims, leases, cool-down."""

from __future__ import annotations

import pytest

from campaigns.model import (
    CaseState,
    Grade,
    NextStep,
)
from campaigns.store import LeaseLostError, Store, StoreError
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
    lead,
    number,
    result,
)


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

    def test_only_those_at_least_so_urgent_if_that_is_asked_for(self, store: Store) -> None:
        store.add_leads("spring", [lead(n, grade) for n, grade in enumerate(Grade)], now=T0, decide=decider(T0))

        def claimed(grade: Grade) -> list[Grade]:
            least = URGENCY[grade]
            claims = store.claim("n1", now=T0, lease_s=LEASE_S, limit=9, least_urgency=least)
            return [claim.case.lead.grade for claim in claims]

        assert claimed(Grade.HIGH) == [Grade.HIGH]
        assert claimed(Grade.HIGH) == []
        assert claimed(Grade.LOW) == [Grade.MEDIUM, Grade.LOW]

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
