"""A script laid over its frame is what its author would have written in one file, and says where each part is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.checks import check_files
from scripts.layers import version_name
from scripts.loader import ScriptError, load_library, load_script, load_versions
from scripts.model import ENDINGS, Script
from scripts.writing import to_yaml
from speech.assessment import SIGNALS

pytestmark = pytest.mark.unit

FRAME = """\
language: en
start: opening
steps:
  opening:
    say: This call is recorded.
    next: ask
  ask:
    asks: contacted
    yes: warning
    no: warning
  warning:
    key_warning: true
    next: goodbye
  goodbye:
    say: Call {callback_number}. Goodbye.
    end: warned
phrases: {hold: Hold., still_holding: Still., nobody_free: Nobody., whisper: "{name}"}
versions:
  elderly:
    rate: 0.9
    patience: 2
    steps:
      ask: {say: }
"""

SCRIPT = """\
name: small.en
language: en
title: Small
frame: call
steps:
  ask:
    say: Has a stranger called you?
  warning:
    say: Never send money to a stranger.
talking_points: [Listen., Listen longer., Listen still.]
versions:
  elderly:
    steps:
      ask: {say: A stranger called?}
  callback:
    steps:
      opening:
        next: warning
      ask:
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "call.frame.yaml").write_text(FRAME, encoding="utf-8")
    return written(tmp_path, SCRIPT)


def written(folder: Path, text: str, name: str = "small.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def problems(path: Path) -> list[str]:
    return [str(problem) for problem in check_files([path], SIGNALS, ENDINGS)[1]]


def test_a_file_holds_the_versions_of_its_frame_and_its_own(script: Path) -> None:
    versions = {each.version: each for each in load_versions(script)}
    assert [each.name for each in versions.values()] == ["small.en", "small-elderly.en", "small-callback.en"]
    assert (versions["elderly"].rate, versions["elderly"].patience) == (0.9, 2)
    assert versions["elderly"].steps["ask"].say == "A stranger called?"
    assert versions["standard"].steps["ask"].say == "Has a stranger called you?"
    assert versions["standard"].rate == versions["callback"].rate == 1
    assert problems(script) == []


def test_a_key_without_a_value_leaves_out_what_the_frame_says(script: Path) -> None:
    assert "ask" not in load_script(script, "callback").steps


def test_every_part_knows_the_file_and_line_where_it_is_written(script: Path) -> None:
    frame = str(script.parent / "call.frame.yaml")
    elderly = load_script(script, "elderly")
    assert elderly.place("steps", "opening", "say") == (frame, 5)
    assert elderly.place("steps", "warning", "say") == (str(script), 9)
    assert elderly.place("steps", "warning", "next") == (frame, 13)
    assert elderly.place("steps", "ask", "say") == (str(script), 14)
    assert elderly.place("rate") == (frame, 20)
    assert elderly.place("talking_points", "1") == (str(script), 10)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "  warning:\n    say: Never send money to a stranger.\n",
            "",
            "small.yaml:5: steps.warning.say is missing; call.frame.yaml leaves it to each script",
        ),
        (
            "      ask: {say: A stranger called?}",
            "      {}",
            "call.frame.yaml leaves it to each script, below versions.el",
        ),
        ("frame: call", "frame: tall", "small.yaml:4: frame: there is no tall.frame.yaml in"),
        ("frame: call", "frame: ../call", "small.yaml:4: frame: '../call' is no name"),
        ("  callback:", "  hurried:", "small.yaml:15: versions: there is no version 'hurried'; one of elderly"),
        ("      ask:\n", "      aks:\n", "small.yaml:19: steps.aks has no value"),
        ("title: Small", "title: Small\nversion: elderly", "small.yaml:4: version is not a key of a script"),
        (
            "next: warning",
            "next: warming",
            "small.yaml:18: opening.next: there is no step 'warming' (in small-callback",
        ),
    ],
)
def test_a_fault_is_told_at_the_right_file_and_line(script: Path, old: str, new: str, told: str) -> None:
    assert old in SCRIPT
    written(script.parent, SCRIPT.replace(old, new, 1))
    assert any(told in problem for problem in problems(script)), problems(script)


def test_a_fault_of_a_frame_is_told_once_with_the_scripts_that_have_it(script: Path) -> None:
    frame = script.parent / "call.frame.yaml"
    frame.write_text(FRAME.replace("Call {callback_number}. Goodbye.", "Tell me the code."), encoding="utf-8")
    written(script.parent, SCRIPT.replace("small.en", "other.en"), "other.yaml")
    asked = [problem for problem in problems(script.parent) if "asks for a code" in problem]
    assert len(asked) == 1
    assert asked[0].startswith(f"{frame}:15: goodbye.say: ")
    assert asked[0].endswith("(in other.en and 5 more)")


def test_a_frame_is_no_script(script: Path) -> None:
    assert load_library(script.parent).keys() == {"small.en", "small-elderly.en", "small-callback.en"}
    with pytest.raises(ScriptError, match="is a frame"):
        load_versions(script.parent / "call.frame.yaml")


def test_without_a_frame_beside_it_a_script_is_laid_over_the_built_in_one_of_its_language(tmp_path: Path) -> None:
    own = (Path(str(load_library()["loan.en"].file))).read_text(encoding="utf-8")
    script = load_script(written(tmp_path, own.replace("loan.en", "ours.en")), "relative")
    assert script.name == "ours-relative.en"
    assert script.steps["opening"].say.startswith("Hello. ")


def test_a_frame_that_was_changed_is_read_again(script: Path) -> None:
    load_versions(script)
    (script.parent / "call.frame.yaml").write_text(FRAME.replace("recorded", "recorded now"), encoding="utf-8")
    assert load_script(script).steps["opening"].say == "This call is recorded now."


@pytest.mark.parametrize("script", load_library().values(), ids=lambda script: script.name)
def test_a_script_written_out_whole_is_the_same_script(tmp_path: Path, script: Script) -> None:
    again = load_script(written(tmp_path, to_yaml(script)))
    assert again.model_dump() == {**script.model_dump(), "version": "standard"}


def test_the_version_comes_before_the_language_in_a_name() -> None:
    assert version_name("loan.en", "elderly") == "loan-elderly.en"
    assert version_name("loan", "elderly") == "loan-elderly"
    assert version_name("loan.en", "standard") == "loan.en"
