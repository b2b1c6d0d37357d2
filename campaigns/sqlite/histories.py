"""Histories of many cases at once: a few statements for a page of them, not a few for each."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from campaigns.model import Attempt, Case, EscalationRecord, HeardSignal, History, Mention
from campaigns.sqlite import rows
from campaigns.sqlite.steps import Steps

T = TypeVar("T")

PAGE = 500
"""Histories in one transaction."""

# What is late and has not been touched since before the span belongs to it by its deadline. Each of these has an index;
# as one query in the order of the ids SQLite would read every case there is.
_TOUCHED = (
    "select id from cases where changed_at >= :from_at and +created_at < :until_at",
    """
    select id from cases where state = 'queued' and attempts = 0 and first_call_overdue_at is null
    and first_call_by_at >= :from_at and first_call_by_at < :until_at
    """,
    """
    select id from cases where state = 'queued' and attempts = 0 and first_call_overdue_at is not null
    and first_call_by_at >= :from_at and first_call_by_at < :until_at
    """,
    """
    select case_id from follow_ups where state in ('ordered', 'sent', 'acknowledged') and overdue_since_at is null
    and deadline_at >= :from_at and deadline_at < :until_at
    """,
    """
    select case_id from follow_ups where state in ('ordered', 'sent', 'acknowledged') and overdue_since_at is not null
    and deadline_at >= :from_at and deadline_at < :until_at
    """,
)


class Histories(Steps):
    """What a bulletin counts."""

    def histories(self, *, changed_from_at: float, changed_until_at: float) -> Iterator[History]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            span = {"from_at": changed_from_at, "until_at": changed_until_at}
            ids = sorted({row[0] for query in _TOUCHED for row in db.execute(query, span)})
        for begin in range(0, len(ids), PAGE):
            with self._read():
                page = self._page(ids[begin : begin + PAGE], changed_until_at)
            yield from page

    def _page(self, ids: Sequence[int], now: float) -> list[History]:
        """Histories of these cases, as `_history` has each."""
        own = json.dumps(ids)
        campaigns = {row["id"]: rows.campaign(row) for row in self._db.execute("select * from campaigns")}
        cases = [
            rows.case(row) for row in self._all("select c.* from own join cases c on c.id = own.id order by c.id", own)
        ]
        attempts = self._attempts(own)
        follow_ups = self._grouped("follow_ups", rows.follow_up, own)
        dispositions = self._grouped("dispositions", rows.disposition, own)
        suppressed = {
            row["number"]: rows.suppression(row)
            for row in self._all(
                "select distinct s.* from own join cases c on c.id = own.id join suppressions s on s.number = c.number"
                " where s.until_at is null or s.until_at > ?",
                own,
                now,
            )
        }
        free_at = self._free_from(cases, own)
        return [
            History(
                case=case,
                campaign=campaigns[case.campaign_id],
                attempts=tuple(attempts.get(case.id, ())),
                follow_ups=tuple(follow_ups.get(case.id, ())),
                dispositions=tuple(dispositions.get(case.id, ())),
                suppressed=suppressed.get(case.lead.number),
                free_at=free_at.get(case.lead.number, 0.0),
            )
            for case in cases
        ]

    def _all(self, query: str, own: str, *more: object) -> sqlite3.Cursor:
        """Rows of a query about ``own``, the ids of the page."""
        return self._db.execute(
            f"with own(id) as (select value from json_each(?)) {query}",  # noqa: S608 (our own)
            (own, *more),
        )

    def _grouped(self, table: str, made: Callable[[sqlite3.Row], T], own: str) -> dict[int, list[T]]:
        found = defaultdict(list)
        query = f"select t.* from own join {table} t on t.case_id = own.id order by t.id"  # noqa: S608 (our own)
        for row in self._all(query, own):
            found[row["case_id"]].append(made(row))
        return found

    def _attempts(self, own: str) -> dict[int, list[Attempt]]:
        signals: dict[int, list[HeardSignal]] = self._heard("signals", rows.signal, own, "s.at_s, s.id")
        mentions: dict[int, list[Mention]] = self._heard("mentions", rows.mention, own, "s.at_s, s.id")
        escalations: dict[int, list[EscalationRecord]] = self._heard("escalations", rows.escalation, own, "s.id")
        found = defaultdict(list)
        for row in self._all("select a.* from own join attempts a on a.case_id = own.id order by a.id", own):
            attempt = rows.attempt(
                row,
                signals=tuple(signals.get(row["id"], ())),
                escalations=tuple(escalations.get(row["id"], ())),
                mentions=tuple(mentions.get(row["id"], ())),
            )
            found[attempt.case_id].append(attempt)
        return found

    def _heard(self, table: str, made: Callable[[sqlite3.Row], T], own: str, order: str) -> dict[int, list[T]]:
        found = defaultdict(list)
        query = (
            f"select s.* from own join attempts a on a.case_id = own.id join {table} s"  # noqa: S608 (our own)
            f" on s.attempt_id = a.id order by {order}"
        )
        for row in self._all(query, own):
            found[row["attempt_id"]].append(made(row))
        return found

    def _free_from(self, cases: Sequence[Case], own: str) -> dict[str, float]:
        """From when on each number that was dialled lately may be dialled again."""
        dialled = defaultdict(list)
        for row in self._all(
            "select distinct d.number, d.at, d.carried, d.rowid from own join cases c on c.id = own.id"
            " join dials d on d.number = c.number order by d.at desc",
            own,
        ):
            dialled[row["number"]].append((row["at"], row["carried"]))
        return {number: self._free_after_all(at) for number, at in dialled.items()}

    def _free_after_all(self, dialled: Sequence[tuple[float, int]]) -> float:
        """From all diallings of a number and whether the trunk carried them, the latest first."""
        counted = [at for at, carried in dialled if carried]
        nth_at = counted[self._daily_limit - 1] if len(counted) >= self._daily_limit else None
        return self._free_after(dialled[0][0], nth_at)
