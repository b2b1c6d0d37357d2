"""Opening the database, transactions, and the log of events."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from campaigns.sqlite.schema import migrations
from campaigns.store import StoreError

BUSY_TIMEOUT_S = 30.0
"""How long a transaction waits for another process; eight that claim at once wait up to 1.6 s (measured)."""
WAL_LIMIT_BYTES = 64 * 1024 * 1024
"""To what the write-ahead log is cut back after a checkpoint."""
CHECKPOINT_BYTES = 16 * 1024 * 1024
"""From what length on the log is written back into the database, and emptied."""
CACHE_BYTES = 64 * 1024 * 1024
"""Of the database, at most, in the memory of each process: a day's import goes on in its indexes at random."""
OLDEST_SQLITE = (3, 38, 0)
"""The first with STRICT tables and ``->>``."""
_ASK_AGAIN_AFTER_S = (0.0004, 0.002)
_CHECKPOINT_WAITS_MS = 20
_SETTLED_TOGETHER = 1000
"""Transactions of a store that need not be durable."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def open_database(path: Path) -> sqlite3.Connection:
    """Open or make the database and bring its tables up to date. Raises `StoreError`."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds personal data; SQLite gives its log the same rights
        # isolation_level=None: no statement opens a transaction by itself, `transaction` alone does.
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot open the database {path}: {error}; check the folder and its rights") from error
    try:
        connection.row_factory = sqlite3.Row
        db = Database(connection, execute_plugins=False)
        _use_wal(db)
        # FULL: a commit is on disk before the call returns. With NORMAL a power cut could undo "this number was
        # dialled", and event numbers that receivers have seen would be given out again.
        db.execute("pragma synchronous = full")
        db.execute(f"pragma journal_size_limit = {WAL_LIMIT_BYTES}")
        db.execute(f"pragma cache_size = -{CACHE_BYTES // 1024}")
        # A table that is made anew is dropped first, and what refers to it would go too: checked at the end instead.
        db.execute("pragma foreign_keys = off")
        _migrate(db)
        db.execute("pragma foreign_keys = on")
    except (sqlite3.Error, StoreError) as error:
        connection.close()
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path} is not usable as the database: {error}; move it away or give another path") from error
    return connection


def _use_wal(db: Database) -> None:
    """Switch to write-ahead logging; the switch does not wait for another process that is opening, so ask again."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.enable_wal()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(db: Database) -> None:
    """Apply what is missing; of several processes that open a new database, one does and the others wait."""
    with immediate(db.conn):
        unknown = {migration.name for migration in migrations.applied(db)} - _names()
        if unknown:
            raise StoreError(
                f"the database was made by a newer version (it has {', '.join(sorted(unknown))}); update this program"
            )
        if not migrations.pending(db):
            return
        migrations.apply(db)
        lost = db.execute("pragma foreign_key_check").fetchone()
        if lost is not None:
            raise StoreError(f"a row of {lost[0]} refers to a row of {lost[2]} that is not there; restore a backup")


def _names() -> set[str]:
    """Names of the migrations that this program knows: all of them are pending on an empty database."""
    with Database(memory=True, execute_plugins=False) as empty:
        return {migration.name for migration in migrations.pending(empty)}


@contextmanager
def immediate(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction that holds the write lock from its start.

    A plain ``begin`` starts as a reader: two processes that read first and write then would end in "database is locked"
    at once, without waiting. A `Database.atomic` inside nests as a savepoint.
    """
    db.execute("pragma busy_timeout = 0")
    try:
        _take_turn(db)
        try:
            yield
            db.commit()
        except BaseException:
            db.rollback()
            raise
    finally:
        db.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")


def _take_turn(db: sqlite3.Connection) -> None:
    """Wait for the write lock by asking every millisecond or so.

    SQLite itself asks less and less often, up to every 100 ms, so that who has waited long waits longest: with eight
    processes that claim at once up to 6 s were measured.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("begin immediate")
        except sqlite3.OperationalError as error:
            # The lower byte: while another process brings the log in order it is SQLITE_BUSY_RECOVERY.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(random.uniform(*_ASK_AGAIN_AFTER_S))
        else:
            return


class Connection:
    """What all parts of the store stand on: one database, one thread.

    Statements go to `sqlite3` itself, which takes a third of the time off a day of small transactions.
    """

    def __init__(self, path: Path | str, *, cool_down_s: float, daily_limit: int, durable: bool = True) -> None:
        self._path = Path(path)
        self._cool_down_s = cool_down_s
        self._daily_limit = daily_limit
        self._db = open_database(self._path)
        self._told: list[tuple[object, ...]] = []
        self._checkpoint_at = CHECKPOINT_BYTES
        self._on_disk = 0
        self._durable = durable
        self._unsettled = 0
        if durable:
            self._db.execute("pragma wal_autocheckpoint = 0")  # see `_checkpoint`
        else:
            self._db.execute("pragma synchronous = off")

    def close(self) -> None:
        """Release the database; the last one to leave writes the log back into it."""
        if self._db.in_transaction:
            self._db.commit()
        self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that changes something, with its events; database errors become `StoreError`."""
        self._told.clear()
        try:
            with immediate(self._db) if self._durable else self._step():
                yield self._db
                self._tell()
            if self._durable:
                self._checkpoint()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    @contextmanager
    def _step(self) -> Iterator[None]:
        """A transaction that is settled with the next ones: a sixth of the time of a simulated day.

        Until then the database is locked for every other process.
        """
        db = self._db
        if not db.in_transaction:
            db.execute("begin immediate")
        db.execute("savepoint step")
        try:
            yield
        except BaseException:
            db.execute("rollback to step")
            raise
        finally:
            db.execute("release step")
        self._unsettled += 1
        if self._unsettled == _SETTLED_TOGETHER:
            self._unsettled = 0
            db.commit()

    def _checkpoint(self) -> None:
        """Write a long log back into the database, and empty it; what cannot be done now is done later.

        SQLite's own checkpoints keep nobody from writing, and the log begins anew only when all of it is in the
        database: while eight processes claimed without a pause it grew to 1.2 GB (measured), and each looks through it.
        """
        try:
            size = os.stat(f"{self._path}-wal").st_size
        except FileNotFoundError:
            return
        if size < self._checkpoint_at:
            return
        # Unless it is emptied, another process is at it, or is reading at length: not after each transaction again.
        self._checkpoint_at = size + CHECKPOINT_BYTES
        self._db.execute(f"pragma busy_timeout = {_CHECKPOINT_WAITS_MS}")
        # No error either: the transaction is done, and the log holds it.
        with suppress(sqlite3.Error):
            # The first does most of the work while others write; the second, what they wrote meanwhile.
            self._db.execute("pragma wal_checkpoint(passive)").fetchone()
            if not self._db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
                self._checkpoint_at = CHECKPOINT_BYTES
        self._db.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")

    @contextmanager
    def _write_soon(self) -> Iterator[sqlite3.Connection]:
        """As `_write`, but a power cut may undo it until the next `_write` or `_sync` of any process."""
        if not self._durable:
            with self._write() as db:
                yield db
            return
        try:
            self._db.execute("pragma synchronous = normal")
            try:
                with self._write() as db:
                    yield db
            finally:
                self._db.execute("pragma synchronous = full")
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _sync(self, seq: int) -> None:
        """Bring all up to this event to the disk, whichever process wrote it."""
        if seq <= self._on_disk or not self._durable:
            return
        try:
            log = os.open(f"{self._path}-wal", os.O_RDONLY)
        except FileNotFoundError:
            return  # all of it was written back into the database, which SQLite does with a sync
        try:
            os.fdatasync(log)
        finally:
            os.close(log)
        self._on_disk = seq

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one moment."""
        try:
            if not self._durable:
                yield self._db  # nobody else writes
                return
            self._db.execute("begin")
            try:
                yield self._db
            finally:
                self._db.rollback()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> StoreError:
        text = str(error)
        mend = "see whether the disk is sound"
        if "locked" in text:
            mend = f"another process kept it locked for {BUSY_TIMEOUT_S:.0f} s; end that one or try again"
        elif "full" in text:
            mend = "make room on the disk"
        elif "readonly" in text:
            mend = "give this user the right to write to the file and its folder"
        elif "closed" in text:
            mend = "open it again"
        return StoreError(f"the database {self._path} failed: {text}; {mend}")

    def _event(
        self,
        kind: str,
        at: float,
        /,
        *,
        campaign_id: int | None = None,
        case_id: int | None = None,
        attempt_id: int | None = None,
        **data: object,
    ) -> None:
        """Append to the log, inside the caller's transaction."""
        self._append(kind, at, (campaign_id, case_id, attempt_id), data)

    def _append(
        self, kind: str, at: float, ids: tuple[int | None, int | None, int | None], data: Mapping[str, object]
    ) -> None:
        self._told.append((at, kind, *ids, _JSON.encode(data)))

    def _tell(self) -> None:
        """Write down the events so far, in order."""
        self._db.executemany(
            "insert into events (at, kind, campaign_id, case_id, attempt_id, data) values (?, ?, ?, ?, ?, ?)",
            self._told,
        )
        self._told.clear()
