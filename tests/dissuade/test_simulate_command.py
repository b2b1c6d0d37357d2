"""``dissuade simulate``."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.dissuade.program import PROGRAM, TIMEOUT_S

pytestmark = pytest.mark.program


def run(home: Path, *options: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PROGRAM, "simulate", *options],
        env={**os.environ, "DISSUADE_HOME": str(home / "var"), "PYTHONHASHSEED": "random"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        cwd=home,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_day_is_told_and_written_and_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    told = [
        run(tmp_path, "--leads", "60", "--seed", "7", "--out", name, "--language", "en").stdout for name in ("a", "b")
    ]
    assert told[0] == told[1].replace("b/", "a/")
    assert "60 leads" in told[0]
    assert "lines in use" in told[0]
    names = {file.name for file in (tmp_path / "a").iterdir()}
    assert names == {
        "bulletin-day-2027-01-12.html",
        "bulletin-day-2027-01-12.csv",
        "bulletin-day-2027-01-12.json",
        "simulation.json",
        "simulation-hours.csv",
    }
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    with (tmp_path / "a" / "simulation-hours.csv").open(encoding="utf-8-sig", newline="") as file:
        hours = list(csv.DictReader(file))
    assert len(hours) == 24
    assert sum(int(hour["leads"]) for hour in hours) == 60
    assert "invented people" in (tmp_path / "a" / "bulletin-day-2027-01-12.html").read_text(encoding="utf-8")
    assert not (tmp_path / "var").exists()


def test_options_and_json(tmp_path: Path) -> None:
    asked = ("--leads", "40", "--lines", "5", "--dissuaders", "3", "--day", "2026-12-24", "--json")
    found = json.loads(run(tmp_path, *asked).stdout)
    assert (found["day"], found["leads"], found["lines"], found["dissuaders"]) == ("2026-12-24", 40, 5, 3)
    assert sum(found["cases"].values()) > 40
    assert found["calls"] == sum(hour["calls"] for hour in found["hours"])


def test_the_profile_can_be_printed_changed_and_given(tmp_path: Path) -> None:
    profile = tmp_path / "own.yaml"
    profile.write_text(run(tmp_path, "--show-profile").stdout.replace("leads: 61000", "leads: 30"), encoding="utf-8")
    assert json.loads(run(tmp_path, "--profile", str(profile), "--json").stdout)["leads"] == 30
    profile.write_text("leads: 5\n", encoding="utf-8")
    refused = run(tmp_path, "--profile", str(profile), code=2).stderr
    assert str(profile) in refused
    assert "mend:" in refused


def test_a_policy_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("hours: never\n", encoding="utf-8")
    assert str(policy) in run(tmp_path, "--policy", str(policy), code=1).stderr


def test_a_plan_says_how_many_are_needed_and_whether_they_are_enough(tmp_path: Path) -> None:
    done = run(tmp_path, "--leads", "150", "--plan", "--sample", "100", "--json", code=0)
    found = json.loads(done.stdout)
    assert found["kept"] is True
    assert found["needed"]["lines"] == found["needed"]["result"]["lines"] >= 1
    assert found["needed"]["dissuaders"] >= 1
