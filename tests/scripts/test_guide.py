"""The script author's guide shows what is really so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.checks import check_file
from scripts.layers import LIBRARY
from scripts.model import ENDINGS, PLACEHOLDERS, STANDARD, VERSIONS, WHISPER_PLACEHOLDERS
from scripts.yaml_lines import read_yaml
from speech.assessment import CRITICAL, SIGNALS
from tests.scripts.test_checks import FAULTS

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "script-author.md").read_text(encoding="utf-8")
GUIDES = {"en": GUIDE, "zh-CN": (DOCS / "script-author.zh-CN.md").read_text(encoding="utf-8")}

every_guide = pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES.keys())


@every_guide
def test_the_script_in_the_guide_passes_the_check(tmp_path: Path, guide: str) -> None:
    found = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    path = tmp_path / "guide.yaml"
    path.write_text(found[1], encoding="utf-8")
    assert check_file(path, SIGNALS, ENDINGS) == []


@every_guide
def test_the_guide_names_every_version_and_every_step_that_a_frame_leaves_to_the_script(guide: str) -> None:
    assert all(f"`{version}`" in guide for version in VERSIONS if version != STANDARD)
    frame, _ = read_yaml(LIBRARY / "zh-CN" / "call.frame.yaml")
    left = [name for name, step in frame["steps"].items() if "say" not in step]
    assert left
    assert all(f"`{name}`" in guide for name in left)


@every_guide
def test_the_rehearsals_in_the_guide_exist(guide: str) -> None:
    named = re.findall(r"dissuade rehearse (rehearsal/\S+)", guide)
    assert len(named) == 3
    assert all((DOCS.parent / name).is_file() for name in named)


@every_guide
def test_the_guide_names_every_placeholder_outcome_and_critical_signal(guide: str) -> None:
    assert all(f"`{{{name}}}`" in guide for name in PLACEHOLDERS | WHISPER_PLACEHOLDERS)
    assert all(f"`{name}`" in guide for name in ENDINGS | CRITICAL)


KINDS = (
    *("there is no step", "there is no signal", "there is no outcome", "without 'asks'", "cannot be reached"),
    *("never ends", "for ever", "leads to itself", "a question needs", "'next: back' is for", "unknown placeholder"),
    *("s of speech before the first question", "replies.yes: a list"),
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
