"""Looking at what is stored."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.follow_up import FollowUp
from campaigns.model import Attempt, Case, Disposition, Event
from campaigns.sqlite import rows
from campaigns.sqlite.watching import Watching
from campaigns.store import NotFoundError


class Reading(Watching):
    """Everything that changes nothing, and the readers' cursors."""

    def cases(self, *, campaign: str | None = None) -> list[Case]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                "select c.* from cases c join campaigns k on k.id = c.campaign_id"
                " where :campaign is null or k.name = :campaign order by c.id",
                {"campaign": campaign},
            )
            return [rows.case(row) for row in found]

    def case(self, case_id: int) -> Case:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            row = db.execute("select * from cases where id = ?", (case_id,)).fetchone()
            if row is None:
                raise NotFoundError(f"there is no case {case_id}")
            return rows.case(row)

    def linked_cases(self, case_id: int) -> list[Case]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute("select * from cases where linked_case_id = ? order by id", (case_id,))
            return [rows.case(row) for row in found]

    def attempts(self, *, campaign: str | None = None, case_id: int | None = None, limit: int = 1000) -> list[Attempt]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                "select a.* from attempts a join cases c on c.id = a.case_id"  # noqa: S608 (our own)
                f" join campaigns k on k.id = c.campaign_id where {_of('a.case_id', case_id)}"
                " and (:campaign is null or k.name = :campaign) order by a.id desc limit :limit",
                {"campaign": campaign, "case_id": case_id, "limit": limit},
            )
            return [rows.attempt(row) for row in found]

    def attempt(self, attempt_id: int) -> Attempt:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            row = db.execute("select * from attempts where id = ?", (attempt_id,)).fetchone()
            if row is None:
                raise NotFoundError(f"there is no attempt {attempt_id}")
            own = (attempt_id,)
            turns = db.execute("select * from turns where attempt_id = ? order by start_s, id", own)
            signals = db.execute("select * from signals where attempt_id = ? order by at_s, id", own)
            escalations = db.execute("select * from escalations where attempt_id = ? order by id", own)
            mentions = db.execute("select * from mentions where attempt_id = ? order by at_s, id", own)
            return rows.attempt(
                row,
                tuple(rows.turn(turn) for turn in turns),
                tuple(rows.signal(signal) for signal in signals),
                tuple(rows.escalation(escalation) for escalation in escalations),
                tuple(rows.mention(mention) for mention in mentions),
            )

    def follow_ups(self, case_id: int | None = None, *, open_only: bool = False) -> list[FollowUp]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                f"select * from follow_ups where {_of('case_id', case_id)}"  # noqa: S608 (our own)
                " and (not :open_only or state in ('ordered', 'sent', 'acknowledged')) order by id",
                {"case_id": case_id, "open_only": open_only},
            )
            return [rows.follow_up(row) for row in found]

    def dispositions(self, case_id: int | None = None) -> list[Disposition]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                f"select * from dispositions where {_of('case_id', case_id)} order by id",  # noqa: S608 (our own)
                {"case_id": case_id},
            )
            return [rows.disposition(row) for row in found]

    def note(self, kind: str, data: Mapping[str, object], *, now: float, campaign: str | None = None) -> Event:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            campaign_id = None if campaign is None else self._campaign(campaign).id
            self._append(kind, now, (campaign_id, None, None), dict(data))
            self._tell()
            return rows.event(db.execute("select * from events order by seq desc limit 1").fetchone())

    def events(self, *, after: int = 0, limit: int = 500, case_id: int | None = None) -> list[Event]:
        """See `campaigns.store.Store`."""
        of_case = "" if case_id is None else "case_id = :case_id and "
        with self._read() as db:
            found = db.execute(
                f"select * from events where {of_case} seq > :after order by seq limit :limit",  # noqa: S608 (our own)
                {"after": after, "limit": limit, "case_id": case_id},
            ).fetchall()
        if found:
            self._sync(found[-1]["seq"])
        return [rows.event(row) for row in found]

    def cursor(self, name: str) -> int:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            row = db.execute("select seq from cursors where name = ?", (name,)).fetchone()
            return 0 if row is None else int(row["seq"])

    def set_cursor(self, name: str, seq: int) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            db.execute(
                "insert into cursors (name, seq) values (?, ?) on conflict (name) do update set seq = excluded.seq",
                (name, seq),
            )


def _of(column: str, case_id: int | None) -> str:
    """A condition that finds a case's rows by their index: with "or", SQLite would read the whole table."""
    return "true" if case_id is None else f"{column} = :case_id"
