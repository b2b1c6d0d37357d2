"""The script author's guide shows what is really so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.checks import check_file
from scripts.model import ENDINGS, PLACEHOLDERS, WHISPER_PLACEHOLDERS
from speech.assessment import CRITICAL, SIGNALS
from tests.scripts.test_checks import FAULTS

pytestmark = pytest.mark.unit

GUIDE = (Path(__file__).parents[2] / "docs" / "script-author.md").read_text(encoding="utf-8")


def test_the_script_in_the_guide_passes_the_check(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    path = tmp_path / "guide.yaml"
    path.write_text(found[1], encoding="utf-8")
    assert check_file(path, SIGNALS, ENDINGS) == []


def test_the_guide_names_every_placeholder_outcome_and_critical_signal() -> None:
    assert all(f"`{{{name}}}`" in GUIDE for name in PLACEHOLDERS | WHISPER_PLACEHOLDERS)
    assert all(f"`{name}`" in GUIDE for name in ENDINGS | CRITICAL)


KINDS = (
    *("there is no step", "there is no signal", "there is no outcome", "without 'asks'", "cannot be reached"),
    *("never ends", "for ever", "leads to itself", "a question needs", "'next: back' is for", "unknown placeholder"),
    *(
        "recorded",
        "ends as",
        "cannot be interruptible",
        "'escalate' needs",
        "asks for a code",
        "nothing is left to say",
    ),
)


@pytest.mark.parametrize("reason", [str(fault[2]) for fault in FAULTS if fault[2]])
def test_the_guide_shows_every_kind_of_fault(reason: str) -> None:
    kind = next(kind for kind in KINDS if kind in reason)
    assert kind.replace("there is no outcome", "`hears` and `end` are checked alike") in GUIDE
