"""What is the SQLite store's own of users and the audit trail: several processes, few writes, no way round."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from campaigns.sqlite_store import SqliteStore
from campaigns.staff import Role
from campaigns.store import StoreError

pytestmark = pytest.mark.unit

PROCESSES = multiprocessing.get_context("spawn")
WAIT_S = 60
WORKERS = 4
ROUNDS = 20
T0 = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one dissuader."""
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.add_user("chen", name="Chen", roles=[Role.DISSUADER], password="", now=T0, by="Li")
    store.close()
    return path


def _race(path: Path, node: str, start: threading.Barrier, found: Queue[list[tuple[bool, bool]]]) -> None:
    """For each round: whether the node got the dissuader, and whether the ticket let it in."""
    store = SqliteStore(path)
    won = []
    for n in range(ROUNDS):
        start.wait(WAIT_S)
        now = T0 + 100 * n
        held = store.hold_user("chen", node, now=now, lease_s=50)
        won.append((held, store.use_ticket(f"ticket-{n}", now=now) is not None))
    store.close()
    found.put(won)


def test_of_many_processes_one_gets_the_dissuader_and_one_is_let_in_by_the_ticket(path: Path) -> None:
    store = SqliteStore(path)
    for n in range(ROUNDS):
        store.add_ticket("chen", f"ticket-{n}", until_at=T0 + 1e6, now=T0, by="Li")
    store.close()
    start, found = PROCESSES.Barrier(WORKERS), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=_race, args=(path, f"n{n}", start, found)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    results = [found.get(timeout=WAIT_S) for _ in workers]
    for worker in workers:
        worker.join(WAIT_S)
    for each_round in zip(*results, strict=True):
        assert [sum(won) for won in zip(*each_round, strict=True)] == [1, 1]


def _demote(path: Path, login: str, start: threading.Barrier, found: Queue[bool]) -> None:
    store = SqliteStore(path)
    start.wait(WAIT_S)
    try:
        store.change_user(login, disabled=True, now=T0, by=login)
        found.put(True)
    except StoreError:
        found.put(False)
    store.close()


def test_two_administrators_who_disable_themselves_at_once_do_not_both_succeed(path: Path) -> None:
    store = SqliteStore(path)
    for login in ("root-1", "root-2"):
        store.add_user(login, name=login, roles=[Role.ADMINISTRATOR], password="", now=T0, by="Li")
    start, found = PROCESSES.Barrier(2), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=_demote, args=(path, f"root-{n}", start, found)) for n in (1, 2)]
    for worker in workers:
        worker.start()
    assert sorted(found.get(timeout=WAIT_S) for _ in workers) == [False, True]
    for worker in workers:
        worker.join(WAIT_S)
    assert sum(user.disabled_at is None for user in store.users() if Role.ADMINISTRATOR in user.roles) == 1
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set by = 'somebody else'",
        "delete from audit",
        "insert or replace into audit (seq, at, by, action, address, detail) values (1, 1, 'x', 'x', '', '{}')",
        "insert into audit values (1, 1, 'x', 'x', 1, 1, '', '{}') on conflict (seq) do update set by = 'x'",
    ],
)
def test_the_audit_trail_is_neither_changed_nor_deleted(path: Path, statement: str) -> None:
    store = SqliteStore(path)
    entry = store.audit("case.viewed", by="chen", now=T0, case_id=1)
    with closing(sqlite3.connect(path)) as outside, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        outside.execute(statement)
    assert store.audit_trail() == [entry]
    store.close()


def test_a_session_in_use_is_written_down_once_a_minute_and_a_guess_never(path: Path) -> None:
    store = SqliteStore(path)
    store.start_session("chen", "digest", csrf="c", now=T0, until_at=T0 + 1000)
    written: list[str] = []
    store._db.set_trace_callback(lambda text: written.append(text) if text.startswith("begin immediate") else None)
    for at in range(181):
        assert store.session("digest", now=T0 + at, idle_s=600) is not None
        assert store.session("guess", now=T0 + at, idle_s=600) is None
        assert store.use_ticket("guess", now=T0 + at) is None
    store.close()
    assert len(written) == 3


def test_what_is_over_is_forgotten(path: Path) -> None:
    store = SqliteStore(path)
    for n in range(5):
        now = T0 + 100 * n
        store.start_session("chen", f"s{n}", csrf="c", now=now, until_at=now + 100)
        store.add_ticket("chen", f"t{n}", until_at=now + 100, now=now, by="Li")
    for table in ("sessions", "tickets"):
        assert [row["digest"][1:] for row in store._db.execute(f"select digest from {table}")] == ["4"]
    store.close()
