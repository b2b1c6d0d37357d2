"""Live calls reach a human, or are told the truth: real SIP, real voices, judged by what crossed between the phones."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.scenario import LIBRARY
from tests.dissuade.program import Program

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("rehearsal", "outcome", "human"),
    [
        ("next-dissuader-zh", "escalated", "何警官"),
        ("transfer-zh", "escalated", "陈警官"),
        ("nobody-free-zh", "callback_due", ""),
    ],
)
def test_a_live_call_is_handed_over_as_configured(tmp_path: Path, rehearsal: str, outcome: str, human: str) -> None:
    report = Program(tmp_path)("rehearse", LIBRARY / f"{rehearsal}.yaml")
    assert report.returncode == 0, report.stdout
    assert outcome.replace("_", " ") in report.stdout
    assert human in report.stdout
