"""YAML with the line of every key, so that an error can be found in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

LARGEST_FILE_BYTES = 1_000_000
"""A script is a few kilobytes; more is a mistake."""

Lines = dict[tuple[str, ...], int]
"""Path of keys (list positions as digits) to the line where it begins, counted from 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file, said to the person who edits it."""

    file: str
    line: int
    """Counted from 1; 0 if it is about the file as a whole."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class ScriptError(Exception):
    """A script cannot be used; ``problems`` says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_yaml(path: Path, *, largest: int = LARGEST_FILE_BYTES, what: str = "a script") -> tuple[dict[str, Any], Lines]:
    """The mapping in a YAML 1.2 file and its lines; raises `ScriptError`, also with more bytes than ``what`` has."""
    try:
        if path.stat().st_size > largest:
            raise _error(path, 0, f"is larger than {largest} bytes; is it {what}?")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _error(path, line, "is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise _error(path, 0, f"cannot be read: {error.strerror}") from error
    try:
        data = YAML().load(text)
    except MarkedYAMLError as error:
        unclosed = "end of stream" in (error.problem or "")
        mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
        reason = (error.problem or error.context or "unreadable").split("\n")[0]
        raise _error(path, mark.line + 1 if mark else 0, f"is not valid YAML: {reason}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _error(path, 0, f"is not valid YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(data, CommentedMap):
        raise _error(path, 1 if data is not None else 0, "must be a mapping of keys to values")
    lines: Lines = {}
    return _plain(data, (), lines), lines


def _plain(node: Any, path: tuple[str, ...], lines: Lines) -> Any:
    if isinstance(node, CommentedMap):
        for key in node:
            lines[*path, str(key)] = node.lc.key(key)[0] + 1 if key in (node.lc.data or {}) else lines.get(path, 1)
        return {key: _plain(value, (*path, str(key)), lines) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            lines[*path, str(index)] = node.lc.item(index)[0] + 1
        return [_plain(value, (*path, str(index)), lines) for index, value in enumerate(node)]
    return str(node) if isinstance(node, str) else node


def _error(path: Path, line: int, reason: str) -> ScriptError:
    return ScriptError([Problem(str(path), line, reason)])
