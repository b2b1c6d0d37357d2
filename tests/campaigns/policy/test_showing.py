"""A policy as table and picture."""

from __future__ import annotations

import re

import pytest

from campaigns.model import Grade, Outcome
from campaigns.policy import parse_policy, standard
from campaigns.policy.showing import mermaid, rungs, settings

pytestmark = pytest.mark.unit


def test_every_outcome_has_its_rung() -> None:
    found = {rung.outcome: rung for rung in rungs(standard())}
    assert set(found) == set(Outcome)
    assert found[Outcome.NO_ANSWER].again == "30min ×2 ≤ 4h, 4 calls"
    assert found[Outcome.DENIES].in_the_end == "高: 上门 止付 关系人电话; 中: 上门; 低: 短信"
    assert found[Outcome.ACKNOWLEDGED].in_the_end == ""


def test_what_no_policy_can_leave_out_is_shown() -> None:
    silent = parse_policy("in_the_end: {high: [], medium: [], low: []}")
    assert next(rung for rung in rungs(silent) if rung.outcome is Outcome.BUSY).in_the_end == "高: 上门 止付"


def test_settings_are_told_as_they_are_written() -> None:
    told = dict(settings(parse_policy("hours: {low: 'mon-fri 10:00-11:00'}")))
    assert told[f"hours 呼叫时段 {Grade.LOW}"] == "mon-fri 10:00-11:00"
    assert told["first call within 首呼时限"] == "high 2min, medium 30min, low 4h"


def test_the_picture_names_every_node_that_it_connects() -> None:
    lines = mermaid(standard()).splitlines()
    assert lines[0] == "flowchart TD"
    named = {match[1] for line in lines for match in re.finditer(r"(\w+)[\[(]+\"", line)}
    connected = {
        name for line in lines if "-->" in line for name in re.findall(r"(?:^  |\| |-->\s)(\w+)", line.replace('"', ""))
    }
    assert connected <= named
    assert {outcome.value for outcome in Outcome} <= named
