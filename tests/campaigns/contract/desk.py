"""Where dissuaders stand, who keeps them, what they have not finished, and what everybody did."""

from __future__ import annotations

import pytest

from campaigns.model import NextStep
from campaigns.staff import AuditEntry, Role, Station
from campaigns.store import NotFoundError, Store
from tests.campaigns.contract.staff import add, data
from tests.campaigns.contract.words import T0, claim_one, decider, follows, last_seq, lead, result


def hold(store: Store, node: str, now: float = T0, lease_s: float = 30.0) -> bool:
    return store.hold_user("chen", node, now=now, lease_s=lease_s)


def holder(store: Store, now: float = T0) -> str:
    (presence,) = store.presences()
    return presence.holder(now)


class TestStations:
    def test_who_takes_calls_is_away_until_they_say_otherwise(self, store: Store) -> None:
        chen = add(store, "chen")
        add(store, "boss", Role.DUTY_OFFICER, Role.ADMINISTRATOR)
        add(store, "gone")
        store.change_user("gone", disabled=True, now=T0, by="Li")
        (presence,) = store.presences()
        assert (presence.user, presence.station, presence.since_at, presence.held_by) == (chen, Station.AWAY, T0, "")

    def test_a_change_is_told_and_a_repetition_is_none(self, store: Store) -> None:
        add(store, "chen")
        after = last_seq(store)
        for at, station in enumerate((Station.READY, Station.READY, Station.BREAK)):
            said = store.set_station("chen", station, now=T0 + at)
            assert store.presences() == [said]
            assert (said.station, said.since_at) == (station, T0 + (0, 0, 2)[at])
        assert data(store, after) == [
            ("station.changed", {"login": "chen", "station": "ready"}),
            ("station.changed", {"login": "chen", "station": "break"}),
        ]
        with pytest.raises(NotFoundError):
            store.set_station("nobody", Station.READY, now=T0)

    def test_one_node_keeps_somebody_until_it_lets_go(self, store: Store) -> None:
        add(store, "chen")
        assert hold(store, "n1", T0 + 1)
        assert (hold(store, "n2"), holder(store)) == (False, "n1")
        store.free_user("chen", "n2")
        assert (hold(store, "n2"), holder(store)) == (False, "n1")
        store.free_user("chen", "n1")
        assert (holder(store), hold(store, "n2"), holder(store)) == ("", True, "n2")
        (presence,) = store.presences()
        assert (presence.station, presence.since_at) == (Station.AWAY, T0)

    def test_a_node_that_died_keeps_nobody_for_longer_than_it_said(self, store: Store) -> None:
        add(store, "chen")
        assert hold(store, "n1")
        assert hold(store, "n1", T0 + 20)
        assert (holder(store, T0 + 49), hold(store, "n2", T0 + 49)) == ("n1", False)
        assert (holder(store, T0 + 50), hold(store, "n2", T0 + 50)) == ("", True)
        assert not hold(store, "n1", T0 + 51)

    def test_somebody_disabled_ends_their_call_and_gets_no_other(self, store: Store) -> None:
        add(store, "chen")
        assert hold(store, "n1")
        store.change_user("chen", disabled=True, now=T0, by="Li")
        assert hold(store, "n1")
        store.free_user("chen", "n1")
        assert not hold(store, "n1")
        with pytest.raises(NotFoundError):
            store.hold_user("nobody", "n1", now=T0, lease_s=30.0)


class TestDrafts:
    def test_what_was_filled_in_is_kept_until_it_is_forgotten(self, store: Store) -> None:
        add(store, "chen")
        add(store, "bo")
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        attempt_id = claim_one(store).attempt_id
        assert store.draft("chen", attempt_id) == {}
        store.keep_draft("chen", attempt_id, {"note": "他说", "amount": 2}, now=T0)
        store.keep_draft("bo", attempt_id, {"note": "other"}, now=T0)
        store.keep_draft("chen", attempt_id, {"note": "他说不信"}, now=T0 + 1)
        assert store.draft("chen", attempt_id) == {"note": "他说不信"}
        store.keep_draft("chen", attempt_id, {}, now=T0 + 2)
        assert (store.draft("chen", attempt_id), store.draft("bo", attempt_id)) == ({}, {"note": "other"})

    def test_it_is_of_somebody_and_of_an_attempt(self, store: Store) -> None:
        add(store, "chen")
        for login, attempt_id in (("nobody", 1), ("chen", 999)):
            with pytest.raises(NotFoundError):
                store.keep_draft(login, attempt_id, {"note": "x"}, now=T0)
            assert store.draft(login, attempt_id) == {}

    def test_it_stands_in_the_way_of_nothing_and_goes_with_the_case_s_personal_data(self, store: Store) -> None:
        add(store, "chen")
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        given_back = claim_one(store).attempt_id
        store.keep_draft("chen", given_back, {"note": "x"}, now=T0)
        store.give_back(given_back, now=T0, reason="no line free")
        assert store.draft("chen", given_back) == {}
        attempt_id = claim_one(store).attempt_id
        store.dialled(attempt_id, now=T0)
        store.keep_draft("chen", attempt_id, {"note": "他说"}, now=T0)
        store.finish(attempt_id, result(ended_at=T0 + 50), follows(NextStep(close_reason="x")), now=T0 + 50)
        store.purge(personal_before_at=T0 + 50, now=T0 + 60)
        assert store.draft("chen", attempt_id) == {"note": "他说"}
        store.purge(personal_before_at=T0 + 51, now=T0 + 60)
        assert store.draft("chen", attempt_id) == {}


class TestAudit:
    def test_what_was_done_is_read_newest_first(self, store: Store) -> None:
        first = store.audit(
            "case.viewed", by="chen", now=T0, case_id=17, attempt_id=40, address="192.0.2.1", detail={"page": "案件"}
        )
        second = store.audit("session.refused", by="", now=T0 + 1)
        assert (first.by, first.case_id, first.attempt_id, first.address) == ("chen", 17, 40, "192.0.2.1")
        assert second == AuditEntry(first.seq + 1, T0 + 1, "", "session.refused")
        assert store.audit_trail() == [second, first]

    def test_it_is_searched_and_turned_page_by_page(self, store: Store) -> None:
        for n in range(12):
            action = ("case.viewed", "case_viewed", "recording.heard")[n % 3]
            store.audit(action, by=("chen", "bo")[n % 2], now=T0 + n, case_id=n % 4 or None)
        every = [entry.seq for entry in store.audit_trail()]

        def found(**filters: object) -> list[int]:
            return [every[::-1].index(entry.seq) for entry in store.audit_trail(**filters)]  # type: ignore[arg-type]

        assert every == sorted(every, reverse=True)
        assert found(by="chen") == [10, 8, 6, 4, 2, 0]
        assert found(action="case.viewed") == [9, 6, 3, 0]
        assert found(action="case.*") == [9, 6, 3, 0]
        assert found(action="case*") == [10, 9, 7, 6, 4, 3, 1, 0]
        assert found(action="*", limit=2) == [11, 10]
        assert found(action="case.v") == found(by="li") == found(action="%*") == []
        assert found(case_id=1) == [9, 5, 1]
        assert found(case_id=1, by="bo", action="case.viewed", before=every[::-1][9]) == []
        assert found(before=every[::-1][3], limit=2) == [2, 1]

    def test_a_purge_leaves_it_alone(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=follows(NextStep(close_reason="x")))
        (case,) = store.cases()
        entry = store.audit("case.viewed", by="chen", now=T0, case_id=case.id)
        assert store.purge(personal_before_at=T0 + 1, now=T0 + 2).cases == 1
        assert store.wipe_remains()
        assert store.audit_trail(case_id=case.id) == [entry]
