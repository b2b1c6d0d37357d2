"""Talking points are there for every scam type, and a faulty file is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.checks import check_files
from scripts.loader import LIBRARY, POINTS_FOLDER, ScriptError, load_library
from scripts.points import POINTS, PointsLibrary, TalkingPoints, load_points

pytestmark = pytest.mark.unit

GOOD = """\
language: en
types:
  boss:
    ask: [Has it gone?]
    told: [A new number.]
    convinces: [Ring the old number.]
    act: [Two people for every payment.]
    never: [Never threaten.]
"""


def written(folder: Path, text: str, name: str = "en.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_scam_type_that_has_a_script_has_talking_points_of_its_own() -> None:
    library = PointsLibrary.load(POINTS)
    for script in load_library(LIBRARY).values():
        assert library.choose(script.language, script.scam_type) is not None
        assert not script.scam_type or script.scam_type in library.types(script.language), script.name


def test_a_scam_type_without_points_gets_the_general_ones_of_the_language() -> None:
    library = PointsLibrary.load(POINTS)
    general = library.choose("en", "")
    assert library.choose("en-GB", "lottery") == general
    assert library.choose("zh-CN", "lottery") == library.choose("zh-CN", "") != general


def test_a_type_known_in_another_language_alone_is_taken_from_there_only_without_any_in_ones_own() -> None:
    points = load_points(POINTS / "en.yaml")
    english = PointsLibrary({key: each for key, each in points.items() if key[1]})
    assert english.choose("zh-CN", "boss") == points["en", "boss"]
    assert english.choose("zh-CN", "没有的类型") is None


def test_a_centres_own_points_go_before_the_built_in_ones_type_by_type(tmp_path: Path) -> None:
    written(tmp_path / POINTS_FOLDER, GOOD)
    library = PointsLibrary.load(POINTS, tmp_path / POINTS_FOLDER, tmp_path / "absent")
    own = library.choose("en", "boss")
    assert isinstance(own, TalkingPoints)
    assert own.ask == ("Has it gone?",)
    assert library.choose("en", "loan") == PointsLibrary.load(POINTS).choose("en", "loan")


def test_talking_points_in_a_folder_of_scripts_are_not_taken_for_scripts(tmp_path: Path) -> None:
    written(tmp_path / POINTS_FOLDER, GOOD)
    with pytest.raises(ScriptError, match="has no script"):
        load_library(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    told: [A new number.]\n", "", 3, "types.boss.told is missing"),
        ("    never: [", "    ever: [", 8, "types.boss.ever is not a key"),
        ("    never: [Never threaten.]", "    never: []", 8, "types.boss.never"),
        ("[Has it gone?]", "[Has it gone?, a b, c d, e f]", 3, "boss has 8 points; 5 to 7"),
        ("[Has it gone?]", f"[{'long ' * 60}]", 4, "a point of 299 characters"),
        ("language: en\n", "", 1, "language is missing"),
        ("types:", "types: [", 4, "is not valid YAML"),
    ],
)
def test_a_fault_is_told_with_file_line_and_reason(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ScriptError) as caught:
        PointsLibrary.load(tmp_path)
    told = [problem for problem in caught.value.problems if reason in problem.reason]
    assert told, caught.value
    assert told[0].file == str(path)
    assert abs(told[0].line - line) <= 1


def test_the_check_of_a_centres_scripts_checks_its_talking_points_too(tmp_path: Path) -> None:
    path = written(tmp_path / POINTS_FOLDER, GOOD.replace("    never: [Never threaten.]\n", ""))
    for place in (tmp_path, path):
        _, problems = check_files([place], (), ())
        assert "types.boss.never is missing" in {problem.reason for problem in problems}
    written(tmp_path / POINTS_FOLDER, GOOD)
    assert check_files([path], (), ()) == (0, [])
