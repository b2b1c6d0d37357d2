"""The SQLite store: the contract, and what is its own: several processes, death in mid-transaction, bad files."""

from __future__ import annotations

import functools
import multiprocessing
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from campaigns.model import Grade, Lead
from campaigns.sqlite import following, queue, revising
from campaigns.sqlite_store import SqliteStore
from campaigns.store import StoreError
from tests.campaigns.store_contract import *  # noqa: F403
from tests.campaigns.store_contract import LEASE_S, T0, Opener, decider, lead, number

pytestmark = pytest.mark.unit

PROCESSES = multiprocessing.get_context("spawn")
WAIT_S = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store.db"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    SqliteStore(path).close()
    return path


@pytest.fixture
def open_store(path: Path, empty: Path) -> Opener:
    path.parent.mkdir()
    shutil.copyfile(empty, path)
    return functools.partial(SqliteStore, path)


def _claim_all(path: Path, node: str, found: Queue[list[int]]) -> None:
    store = SqliteStore(path)
    ids = []
    while claims := store.claim(node, now=T0, lease_s=LEASE_S, limit=3):
        ids += [claim.case.id for claim in claims]
    store.close()
    found.put(ids)


def test_eight_processes_claim_each_case_once(path: Path) -> None:
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    store.add_leads(
        "spring", [Lead(number(n), grade=list(Grade)[n % 3]) for n in range(2000)], now=T0, decide=decider(T0)
    )
    found: Queue[list[int]] = PROCESSES.Queue()
    workers = [PROCESSES.Process(target=_claim_all, args=(path, f"n{n}", found)) for n in range(8)]
    for worker in workers:
        worker.start()
    ids = [case_id for _ in workers for case_id in found.get(timeout=WAIT_S)]
    for worker in workers:
        worker.join(WAIT_S)
    assert sorted(ids) == [case.id for case in store.cases()]
    assert store.in_progress() == 2000
    store.close()


def _open_at_once(path: Path, start: threading.Barrier, found: Queue[str]) -> None:
    start.wait(WAIT_S)
    try:
        store = SqliteStore(path)
        store.create_campaign("spring", now=T0)
        store.close()
        found.put("")
    except StoreError as error:
        found.put(str(error))


def test_several_processes_make_a_new_database_at_once(path: Path) -> None:
    start, found = PROCESSES.Barrier(4), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=_open_at_once, args=(path, start, found)) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert [found.get(timeout=WAIT_S) for _ in workers] == [""] * 4
    for worker in workers:
        worker.join(WAIT_S)


def _die_inside(path: Path, reached: Queue[int]) -> None:
    store = SqliteStore(path)
    (claim,) = store.claim("n1", now=T0, lease_s=LEASE_S, limit=1)
    store.dialled(claim.attempt_id, now=T0)

    def leads() -> Iterator[Lead]:
        for n in range(100, 5000):
            yield lead(n)
        reached.put(claim.attempt_id)
        reached.close()
        reached.join_thread()
        signal.pause()

    store.add_leads("spring", leads(), now=T0, decide=decider(T0))


def test_a_process_killed_inside_a_transaction_loses_only_that_transaction(path: Path) -> None:
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
    reached: Queue[int] = PROCESSES.Queue()
    worker = PROCESSES.Process(target=_die_inside, args=(path, reached))
    worker.start()
    attempt_id = reached.get(timeout=WAIT_S)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(WAIT_S)
    assert store.attempt(attempt_id).dialled_at == T0
    assert [case.lead.number for case in store.cases()] == [number(1)]
    assert store.add_leads("spring", [lead(2)], now=T0, decide=decider(T0)).accepted == 1
    seqs = [event.seq for event in store.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    store.close()


def test_events_are_neither_changed_nor_deleted(path: Path) -> None:
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    with sqlite3.connect(path) as outside:
        for statement in ("update events set at = 0", "delete from events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                outside.execute(statement)
    outside.close()
    assert len(store.events()) == 1
    store.close()


def test_a_commit_is_on_disk_before_the_call_returns(path: Path) -> None:
    store = SqliteStore(path)
    assert store._db.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert store._db.execute("pragma synchronous").fetchone()[0] == 2
    store.close()


def test_only_a_claim_does_not_wait_for_the_disk_and_events_that_were_read_are_on_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("campaigns.sqlite.connection.os.fdatasync", synced.append)
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
    modes: list[int] = []
    store._db.set_trace_callback(
        lambda text: modes.append({"normal": 1, "full": 2}[text.split()[-1]]) if "pragma synchronous" in text else None
    )
    (claim,) = store.claim("n1", now=T0, lease_s=LEASE_S, limit=1)
    assert modes == [1, 2]
    store.dialled(claim.attempt_id, now=T0)
    assert modes == [1, 2]
    store._db.set_trace_callback(None)
    assert synced == []
    assert store.events(limit=2)
    assert len(synced) == 1
    assert store.events(limit=2)
    assert len(synced) == 1
    assert store.events()
    assert len(synced) == 2
    assert store.events(after=100) == []
    assert len(synced) == 2
    store.close()


def test_the_log_stays_short_also_after_somebody_has_read_at_length(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 200_000
    monkeypatch.setattr("campaigns.sqlite.connection.CHECKPOINT_BYTES", limit)
    store = SqliteStore(path)
    log = path.with_name(f"{path.name}-wal")
    store.create_campaign("spring", now=T0)
    store.add_leads("spring", [lead(n) for n in range(400)], now=T0, decide=decider(T0))

    def longest(claims: int) -> int:
        sizes = []
        for _ in range(claims):
            assert store.claim("n1", now=T0, lease_s=LEASE_S, limit=1)
            sizes.append(log.stat().st_size)
        return max(sizes)

    assert longest(100) < limit
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from cases").fetchone()
    assert longest(100) > limit
    reader.close()
    longest(100)
    assert longest(100) < limit
    assert store.in_progress() == 400
    store.close()


def test_closing_leaves_one_whole_file(path: Path) -> None:
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["store.db"]
    with pytest.raises(StoreError, match="open it again"):
        store.campaigns()


def test_only_its_owner_may_read_it(path: Path) -> None:
    store = SqliteStore(path)
    store.create_campaign("spring", now=T0)
    rights = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert rights == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    store.close()


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("this is not a database" * 100)
    with pytest.raises(StoreError, match=r"notes\.db"):
        SqliteStore(path)


def test_a_folder_that_cannot_be_made_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="check the folder"):
        SqliteStore(tmp_path / "file" / "store.db")


def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as outside:
        outside.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('dissuade', 'from_2030', '')"
        )
    outside.close()
    with pytest.raises(StoreError, match="from_2030"):
        SqliteStore(path)


def test_a_database_that_stays_locked_is_a_clear_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.sqlite.connection.BUSY_TIMEOUT_S", 0.05)
    store = SqliteStore(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreError, match="another process kept it locked"):
        store.create_campaign("spring", now=T0)
    other.execute("rollback")
    other.close()
    store.create_campaign("spring", now=T0)
    store.close()


@pytest.mark.parametrize("statement", [queue._MOVED, queue._NOW_LATE, queue._NOW_READY, queue._NEXT, queue._NEXT_DUE])
def test_a_claim_looks_into_indexes_and_sorts_no_cases(path: Path, statement: str) -> None:
    store = SqliteStore(path)
    plan = store._db.execute(
        "explain query plan " + statement, {"now": T0, "cooled_since": T0, "least_urgency": 0}
    ).fetchall()
    steps = [row["detail"] for row in plan]
    assert any(step.startswith("SEARCH") and "INDEX cases_" in step for step in steps)
    assert not any(step.startswith(("SCAN cases", "SCAN q", "SCAN o", "SCAN s")) for step in steps), steps
    store.close()


def test_what_time_has_overtaken_is_found_without_reading_all_cases(path: Path) -> None:
    store = SqliteStore(path)
    for statement in (revising._TO_REVISE, following._OVERDUE_CASES, following._NEWLY_OVERDUE_ORDERS):
        given = {"now": T0, "limit": 5} if ":now" in statement else (T0,)
        plan = store._db.execute("explain query plan " + statement, given).fetchall()
        steps = [row["detail"] for row in plan]
        wrong = [step for step in steps if step in {"SCAN cases", "SCAN follow_ups"} or step.startswith("SCAN c ")]
        assert not wrong, steps
    store.close()
