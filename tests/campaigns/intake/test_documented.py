"""The integrator's guide names every field, and what it says of headings is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaigns.access import Scope
from campaigns.intake.headings import Headings
from campaigns.intake.words import GROUPS, HEADINGS

pytestmark = pytest.mark.unit


def test_every_field_stands_in_the_guide_and_its_headings_are_known(repository: Path) -> None:
    guide = (repository / "docs" / "integrator.md").read_text("utf-8")
    section = guide[guide.index("## Leads in") : guide.index("- **Headings**")]
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (`.*?`) \| (.*?) \|", section, re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", row[0]), row[1])
    assert set(told) == set(HEADINGS)
    known = Headings()
    for headings in set(told.values()):
        for heading in re.split(r"[,;] | or ", headings):
            if heading != "...":
                slot = known.slot(heading)
                assert slot is not None, heading
                assert headings == told[slot.field], heading
    for group in GROUPS:
        assert f"`{group}`" in guide
    for scope in Scope:
        assert f"`{scope}`" in guide
