"""A script comes out of its file as it was written, or the author is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.loader import NoScriptError, ScriptError, ScriptLibrary, load_library, load_script

pytestmark = pytest.mark.unit

GOOD = """\
name: small.en
language: en
title: Small
start: opening
steps:
  opening:
    say: This call is recorded.
    next: warning
  warning:
    say: Never send money. Call {callback_number}.
    key_warning: true
    end: warned
phrases:
  hold: Hold.
  still_holding: Still.
  nobody_free: Nobody.
  whisper: "{name}"
"""


def written(folder: Path, text: str, name: str = "script.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    end: warned\n", "    end: warned\n    ends: warned\n", 13, "steps.warning.ends is not a key"),
        ("    say: This call is recorded.\n", "", 6, "steps.opening.say is missing"),
        ("key_warning: true", "key_warning: perhaps", 11, "steps.warning.key_warning"),
        ("title: Small", "title: [Small]", 3, "title: input should be a valid string"),
        ("  hold: Hold.\n", "", 13, "phrases.hold is missing"),
        ("title: Small", "title: Small\ntitle: Again", 4, "is not valid YAML"),
        ("start: opening", "start: 'opening", 5, "is not valid YAML"),
    ],
)
def test_a_fault_is_told_with_file_line_and_reason(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    problem = caught.value.problems[0]
    assert problem.file == str(path)
    assert reason in problem.reason
    assert abs(problem.line - line) <= 1
    assert f"{path}:{problem.line}: " in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("title: Small\n", "").replace("  hold: Hold.\n", ""))
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    assert {problem.reason for problem in caught.value.problems} == {"title is missing", "phrases.hold is missing"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "must be a mapping"), (b"- one\n", "must be a mapping"), (b"name: \xff\xfe\n", "not UTF-8")],
)
def test_a_file_that_is_no_script_is_told_without_a_traceback(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes(content)
    with pytest.raises(ScriptError, match=reason):
        load_script(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="cannot be read"):
        load_script(tmp_path / "none.yaml")


def test_yes_and_no_are_keys_not_truth_values(tmp_path: Path) -> None:
    question = "    say: Anyone?\n    asks: contacted\n    yes: warning\n    no: warning\n"
    script = load_script(
        written(tmp_path, GOOD.replace("    say: This call is recorded.\n    next: warning\n", question))
    )
    assert (script.steps["opening"].yes, script.steps["opening"].no) == ("warning", "warning")


def test_every_key_knows_its_line(tmp_path: Path) -> None:
    script = load_script(written(tmp_path, GOOD))
    assert script.place("steps", "warning", "say") == (script.file, 10)
    assert script.place("steps", "warning", "no such key") == (script.file, 9)


def test_two_scripts_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "a.yaml")
    written(tmp_path, GOOD, "b.yaml")
    with pytest.raises(ScriptError, match=r"b\.yaml:1: the name small\.en is taken by .*a\.yaml"):
        load_library(tmp_path)


def test_an_empty_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="has no script"):
        load_library(tmp_path)


@pytest.mark.parametrize(
    ("language", "scam_type", "name"),
    [
        ("zh-CN", "冒充公检法", "fake-police.zh-CN"),
        ("zh-CN", "冒充电商物流客服", "fake-customer-service.zh-CN"),
        ("zh-CN", "虚假投资理财", "investment.zh-CN"),
        ("zh-CN", "其他", "general.zh-CN"),
        ("zh-CN", "", "general.zh-CN"),
        ("zh-Hans", "冒充公检法", "fake-police.zh-CN"),
        ("en", "fake police", "fake-police.en"),
        ("en-GB", "romance", "romance.en"),
        ("en-GB", "lottery", "general.en"),
    ],
)
def test_a_case_gets_the_script_of_its_type_or_the_general_one(language: str, scam_type: str, name: str) -> None:
    assert ScriptLibrary.load().choose(language, scam_type).name == name


@pytest.mark.parametrize(
    ("scam_type", "version", "name"),
    [
        ("loan", "elderly", "loan-elderly.en"),
        ("lottery", "callback", "general-callback.en"),
        ("", "relative", "general-relative.en"),
    ],
)
def test_a_case_gets_the_version_that_it_needs(scam_type: str, version: str, name: str) -> None:
    assert ScriptLibrary.load().choose("en", scam_type, version).name == name


def test_a_script_without_the_version_serves_in_its_standard_one_but_not_for_a_relative() -> None:
    scripts = load_library()
    library = ScriptLibrary(s for s in scripts.values() if s.scam_type != "loan" or s.version == "standard")
    assert library.choose("en", "loan", "elderly").name == "loan.en"
    assert library.choose("en", "loan", "callback").name == "loan.en"
    assert library.choose("en", "loan", "relative").name == "general-relative.en"


def test_without_a_general_script_any_of_the_language_serves() -> None:
    library = ScriptLibrary(script for script in load_library().values() if script.name == "fake-police.en")
    assert library.choose("en", "romance").name == "fake-police.en"


def test_a_language_without_scripts_is_an_error_that_names_the_others() -> None:
    with pytest.raises(NoScriptError, match=r"'fr'.*en, zh-CN"):
        ScriptLibrary.load().choose("fr", "")
