"""What is ordered beside the telephone: given out for delivery, and what the receivers answer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from campaigns.follow_up import MAY_BECOME, RESULTS, FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import Case, Event, Lead
from campaigns.sqlite import rows
from campaigns.sqlite.opening import Opening
from campaigns.store import Decide, NotFoundError, StoreError

_OVERDUE_CASES = """
select * from cases where state = 'queued' and attempts = 0 and first_call_by_at < ? and first_call_overdue_at is null
order by first_call_by_at
"""
_OVERDUE_ORDERS = """
select * from follow_ups where state in ('ordered', 'sent', 'acknowledged') and deadline_at < ?
order by deadline_at
"""
_NEWLY_OVERDUE_ORDERS = """
select * from follow_ups
where state in ('ordered', 'sent', 'acknowledged') and deadline_at < ? and overdue_since_at is null
order by deadline_at
"""

_DUE = """
select id, deadline_at from follow_ups where kind = ? and next_try_at is not null and next_try_at <= ?
order by deadline_at, id limit ?
"""


class Following(Opening):
    """Follow-ups."""

    def order(self, case_id: int, order: Order, *, now: float, by: str) -> FollowUp:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            case = rows.case(self._case_row(case_id))
            db.execute("update cases set changed_at = ? where id = ?", (now, case_id))
            return rows.follow_up(self._follow_up(self._order(case, order, now, attempt_id=None, by=by)))

    def follow_up(self, follow_up_id: int) -> FollowUp:
        """See `campaigns.store.Store`."""
        with self._read():
            return rows.follow_up(self._follow_up(follow_up_id))

    def claim_deliveries(
        self, *, now: float, lease_s: float, limit: int, kinds: Collection[FollowUpKind] = tuple(FollowUpKind)
    ) -> list[FollowUp]:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            due = sorted(
                (row["deadline_at"], row["id"])
                for kind in set(kinds)
                for row in db.execute(_DUE, (kind.value, now, limit)).fetchall()
            )
            found = db.execute(
                "update follow_ups set tries = tries + 1, next_try_at = ?"
                " where id in (select value from json_each(?)) returning *",
                (now + lease_s, json.dumps([id_ for _, id_ in due[:limit]])),
            ).fetchall()
        return sorted((rows.follow_up(row) for row in found), key=lambda each: (each.deadline_at, each.id))

    def put_off(self, follow_up_id: int, *, until_at: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            db.execute(
                "update follow_ups set next_try_at = ?, tries = max(0, tries - 1)"
                " where id = ? and next_try_at is not null",
                (until_at, follow_up_id),
            )

    def delivery_begun(self, follow_up_id: int, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            db.execute("update follow_ups set begun_at = ? where id = ?", (now, follow_up_id))

    def follow_up_by_reference(self, channel: str, reference: str) -> FollowUp | None:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            row = db.execute(
                "select * from follow_ups where channel = ? and reference = ? and reference <> ''"
                " order by id desc limit 1",
                (channel, reference),
            ).fetchone()
        return None if row is None else rows.follow_up(row)

    def delivered(self, follow_up_id: int, *, channel: str, reference: str, now: float) -> FollowUp:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            row = self._follow_up(follow_up_id)
            db.execute(
                "update follow_ups set state = case state when 'ordered' then 'sent' else state end,"
                " next_try_at = null, begun_at = null, sent_at = coalesce(sent_at, ?), channel = ?, reference = ?"
                " where id = ?",
                (now, channel, reference, follow_up_id),
            )
            db.execute("update cases set changed_at = ? where id = ?", (now, row["case_id"]))
            if row["sent_at"] is None:
                self._follow_up_event("follow_up.sent", now, row, channel=channel, reference=reference)
            return rows.follow_up(self._follow_up(follow_up_id))

    def delivery_failed(self, follow_up_id: int, *, error: str, next_try_at: float | None, now: float) -> FollowUp:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            row = self._follow_up(follow_up_id)
            db.execute("update follow_ups set begun_at = null where id = ?", (follow_up_id,))
            if row["state"] == FollowUpState.ORDERED:
                if next_try_at is None:
                    self._change(row, FollowUpState.FAILED, now, result=error)
                else:
                    db.execute("update follow_ups set next_try_at = ? where id = ?", (next_try_at, follow_up_id))
                    self._follow_up_event(
                        "follow_up.delayed", now, row, error=error, tries=row["tries"], next_try_at=next_try_at
                    )
            return rows.follow_up(self._follow_up(follow_up_id))

    def feedback(
        self, follow_up_id: int, state: FollowUpState, *, result: str = "", note: str = "", by: str, now: float
    ) -> FollowUp:
        """See `campaigns.store.Store`."""
        with self._write():
            row = self._follow_up(follow_up_id)
            before = rows.follow_up(row)
            if state is before.state and result in {"", before.result}:
                return before
            if state not in MAY_BECOME[before.state] or state is FollowUpState.SENT:
                raise StoreError(f"order {follow_up_id} is {before.state} and cannot become {state}")
            if state is FollowUpState.DONE and result not in RESULTS[before.kind]:
                raise StoreError(
                    f"{before.kind} ends with one of {', '.join(RESULTS[before.kind])}, not with {result!r}"
                )
            self._change(row, state, now, result=result, note=note, by=by)
            return rows.follow_up(self._follow_up(follow_up_id))

    def add_linked_case(self, follow_up_id: int, lead: Lead, *, relation: str, now: float, decide: Decide) -> Case:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            row = self._follow_up(follow_up_id)
            if row["linked_case_id"] is not None:
                return rows.case(self._case_row(row["linked_case_id"]))
            subject = rows.case(self._case_row(row["case_id"]))
            campaign = rows.campaign(
                db.execute("select * from campaigns where id = ?", (subject.campaign_id,)).fetchone()
            )
            case_id = self._open_case(
                campaign, lead, decide, now, linked_case_id=subject.id, relation=relation, follow_up_id=follow_up_id
            )
            assert case_id is not None  # only a subject's own case may be in the way of another
            return rows.case(self._case_row(case_id))

    def raise_overdue(self, *, now: float) -> list[Event]:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            after = db.execute("select coalesce(max(seq), 0) as seq from events").fetchone()["seq"]
            for row in db.execute(_OVERDUE_CASES, (now,)).fetchall():
                db.execute("update cases set first_call_overdue_at = ? where id = ?", (now, row["id"]))
                self._case_event("case.overdue", now, rows.case(row), None, deadline_at=row["first_call_by_at"])
            for row in db.execute(_NEWLY_OVERDUE_ORDERS, (now,)).fetchall():
                db.execute("update follow_ups set overdue_since_at = ? where id = ?", (now, row["id"]))
                self._follow_up_event("follow_up.overdue", now, row, deadline_at=row["deadline_at"])
            self._tell()
            found = db.execute("select * from events where seq > ? order by seq", (after,))
            return [rows.event(row) for row in found]

    def overdue(self, *, now: float) -> tuple[list[Case], list[FollowUp]]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            cases = db.execute(
                "select * from cases where state = 'queued' and attempts = 0 and first_call_by_at < ?"
                " order by first_call_by_at",
                (now,),
            )
            return (
                [rows.case(row) for row in cases],
                [rows.follow_up(row) for row in db.execute(_OVERDUE_ORDERS, (now,))],
            )

    def _follow_up(self, follow_up_id: int) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute("select * from follow_ups where id = ?", (follow_up_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no order {follow_up_id}")
        return row
