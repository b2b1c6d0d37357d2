"""YAML files with checked models: whatever is wrong is told with file, line and reason."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from rehearsal.errors import ScenarioError
from scripts.yaml_lines import Lines, ScriptError, read_yaml

LARGEST_FILE_BYTES = 8_000_000
"""Ten thousand people take two million."""
M = TypeVar("M", bound=BaseModel)


def load(path: Path, model: type[M]) -> tuple[M, Lines]:
    """Read ``path`` and check it against ``model``; raises `ScenarioError` naming every fault with its line."""
    try:
        data, lines = read_yaml(path, largest=LARGEST_FILE_BYTES, what="a rehearsal")
    except ScriptError as error:
        raise ScenarioError(str(error)) from None
    try:
        return model.model_validate(data), lines
    except ValidationError as invalid:
        faults = [each for each in invalid.errors() if not _follows_from_another(each["loc"], invalid)]
        told = sorted({(line_of(lines, *each["loc"]), _reason(each["loc"], each["msg"])) for each in faults})
        raise ScenarioError("\n".join(f"{path}:{line}: {reason}" for line, reason in told)) from None


def line_of(lines: Lines, *loc: int | str) -> int:
    """The line of the deepest part of ``loc`` that is in the file."""
    place = tuple(map(str, loc))
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _follows_from_another(loc: tuple[int | str, ...], invalid: ValidationError) -> bool:
    """A list whose only item is faulty is told as too short, too: the fault inside it is the one to mend."""
    return any(len(each["loc"]) > len(loc) and each["loc"][: len(loc)] == loc for each in invalid.errors())


def _reason(loc: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, loc))
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        message = "unknown key"
    return f"{where}: {message}" if where else message
