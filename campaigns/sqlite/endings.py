"""How attempts end: finished by the floor, or taken back from a node that died."""

from __future__ import annotations

import sqlite3

from campaigns.model import Attempt, AttemptResult, EscalationState, NextStep, Outcome
from campaigns.policy import CALL_BACK_URGENCY
from campaigns.sqlite import rows
from campaigns.sqlite.calls import Calls
from campaigns.sqlite.queue import Queue
from campaigns.store import StoreError

_LOST = """
select a.*, c.campaign_id, c.number, c.urgency, c.last_dialled_at
from attempts a join cases c on c.id = a.case_id
where a.ended_at is null and (a.lease_until_at <= :now or a.node = :node)
order by a.id
"""

_MISSED = "select * from escalations where attempt_id = ? and state not in ('joined', 'transferred')"


class Endings(Queue, Calls):
    """The way out."""

    def finish(self, attempt_id: int, result: AttemptResult, step: NextStep, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        if (step.due_at is None) == (not step.close_reason):
            raise StoreError("a next step has either a time to call again or a reason to close")
        with self._write() as db:
            attempt = self._held(attempt_id)
            self._end(attempt, result, now)
            if step.due_at is None:
                db.execute(
                    "update cases set state = 'closed', due_at = null, last_outcome = ?, closed_reason = ?"
                    " where id = ?",
                    (result.outcome.value, step.close_reason, attempt["case_id"]),
                )
                self._call_event(
                    "case.closed",
                    now,
                    attempt,
                    number=attempt["number"],
                    reason=step.close_reason,
                    outcome=result.outcome.value,
                )
            else:
                self._requeue(attempt, result.outcome, step.due_at, step.urgency, now)
            for kind in step.follow_ups:
                self._order(attempt, kind, now)

    def recover(self, *, now: float, node: str | None = None, cool_down_s: float) -> list[Attempt]:
        """See `campaigns.store.Store`."""
        taken_back = []
        with self._write() as db:
            for attempt in db.execute(_LOST, {"now": now, "node": node}).fetchall():
                dialled = attempt["dialled_at"] is not None
                self._call_event("attempt.recovered", now, attempt, node=attempt["node"], dialled=dialled)
                if not dialled:
                    self._drop(attempt)
                    taken_back.append(rows.attempt(attempt))
                    continue
                taken_back.append(self._recover_dialled(attempt, cool_down_s, now))
        return taken_back

    def _recover_dialled(self, attempt: sqlite3.Row, cool_down_s: float, now: float) -> Attempt:
        """A call that died with its node: the subject may have heard us, so the cool-down is kept."""
        missed = self._db.execute(_MISSED, (attempt["id"],)).fetchall()
        for escalation in missed:
            if escalation["state"] == EscalationState.OFFERED:
                self._end_escalation(escalation, EscalationState.SUBJECT_LEFT, "", now)
        result = AttemptResult(
            Outcome.LINE_FAILURE,
            ended_at=now,
            answered_at=attempt["answered_at"],
            reason=f"node {attempt['node']} died during the call",
        )
        self._end(attempt, result, now)
        level = CALL_BACK_URGENCY if missed else attempt["urgency"]
        self._requeue(attempt, result.outcome, attempt["dialled_at"] + cool_down_s, level, now)
        return rows.attempt(self._known(attempt["id"]))

    def _end(self, attempt: sqlite3.Row, result: AttemptResult, now: float) -> None:
        answered_at = attempt["answered_at"] if result.answered_at is None else result.answered_at
        self._db.execute(
            "update attempts set outcome = ?, ended_at = ?, answered_at = ?, key_warning_heard = ?, sip_code = ?,"
            " reason = ?, recording = ? where id = ?",
            (
                result.outcome.value,
                result.ended_at,
                answered_at,
                int(result.key_warning_heard),
                result.sip_code,
                result.reason,
                result.recording,
                attempt["id"],
            ),
        )
        self._call_event(
            "attempt.finished",
            now,
            attempt,
            number=attempt["number"],
            node=attempt["node"],
            outcome=result.outcome.value,
            dialled_at=attempt["dialled_at"],
            answered_at=answered_at,
            ended_at=result.ended_at,
            key_warning_heard=result.key_warning_heard,
            sip_code=result.sip_code,
            reason=result.reason,
            recording=result.recording,
        )

    def _requeue(self, attempt: sqlite3.Row, outcome: Outcome, due_at: float, level: int, now: float) -> None:
        """Queue the case again, never before its number has cooled down."""
        last_dialled_at = self._db.execute(
            "select max(last_dialled_at) as at from cases where number = ?", (attempt["number"],)
        ).fetchone()["at"]
        if last_dialled_at is not None:
            due_at = max(due_at, last_dialled_at + self._cool_down_s)
        self._db.execute(
            "update cases set state = 'queued', due_at = ?, urgency = ?, last_outcome = ? where id = ?",
            (due_at, level, outcome.value, attempt["case_id"]),
        )
        self._call_event(
            "case.queued",
            now,
            attempt,
            number=attempt["number"],
            due_at=due_at,
            urgency=level,
            outcome=outcome.value,
        )

    def _order(self, attempt: sqlite3.Row, kind: str, now: float) -> None:
        follow_up_id = self._db.execute(
            "insert into follow_ups (case_id, attempt_id, kind, state, at) values (?, ?, ?, 'ordered', ?)"
            " on conflict (case_id, kind) where state = 'ordered' do nothing returning id",
            (attempt["case_id"], attempt["id"], kind, now),
        ).fetchone()
        if follow_up_id is not None:
            self._call_event(
                "follow_up.ordered",
                now,
                attempt,
                follow_up_id=follow_up_id["id"],
                kind=kind,
                number=attempt["number"],
            )
