"""Taking away what is old: recordings, what was said, who it was. What a bulletin counts stays."""

from __future__ import annotations

import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from campaigns.follow_up import FollowUpState
from campaigns.model import Purgeable, Purged
from campaigns.sqlite.steps import DAY_S, Steps

# `json_replace` touches only the fields that are there.
_REDACT_WORDS = """
update events set data = json_replace(data, '$.text', '', '$.words', '', '$.value', '')
where case_id = ? and attempt_id = ? and kind in ('call.turn', 'call.signal', 'call.mention', 'escalation.offered')
"""
_REDACT_PERSON = """
update events set data = json_replace(data, '$.number', ?, '$.note', '', '$.reference', '', '$.error', '')
where case_id = ?
"""
_REDACT_SUPPRESSIONS = """
update events set data = json_replace(data, '$.number', ?)
where seq in (
  select seq from events e
  where kind in ('suppression.added', 'suppression.lifted') and at < ? and data ->> 'number' not like ? || '%'
    and not exists (select 1 from suppressions s where s.number = e.data ->> 'number')
  limit ?
)
"""
_EMPTY_CASE = """
update cases set number = ?, name = '', note = '', address = '', accounts = '[]', relatives = '[]', purged_at = ?
where id = ?
"""
_DROP_DRAFTS = "delete from drafts where attempt_id in (select id from attempts where case_id = ?)"
PSEUDONYM = "purged-"
_REWRITTEN_BYTES_PER_S = 30_000_000
"""Cautious: 90 MB/s were measured on a busy machine with two cores."""
_MERGED_PAGES = 200
"""Pages of the index of texts that each portion merges: only merging removes what was taken out of it."""


class Purging(Steps):
    """Retention."""

    def purge(
        self,
        *,
        recordings_before_at: float | None = None,
        transcripts_before_at: float | None = None,
        personal_before_at: float | None = None,
        now: float,
        limit: int = 500,
    ) -> Purged:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            counts: Counter[str] = Counter()
            more = False
            with self._redacting():
                if recordings_before_at is not None:
                    more |= self._purge_recordings(recordings_before_at, limit, counts)
                if transcripts_before_at is not None:
                    more |= self._purge_words(transcripts_before_at, now, limit, counts)
                if personal_before_at is not None:
                    more |= self._purge_personal(personal_before_at, now, limit, counts)
            db.execute("delete from dials where at < ?", (now - DAY_S,))
            if counts.total():
                db.execute("insert into texts_index (texts_index, rank) values ('merge', ?)", (-_MERGED_PAGES,))
                self._event(
                    "data.purged",
                    now,
                    recordings_before_at=recordings_before_at,
                    transcripts_before_at=transcripts_before_at,
                    personal_before_at=personal_before_at,
                    **{what: counts[what] for what in _COUNTED},
                )
            pending = tuple(row["path"] for row in db.execute("select path from purged_recordings order by path"))
        return Purged(
            pending, counts["turns"], counts["signals"], counts["mentions"], counts["cases"], counts["events"], more
        )

    def purgeable(
        self,
        *,
        recordings_before_at: float | None = None,
        transcripts_before_at: float | None = None,
        personal_before_at: float | None = None,
    ) -> Purgeable:
        """See `campaigns.store.Store`."""
        with self._read() as db:

            def counted(query: str, before_at: float | None) -> int:
                return 0 if before_at is None else int(db.execute(query, (before_at,)).fetchone()[0])

            return Purgeable(
                counted("select count(*) from attempts where ended_at < ? and recording <> ''", recordings_before_at),
                counted(
                    "select count(*) from attempts where ended_at < ? and words_purged_at is null",
                    transcripts_before_at,
                ),
                counted(
                    "select count(*) from cases where state = 'closed' and closed_at < ? and purged_at is null",
                    personal_before_at,
                ),
            )

    def wipe_remains(self, *, within_s: float | None = None) -> bool:
        """See `campaigns.store.Store`."""
        try:
            if within_s is not None and self._path.stat().st_size > within_s * _REWRITTEN_BYTES_PER_S:
                return False
            if self._db.in_transaction:
                self._db.commit()  # a store that need not be durable
            # Pages keep what was moved or overwritten in their free room, whatever `secure_delete` says of deletions.
            self._db.execute("insert into texts_index (texts_index) values ('optimize')")
            self._db.execute("vacuum")
            still_read, *_ = self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
        except sqlite3.Error as error:
            raise self._explained(error) from error
        return not still_read

    def recordings_deleted(self, recordings: Sequence[str], *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            gone = sum(
                db.execute("delete from purged_recordings where path = ?", (path,)).rowcount for path in recordings
            )
            if gone:
                self._event("data.recordings_deleted", now, recordings=gone)

    @contextmanager
    def _redacting(self) -> Iterator[None]:
        """Let this transaction, and no other, take data out of events."""
        self._db.execute("insert into redactions (id) values (1)")
        yield
        self._db.execute("delete from redactions")

    def _purge_recordings(self, before_at: float, limit: int, counts: Counter[str]) -> bool:
        found = self._db.execute(
            "select id, recording from attempts where ended_at < ? and recording <> '' order by ended_at limit ?",
            (before_at, limit),
        ).fetchall()
        for row in found:
            self._db.execute("insert or ignore into purged_recordings (path) values (?)", (row["recording"],))
            self._db.execute("update attempts set recording = '' where id = ?", (row["id"],))
        counts["recordings"] += len(found)
        return len(found) == limit

    def _purge_words(self, before_at: float, now: float, limit: int, counts: Counter[str]) -> bool:
        db = self._db
        found = db.execute(
            "select id, case_id from attempts where ended_at < ? and words_purged_at is null order by ended_at limit ?",
            (before_at, limit),
        ).fetchall()
        for row in found:
            attempt_id, case_id = row["id"], row["case_id"]
            spoken = "select * from texts where case_id = ? and attempt_id = ? and found_in <> 'disposition'"
            self._drop_texts(db.execute(spoken, (case_id, attempt_id)).fetchall())
            own = (attempt_id,)
            counts["turns"] += db.execute("delete from turns where attempt_id = ?", own).rowcount
            counts["signals"] += db.execute("update signals set words = '' where attempt_id = ?", own).rowcount
            counts["mentions"] += db.execute(
                "update mentions set value = '', words = '' where attempt_id = ?", own
            ).rowcount
            db.execute("update escalations set words = '' where attempt_id = ?", own)
            counts["events"] += db.execute(_REDACT_WORDS, (case_id, attempt_id)).rowcount
            db.execute("update attempts set words_purged_at = ? where id = ?", (now, attempt_id))
        return len(found) == limit

    def _purge_personal(self, before_at: float, now: float, limit: int, counts: Counter[str]) -> bool:
        db = self._db
        found = db.execute(
            "select id, number from cases where state = 'closed' and closed_at < ? and purged_at is null"
            " order by closed_at limit ?",
            (before_at, limit),
        ).fetchall()
        pseudonyms = {row["number"]: _pseudonym() for row in found}
        for row in found:
            case_id, number = row["id"], pseudonyms[row["number"]]
            self._fail_open_orders(case_id, now)
            self._tell()
            kept = "select * from texts where case_id = ? and found_in in ('lead', 'disposition')"
            self._drop_texts(db.execute(kept, (case_id,)).fetchall())
            db.execute(_EMPTY_CASE, (number, now, case_id))
            db.execute("update dispositions set note = '' where case_id = ?", (case_id,))
            db.execute(_DROP_DRAFTS, (case_id,))
            db.execute("update follow_ups set data = '{}', note = '', reference = '' where case_id = ?", (case_id,))
            counts["events"] += db.execute(_REDACT_PERSON, (number, case_id)).rowcount
        counts["cases"] += len(found)
        db.execute("delete from suppressions where until_at < ?", (before_at,))
        lifted = db.execute(_REDACT_SUPPRESSIONS, (_pseudonym(), before_at, PSEUDONYM, limit)).rowcount
        counts["events"] += lifted
        return limit in {len(found), lifted}

    def _fail_open_orders(self, case_id: int, now: float) -> None:
        """Nobody can carry out an order without the data that goes now."""
        for row in self._db.execute(
            "select * from follow_ups where case_id = ? and state in ('ordered', 'sent', 'acknowledged')", (case_id,)
        ).fetchall():
            self._change(row, FollowUpState.FAILED, now, result="purged")


_COUNTED = ("recordings", "turns", "signals", "mentions", "cases", "events")


def _pseudonym() -> str:
    """A word that nothing leads back to a number."""
    return PSEUDONYM + secrets.token_hex(8)
