"""Scripts from YAML files, and the choice of one for a case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scripts.layers import LIBRARY, Whole, is_script, read_layers
from scripts.model import RELATIVE, STANDARD, Script
from scripts.yaml_lines import Problem, ScriptError

__all__ = [
    "LIBRARY",
    "NoScriptError",
    "Problem",
    "ScriptError",
    "ScriptLibrary",
    "load_library",
    "load_script",
    "load_versions",
    "script_files",
]


class NoScriptError(Exception):
    """The library has no script in the language of a case."""


POINTS_FOLDER = "talking_points"
"""In a folder of scripts, the folder of what is no script but beside a dissuader's call: see `scripts.points`."""


def script_files(folder: Path) -> list[Path]:
    """The scripts below a folder, without the frames that they are laid over and without talking points."""
    found = (path for path in folder.rglob("*") if is_script(path))
    return sorted(path for path in found if POINTS_FOLDER not in path.relative_to(folder).parts[:-1])


def load_versions(path: Path) -> list[Script]:
    """Every version in one file, the standard one first, its shape checked.

    Raises `ScriptError` with file, line and reason of all that is wrong.
    """
    if not is_script(path):
        raise ScriptError([Problem(str(path), 0, "is a frame, no script; check a script that names it")])
    scripts: list[Script] = []
    problems: list[Problem] = []
    for whole in read_layers(path):
        try:
            scripts.append(Script.model_validate(whole.data).located(str(path), whole.places))
        except ValidationError as error:
            found = [_problem(path, whole, dict(detail)) for detail in error.errors()]
            problems += [each for each in found if each not in problems]
    if problems:
        raise ScriptError(problems)
    return scripts


def load_script(path: Path, version: str = STANDARD) -> Script:
    """One version of the script in a file; raises `ScriptError`."""
    for script in load_versions(path):
        if script.version == version:
            return script
    raise ScriptError([Problem(str(path), 0, f"has no version {version!r}")])


def load_library(folder: Path = LIBRARY) -> dict[str, Script]:
    """All scripts below a folder, in all versions, by name; raises `ScriptError` with the problems of all files."""
    scripts: dict[str, Script] = {}
    problems: list[Problem] = []
    files = script_files(folder)
    if not files:
        raise ScriptError([Problem(str(folder), 0, "has no script; put a .yaml file there or name another folder")])
    for path in files:
        try:
            versions = load_versions(path)
        except ScriptError as error:
            problems += [each for each in error.problems if each not in problems]
            continue
        for script in versions:
            if script.name in scripts:
                other = scripts[script.name].file
                file, line = script.place("name")
                problems.append(Problem(file, line, f"the name {script.name} is taken by {other}"))
            else:
                scripts[script.name] = script
    if problems:
        raise ScriptError(problems)
    return scripts


class ScriptLibrary:
    """The scripts that a node may use."""

    def __init__(self, scripts: Iterable[Script]) -> None:
        self._scripts = sorted(scripts, key=lambda script: (script.name.partition(".")[2], script.name))

    @classmethod
    def load(cls, folder: Path = LIBRARY) -> ScriptLibrary:
        """All scripts below a folder; raises `ScriptError`."""
        return cls(load_library(folder).values())

    @property
    def scripts(self) -> tuple[Script, ...]:
        """All scripts in all versions, by language and name."""
        return tuple(self._scripts)

    def choose(self, language: str, scam_type: str, version: str = STANDARD) -> Script:
        """The script for a case, in one of `scripts.model.VERSIONS`.

        The language's script for the scam type, else its general one, else any of it; ``en-GB`` may use one in ``en``.
        A script without the version serves in its standard one, but what is said to the subject is not said to a
        relative: there the general script's version goes before. Raises `NoScriptError`.
        """
        known = [script for script in self._scripts if script.language.lower() == language.lower()]
        known = known or [script for script in self._scripts if _primary(script.language) == _primary(language)]
        if not known:
            have = ", ".join(sorted({script.language for script in self._scripts})) or "none"
            raise NoScriptError(f"no script in {language!r} (languages with scripts: {have}); add one to the library")
        wanted = [(scam_type, version), (scam_type, STANDARD), ("", version), ("", STANDARD)]
        if version == RELATIVE:
            wanted.sort(key=lambda each: each[1] != version)
        for each in wanted:
            for script in known:
                if (script.scam_type, script.version) == each:
                    return script
        return next((script for script in known if script.version == STANDARD), known[0])


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]


def _problem(path: Path, whole: Whole, detail: dict[str, Any]) -> Problem:
    keys = tuple(map(str, detail["loc"]))
    near = keys
    while near and near not in whole.places:
        near = near[:-1]
    file, line = whole.places.get(near, (str(path), 1))
    key = ".".join(keys)
    if detail["type"] == "missing":
        reason = f"{key} is missing"
        if file != str(path):
            file, line = whole.own
            reason += f"; {whole.frame} leaves it to each script"
            reason += "" if whole.version == STANDARD else f", below versions.{whole.version}"
    elif detail["type"] == "extra_forbidden":
        reason = f"{key} is not a key of a script"
    else:
        reason = f"{key}: {str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}"
    return Problem(file, line, reason)
