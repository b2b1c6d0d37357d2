"""The kinds of event and the fields of each, as the JSON Schema that receivers read.

`python -m campaigns.event_schema` prints what `docs/events.schema.json` holds.
"""

from __future__ import annotations

import json
import sys

from campaigns.follow_up import FollowUpKind
from campaigns.model import Act, CampaignState, Conviction, EscalationState, Grade, MentionKind, Outcome, Speaker
from campaigns.staff import Role, Station

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ID: Schema = {"type": "integer", "minimum": 1}
_FLAG: Schema = {"type": "boolean"}
_AT: Schema = {"type": "number", "description": "seconds since 1970, UTC"}
_AT_OR_NULL: Schema = {"type": ["number", "null"], "description": "seconds since 1970, UTC; null if it did not happen"}
_SPAN: Schema = {"type": "number", "description": "seconds"}
_NUMBER: Schema = {"type": "string", "description": "the subject's number, E.164; masked (+86111****0011) by default"}
_OR_NULL: Schema = {"type": ["number", "null"]}
_WHO: Schema = {"type": "string", "description": "the person; empty: the policy or the clock"}
_WHY: Schema = {"type": "string", "description": "one line: why this follows"}
_ORDER: Schema = {"enum": [kind.value for kind in FollowUpKind]}
_OUTCOME: Schema = {"enum": [outcome.value for outcome in Outcome]}
_LOGIN: Schema = {"type": "string", "description": "of a user of the desk"}
_ROLES: Schema = {"type": "array", "items": {"enum": [role.value for role in Role]}}
_URGENCY: Schema = {**_COUNT, "description": "place in the queue: higher goes first; only the order has a meaning"}
_GRADE: Schema = {"enum": [grade.value for grade in Grade]}

_CAMPAIGN = ("campaign_id",)
_CASE = (*_CAMPAIGN, "case_id")
_ATTEMPT = (*_CASE, "attempt_id")

_FOLLOW_UP: Schema = {"follow_up_id": _ID, "order": _ORDER, "number": _NUMBER}
_ANSWER: Schema = {**_FOLLOW_UP, "result": _TEXT, "note": _TEXT, "by": _WHO}
_ENDED_ESCALATION: Schema = {
    "escalation_id": _ID,
    "dissuader": _TEXT,
    "since_offer_s": _SPAN,
    "tried": {"type": "array", "items": _TEXT, "description": "dissuaders whose phones rang, in order"},
}

KINDS: dict[str, tuple[tuple[str, ...], Schema]] = {
    "campaign.created": (_CAMPAIGN, {"name": _TEXT}),
    "campaign.state": (_CAMPAIGN, {"name": _TEXT, "state": {"enum": [s.value for s in CampaignState]}, "by": _TEXT}),
    "campaign.policy": (_CAMPAIGN, {"name": _TEXT, "policy": {**_TEXT, "description": "its YAML text"}, "by": _TEXT}),
    "campaign.hours_lifted": (
        _CAMPAIGN,
        {
            "name": _TEXT,
            "until_at": {**_AT, "description": "calls outside the hours until then"},
            "by": _TEXT,
            "why": _TEXT,
        },
    ),
    "leads.imported": (
        _CAMPAIGN,
        {"file": _TEXT, "read": _COUNT, "accepted": _COUNT, "merged": _COUNT, "rejected": _COUNT},
    ),
    "lead.accepted": (
        _CASE,
        {
            "number": _NUMBER,
            "scam_type": _TEXT,
            "grade": _GRADE,
            "language": _TEXT,
            "linked_case_id": {"type": ["integer", "null"], "description": "the subject's case, for a relative"},
        },
    ),
    "lead.merged": (
        _CASE,
        {
            "number": _NUMBER,
            "changed": {"type": "array", "items": _TEXT, "description": "fields that the lead filled or raised"},
            "grade": _GRADE,
        },
    ),
    "attempt.claimed": (
        _ATTEMPT,
        {
            "number": _NUMBER,
            "node": _TEXT,
            "urgency": _URGENCY,
            "attempts": {**_COUNT, "description": "calls of this case, this one included"},
            "lease_until_at": _AT,
        },
    ),
    "attempt.given_back": (_ATTEMPT, {"node": _TEXT, "reason": _TEXT}),
    "attempt.dialled": (_ATTEMPT, {"number": _NUMBER, "node": _TEXT}),
    "attempt.answered": (
        _ATTEMPT,
        {"ring_s": {"type": ["number", "null"], "description": "seconds from dialling to the answer"}},
    ),
    "attempt.finished": (
        _ATTEMPT,
        {
            "number": _NUMBER,
            "node": _TEXT,
            "outcome": _OUTCOME,
            "dialled_at": _AT_OR_NULL,
            "answered_at": _AT_OR_NULL,
            "ended_at": _AT,
            "key_warning_heard": _FLAG,
            "sip_code": {"type": ["integer", "null"]},
            "reason": _TEXT,
            "recording": {"type": "string", "description": "path below the node's home folder, or empty"},
        },
    ),
    "attempt.recovered": (
        _ATTEMPT,
        {"node": {**_TEXT, "description": "the node that lost it"}, "dialled": _FLAG},
    ),
    "call.turn": (
        _ATTEMPT,
        {
            "speaker": {"enum": [speaker.value for speaker in Speaker]},
            "text": _TEXT,
            "start_s": {**_SPAN, "description": "seconds into the recording"},
            "end_s": {**_SPAN, "description": "seconds into the recording"},
            "step": {**_TEXT, "description": "step of the script, or empty"},
            "name": {**_TEXT, "description": "the dissuader who speaks; empty for anybody else"},
        },
    ),
    "call.signal": (
        _ATTEMPT,
        {
            "name": _TEXT,
            "words": _TEXT,
            "rule": _TEXT,
            "at_s": {**_SPAN, "description": "seconds into the recording"},
        },
    ),
    "call.mention": (
        _ATTEMPT,
        {
            "mention": {"enum": [kind.value for kind in MentionKind]},
            "value": {**_TEXT, "description": "plain digits, a decimal sum, a host name or an app's name"},
            "words": _TEXT,
            "at_s": {**_SPAN, "description": "seconds into the recording"},
        },
    ),
    **{f"call.{act.value}": (_ATTEMPT, {"by": _LOGIN}) for act in Act},
    "escalation.offered": (
        _ATTEMPT,
        {
            "escalation_id": _ID,
            "number": _NUMBER,
            "reason": _TEXT,
            "words": _TEXT,
            "beside": {**_FLAG, "description": "somebody speaks with the subject already; another is to join them"},
        },
    ),
    "escalation.rang": (_ATTEMPT, {"escalation_id": _ID, "dissuader": _TEXT, "since_offer_s": _SPAN}),
    **{
        f"escalation.{state.value}": (_ATTEMPT, _ENDED_ESCALATION)
        for state in EscalationState
        if state is not EscalationState.OFFERED
    },
    "case.queued": (
        _CASE,
        {
            "number": _NUMBER,
            "due_at": _AT,
            "call_until_at": {**_AT_OR_NULL, "description": "when the calling hours end; null: never"},
            "urgency": _URGENCY,
            "why": _WHY,
        },
    ),
    "case.waiting": (
        _CASE,
        {
            "number": _NUMBER,
            "wait_until_at": {
                **_AT_OR_NULL,
                "description": "decided on anew then; null: when what is ordered has ended",
            },
            "why": _WHY,
        },
    ),
    "case.closed": (_CASE, {"number": _NUMBER, "reason": _TEXT, "why": _WHY}),
    "case.graded": (_CASE, {"number": _NUMBER, "grade": _GRADE, "before": _GRADE, "why": _WHY}),
    "case.overdue": (_CASE, {"number": _NUMBER, "deadline_at": {**_AT, "description": "of the first attempt"}}),
    "follow_up.ordered": (_CASE, {**_FOLLOW_UP, "deadline_at": _AT, "by": _WHO}),
    "follow_up.sent": (_CASE, {**_FOLLOW_UP, "channel": _TEXT, "reference": _TEXT}),
    "follow_up.delayed": (_CASE, {**_FOLLOW_UP, "error": _TEXT, "tries": _COUNT, "next_try_at": _AT}),
    "follow_up.acknowledged": (_CASE, _ANSWER),
    "follow_up.done": (_CASE, _ANSWER),
    "follow_up.failed": (_CASE, _ANSWER),
    "follow_up.overdue": (_CASE, {**_FOLLOW_UP, "deadline_at": _AT}),
    "disposition.recorded": (
        _CASE,
        {
            "number": _NUMBER,
            "conviction": {"enum": [conviction.value for conviction in Conviction]},
            "by": _TEXT,
            "amount_at_risk": _OR_NULL,
            "amount_saved": _OR_NULL,
        },
    ),
    "breaker.opened": (
        (),
        {
            "node": _TEXT,
            "failed": {**_COUNT, "description": "attempts that failed at the trunk within two minutes"},
            "of": {**_COUNT, "description": "attempts in all within two minutes"},
            "probe_at": {**_AT, "description": "when a first call tries the trunk; seconds since 1970, UTC"},
        },
    ),
    "breaker.closed": ((), {"node": _TEXT, "open_s": _SPAN, "probes": _COUNT}),
    "pressure.rose": (
        (),
        {
            "node": _TEXT,
            "level": {"enum": ["tight", "short"]},
            "late_s": {**_SPAN, "description": "so late are callees heard, or things done that are due"},
            "busy": {"type": "number", "description": "share of the recognisers' time that was taken, or soon will be"},
            "lost_frames": {**_COUNT, "description": "frames of callees' audio, within a quarter of a second"},
        },
    ),
    "pressure.fell": (
        (),
        {
            "node": _TEXT,
            "level": {"enum": ["free", "tight"]},
            "lasted_s": {**_SPAN, "description": "so long the level before had lasted"},
        },
    ),
    "data.purged": (
        (),
        {
            **{f"{what}_before_at": _AT_OR_NULL for what in ("recordings", "transcripts", "personal")},
            **dict.fromkeys(("recordings", "turns", "signals", "mentions", "cases", "events"), _COUNT),
        },
    ),
    "data.recordings_deleted": ((), {"recordings": _COUNT}),
    "suppression.added": ((), {"number": _NUMBER, "reason": _TEXT, "by": _WHO, "until_at": _AT_OR_NULL}),
    "suppression.lifted": ((), {"number": _NUMBER, "by": _TEXT}),
    "token.created": ((), {"name": _TEXT, "scopes": {"type": "array", "items": _TEXT}, "by": _TEXT}),
    "token.revoked": ((), {"name": _TEXT, "by": _TEXT}),
    "user.added": ((), {"login": _LOGIN, "roles": _ROLES, "by": _TEXT}),
    "user.changed": (
        (),
        {
            "login": _LOGIN,
            "changed": {"type": "array", "items": _TEXT, "description": "what changed: name, roles, password, ..."},
            "roles": _ROLES,
            "disabled": _FLAG,
            "by": _TEXT,
        },
    ),
    "user.ticket_made": (
        (),
        {"login": _LOGIN, "until_at": {**_AT, "description": "they may log in once without a password"}, "by": _TEXT},
    ),
    "station.changed": ((), {"login": _LOGIN, "station": {"enum": [station.value for station in Station]}}),
}
"""Kind to the ids that it carries and the fields of its ``data``. Fields may be added; none changes its meaning."""


def schema() -> Schema:
    """JSON Schema (2020-12) of one event as it is published."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dissuade event",
        "description": "One line of the append-only log, as published on dissuade/<site>/events/<kind>.",
        "type": "object",
        "required": ["seq", "at", "site", "kind", "campaign_id", "case_id", "attempt_id", "data"],
        "properties": {
            "seq": {
                **_ID,
                "description": "rises without reuse; the same seq is the same event: drop repetitions by it",
            },
            "at": _AT,
            "site": _TEXT,
            "kind": {"enum": sorted(KINDS)},
            "campaign_id": {"type": ["integer", "null"]},
            "case_id": {"type": ["integer", "null"]},
            "attempt_id": {"type": ["integer", "null"]},
            "data": {"type": "object"},
        },
        "allOf": [_rule(kind, ids, fields) for kind, (ids, fields) in sorted(KINDS.items())],
    }


def _rule(kind: str, ids: tuple[str, ...], fields: Schema) -> Schema:
    return {
        "if": {"properties": {"kind": {"const": kind}}},
        "then": {
            "properties": {
                **{name: {"type": "integer"} for name in ids},
                "data": {"required": list(fields), "properties": fields},
            }
        },
    }


def document() -> str:
    """The text of ``docs/events.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
