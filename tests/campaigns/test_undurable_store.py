"""The store of a simulated day: transactions are settled together, and yet each is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.model import AttemptResult, History, Lead, NextStep, Outcome
from campaigns.sqlite_store import SqliteStore
from campaigns.store import LeaseLostError

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0


def at_once(_: History) -> NextStep:
    return NextStep(due_at=NOW, urgency=1, why="at once")


def never(_: History) -> NextStep:
    raise ZeroDivisionError


def test_what_fails_undoes_itself_and_nothing_before_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "day.sqlite", durable=False)
    store.create_campaign("a", now=NOW)
    store.add_leads("a", [Lead("+8611100000001")], now=NOW, decide=at_once)
    with pytest.raises(ZeroDivisionError):
        store.add_leads("a", [Lead("+8611100000002")], now=NOW, decide=never)
    (claim,) = store.claim("n", now=NOW, lease_s=60, limit=5)
    store.dialled(claim.attempt_id, now=NOW)
    told = store.events(limit=100)
    with pytest.raises(ZeroDivisionError):
        store.finish(claim.attempt_id, AttemptResult(Outcome.BUSY, NOW), never, now=NOW)
    assert store.events(limit=100) == told
    assert [case.lead.number for case in store.cases()] == ["+8611100000001"]
    store.finish(claim.attempt_id, AttemptResult(Outcome.BUSY, NOW), at_once, now=NOW)
    with pytest.raises(LeaseLostError):
        store.finish(claim.attempt_id, AttemptResult(Outcome.BUSY, NOW), at_once, now=NOW)
    store.close()


def test_all_of_it_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "day.sqlite", durable=False)
    store.create_campaign("a", now=NOW)
    for n in range(1_100):
        store.add_leads("a", [Lead(f"+86111{n:08d}")], now=NOW, decide=at_once)
    events = store.events(limit=10_000)
    store.close()
    again = SqliteStore(tmp_path / "day.sqlite")
    assert again.events(limit=10_000) == events
    assert len(again.cases()) == 1_100
    again.close()
