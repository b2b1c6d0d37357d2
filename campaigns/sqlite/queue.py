"""Who is called: claims under a lease, and giving back what was claimed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from campaigns.model import Claim
from campaigns.sqlite import rows
from campaigns.sqlite.steps import Steps
from campaigns.store import LeaseLostError, StoreError

_NOW_LATE = """
update cases set heap = 2 where state = 'queued' and heap < 2 and call_until_at <= :now
"""
_NOW_READY = """
update cases set heap = 1
where state = 'queued' and heap = 0 and due_at <= :now
  and campaign_id in (select id from campaigns where state = 'running')
"""
# Nearly always time has moved nothing, and looking costs a third of two updates that change nothing.
_MOVED = """
select exists (select 1 from cases where state = 'queued' and heap < 2 and call_until_at <= :now)
  or exists (
    select 1 from campaigns cross join cases q on q.campaign_id = campaigns.id
    where campaigns.state = 'running' and q.state = 'queued' and q.heap = 0 and q.due_at <= :now
  )
"""
# The best case of each running campaign is one look into the index `cases_ready`; the best of those is taken. A number
# that is being called, or was dialled within the cool-down, for whatever campaign, is passed over.
_NEXT = """
select best.id from campaigns join cases best on best.id = (
  select id from cases q
  where q.campaign_id = campaigns.id and q.state = 'queued' and q.heap = 1 and q.due_at <= :now
    and q.urgency >= :least_urgency and (q.call_until_at is null or q.call_until_at > :now)
    and not exists (
      select 1 from cases o where o.number = q.number and (o.state = 'calling' or o.last_dialled_at > :cooled_since)
    )
    and not exists (
      select 1 from suppressions s where s.number = q.number and (s.until_at is null or s.until_at > :now)
    )
  order by q.urgency desc, q.due_at, q.id limit 1
)
where campaigns.state = 'running'
order by best.urgency desc, best.due_at, best.id limit 1
"""
_MAY_BE_CALLED = """
  and not exists (select 1 from cases o where o.number = q.number and o.state = 'calling')
  and not exists (
    select 1 from suppressions s where s.number = q.number and (s.until_at is null or s.until_at > q.due_at)
  )
"""
_NEXT_DUE = f"""
select min(due_at) as due_at from (
  select (
    select q.due_at from cases q where q.campaign_id = campaigns.id and q.state = 'queued' and q.heap = 0
    {_MAY_BE_CALLED} order by q.due_at limit 1
  ) as due_at
  from campaigns where state = 'running'
  union all
  select (
    select q.due_at from cases q where q.campaign_id = campaigns.id and q.state = 'queued' and q.heap = 1
    {_MAY_BE_CALLED} order by q.urgency desc, q.due_at, q.id limit 1
  )
  from campaigns where state = 'running'
)
"""  # noqa: S608 (our own)


class Queue(Steps):
    """The queue."""

    def claim(self, node: str, *, now: float, lease_s: float, limit: int, least_urgency: int = 0) -> list[Claim]:
        """See `campaigns.store.Store`."""
        taken: list[tuple[sqlite3.Row, int]] = []
        with self._write_soon() as db:
            if db.execute(_MOVED, {"now": now}).fetchone()[0]:
                db.execute(_NOW_LATE, {"now": now})
                db.execute(_NOW_READY, {"now": now})
            while len(taken) < limit and (one := self._take_one(node, now, lease_s, least_urgency)) is not None:
                taken.append(one)
        # Other processes wait for the lock no longer than they must.
        return [Claim(rows.case(row), attempt_id, now + lease_s) for row, attempt_id in taken]

    def renew(self, node: str, attempt_ids: Sequence[int], *, now: float, lease_s: float) -> list[int]:
        """See `campaigns.store.Store`."""
        if not attempt_ids:
            return []
        with self._write() as db:
            kept = {
                attempt_id
                for attempt_id in attempt_ids
                if db.execute(
                    "update attempts set lease_until_at = ? where id = ? and node = ? and ended_at is null",
                    (now + lease_s, attempt_id, node),
                ).rowcount
            }
        return [attempt_id for attempt_id in attempt_ids if attempt_id not in kept]

    def give_back(self, attempt_id: int, *, now: float, reason: str) -> None:
        """See `campaigns.store.Store`."""
        with self._write():
            attempt = self._held(attempt_id)
            if attempt["dialled_at"] is not None:
                raise StoreError(f"attempt {attempt_id} was dialled and cannot be given back; finish it instead")
            self._event(
                "attempt.given_back",
                now,
                campaign_id=attempt["campaign_id"],
                case_id=attempt["case_id"],
                attempt_id=attempt_id,
                node=attempt["node"],
                reason=reason,
            )
            self._drop(attempt)

    def dialled(self, attempt_id: int, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            attempt = self._held(attempt_id)
            if attempt["lease_until_at"] < now:
                raise LeaseLostError(f"the lease of attempt {attempt_id} ran out before the number was dialled")
            db.execute("update attempts set dialled_at = ? where id = ?", (now, attempt_id))
            db.execute("update cases set last_dialled_at = ? where id = ?", (now, attempt["case_id"]))
            db.execute("insert into dials (number, at) values (?, ?)", (attempt["number"], now))
            free_at = self._free_at(attempt["number"])
            db.execute(
                "update cases set due_at = ?, heap = 0 where number = ? and state = 'queued' and due_at < ?",
                (free_at, attempt["number"], free_at),
            )
            self._event(
                "attempt.dialled",
                now,
                campaign_id=attempt["campaign_id"],
                case_id=attempt["case_id"],
                attempt_id=attempt_id,
                number=attempt["number"],
                node=attempt["node"],
            )

    def next_due_at(self) -> float | None:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            due_at: float | None = db.execute(_NEXT_DUE).fetchone()["due_at"]
            return due_at

    def in_progress(self) -> int:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            count: int = db.execute("select count(*) from attempts where ended_at is null").fetchone()[0]
            return count

    def _take_one(self, node: str, now: float, lease_s: float, least_urgency: int) -> tuple[sqlite3.Row, int] | None:
        """The best case that may be called now, as it is when taken, with its attempt."""
        db = self._db
        wanted = {"now": now, "cooled_since": now - self._cool_down_s, "least_urgency": least_urgency}
        best = db.execute(_NEXT, wanted).fetchone()
        if best is None:
            return None
        case_id: int = best[0]
        db.execute("update cases set state = 'calling', attempts = attempts + 1 where id = ?", (case_id,))
        row = self._case_row(case_id)
        attempt_id = db.execute(
            "insert into attempts (case_id, node, claimed_at, lease_until_at) values (?, ?, ?, ?)",
            (case_id, node, now, now + lease_s),
        ).lastrowid
        assert attempt_id is not None
        self._event(
            "attempt.claimed",
            now,
            campaign_id=row["campaign_id"],
            case_id=case_id,
            attempt_id=attempt_id,
            number=row["number"],
            node=node,
            urgency=row["urgency"],
            attempts=row["attempts"],
            lease_until_at=now + lease_s,
        )
        return row, attempt_id

    def _held(self, attempt_id: int) -> sqlite3.Row:
        """An attempt in progress with its case's campaign and number; raises `LeaseLostError`."""
        row: sqlite3.Row | None = self._db.execute(
            "select a.*, c.campaign_id, c.number from attempts a join cases c on c.id = a.case_id"
            " where a.id = ? and a.ended_at is null",
            (attempt_id,),
        ).fetchone()
        if row is None:
            raise LeaseLostError(f"attempt {attempt_id} has ended, or its case was taken back")
        return row

    def _drop(self, attempt: sqlite3.Row) -> None:
        """Undo a claim whose number was never dialled; the case keeps its place in the queue."""
        self._db.execute(
            "update cases set state = 'queued', attempts = attempts - 1 where id = ?", (attempt["case_id"],)
        )
        self._db.execute("delete from attempts where id = ?", (attempt["id"],))
