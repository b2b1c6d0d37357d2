"""A database of the first version opens, loses nothing, and is held to the same rules as a new one."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import threading
from multiprocessing.queues import Queue
from pathlib import Path
from typing import cast

import pytest
from sqlite_utils import Database

from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import CaseState, EscalationState, FoundIn, Grade, Lead, Outcome
from campaigns.sqlite import connection
from campaigns.sqlite.schema import migrations
from campaigns.sqlite_store import SqliteStore
from campaigns.store import StoreError
from tests.campaigns.contract.words import LEASE_S, T0, decider, lead, number, result

pytestmark = pytest.mark.unit

PROCESSES = multiprocessing.get_context("spawn")
WAIT_S = 60

_ROWS = (
    "insert into campaigns values (1, 'spring', 'running', 100.0), (2, 'autumn', 'paused', 200.0)",
    """
    insert into cases (id, campaign_id, number, name, scam_type, grade, language, sex, age, note, state, urgency,
                       due_at, attempts, last_outcome, last_dialled_at, closed_reason, created_at)
    values
      (1, 1, '+8611100000001', '王芳', '冒充公检法', 'high', 'zh-CN', 'female', 71, '独居', 'closed', 1000, null,
       2, 'denies', 1799999000.0, 'denies', 1799990000.0),
      (2, 1, '+8611100000002', '', '', 'low', 'en-US', '', null, '', 'queued', 100, 1800000000.0,
       0, null, null, '', 1799990001.0),
      (3, 1, '+8611100000003', '李强', '', 'medium', 'zh-CN', 'male', 30, '', 'calling', 200, 1799999990.0,
       1, null, 1799999995.0, '', 1799990002.0),
      (4, 2, '+8611100000001', '', '', 'medium', 'zh-CN', '', null, '', 'queued', 200, 1800000000.0,
       0, null, null, '', 1799990003.0)
    """,
    """
    insert into attempts (id, case_id, node, claimed_at, lease_until_at, dialled_at, answered_at, ended_at, outcome,
                          key_warning_heard, sip_code, reason, recording)
    values
      (1, 1, 'n1', 1799991000.0, 1799991030.0, 1799991001.0, null, 1799991020.0, 'busy', 0, 486, 'Busy Here', ''),
      (2, 1, 'n1', 1799998999.0, 1799999030.0, 1799999000.0, 1799999005.0, 1799999060.0, 'denies', 1, 200, 'BYE',
       'recordings/2.wav'),
      (3, 3, 'n1', 1799999994.0, 1800000024.0, 1799999995.0, null, null, null, 0, null, '', '')
    """,
    "insert into turns values (1, 2, 'subject', '我没有被骗', 1.0, 2.5, 'ask')",
    "insert into signals values (1, 2, 'denies', '没有被骗', 'zh.denies.1', 2.0)",
    """
    insert into escalations values
      (1, 2, 'denies', '没有', 1799999010.0, 'joined', 'chen', 1799999011.0, 1799999020.0, '["chen"]')
    """,
    """
    insert into follow_ups (id, case_id, attempt_id, kind, state, at) values
      (1, 1, 2, 'visit', 'ordered', 1799999060.0), (2, 1, 2, 'stop_payment', 'ordered', 1799999060.0)
    """,
    "insert into imports values (1, 1, 'abc', 'a.csv', 1799990000.0)",
    """
    insert into events values
      (1, 1799990000.0, 'lead.accepted', 1, 1, null, '{"number": "+8611100000001"}'),
      (7, 1799999060.0, 'attempt.finished', 1, 1, 2, '{"outcome": "denies"}')
    """,
    "insert into cursors values ('mqtt', 7)",
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database that the first version left behind."""
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    migrations.apply(Database(connection), stop_before="ladder")
    for statement in _ROWS:
        connection.execute(statement)
    tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    own = {name for name in tables if not name.startswith(("sqlite_", "_sqlite"))}
    assert all(connection.execute(f"select count(*) from {name}").fetchone()[0] for name in own)
    connection.commit()
    connection.close()
    return path


def test_nothing_is_lost(old: Path) -> None:
    store = SqliteStore(old)
    spring, autumn = store.campaigns()
    assert (spring.name, spring.policy, autumn.state) == ("spring", "", "paused")
    closed, low, calling, again = store.cases()
    assert closed.lead == Lead(number(1), "王芳", "冒充公检法", Grade.HIGH, "zh-CN", "female", 71, "独居")
    assert (closed.state, closed.closed_reason, closed.closed_at, closed.attempts, closed.created_at) == (
        CaseState.CLOSED,
        "denies",
        1799999060.0,
        2,
        1799990000.0,
    )
    assert (low.due_at, low.call_until_at, low.closed_at) == (T0, None, None)
    assert (calling.state, again.lead.number) == (CaseState.CALLING, number(1))
    first, second = store.history(1, now=T0).attempts
    assert first.result is not None
    assert second.result is not None
    assert (first.result.outcome, second.result.recording) == (Outcome.BUSY, "recordings/2.wav")
    (record,) = second.escalations
    assert (record.state, record.dissuader, record.joined_s) == (EscalationState.JOINED, "chen", 10.0)
    assert [turn.text for turn in store.attempt(2).turns] == ["我没有被骗"]
    visit, stop = store.follow_ups(1)
    assert (visit.kind, visit.state, visit.ordered_at, visit.attempt_id) == (
        FollowUpKind.VISIT,
        FollowUpState.ORDERED,
        1799999060.0,
        2,
    )
    assert stop.deadline_at > stop.ordered_at
    assert store.imported_at("spring", "abc") == 1799990000.0
    assert [event.seq for event in store.events()] == [1, 7]
    assert store.cursor("mqtt") == 7
    assert store.in_progress() == 1
    store.close()


def test_what_was_said_and_who_it_was_is_found(old: Path) -> None:
    store = SqliteStore(old)
    assert [found.where for found in store.search("被骗")] == [FoundIn.SIGNAL, FoundIn.TURN]
    assert [found.case_id for found in store.search("王芳")] == [1]
    assert {found.case_id for found in store.search("0001")} == {1, 4}
    store.close()


def test_it_goes_on_where_it_stopped(old: Path) -> None:
    store = SqliteStore(old)
    store.finish(3, result(Outcome.BUSY, T0), decider(T0), now=T0)
    assert store.case(3).due_at == 1799999995.0 + 120.0
    assert [claim.case.id for claim in store.claim("n1", now=T0, lease_s=LEASE_S, limit=9)] == [2]
    assert len(store.claim_deliveries(now=T0, lease_s=LEASE_S, limit=9)) == 2
    assert store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0)).accepted == 1
    assert store.events()[-1].seq > 7
    assert store.purge(personal_before_at=T0, now=T0).cases == 1
    store.close()


def test_the_calls_of_the_last_day_count_for_the_daily_limit(old: Path) -> None:
    store = SqliteStore(old, daily_limit=2)
    assert store.history(4, now=T0).free_at == 1799991001.0 + 86_400
    store.close()


def test_it_has_the_shape_and_the_rules_of_a_new_one(old: Path, tmp_path: Path) -> None:
    SqliteStore(old).close()
    SqliteStore(tmp_path / "new.db").close()
    with sqlite3.connect(old) as migrated, sqlite3.connect(tmp_path / "new.db") as new:
        shape = "select type, name, tbl_name, sql from sqlite_master order by type, name"
        assert migrated.execute(shape).fetchall() == new.execute(shape).fetchall()
        assert migrated.execute("pragma foreign_key_check").fetchall() == []
        assert migrated.execute("pragma integrity_check").fetchall() == [("ok",)]
        migrated.execute("pragma foreign_keys = on")
        for wrong in (
            "update cases set state = 'asleep'",
            "update cases set due_at = null where state = 'queued'",
            "update cases set heap = 3",
            "update follow_ups set state = 'lost'",
            "insert into attempts (case_id, node, claimed_at, lease_until_at) values (999, 'n', 1, 1)",
            "insert into mentions (attempt_id, kind, value, words, at_s) values (999, 'app', 'x', 'x', 1)",
            "insert into dispositions (case_id, conviction, by, at) values (999, 'convinced', 'x', 1)",
            "delete from cases where id = 1",
            "update events set at = 0",
            "update events set data = '{}'",
            "delete from events",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                migrated.execute(wrong)
    migrated.close()
    new.close()


def _open_at_once(path: Path, start: threading.Barrier, found: Queue[str]) -> None:
    start.wait(WAIT_S)
    try:
        store = SqliteStore(path)
        found.put(json.dumps([case.id for case in store.cases()]))
        store.close()
    except StoreError as error:
        found.put(str(error))


def test_several_processes_bring_it_up_to_date_at_once(old: Path) -> None:
    start, found = PROCESSES.Barrier(3), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=_open_at_once, args=(old, start, found)) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert [found.get(timeout=WAIT_S) for _ in workers] == ["[1, 2, 3, 4]"] * 3
    for worker in workers:
        worker.join(WAIT_S)


def test_a_migration_that_fails_leaves_the_old_database(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ("alter table cases add column heap integer", "select no_such_column from cases")
    monkeypatch.setattr("campaigns.sqlite.schema._READY", broken)
    with pytest.raises(StoreError, match="no_such_column"):
        SqliteStore(old)
    monkeypatch.undo()
    store = SqliteStore(old)
    assert len(store.cases()) == 4
    store.close()


class _Recovering:
    """A database that another process is bringing in order at first."""

    def __init__(self, code: int) -> None:
        self.code, self.asked = code, 0

    def execute(self, _: str) -> None:
        self.asked += 1
        if self.asked < 3:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_TIMEOUT])
def test_whoever_is_told_in_whatever_words_that_another_process_is_at_it_waits(code: int) -> None:
    database = _Recovering(code)
    connection._take_turn(cast("sqlite3.Connection", database))
    assert database.asked == 3
