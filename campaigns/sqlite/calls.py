"""What happens on a call."""

from __future__ import annotations

import json
import sqlite3

from campaigns.model import Act, EscalationState, FoundIn, HeardSignal, Mention, Turn
from campaigns.sqlite.steps import Steps
from campaigns.sqlite.texts import keep_text
from campaigns.store import NotFoundError, StoreError


class Calls(Steps):
    """The record of a call in progress."""

    def answered(self, attempt_id: int, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            attempt = self._known(attempt_id)
            db.execute("update attempts set answered_at = ? where id = ?", (now, attempt_id))
            dialled_at = attempt["dialled_at"]
            self._call_event("attempt.answered", now, attempt, ring_s=None if dialled_at is None else now - dialled_at)

    def add_turn(self, attempt_id: int, turn: Turn, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        record = {
            "speaker": turn.speaker.value,
            "text": turn.text,
            "start_s": turn.start_s,
            "end_s": turn.end_s,
            "step": turn.step,
            "name": turn.name,
        }
        with self._write() as db:
            attempt = self._known(attempt_id)
            db.execute(
                "insert into turns (attempt_id, speaker, text, start_s, end_s, step, name)"
                " values (:attempt_id, :speaker, :text, :start_s, :end_s, :step, :name)",
                {"attempt_id": attempt_id, **record},
            )
            self._keep_words(FoundIn.TURN, turn.text, attempt, now)
            self._call_event("call.turn", now, attempt, **record)

    def add_signal(self, attempt_id: int, signal: HeardSignal, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        record = {"name": signal.name, "words": signal.words, "rule": signal.rule, "at_s": signal.at_s}
        with self._write() as db:
            attempt = self._known(attempt_id)
            db.execute(
                "insert into signals (attempt_id, name, words, rule, at_s)"
                " values (:attempt_id, :name, :words, :rule, :at_s)",
                {"attempt_id": attempt_id, **record},
            )
            self._keep_words(FoundIn.SIGNAL, signal.words, attempt, now)
            self._call_event("call.signal", now, attempt, **record)

    def add_mention(self, attempt_id: int, mention: Mention, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        record = {"kind": mention.kind.value, "value": mention.value, "words": mention.words, "at_s": mention.at_s}
        with self._write() as db:
            attempt = self._known(attempt_id)
            added = db.execute(
                "insert into mentions (attempt_id, kind, value, words, at_s)"
                " values (:attempt_id, :kind, :value, :words, :at_s)"
                " on conflict (attempt_id, kind, value) where value <> '' do nothing",
                {"attempt_id": attempt_id, **record},
            ).rowcount
            if added:
                said = f"{mention.value} · {mention.words}"
                self._keep_words(FoundIn.MENTION, said, attempt, now)
                record["mention"] = record.pop("kind")
                self._call_event("call.mention", now, attempt, **record)

    def add_act(self, attempt_id: int, act: Act, *, by: str, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write():
            self._call_event(f"call.{act.value}", now, self._known(attempt_id), by=by)

    def offer_escalation(self, attempt_id: int, *, reason: str, words: str, now: float, beside: bool = False) -> int:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            attempt = self._known(attempt_id)
            escalation_id = db.execute(
                "insert into escalations (attempt_id, reason, words, offered_at, state, beside)"
                " values (?, ?, ?, ?, ?, ?)",
                (attempt_id, reason, words, now, EscalationState.OFFERED.value, beside),
            ).lastrowid
            assert escalation_id is not None
            self._call_event(
                "escalation.offered",
                now,
                attempt,
                escalation_id=escalation_id,
                number=attempt["number"],
                reason=reason,
                words=words,
                beside=beside,
            )
            return escalation_id

    def escalation_rang(self, escalation_id: int, *, dissuader: str, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            escalation = self._escalation(escalation_id)
            tried = [*json.loads(escalation["tried"]), dissuader]
            db.execute(
                "update escalations set tried = ?, first_ring_at = coalesce(first_ring_at, ?) where id = ?",
                (json.dumps(tried, ensure_ascii=False), now, escalation_id),
            )
            self._call_event(
                "escalation.rang",
                now,
                self._known(escalation["attempt_id"]),
                escalation_id=escalation_id,
                dissuader=dissuader,
                since_offer_s=now - escalation["offered_at"],
            )

    def end_escalation(self, escalation_id: int, state: EscalationState, *, dissuader: str, now: float) -> None:
        """See `campaigns.store.Store`."""
        if state is EscalationState.OFFERED:
            raise StoreError("an escalation does not end as offered; say how it ended")
        with self._write():
            self._end_escalation(self._escalation(escalation_id), state, dissuader, now)

    def _end_escalation(self, escalation: sqlite3.Row, state: EscalationState, dissuader: str, now: float) -> None:
        joined = state in {EscalationState.JOINED, EscalationState.TRANSFERRED}
        self._db.execute(
            "update escalations set state = ?, dissuader = ?, joined_at = ? where id = ?",
            (state.value, dissuader, now if joined else None, escalation["id"]),
        )
        self._call_event(
            f"escalation.{state.value}",
            now,
            self._known(escalation["attempt_id"]),
            escalation_id=escalation["id"],
            dissuader=dissuader,
            since_offer_s=now - escalation["offered_at"],
            tried=json.loads(escalation["tried"]),
        )

    def _keep_words(self, where: FoundIn, words: str, attempt: sqlite3.Row, now: float) -> None:
        keep_text(self._db, where, words, case_id=attempt["case_id"], attempt_id=attempt["id"], at=now)

    def _known(self, attempt_id: int) -> sqlite3.Row:
        """An attempt with its case's campaign and number; raises `NotFoundError`.

        One that ended is known too: what was heard on a call is worth keeping even if its lease was lost.
        """
        row: sqlite3.Row | None = self._db.execute(
            "select a.*, c.campaign_id, c.number from attempts a join cases c on c.id = a.case_id where a.id = ?",
            (attempt_id,),
        ).fetchone()
        if row is None:
            raise NotFoundError(f"there is no attempt {attempt_id}")
        return row

    def _escalation(self, escalation_id: int) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute(
            "select * from escalations where id = ?", (escalation_id,)
        ).fetchone()
        if row is None:
            raise NotFoundError(f"there is no escalation {escalation_id}")
        return row

    def _call_event(self, kind: str, now: float, attempt: sqlite3.Row, /, **data: object) -> None:
        self._event(
            kind,
            now,
            campaign_id=attempt["campaign_id"],
            case_id=attempt["case_id"],
            attempt_id=attempt["id"],
            **data,
        )
