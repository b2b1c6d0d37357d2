"""JSON Schema of an order as its receiver gets it: ``python -m campaigns.delivery.document_schema`` prints it.

``docs/follow-up.schema.json`` holds what it prints.
"""

from __future__ import annotations

import json
import sys

from campaigns.delivery.document import VERSION
from campaigns.follow_up import FollowUpKind
from campaigns.model import Grade, MentionKind, Outcome

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "integer", "minimum": 1}
_AT: Schema = {"type": "number", "description": "seconds since 1970, UTC"}
_AT_OR_NULL: Schema = {"type": ["number", "null"], "description": "seconds since 1970, UTC; null if it did not happen"}
_NUMBER: Schema = {"type": "string", "description": "telephone number, E.164"}


def _told(text: str, schema: Schema) -> Schema:
    return {**schema, "description": text}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": fields}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_HEARD = {"attempt": _told("id of the call", _ID), "at_s": _told("seconds into its recording", {"type": "number"})}
_BLOCKED = _list(_object(value=_TEXT, words=_told("as it was said", _TEXT)))

_DETAILS: dict[FollowUpKind, Schema] = {
    FollowUpKind.SMS: _object(
        to=_NUMBER,
        text=_told("what is to be sent, as it stands", _TEXT),
        flash=_told("show it on the screen at once", {"type": "boolean"}),
    ),
    FollowUpKind.RELATIVE: _object(number=_NUMBER, relation=_TEXT, name=_TEXT),
    FollowUpKind.VISIT: _object(),
    FollowUpKind.STOP_PAYMENT: _object(
        accounts=_list(
            _object(
                value=_TEXT,
                source=_told("lead: it came with the warning; call: it was heard", {"enum": ["lead", "call"]}),
                words=_told("as it was said, if it was heard", _TEXT),
            )
        ),
        amounts=_told("sums heard, decimal", _list(_TEXT)),
    ),
    FollowUpKind.BLOCK: _object(phones=_BLOCKED, sites=_BLOCKED, apps=_BLOCKED),
}


def schema() -> Schema:
    """JSON Schema (2020-12) of one order."""
    whole = _object(
        version={"const": VERSION},
        key=_told("the same for every repetition of this order, and for no other", _TEXT),
        site=_TEXT,
        order=_ID,
        kind={"enum": [kind.value for kind in FollowUpKind]},
        ordered_at=_AT,
        deadline_at=_AT,
        ordered_by=_told("the person who ordered it; empty: the policy", _TEXT),
        why=_told("why it was ordered, if the policy did", _TEXT),
        centre=_object(name=_TEXT, callback_number=_TEXT),
        case=_object(
            id=_ID,
            campaign=_TEXT,
            scam_type=_TEXT,
            grade={"enum": [grade.value for grade in Grade]},
            source=_told("who gave the warning", _TEXT),
            warned_at=_AT_OR_NULL,
            amount_at_risk={"type": ["number", "null"]},
            note=_TEXT,
        ),
        subject=_object(
            number=_NUMBER,
            name=_TEXT,
            sex=_TEXT,
            age={"type": ["integer", "null"]},
            group=_TEXT,
            language=_told("BCP 47 tag", _TEXT),
            address=_TEXT,
            precinct=_told("as it came in", _TEXT),
            route=_told("city, district, station, community; empty texts for levels that are not known", _list(_TEXT)),
        ),
        relatives=_list(_object(number=_NUMBER, relation=_TEXT, name=_TEXT)),
        calls=_told(
            "oldest first",
            _list(
                _object(
                    attempt=_ID,
                    at=_AT,
                    answered_at=_AT_OR_NULL,
                    outcome={"enum": [outcome.value for outcome in Outcome]},
                    key_warning_heard={"type": "boolean"},
                )
            ),
        ),
        heard=_object(
            signals=_list(_object(**_HEARD, name=_TEXT, words=_TEXT)),
            mentions=_list(
                _object(**_HEARD, kind={"enum": [kind.value for kind in MentionKind]}, value=_TEXT, words=_TEXT)
            ),
        ),
        details={"type": "object"},
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dissuade order",
        "description": "What was ordered for a case, as its receiver gets it. Fields may be added.",
        **whole,
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind.value}}},
                "then": {"properties": {"details": details}},
            }
            for kind, details in _DETAILS.items()
        ],
    }


def document() -> str:
    """The text of ``docs/follow-up.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
