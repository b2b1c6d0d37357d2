"""Scripts from YAML files, and the choice of one for a case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scripts.model import Script
from scripts.yaml_lines import Lines, Problem, ScriptError, read_yaml

__all__ = ["LIBRARY", "NoScriptError", "Problem", "ScriptError", "ScriptLibrary", "load_library", "load_script"]

LIBRARY = Path(__file__).parent / "library"
"""The scripts that come with the program, one folder a language."""


class NoScriptError(Exception):
    """The library has no script in the language of a case."""


def load_script(path: Path) -> Script:
    """The script in one file, its shape checked; raises `ScriptError` with file, line and reason."""
    data, lines = read_yaml(path)
    try:
        return Script.model_validate(data).located(str(path), lines)
    except ValidationError as error:
        raise ScriptError([_problem(path, lines, dict(detail)) for detail in error.errors()]) from None


def load_library(folder: Path = LIBRARY) -> dict[str, Script]:
    """All scripts below a folder by name; raises `ScriptError` with the problems of all files together."""
    scripts: dict[str, Script] = {}
    problems: list[Problem] = []
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
    if not files:
        raise ScriptError([Problem(str(folder), 0, "has no script; put a .yaml file there or name another folder")])
    for path in files:
        try:
            script = load_script(path)
        except ScriptError as error:
            problems += error.problems
            continue
        if script.name in scripts:
            other = scripts[script.name].file
            problems.append(Problem(str(path), script.line("name"), f"the name {script.name} is taken by {other}"))
        else:
            scripts[script.name] = script
    if problems:
        raise ScriptError(problems)
    return scripts


class ScriptLibrary:
    """The scripts that a node may use."""

    def __init__(self, scripts: Iterable[Script]) -> None:
        self._scripts = sorted(scripts, key=lambda script: script.name)

    @classmethod
    def load(cls, folder: Path = LIBRARY) -> ScriptLibrary:
        """All scripts below a folder; raises `ScriptError`."""
        return cls(load_library(folder).values())

    @property
    def scripts(self) -> tuple[Script, ...]:
        """All scripts, by name."""
        return tuple(self._scripts)

    def choose(self, language: str, scam_type: str) -> Script:
        """The script for a case.

        The language's script for the scam type, else its general one, else any of it; ``en-GB`` may use one in ``en``.
        Raises `NoScriptError`.
        """
        known = [script for script in self._scripts if script.language.lower() == language.lower()]
        known = known or [script for script in self._scripts if _primary(script.language) == _primary(language)]
        if not known:
            have = ", ".join(sorted({script.language for script in self._scripts})) or "none"
            raise NoScriptError(f"no script in {language!r} (languages with scripts: {have}); add one to the library")
        exact = [script for script in known if script.scam_type == scam_type]
        general = [script for script in known if not script.scam_type]
        return (exact or general or known)[0]


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]


def _problem(path: Path, lines: Lines, detail: dict[str, Any]) -> Problem:
    place = tuple(map(str, detail["loc"]))
    near = place
    while near and near not in lines:
        near = near[:-1]
    key = ".".join(place)
    if detail["type"] == "missing":
        reason = f"{key} is missing"
    elif detail["type"] == "extra_forbidden":
        reason = f"{key} is not a key of a script"
    else:
        reason = f"{key}: {str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}"
    return Problem(str(path), lines.get(near, 1), reason)
