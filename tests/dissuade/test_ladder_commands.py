"""``dissuade campaign policy``, ``campaign lift-hours`` and ``suppress``, as a user types them."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campaigns.policy.reading import STANDARD_FILE
from dissuade.cli.app import app
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


def told(program: Program, *arguments: object, code: int = 0) -> str:
    """What a command prints, run in this process: starting one takes seconds."""
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"DISSUADE_HOME": str(program.home)})
    assert done.exit_code == code, done.output
    return done.output


def next_call_at(program: Program) -> float:
    (standing,) = json.loads(told(program, "campaign", "status", "spring", "--json"))
    at: float = standing["next_due_at"]
    return at


def test_the_standard_ladder_is_shown_as_table_picture_and_yaml(program: Program, tmp_path: Path) -> None:
    shown = program("campaign", "policy", "show").stdout
    assert re.search(r"busy +占线 +5min, 6 calls", shown)
    assert re.search(r"goes before a new high case after 防积压 +medium 4h, low 1d", shown)
    assert told(program, "campaign", "policy", "show", "--mermaid").startswith("flowchart TD\n")
    assert json.loads(told(program, "campaign", "policy", "show", "--json"))["outcomes"][0]["outcome"] == "busy"
    copy = tmp_path / "copy.yaml"
    copy.write_text(told(program, "campaign", "policy", "show", "--yaml"), encoding="utf-8")
    assert told(program, "campaign", "policy", "check", copy) == f"{copy}: good\n"


def test_a_mistake_in_a_policy_is_told_with_file_and_line(program: Program, spring: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("hours:\n  medium: 25-26\n", encoding="utf-8")
    done = program("campaign", "policy", "set", spring, own)
    assert (done.returncode, done.stderr.startswith(f"error: {own}:2: hours.medium: ")) == (1, True)
    assert told(program, "campaign", "policy", "show", spring, "--yaml") == STANDARD_FILE.read_text("utf-8")


def test_a_policy_is_set_and_taken_away(program: Program, spring: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(NIGHT, encoding="utf-8")
    assert json.loads(told(program, "campaign", "policy", "set", spring, own, "--json")) == {
        "campaign": "spring",
        "cases": 1,
    }
    assert time.gmtime(next_call_at(program))[3:5] == (17, 0)  # 01:00 in Shanghai
    assert told(program, "campaign", "policy", "show", spring, "--yaml") == NIGHT
    told(program, "campaign", "policy", "set", spring, "--standard")
    assert "08:30-21:00" in told(program, "campaign", "policy", "show", spring)
    assert "give either a FILE" in told(program, "campaign", "policy", "set", spring, code=2)
    assert "no campaign autumn" in program("campaign", "policy", "show", "autumn").stderr


def test_hours_are_lifted_with_a_name_and_a_reason(program: Program, spring: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(NIGHT, encoding="utf-8")
    told(program, "campaign", "policy", "set", spring, own)
    lift = ("campaign", "lift-hours", spring, "--until")
    told(program, *lift, "2h", "--by", "陈警官", "--why", "大规模诈骗")
    assert next_call_at(program) <= time.time()
    assert "--why" in told(program, *lift, "2h", "--by", "陈警官", code=2)
    assert "is over" in told(program, *lift, "2001-01-01 10:00", "--by", "x", "--why", "y", code=2)
    assert "write 23:30" in told(program, *lift, "soon", "--by", "x", "--why", "y", code=2)
    empty = program(*lift, "2h", "--by", "陈警官", "--why", " ")
    assert "needs a name and a reason" in empty.stderr


def test_a_number_is_suppressed_listed_and_lifted(program: Program) -> None:
    told(program, "suppress", "add", "111 0000 0011", "--why", "本人投诉", "--for", "30d", "--by", "李警官")
    (one,) = program.read("suppress", "list")
    assert (one["number"], one["reason"], one["by"]) == ("+8611100000011", "本人投诉", "李警官")
    assert abs(one["until_at"] - time.time() - 30 * 86_400) < 600
    assert "may be called again" in told(program, "suppress", "remove", "+8611100000011")
    assert "was not suppressed" in told(program, "suppress", "remove", "+8611100000011", code=1)
    assert told(program, "suppress", "list") == "no number is suppressed\n"
    assert "NUMBER" in told(program, "suppress", "add", "12", "--why", "x", code=2)
    assert "30s, 5min" in told(program, "suppress", "add", "+8611100000011", "--why", "x", "--for", "30", code=2)
