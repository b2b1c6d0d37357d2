"""Events and histories."""

from __future__ import annotations

from campaigns.event_schema import KINDS
from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import (
    CampaignState,
    Grade,
    NextStep,
    Suppression,
)
from campaigns.store import Store
from tests.campaigns.contract.words import (
    COOL_DOWN_S,
    T0,
    Opener,
    again,
    claim_one,
    decider,
    follows,
    lead,
    result,
)


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
        assert len(store.raise_overdue(now=by_at + 50)) == 2
        assert self._touched(store, by_at - 100, by_at + 100) == [uncalled.id, visited.id]
