"""How attempts end: finished by the floor, or taken back from a node that died."""

from __future__ import annotations

import sqlite3

from campaigns.model import Attempt, AttemptResult, EscalationState, NextStep, Outcome
from campaigns.sqlite import rows
from campaigns.sqlite.calls import Calls
from campaigns.sqlite.queue import Queue
from campaigns.store import Decide

_LOST = """
select a.*, c.campaign_id, c.number
from attempts a join cases c on c.id = a.case_id
where a.ended_at is null and (a.lease_until_at <= :now or a.node = :node)
order by a.id
"""


class Endings(Queue, Calls):
    """The way out."""

    def finish(self, attempt_id: int, result: AttemptResult, decide: Decide, *, now: float) -> NextStep:
        """See `campaigns.store.Store`."""
        with self._write():
            attempt = self._held(attempt_id)
            self._end(attempt, result, now)
            return self._decide(attempt, decide, now)

    def recover(self, *, now: float, decide: Decide, node: str | None = None) -> list[Attempt]:
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
                taken_back.append(self._recover_dialled(attempt, decide, now))
        return taken_back

    def _recover_dialled(self, attempt: sqlite3.Row, decide: Decide, now: float) -> Attempt:
        """A call that died with its node: the subject may have heard us."""
        for escalation in self._db.execute(
            "select * from escalations where attempt_id = ? and state = 'offered'", (attempt["id"],)
        ).fetchall():
            self._end_escalation(escalation, EscalationState.SUBJECT_LEFT, "", now)
        result = AttemptResult(
            Outcome.LINE_FAILURE,
            ended_at=now,
            answered_at=attempt["answered_at"],
            reason=f"node {attempt['node']} died during the call",
        )
        self._end(attempt, result, now)
        self._decide(attempt, decide, now)
        return rows.attempt(self._known(attempt["id"]))

    def _decide(self, attempt: sqlite3.Row, decide: Decide, now: float) -> NextStep:
        history = self._history(self._case_row(attempt["case_id"]), now)
        return self._carry_out(history.case, decide(history), now, attempt_id=attempt["id"])

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
        self._db.execute(
            "update cases set last_outcome = ?, changed_at = ? where id = ?",
            (result.outcome.value, now, attempt["case_id"]),
        )
        if result.outcome is Outcome.TRUNK_FAILURE:
            self._db.execute(
                "update dials set carried = 0 where number = ? and at = ?", (attempt["number"], attempt["dialled_at"])
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
