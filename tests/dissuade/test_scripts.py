"""``dissuade scripts`` as an author uses it, and one of the rehearsals that come with the scripts."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rehearsal.scenario import LIBRARY
from tests.dissuade.program import Program

pytestmark = pytest.mark.acceptance


def test_every_script_is_listed_with_its_versions(program: Program) -> None:
    listed = program.read("scripts", "list")
    assert {script["version"] for script in listed if script["scam_type"] == "虚假征信"} == {
        *("standard", "elderly", "relative", "callback")
    }
    assert "callback, elderly, relative" in program("scripts", "list").stdout


def test_a_script_is_drawn_as_a_tree_a_flowchart_and_one_file(program: Program, tmp_path: Path) -> None:
    assert (
        "? ask-screen  他看得到您的手机吗？"
        in program(*("scripts", "show", "credit-record.zh-CN", "--version", "elderly")).stdout
    )
    assert program("scripts", "show", "loan.en", "--mermaid").stdout.startswith("flowchart TD\n")
    whole = tmp_path / "whole.yaml"
    whole.write_text(program("scripts", "show", "loan.en", "--whole").stdout, encoding="utf-8")
    assert program.read("scripts", "check", whole) == {"checked": 1, "problems": []}


def test_a_script_that_is_not_there_is_told_with_what_to_do(program: Program) -> None:
    done = program("scripts", "show", "loam.en")
    assert done.returncode == 1
    assert "there is no script 'loam.en'" in done.stderr
    assert "dissuade scripts list" in done.stderr


def test_a_prompt_is_rendered_at_the_pace_of_its_version(program: Program, tmp_path: Path) -> None:
    seconds = {}
    for version in ("standard", "elderly"):
        file = tmp_path / f"{version}.wav"
        said = program.read("scripts", "say", "loan.en", "goodbye", "--version", version, "--out", file)
        with wave.open(str(file)) as sound:
            assert sound.getframerate() == 8000
            assert sound.getnframes() / 8000 == pytest.approx(said["seconds"], abs=0.01)
        assert said["text"] == "Any doubt, call 96110. Goodbye."
        seconds[version] = said["seconds"]
    assert seconds["elderly"] / seconds["standard"] == pytest.approx(1 / 0.85, rel=0.06)


def test_a_step_that_is_not_there_is_told_with_those_that_are(program: Program) -> None:
    done = program("scripts", "say", "loan.en", "warming")
    assert done.returncode == 1
    assert "loan.en has no step 'warming'" in done.stderr
    assert "warning" in done.stderr


def test_over_real_sip_who_speaks_for_the_subject_hears_nothing_of_the_case(program: Program, tmp_path: Path) -> None:
    yaml = YAML()
    scenario = yaml.load((LIBRARY / "loan-denial-zh.yaml").read_text(encoding="utf-8"))
    scenario["phones"] = [phone for phone in scenario["phones"] if phone["number"] != "+8611100000058"]
    file = tmp_path / "small.yaml"
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(scenario, out)
    report = program.read("rehearse", file)
    assert sorted(row["outcome"] for row in report["rows"]) == ["acknowledged", "forwarded"]
    told = [path.read_text(encoding="utf-8") for path in (Path(report["folder"]) / "transcripts").glob("*.txt")]
    spoken_for = next(text for text in told if "他不在" in text)
    assert "请本人有空时" in spoken_for
    assert "手续费" not in spoken_for
