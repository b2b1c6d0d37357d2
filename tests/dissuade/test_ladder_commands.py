"""``dissuade campaign policy``, ``campaign lift-hours`` and ``suppress``, as a user types them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.dissuade.program import Program

pytestmark = pytest.mark.unit

NIGHT = "hours: {high: '01:00-01:01', medium: '01:00-01:01', low: '01:00-01:01'}\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


@pytest.fixture
def spring(program: Program, tmp_path: Path) -> str:
    """A campaign with one medium case."""
    leads = tmp_path / "leads.csv"
    leads.write_text("number,grade\n+8611100000011,medium\n", encoding="utf-8")
    assert program("leads", "import", leads, "--campaign", "spring").returncode == 0
    return "spring"


def next_call_at(program: Program) -> float:
    (standing,) = program.read("campaign", "status", "spring")
    at: float = standing["next_due_at"]
    return at


def test_the_standard_ladder_is_shown_as_table_picture_and_yaml(program: Program, tmp_path: Path) -> None:
    shown = program("campaign", "policy", "show").stdout
    assert re.search(r"busy +占线 +5min, 6 calls", shown)
    assert re.search(r"goes before a new high case after 防积压 +medium 4h, low 1d", shown)
    picture = program("campaign", "policy", "show", "--mermaid").stdout
    assert picture.startswith("flowchart TD\n")
    copy = tmp_path / "copy.yaml"
    copy.write_text(program("campaign", "policy", "show", "--yaml").stdout, encoding="utf-8")
    assert program("campaign", "policy", "check", copy).returncode == 0
    outcomes = program.read("campaign", "policy", "show")["outcomes"]
    assert outcomes[0]["outcome"] == "busy"


def test_a_policy_is_checked_and_set_and_taken_away(program: Program, spring: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("hours:\n  medium: 25-26\n", encoding="utf-8")
    for command in (("check", own), ("set", spring, own)):
        done = program("campaign", "policy", *command)
        assert done.returncode == 1
        assert f"{own}:2: hours.medium: " in done.stderr
    own.write_text(NIGHT, encoding="utf-8")
    assert program.read("campaign", "policy", "set", spring, own) == {"campaign": "spring", "cases": 1}
    assert time.gmtime(next_call_at(program))[3:5] == (17, 0)  # 01:00 in Shanghai
    assert program("campaign", "policy", "show", spring, "--yaml").stdout == NIGHT
    assert program("campaign", "policy", "set", spring, "--standard").returncode == 0
    assert "08:30-21:00" in program("campaign", "policy", "show", spring).stdout
    assert program("campaign", "policy", "set", spring).returncode == 2
    assert "no campaign autumn" in program("campaign", "policy", "show", "autumn").stderr


def test_hours_are_lifted_with_a_name_and_a_reason(program: Program, spring: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(NIGHT, encoding="utf-8")
    assert program("campaign", "policy", "set", spring, own).returncode == 0
    done = program("campaign", "lift-hours", spring, "--until", "2h", "--by", "陈警官", "--why", "大规模诈骗")
    assert done.returncode == 0, done.stderr
    assert next_call_at(program) <= time.time()
    assert program("campaign", "lift-hours", spring, "--until", "2h", "--by", "陈警官").returncode == 2
    empty = program("campaign", "lift-hours", spring, "--until", "2h", "--by", "陈警官", "--why", " ")
    assert "needs a name and a reason" in empty.stderr
    past = program("campaign", "lift-hours", spring, "--until", "2001-01-01 10:00", "--by", "x", "--why", "y")
    assert (past.returncode, "is over" in past.stderr) == (2, True)
    nonsense = program("campaign", "lift-hours", spring, "--until", "soon", "--by", "x", "--why", "y")
    assert (nonsense.returncode, "write 23:30" in nonsense.stderr) == (2, True)


def test_a_number_is_suppressed_listed_and_lifted(program: Program) -> None:
    done = program("suppress", "add", "111 0000 0011", "--why", "本人投诉", "--for", "30d", "--by", "李警官")
    assert done.returncode == 0, done.stderr
    (one,) = program.read("suppress", "list")
    assert (one["number"], one["reason"], one["by"]) == ("+8611100000011", "本人投诉", "李警官")
    assert abs(one["until_at"] - time.time() - 30 * 86_400) < 600
    assert program.read("suppress", "remove", "+8611100000011") == {"number": "+8611100000011", "lifted": True}
    assert program("suppress", "remove", "+8611100000011").returncode == 1
    assert program("suppress", "list").stdout == "no number is suppressed\n"
    assert program("suppress", "add", "12", "--why", "x").returncode == 2
    assert program("suppress", "add", "+8611100000011", "--why", "x", "--for", "30").returncode == 2
