"""Rows of the database as the words of a campaign."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    CaseState,
    Conviction,
    Disposition,
    EscalationRecord,
    EscalationState,
    Event,
    Found,
    FoundIn,
    Grade,
    HeardSignal,
    Lead,
    Mention,
    MentionKind,
    Outcome,
    Relative,
    Speaker,
    Suppression,
    Turn,
)


def campaign(row: sqlite3.Row) -> Campaign:
    """A row of ``campaigns``."""
    return Campaign(
        row["id"],
        row["name"],
        CampaignState(row["state"]),
        row["created_at"],
        row["policy"],
        row["hours_lifted_until_at"],
    )


def lead(row: sqlite3.Row) -> Lead:
    """The lead in a row of ``cases``."""
    return _lead(_by_name(row))


def _lead(row: Mapping[str, Any]) -> Lead:
    return Lead(
        number=row["number"],
        name=row["name"],
        scam_type=row["scam_type"],
        grade=Grade(row["grade"]),
        language=row["language"],
        sex=row["sex"],
        age=row["age"],
        note=row["note"],
        group=row["lead_group"],
        amount=row["amount"],
        source=row["source"],
        warned_at=row["warned_at"],
        expires_at=row["expires_at"],
        address=row["address"],
        precinct=row["precinct"],
        time_zone=row["time_zone"],
        accounts=() if row["accounts"] == "[]" else tuple(json.loads(row["accounts"])),
        relatives=()
        if row["relatives"] == "[]"
        else tuple(Relative(number, relation, name) for number, relation, name in json.loads(row["relatives"])),
    )


def lead_columns(lead: Lead) -> dict[str, str | int | float | None]:
    """The columns of ``cases`` that hold a lead."""
    return {
        "number": lead.number,
        "name": lead.name,
        "scam_type": lead.scam_type,
        "grade": lead.grade.value,
        "language": lead.language,
        "sex": lead.sex,
        "age": lead.age,
        "note": lead.note,
        "lead_group": lead.group,
        "amount": lead.amount,
        "source": lead.source,
        "warned_at": lead.warned_at,
        "expires_at": lead.expires_at,
        "address": lead.address,
        "precinct": lead.precinct,
        "time_zone": lead.time_zone,
        "accounts": _json(lead.accounts),
        "relatives": _json([(each.number, each.relation, each.name) for each in lead.relatives]),
    }


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else "[]"


def _by_name(row: sqlite3.Row) -> Mapping[str, Any]:
    """A wide row, of which many columns are asked for: the row itself looks through all its names for each."""
    return dict(zip(row.keys(), row, strict=True))


def case(row: sqlite3.Row) -> Case:
    """A row of ``cases``."""
    return _case(_by_name(row))


def _case(row: Mapping[str, Any]) -> Case:
    called = row["state"] in {CaseState.QUEUED, CaseState.CALLING}
    return Case(
        id=row["id"],
        campaign_id=row["campaign_id"],
        lead=_lead(row),
        state=CaseState(row["state"]),
        urgency=row["urgency"],
        due_at=row["due_at"] if called else None,
        attempts=row["attempts"],
        last_outcome=Outcome(row["last_outcome"]) if row["last_outcome"] else None,
        closed_reason=row["closed_reason"],
        created_at=row["created_at"],
        closed_at=row["closed_at"],
        call_until_at=row["call_until_at"] if called else None,
        first_call_by_at=row["first_call_by_at"],
        linked_case_id=row["linked_case_id"],
        relation=row["relation"],
    )


def attempt(
    row: sqlite3.Row,
    turns: tuple[Turn, ...] = (),
    signals: tuple[HeardSignal, ...] = (),
    escalations: tuple[EscalationRecord, ...] = (),
    mentions: tuple[Mention, ...] = (),
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
        mentions=mentions,
    )


def turn(row: sqlite3.Row) -> Turn:
    """A row of ``turns``."""
    return Turn(Speaker(row["speaker"]), row["text"], row["start_s"], row["end_s"], row["step"], row["name"])


def signal(row: sqlite3.Row) -> HeardSignal:
    """A row of ``signals``."""
    return HeardSignal(row["name"], row["words"], row["rule"], row["at_s"])


def mention(row: sqlite3.Row) -> Mention:
    """A row of ``mentions``."""
    return Mention(MentionKind(row["kind"]), row["value"], row["words"], row["at_s"])


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
        beside=bool(row["beside"]),
    )


def follow_up(row: sqlite3.Row) -> FollowUp:
    """A row of ``follow_ups``."""
    return FollowUp(
        id=row["id"],
        case_id=row["case_id"],
        attempt_id=row["attempt_id"],
        kind=FollowUpKind(row["kind"]),
        state=FollowUpState(row["state"]),
        ordered_at=row["ordered_at"],
        deadline_at=row["deadline_at"],
        by=row["by"],
        data=json.loads(row["data"]),
        tries=row["tries"],
        next_try_at=row["next_try_at"],
        begun_at=row["begun_at"],
        sent_at=row["sent_at"],
        channel=row["channel"],
        reference=row["reference"],
        acknowledged_at=row["acknowledged_at"],
        ended_at=row["ended_at"],
        result=row["result"],
        note=row["note"],
        overdue_since_at=row["overdue_since_at"],
    )


def found(row: sqlite3.Row) -> Found:
    """A row of ``texts``."""
    return Found(row["case_id"], row["attempt_id"], FoundIn(row["found_in"]), row["text"], row["at"])


def disposition(row: sqlite3.Row) -> Disposition:
    """A row of ``dispositions``."""
    return Disposition(
        case_id=row["case_id"],
        attempt_id=row["attempt_id"],
        conviction=Conviction(row["conviction"]),
        by=row["by"],
        at=row["at"],
        amount_at_risk=row["amount_at_risk"],
        amount_saved=row["amount_saved"],
        note=row["note"],
    )


def suppression(row: sqlite3.Row) -> Suppression:
    """A row of ``suppressions``."""
    return Suppression(row["number"], row["reason"], row["by"], row["at"], row["until_at"])


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
