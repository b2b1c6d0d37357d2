"""Whole runs of the program: doctor, and rehearsals that go well and that do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dissuade.program import Program

pytestmark = pytest.mark.acceptance

REHEARSAL = """
rehearsal: quick
language: zh-CN
lines: 2
time_limit_s: 80
dialer: {{lines: {{ring_timeout_s: 2}}}}
phones:
  - number: "+8611100000013"
    lead: {{name: 刘洋}}
    expect: [{{outcome: {outcome}}}]
  - number: "+8611100000014"
    lead: {{name: 赵静}}
"""


def test_after_init_the_doctor_finds_nothing_that_fails(program: Program) -> None:
    assert program("init").returncode == 0
    findings = {finding["what"]: finding for finding in program.read("doctor")}
    assert {
        "configuration",
        "store",
        "scripts",
        "voice.zh",
        "voice.en",
        "model.zh",
        "trunk",
        "broker",
    } <= findings.keys()
    assert findings["voice.zh"]["verdict"] == "ok"
    assert findings["model.zh"]["verdict"] == "warn"
    assert "synthetic" in findings["model.zh"]["said"]


def test_the_doctor_names_what_fails_and_its_mend(program: Program, free_port: Callable[[], int]) -> None:
    program.home.mkdir()
    speech = '[speech.zh]\nvariant = "nobody"\n[speech.en]\nmodel = "./x"\n'
    text = f'{speech}[mqtt]\nhost = "127.0.0.1"\nport = {free_port()}\n'
    (program.home / "dissuade.toml").write_text(text, encoding="utf-8")
    failed = {f["what"]: f["mend"] for f in program.read("doctor", code=1) if f["verdict"] == "fail"}
    assert failed.keys() == {"broker", "voice.zh", "model.en"}
    assert all(failed.values())


def test_a_rehearsal_that_goes_as_the_phones_tell_is_good(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "quick.yaml"
    file.write_text(REHEARSAL.format(outcome="busy"), encoding="utf-8")
    report = program.read("rehearse", file)
    assert [row["outcome"] for row in report["rows"]] == ["busy", "no_answer"]
    folder = Path(report["folder"])
    assert folder.parent == program.home / "rehearsals"
    assert "Busy" in (folder / "transcripts" / "call-1.txt").read_text(encoding="utf-8")


def test_a_rehearsal_with_another_outcome_than_expected_fails_and_names_the_number(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "quick.yaml"
    file.write_text(REHEARSAL.format(outcome="acknowledged"), encoding="utf-8")
    done = program("rehearse", file)
    assert done.returncode == 1
    assert "+86111****0013 outcome is busy" in done.stdout
