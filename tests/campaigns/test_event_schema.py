"""The schema of events: the published file, and what it refuses."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from campaigns.event_schema import KINDS, document, schema
from campaigns.sqlite_store import SqliteStore
from tests.campaigns.every_event import tell_every_event

pytestmark = pytest.mark.unit


def test_the_published_file_is_what_the_program_says(repository: Path) -> None:
    assert (repository / "docs" / "events.schema.json").read_text("utf-8") == document()
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_kind_is_told_with_exactly_its_fields(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    tell_every_event(store)
    events = store.events(limit=10_000)
    store.close()
    validator = jsonschema.Draft202012Validator(schema())
    assert {event.kind for event in events} == set(KINDS)
    for event in events:
        message = {
            **{name: getattr(event, name) for name in ("seq", "at", "kind", "campaign_id", "case_id", "attempt_id")},
            "site": "gz",
            "data": json.loads(json.dumps(event.data)),
        }
        validator.validate(message)
        assert set(event.data) == set(KINDS[event.kind][1])
        for name in event.data:
            poorer = copy.deepcopy(message)
            del poorer["data"][name]
            assert not validator.is_valid(poorer), (event.kind, name)


def test_every_kind_is_in_the_integrators_guide(repository: Path) -> None:
    guide = (repository / "docs" / "integrator.md").read_text("utf-8")
    for kind in KINDS:
        room, name = kind.split(".")
        assert f"`{kind}`" in guide or (f"`{room}." in guide and f"`.{name}`" in guide), kind
