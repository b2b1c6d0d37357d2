"""Whom no policy may call: calling hours, daily limit, suppression."""

from __future__ import annotations

import pytest

from campaigns.model import CampaignState, Outcome, Suppression
from campaigns.store import Store
from tests.campaigns.contract.words import (
    COOL_DOWN_S,
    LEASE_S,
    T0,
    Opener,
    again,
    claim_one,
    decider,
    follows,
    lead,
    number,
    result,
)

DAY_S = 86_400.0


def claimed(store: Store, now: float) -> list[str]:
    return [claim.case.lead.number for claim in store.claim("n1", now=now, lease_s=LEASE_S, limit=9)]


def call(store: Store, now: float) -> None:
    """Call whoever is due, whom the policy wants to call again at once."""
    claim = claim_one(store, now=now)
    store.dialled(claim.attempt_id, now=now)
    store.finish(claim.attempt_id, result(), follows(again(now)), now=now + 1)


class TestCallingHours:
    def test_nobody_is_called_after_the_end_of_their_hours(self, store: Store) -> None:
        step = again(T0)
        for last, until_at in ((1, T0 + 60), (2, T0 + 120), (3, None)):
            until = follows(type(step)(due_at=T0, urgency=last, call_until_at=until_at))
            store.add_leads("spring", [lead(last)], now=T0, decide=until)
        store.set_campaign_state("spring", CampaignState.PAUSED, now=T0, by="Li")
        assert claimed(store, T0 + 60) == []
        store.set_campaign_state("spring", CampaignState.RUNNING, now=T0, by="Li")
        assert store.next_due_at() == T0
        assert claimed(store, T0 + 60) == [number(3), number(2)]
        assert store.next_due_at() is None

    def test_the_hours_of_one_do_not_keep_another_waiting(self, store: Store) -> None:
        late = follows(type(again(T0))(due_at=T0, urgency=999, call_until_at=T0 + 60))
        store.add_leads("spring", [lead(n) for n in range(50)], now=T0, decide=late)
        store.add_leads("spring", [lead(99)], now=T0, decide=decider(T0))
        assert claimed(store, T0 + 60) == [number(99)]


class TestDailyLimit:
    @pytest.fixture
    def strict(self, open_store: Opener) -> Store:
        opened = open_store(cool_down_s=COOL_DOWN_S, daily_limit=3)
        for name in ("spring", "autumn"):
            opened.create_campaign(name, now=T0)
        return opened

    def test_no_number_is_called_more_often_in_any_24_hours_by_all_campaigns_together(self, strict: Store) -> None:
        for name in ("spring", "autumn"):
            strict.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        dialled, now = [], T0
        while now < T0 + 2 * DAY_S:
            call(strict, now)
            dialled.append(now)
            due_at = strict.next_due_at()
            assert due_at is not None
            assert claimed(strict, due_at - 1) == []
            now = due_at
        assert len(dialled) == 6
        for nth, at in enumerate(dialled[3:]):
            assert at - dialled[nth] >= DAY_S
        strict.close()

    def test_calls_that_failed_at_the_trunk_do_not_count_but_cool_down(self, strict: Store) -> None:
        strict.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        now = T0
        for _ in range(5):
            claim = claim_one(strict, now=now)
            strict.dialled(claim.attempt_id, now=now)
            strict.finish(claim.attempt_id, result(Outcome.TRUNK_FAILURE), follows(again(now)), now=now + 1)
            assert strict.next_due_at() == now + COOL_DOWN_S
            now += COOL_DOWN_S
        for left in (2, 1, 0):
            call(strict, now)
            free_at = strict.history(1, now=now).free_at
            (told,) = strict.histories(changed_from_at=T0, changed_until_at=now + 10)
            assert told.free_at == free_at
            assert free_at == (now + COOL_DOWN_S if left else now - 2 * COOL_DOWN_S + DAY_S)
            now += COOL_DOWN_S
        strict.close()

    def test_a_new_lead_does_not_get_round_it(self, strict: Store) -> None:
        strict.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        for nth in range(3):
            call(strict, T0 + nth * 200)
        strict.add_leads("autumn", [lead(1)], now=T0 + 700, decide=decider(T0 + 700))
        assert strict.cases(campaign="autumn")[0].due_at == T0 + DAY_S
        assert strict.history(strict.cases()[-1].id, now=T0 + 700).free_at == T0 + DAY_S
        strict.close()

    def test_who_was_claimed_and_not_dialled_was_not_called(self, strict: Store) -> None:
        strict.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        for _ in range(5):
            strict.give_back(claim_one(strict).attempt_id, now=T0, reason="no line free")
        assert claimed(strict, T0) == [number(1)]
        strict.close()


class TestSuppression:
    def suppress(self, store: Store, until_at: float | None = None, *, at: float = T0, reason: str = "asked") -> None:
        store.suppress(Suppression(number(1), reason, "chen", at, until_at), now=at)

    def test_a_suppressed_number_is_not_called_by_any_campaign_until_it_ends(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        self.suppress(store, T0 + 60)
        assert store.next_due_at() is None
        assert claimed(store, T0 + 59) == []
        assert claimed(store, T0 + 60) == [number(1)]

    def test_one_without_an_end_is_lifted_by_hand(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        self.suppress(store)
        assert claimed(store, T0 + 1e9) == []
        assert store.unsuppress(number(1), now=T0, by="Li")
        assert not store.unsuppress(number(1), now=T0, by="Li")
        assert claimed(store, T0) == [number(1)]
        told = [event.data for event in store.events(limit=100) if event.kind.startswith("suppression.")]
        assert told == [
            {"number": number(1), "reason": "asked", "by": "chen", "until_at": None},
            {"number": number(1), "by": "Li"},
        ]

    def test_a_later_one_replaces_an_earlier(self, store: Store) -> None:
        self.suppress(store)
        self.suppress(store, T0 + 60, at=T0 + 1, reason="a second time")
        store.suppress(Suppression(number(2), "first of all", "Li", T0 - 5, None), now=T0 - 5)
        assert store.suppressions(now=T0 + 2) == [
            Suppression(number(2), "first of all", "Li", T0 - 5, None),
            Suppression(number(1), "a second time", "chen", T0 + 1, T0 + 60),
        ]
        assert [each.number for each in store.suppressions(now=T0 + 60)] == [number(2)]
