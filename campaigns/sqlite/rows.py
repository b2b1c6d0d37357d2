"""Rows of the database as the words of a campaign."""

from __future__ import annotations

import json
import sqlite3

from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    CaseState,
    EscalationRecord,
    EscalationState,
    Event,
    FollowUp,
    Grade,
    HeardSignal,
    Lead,
    Outcome,
    Speaker,
    Turn,
)


def campaign(row: sqlite3.Row) -> Campaign:
    """A row of ``campaigns``."""
    return Campaign(row["id"], row["name"], CampaignState(row["state"]), row["created_at"])


def case(row: sqlite3.Row) -> Case:
    """A row of ``cases``."""
    closed = row["state"] == CaseState.CLOSED
    return Case(
        id=row["id"],
        campaign_id=row["campaign_id"],
        lead=Lead(
            number=row["number"],
            name=row["name"],
            scam_type=row["scam_type"],
            grade=Grade(row["grade"]),
            language=row["language"],
            sex=row["sex"],
            age=row["age"],
            note=row["note"],
        ),
        state=CaseState(row["state"]),
        urgency=row["urgency"],
        due_at=None if closed else row["due_at"],
        attempts=row["attempts"],
        last_outcome=Outcome(row["last_outcome"]) if row["last_outcome"] else None,
        closed_reason=row["closed_reason"],
    )


def attempt(
    row: sqlite3.Row,
    turns: tuple[Turn, ...] = (),
    signals: tuple[HeardSignal, ...] = (),
    escalations: tuple[EscalationRecord, ...] = (),
) -> Attempt:
    """A row of ``attempts`` with what belongs to it."""
    result = None
    if row["outcome"] is not None:
        result = AttemptResult(
            outcome=Outcome(row["outcome"]),
            ended_at=row["ended_at"],
            answered_at=row["answered_at"],
            key_warning_heard=bool(row["key_warning_heard"]),
            sip_code=row["sip_code"],
            reason=row["reason"],
            recording=row["recording"],
        )
    return Attempt(
        id=row["id"],
        case_id=row["case_id"],
        node=row["node"],
        claimed_at=row["claimed_at"],
        dialled_at=row["dialled_at"],
        result=result,
        turns=turns,
        signals=signals,
        escalations=escalations,
    )


def turn(row: sqlite3.Row) -> Turn:
    """A row of ``turns``."""
    return Turn(Speaker(row["speaker"]), row["text"], row["start_s"], row["end_s"], row["step"])


def signal(row: sqlite3.Row) -> HeardSignal:
    """A row of ``signals``."""
    return HeardSignal(row["name"], row["words"], row["rule"], row["at_s"])


def escalation(row: sqlite3.Row) -> EscalationRecord:
    """A row of ``escalations``."""

    def since_offer(at: float | None) -> float | None:
        return None if at is None else at - float(row["offered_at"])

    return EscalationRecord(
        id=row["id"],
        reason=row["reason"],
        words=row["words"],
        offered_at=row["offered_at"],
        state=EscalationState(row["state"]),
        dissuader=row["dissuader"],
        first_ring_s=since_offer(row["first_ring_at"]),
        joined_s=since_offer(row["joined_at"]),
        tried=tuple(json.loads(row["tried"])),
    )


def follow_up(row: sqlite3.Row) -> FollowUp:
    """A row of ``follow_ups``."""
    return FollowUp(row["id"], row["case_id"], row["attempt_id"], row["kind"], row["state"], row["at"])


def event(row: sqlite3.Row) -> Event:
    """A row of ``events``."""
    return Event(
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        campaign_id=row["campaign_id"],
        case_id=row["case_id"],
        attempt_id=row["attempt_id"],
        data=json.loads(row["data"]),
    )
