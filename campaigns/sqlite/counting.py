"""How much there is to do: counted over the open cases and orders, however many were closed before."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection

from campaigns.counts import SOON_S, STUCK_AFTER_S, Board, CampaignCount, QueueCount
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import Case, Grade
from campaigns.sqlite import rows
from campaigns.sqlite.histories import Histories

_GRADES = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)
_LOOKED_BACK = 20_000
"""Orders, the latest ones, among which those that ended lately are looked for."""

# Each heap of the queue has an index; asked for "queued" alone, SQLite reads every case that ever was.
_QUEUED = " union all ".join(
    f"""
    select campaign_id, grade, due_at, case attempts when 0 then first_call_by_at end as first_by_at
    from cases where state = 'queued' and heap = {heap}
    """  # noqa: S608 (our own)
    for heap in range(3)
)
_BY_GRADE = f"""
select campaign_id, grade, count(*) as cases, sum(due_at <= :now) as due, sum(due_at <= :soon) as soon,
  total(first_by_at < :now) as overdue, min(case when first_by_at < :now then first_by_at end) as since_at
from ({_QUEUED}) group by campaign_id, grade
"""  # noqa: S608 (our own)
_CALLING = """
select c.campaign_id, count(*) from attempts a join cases c on c.id = a.case_id where a.ended_at is null group by 1
"""
_WAITING = "select campaign_id, count(*) from cases where state = 'waiting' group by 1"
_CLOSED = """
select campaign_id, count(*) from cases
where state = 'closed' and purged_at is null and closed_at >= :since group by 1
"""
_OPEN = "state in ('ordered', 'sent', 'acknowledged')"
_OPEN_COUNTS = f"""
select kind, state, count(*) as orders, sum(deadline_at < :now) as late,
  min(case when deadline_at < :now then deadline_at end) as late_since_at
from follow_ups where {_OPEN} group by kind, state
"""  # noqa: S608 (our own)
_UNDELIVERED = f"""
select count(*) as orders, min(ordered_at) as since_at from follow_ups
where {_OPEN} and state = 'ordered' and next_try_at is not null and (tries > 1 or ordered_at < :stuck)
"""  # noqa: S608 (our own)
_BOARD = f"""
select * from follow_ups where {_OPEN} and kind in (select value from json_each(:kinds))
order by deadline_at, id limit :limit
"""  # noqa: S608 (our own)
_ENDED = f"""
select * from follow_ups
where id > (select coalesce(max(id), 0) from follow_ups) - {_LOOKED_BACK}
  and ended_at >= :since and kind in (select value from json_each(:kinds))
order by ended_at desc, id desc limit :limit
"""  # noqa: S608 (our own)


class Counting(Histories):
    """The counts."""

    def queue_counts(self, *, now: float, closed_since_at: float) -> list[CampaignCount]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            campaigns = [rows.campaign(row) for row in db.execute("select * from campaigns order by id")]
            queued: dict[int, dict[Grade, QueueCount]] = defaultdict(dict)
            for row in db.execute(_BY_GRADE, {"now": now, "soon": now + SOON_S}):
                queued[row["campaign_id"]][Grade(row["grade"])] = _queue_count(row)
            calling: dict[int, int] = dict(map(tuple, db.execute(_CALLING)))
            waiting: dict[int, int] = dict(map(tuple, db.execute(_WAITING)))
            closed: dict[int, int] = dict(map(tuple, db.execute(_CLOSED, {"since": closed_since_at})))
        return [
            CampaignCount(
                each,
                tuple(queued[each.id][grade] for grade in _GRADES if grade in queued[each.id]),
                calling.get(each.id, 0),
                waiting.get(each.id, 0),
                closed.get(each.id, 0),
            )
            for each in campaigns
        ]

    def board(
        self,
        *,
        now: float,
        ended_since_at: float,
        kinds: Collection[FollowUpKind] = tuple(FollowUpKind),
        limit: int = 200,
    ) -> Board:
        """See `campaigns.store.Store`."""
        asked = {"kinds": json.dumps(sorted(kinds)), "since": ended_since_at, "limit": limit}
        counts: dict[tuple[FollowUpKind, FollowUpState], int] = {}
        late: Counter[FollowUpKind] = Counter()
        since: list[float] = []
        with self._read() as db:
            for row in db.execute(_OPEN_COUNTS, {"now": now}):
                counts[FollowUpKind(row["kind"]), FollowUpState(row["state"])] = row["orders"]
                late[FollowUpKind(row["kind"])] += row["late"]
                since += [row["late_since_at"]] if row["late"] else []
            undelivered = db.execute(_UNDELIVERED, {"now": now, "stuck": now - STUCK_AFTER_S}).fetchone()
            return Board(
                open=self._with_cases(db.execute(_BOARD, asked).fetchall()) if limit else (),
                ended=self._with_cases(db.execute(_ENDED, asked).fetchall()) if limit else (),
                counts=counts,
                late={kind: count for kind, count in late.items() if count},
                late_since_at=min(since, default=None),
                undelivered=undelivered["orders"],
                undelivered_since_at=undelivered["since_at"],
            )

    def _with_cases(self, found: list[sqlite3.Row]) -> tuple[tuple[FollowUp, Case], ...]:
        cases = {row["case_id"] for row in found}
        known = {case_id: rows.case(self._case_row(case_id)) for case_id in cases}
        return tuple((rows.follow_up(row), known[row["case_id"]]) for row in found)


def _queue_count(row: sqlite3.Row) -> QueueCount:
    return QueueCount(
        Grade(row["grade"]),
        row["due"],
        row["soon"] - row["due"],
        row["cases"] - row["soon"],
        int(row["overdue"]),
        row["since_at"],
    )
