"""What follows for a case, carried out inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import Attempt, Case, CaseState, History, NextStep, Suppression
from campaigns.sqlite import rows
from campaigns.sqlite.searching import Searching
from campaigns.store import NotFoundError

DAY_S = 86_400.0
WAIT_AT_MOST_S = 3600.0
"""After that a case that waits, and for nothing that is ordered, is decided on again."""
AWAITED = frozenset({FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE})
"""Orders whose end a case waits for; a message or a report to a block list holds nobody up."""
EARLY, READY = 0, 1
"""Heaps of queued cases, see `campaigns.sqlite.schema`; a claim finds out which are late."""
_LINKED_RESULTS = {"warned": "warned", "acknowledged": "acknowledged", "escalated": "acknowledged", "denies": "refused"}

_SIGNALS = "select * from signals where attempt_id in (select id from attempts where case_id = ?) order by at_s, id"
_MENTIONS = "select * from mentions where attempt_id in (select id from attempts where case_id = ?) order by at_s, id"
_ESCALATIONS = "select * from escalations where attempt_id in (select id from attempts where case_id = ?) order by id"


class Steps(Searching):
    """A case's history, and its next step."""

    def _case_row(self, case_id: int) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute("select * from cases where id = ?", (case_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no case {case_id}")
        return row

    def _free_at(self, number: str) -> float:
        """When the number may be dialled again, by cool-down and daily limit; 0 for one that never was."""
        last = self._db.execute("select at from dials where number = ? order by at desc limit 1", (number,)).fetchone()
        if last is None:
            return 0.0
        nth = self._db.execute(
            "select at from dials where number = ? and carried = 1 order by at desc limit 1 offset ?",
            (number, self._daily_limit - 1),
        ).fetchone()
        return self._free_after(last["at"], None if nth is None else nth["at"])

    def _free_after(self, last_at: float, nth_at: float | None) -> float:
        """The same, from the latest dialling, and from the one that is as many back as the daily limit allows."""
        cooled_at = last_at + self._cool_down_s
        return cooled_at if nth_at is None else max(cooled_at, nth_at + DAY_S)

    def _suppressed(self, number: str, now: float) -> Suppression | None:
        row = self._db.execute(
            "select * from suppressions where number = ? and (until_at is null or until_at > ?)", (number, now)
        ).fetchone()
        return None if row is None else rows.suppression(row)

    def _history(self, row: sqlite3.Row, now: float) -> History:
        """All that is known of a case."""
        case = rows.case(row)
        campaign = self._db.execute("select * from campaigns where id = ?", (case.campaign_id,)).fetchone()
        return History(
            case=case,
            campaign=rows.campaign(campaign),
            attempts=self._attempts_of(case) if case.attempts else (),
            follow_ups=self._follow_ups_of(case.id),
            dispositions=tuple(
                rows.disposition(each)
                for each in self._db.execute("select * from dispositions where case_id = ? order by id", (case.id,))
            ),
            suppressed=self._suppressed(case.lead.number, now),
            free_at=self._free_at(case.lead.number),
            subject=None if case.linked_case_id is None else rows.case(self._case_row(case.linked_case_id)),
        )

    def _follow_ups_of(self, case_id: int) -> tuple[FollowUp, ...]:
        found = self._db.execute("select * from follow_ups where case_id = ? order by id", (case_id,))
        return tuple(rows.follow_up(each) for each in found)

    def _attempts_of(self, case: Case) -> tuple[Attempt, ...]:
        found = self._db.execute("select * from attempts where case_id = ? order by id", (case.id,)).fetchall()
        signals = self._of_calls(_SIGNALS, case.id)
        escalations = self._of_calls(_ESCALATIONS, case.id)
        mentions = self._of_calls(_MENTIONS, case.id)
        return tuple(
            rows.attempt(
                row,
                signals=tuple(map(rows.signal, signals.get(row["id"], ()))),
                escalations=tuple(map(rows.escalation, escalations.get(row["id"], ()))),
                mentions=tuple(map(rows.mention, mentions.get(row["id"], ()))),
            )
            for row in found
        )

    def _of_calls(self, statement: str, case_id: int) -> dict[int, list[sqlite3.Row]]:
        """Rows that belong to the attempts of a case, by attempt."""
        found: dict[int, list[sqlite3.Row]] = {}
        for row in self._db.execute(statement, (case_id,)):
            found.setdefault(row["attempt_id"], []).append(row)
        return found

    def _carry_out(
        self, case: Case, step: NextStep, now: float, *, attempt_id: int | None = None, is_queued: bool = False
    ) -> NextStep:
        """Queue, close or let wait, and order what is ordered; returns the step as it was carried out.

        ``is_queued``: the case's row says so already.
        """
        if step.grade is not None and step.grade.rank > case.lead.grade.rank:
            self._db.execute("update cases set grade = ? where id = ?", (step.grade.value, case.id))
            self._case_event(
                "case.graded", now, case, attempt_id, grade=step.grade.value, before=case.lead.grade.value, why=step.why
            )
        for order in step.orders:
            self._order(case, order, now, attempt_id=attempt_id, by="")
        if step.suppress is not None:
            self._suppress(step.suppress, now, case=case, attempt_id=attempt_id)
        if is_queued:
            self._tell_queued(case, step, now, attempt_id)
        elif step.due_at is not None:
            free_at = self._free_at(case.lead.number)
            if step.due_at < free_at:
                step = replace(step, due_at=free_at)
            self._queue(case, step, now, attempt_id)
        elif step.waits:
            self._wait(case, step, now, attempt_id)
        else:
            self._close_case(case, step, now, attempt_id)
        return step

    def _queue(self, case: Case, step: NextStep, now: float, attempt_id: int | None) -> None:
        if self._stands(case, step, now):
            return
        self._db.execute(
            "update cases set state = 'queued', stale = 0, heap = ?, due_at = ?, call_until_at = ?, urgency = ?,"
            " changed_at = ?, first_call_by_at = ? where id = ?",
            (heap_of(step, now), step.due_at, step.call_until_at, step.urgency, now, _earlier(case, step), case.id),
        )
        self._tell_queued(case, step, now, attempt_id)

    def _tell_queued(self, case: Case, step: NextStep, now: float, attempt_id: int | None) -> None:
        self._case_event(
            "case.queued",
            now,
            case,
            attempt_id,
            due_at=step.due_at,
            call_until_at=step.call_until_at,
            urgency=step.urgency,
            why=step.why,
        )

    def _stands(self, case: Case, step: NextStep, now: float) -> bool:
        """Whether a case was decided on without a call and its plan stays: then nothing is told."""
        planned = (case.state, case.due_at, case.call_until_at, case.urgency)
        if planned != (CaseState.QUEUED, step.due_at, step.call_until_at, step.urgency):
            return False
        stays = self._db.execute(
            "update cases set stale = 0 where id = ? and state = 'queued' and heap < 2"
            " and (call_until_at is null or call_until_at > ?)",
            (case.id, now),
        )
        return stays.rowcount > 0

    def _wait(self, case: Case, step: NextStep, now: float, attempt_id: int | None) -> None:
        until_at = step.wait_until_at
        if until_at is None and not self._awaited(case.id):
            until_at = now + WAIT_AT_MOST_S
        self._db.execute(
            "update cases set state = 'waiting', stale = 0, due_at = null, call_until_at = null, wait_until_at = ?,"
            " changed_at = case state when 'waiting' then changed_at else ? end where id = ?",
            (until_at, now, case.id),
        )
        if case.state is not CaseState.WAITING:
            self._case_event("case.waiting", now, case, attempt_id, wait_until_at=until_at, why=step.why)

    def _awaited(self, case_id: int) -> bool:
        """Whether something is ordered whose end a case waits for."""
        return any(each.is_open and each.kind in AWAITED for each in self._follow_ups_of(case_id))

    def _close_case(self, case: Case, step: NextStep, now: float, attempt_id: int | None) -> None:
        self._db.execute(
            "update cases set state = 'closed', stale = 0, due_at = null, call_until_at = null, closed_reason = ?,"
            " closed_at = ?, changed_at = ? where id = ?",
            (step.close_reason, now, now, case.id),
        )
        self._case_event("case.closed", now, case, attempt_id, reason=step.close_reason, why=step.why)
        if case.linked_case_id is None:
            # What a relative was called for is over: those calls are decided on anew.
            self._db.execute(
                "update cases set stale = 1 where linked_case_id = ? and state in ('queued', 'waiting')", (case.id,)
            )
            return
        asked = self._db.execute("select * from follow_ups where linked_case_id = ?", (case.id,)).fetchone()
        if asked is not None and rows.follow_up(asked).is_open:
            result = _LINKED_RESULTS.get(step.close_reason, "not_reached")
            self._change(asked, FollowUpState.DONE, now, result=result, note=step.close_reason)

    def _order(self, case: Case, order: Order, now: float, *, attempt_id: int | None, by: str) -> int:
        """Order something unless it is ordered; returns its id."""
        added = self._db.execute(
            "insert into follow_ups (case_id, attempt_id, kind, state, ordered_at, deadline_at, by, data, next_try_at)"
            " values (?, ?, ?, 'ordered', ?, ?, ?, ?, ?)"
            " on conflict (case_id, kind) where state in ('ordered', 'sent', 'acknowledged') do nothing",
            (
                case.id,
                attempt_id,
                order.kind.value,
                now,
                order.deadline_at,
                by,
                json.dumps(dict(order.data), ensure_ascii=False) if order.data else "{}",
                now,
            ),
        )
        if not added.rowcount or added.lastrowid is None:
            known = self._db.execute(
                "select id from follow_ups where case_id = ? and kind = ?"
                " and state in ('ordered', 'sent', 'acknowledged')",
                (case.id, order.kind.value),
            ).fetchone()
            return int(known["id"])
        self._case_event(
            "follow_up.ordered",
            now,
            case,
            attempt_id,
            follow_up_id=added.lastrowid,
            order=order.kind.value,
            deadline_at=order.deadline_at,
            by=by,
        )
        return added.lastrowid

    def _change(
        self,
        row: sqlite3.Row,
        state: FollowUpState,
        now: float,
        *,
        result: str = "",
        note: str = "",
        by: str = "",
    ) -> None:
        """Let an order become acknowledged, done or failed."""
        ended = state in {FollowUpState.DONE, FollowUpState.FAILED}
        self._db.execute(
            "update follow_ups set state = ?, result = ?, note = case when ? = '' then note else ? end,"
            " acknowledged_at = coalesce(acknowledged_at, ?), ended_at = ?, next_try_at = null where id = ?",
            (
                state.value,
                result,
                note,
                note,
                now if state is FollowUpState.ACKNOWLEDGED else None,
                now if ended else None,
                row["id"],
            ),
        )
        overtaken = ended and row["kind"] in AWAITED
        self._db.execute(
            "update cases set changed_at = ?, stale = stale or (? and state <> 'closed') where id = ?",
            (now, overtaken, row["case_id"]),
        )
        self._follow_up_event(f"follow_up.{state.value}", now, row, result=result, note=note, by=by)

    def _follow_up_event(self, kind: str, now: float, row: sqlite3.Row, /, **data: object) -> None:
        case = rows.case(self._case_row(row["case_id"]))
        self._case_event(kind, now, case, row["attempt_id"], follow_up_id=row["id"], order=row["kind"], **data)

    def _suppress(
        self, wanted: Suppression, now: float, *, case: Case | None = None, attempt_id: int | None = None
    ) -> None:
        self._db.execute(
            "insert into suppressions (number, reason, by, at, until_at) values (?, ?, ?, ?, ?)"
            " on conflict (number) do update set reason = excluded.reason, by = excluded.by, at = excluded.at,"
            " until_at = excluded.until_at",
            (wanted.number, wanted.reason, wanted.by, now, wanted.until_at),
        )
        self._event(
            "suppression.added",
            now,
            campaign_id=case.campaign_id if case else None,
            case_id=case.id if case else None,
            attempt_id=attempt_id,
            number=wanted.number,
            reason=wanted.reason,
            by=wanted.by,
            until_at=wanted.until_at,
        )

    def _case_event(self, kind: str, now: float, case: Case, attempt_id: int | None, /, **data: object) -> None:
        self._event(
            kind,
            now,
            campaign_id=case.campaign_id,
            case_id=case.id,
            attempt_id=attempt_id,
            number=case.lead.number,
            **data,
        )


def heap_of(step: NextStep, now: float) -> int:
    """Where a queued case goes."""
    return READY if step.due_at is not None and step.due_at <= now else EARLY


def is_called(case: Case) -> bool:
    """Whether the case may not be decided on: somebody is on the line, or it is over."""
    return case.state in {CaseState.CALLING, CaseState.CLOSED}


def _earlier(case: Case, step: NextStep) -> float | None:
    """The deadline of the first attempt: it comes forward when the grade rises, and is never put off."""
    known = [at for at in (case.first_call_by_at, step.first_call_by_at) if at is not None]
    return min(known, default=None)
