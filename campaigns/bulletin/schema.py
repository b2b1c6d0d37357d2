"""The JSON Schema of a bulletin: `python -m campaigns.bulletin.schema` prints ``docs/bulletin.schema.json``."""

from __future__ import annotations

import json
import sys

from campaigns.bulletin.figures import Dimension
from campaigns.bulletin.spans import SpanKind
from campaigns.bulletin.words import FIGURES
from campaigns.follow_up import FollowUpKind
from campaigns.model import Grade, Outcome

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_DATE: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_AT: Schema = {"type": "number", "description": "seconds since 1970, UTC"}


def schema() -> Schema:
    """JSON Schema (2020-12) of the file that ``dissuade bulletin --format json`` writes."""
    figures: Schema = {"$ref": "#/$defs/figures"}
    compared: Schema = {"now": figures, "before": figures, "week_before": _or_null(figures)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dissuade bulletin",
        "description": "What became of the leads on a day or in a week. It holds no personal data.",
        **_object(
            {
                "kind": {"enum": [kind.value for kind in SpanKind]},
                "span": {"$ref": "#/$defs/span"},
                "before": {"$ref": "#/$defs/span", "description": "the day or week before"},
                "week_before": _or_null({"$ref": "#/$defs/span"}, "the same day a week earlier; null for a week"),
                "centre": _TEXT,
                "campaign": {"type": ["string", "null"], "description": "null: all"},
                "made_at": _AT,
                "as_of_at": {**_AT, "description": "until when it was counted"},
                "complete": {"type": "boolean", "description": "whether the span was over"},
                "figures": _object(compared),
                "by": _object(
                    {
                        dimension.value: {
                            "type": "array",
                            "items": _object({"part": {**_TEXT, "description": "empty: not said"}, **compared}),
                        }
                        for dimension in Dimension
                    }
                ),
                "hours": {
                    "type": "array",
                    "minItems": 24,
                    "maxItems": 24,
                    "items": _object({"hour": _COUNT, "calls": _COUNT, "reached": _COUNT}),
                },
                "days": {"type": "array", "items": _object({"date": _DATE, "figures": figures})},
                "outcomes": {
                    "type": "object",
                    "description": "how calls to subjects ended",
                    "propertyNames": {"enum": [outcome.value for outcome in Outcome]},
                    "additionalProperties": _COUNT,
                },
                "missed": {
                    "type": "array",
                    "description": "the worst deadlines missed; figures.deadlines_missed counts all",
                    "items": _object(
                        {
                            "case_id": {"type": "integer", "minimum": 1},
                            "what": {"enum": ["first_call", *(kind.value for kind in FollowUpKind)]},
                            "grade": {"enum": [grade.value for grade in Grade]},
                            "deadline_at": _AT,
                            "late_s": {"type": "number", "minimum": 0},
                            "still_open": {"type": "boolean", "description": "not done by the end of the span"},
                        }
                    ),
                },
            }
        ),
        "$defs": {"figures": _figures(), "span": _span()},
    }


def _figures() -> Schema:
    return _object(
        {
            name: {
                "type": ["number", "null"] if name.endswith("_min") else "number",
                "minimum": 0,
                "description": word.en_means,
            }
            for name, word in FIGURES.items()
        }
    )


def _span() -> Schema:
    return _object(
        {
            "first": _DATE,
            "last": _DATE,
            "from_at": _AT,
            "until_at": {**_AT, "description": "not part of it"},
            "time_zone": {**_TEXT, "description": "IANA name"},
        }
    )


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _or_null(schema: Schema, description: str = "") -> Schema:
    return {"anyOf": [schema, {"type": "null"}], **({"description": description} if description else {})}


def document() -> str:
    """The text of ``docs/bulletin.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
