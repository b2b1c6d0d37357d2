"""An old person is called with more time: heard at their phone, beside somebody younger who gets the same script."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.calls import PhoneCall, by_call
from rehearsal.facts import of_run
from scripts.loader import load_library
from tests.dissuade.program import Program

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

YOUNGER, OLDER = "+8611100000060", "+8611100000061"
SCENARIO = f"""\
rehearsal: two-ages
title: Two people of forty and eighty say hello and then nothing
language: zh-CN
lines: 2
time_limit_s: 150
phones:
  - number: "{YOUNGER}"
    behaviour: not_contacted
    voice: {{variant: michel, rate_wpm: 150}}
    lead: {{name: 李明, scam_type: 虚假贷款, grade: medium, age: 40}}
    lines: [{{say: 喂，你好}}]
    afterwards: silence
    expect: [{{outcome: warned}}]
  - number: "{OLDER}"
    behaviour: not_contacted
    voice: {{variant: michel, rate_wpm: 150}}
    lead: {{name: 王芳, scam_type: 虚假贷款, grade: medium, age: 80}}
    lines: [{{say: 喂，你好}}]
    afterwards: silence
    expect: [{{outcome: warned}}]
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PhoneCall]:
    """Each phone's call, as the phone had it."""
    home = tmp_path_factory.mktemp("elderly")
    file = home / "two-ages.yaml"
    file.write_text(SCENARIO, "utf-8")
    folder = Path(Program(home).read("rehearse", file)["folder"])
    return {key.phone: call for key, call in by_call(of_run(folder)).items() if call.said}


def longest_silences(call: PhoneCall) -> list[float]:
    """Seconds that the robot waited for a reply: between what it said, longest first."""
    gaps = [after.start_s - before.end_s for before, after in zip(call.heard, call.heard[1:], strict=False)]
    return sorted(gaps, reverse=True)


def test_the_same_goodbye_is_said_more_slowly(calls: dict[str, PhoneCall]) -> None:
    scripts = load_library()
    elderly = scripts["loan-elderly.zh-CN"]
    assert elderly.steps["goodbye"].say == scripts["loan.zh-CN"].steps["goodbye"].say
    lasted = {number: call.heard[-1].end_s - call.heard[-1].start_s for number, call in calls.items()}
    assert lasted[OLDER] / lasted[YOUNGER] == pytest.approx(1 / elderly.rate, rel=0.08)


def test_a_reply_is_waited_for_half_as_long_again(calls: dict[str, PhoneCall]) -> None:
    patience = load_library()["loan-elderly.zh-CN"].patience
    younger, older = longest_silences(calls[YOUNGER])[:4], longest_silences(calls[OLDER])[:4]
    assert len(younger) == len(older) == 4
    for shorter, longer in zip(younger, older, strict=True):
        assert longer / shorter == pytest.approx(patience, rel=0.1)
