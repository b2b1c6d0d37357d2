"""The demo: twelve leads, everything real but the people, and what became of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dissuade.program import Program

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

OUTCOMES = [
    *["acknowledged"] * 2,
    "answered_incomplete",
    "busy",
    "denies",
    *["escalated"] * 3,
    "no_answer",
    "powered_off",
    "voicemail",
    "wrong_person",
]
LONGEST_S = 180


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_demo_ends_in_time_with_every_outcome_as_it_really_was(tmp_path: Path, language: str) -> None:
    report = Program(tmp_path).read("demo", "--language", language)
    assert sorted(row["outcome"] for row in report["rows"]) == OUTCOMES
    assert report["total_s"] < LONGEST_S
    folder = Path(report["folder"])
    assert len(list((folder / "transcripts").glob("*.txt"))) == len(OUTCOMES)
    assert len(list((folder / "recordings").rglob("*.wav"))) == len(OUTCOMES)
