"""A script's file laid over the frame that it names, once for each version, with the place of every key.

A frame holds the course of the talk that many scripts share; a script holds what is said about its own fraud. Mappings
are laid over each other key by key, anything else is replaced, and a key without a value is left out. What is laid
over what: the frame, the script, the frame's version, the script's version.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.model import STANDARD, VERSIONS, Place, Places
from scripts.yaml_lines import Lines, Problem, ScriptError, read_yaml

LIBRARY = Path(__file__).parent / "library"
"""The scripts and frames that come with the program, one folder a language."""

FRAME_SUFFIX = ".frame.yaml"
"""Files that are no scripts but what scripts are laid over."""


@dataclass(frozen=True, slots=True)
class Whole:
    """One version of a script, all its layers laid over each other; its shape is not checked yet."""

    version: str
    data: dict[str, Any]
    places: Places
    own: Place
    """Where the script itself would have to say what nobody says."""
    frame: str = ""
    """Name of the frame's file; empty without one."""


def is_script(path: Path) -> bool:
    """Whether a file is a script by its name."""
    return path.suffix in {".yaml", ".yml"} and not path.name.endswith(FRAME_SUFFIX)


def read_layers(path: Path) -> list[Whole]:
    """Every version in a script's file, the standard one first; raises `ScriptError`."""
    script = _read(path)
    frame = _read(_frame(script)) if "frame" in script.data else None
    layers = [layer for layer in (frame, script) if layer is not None]
    names = dict.fromkeys([STANDARD, *(name for layer in layers for name in layer.versions())])
    return [_whole(layers, name) for name in names]


@dataclass(frozen=True, slots=True)
class _Layer:
    file: str
    data: Mapping[str, Any]
    lines: Lines
    prefix: tuple[str, ...] = ()
    """Where in the file it is."""

    def line(self, *path: str) -> int:
        """The line of a key, or of the nearest one above it."""
        full = (*self.prefix, *path)
        while full and full not in self.lines:
            full = full[:-1]
        return self.lines.get(full, 1)

    def versions(self) -> dict[str, _Layer]:
        """What it says of each version."""
        given = self.data.get("versions", {})
        if not isinstance(given, Mapping):
            raise self._error("versions must be a mapping of versions to what is different in them", "versions")
        for name, data in given.items():
            if name not in VERSIONS or name == STANDARD:
                known = ", ".join(each for each in VERSIONS if each != STANDARD)
                raise self._error(f"versions: there is no version {name!r}; one of {known}", "versions", str(name))
            if not isinstance(data, Mapping):
                raise self._error(f"versions.{name} must be a mapping of keys to values", "versions", name)
        return {
            name: _Layer(self.file, data, self.lines, (*self.prefix, "versions", name)) for name, data in given.items()
        }

    def _error(self, reason: str, *path: str) -> ScriptError:
        return ScriptError([Problem(self.file, self.line(*path), reason)])


@dataclass(slots=True)
class _Merging:
    data: dict[str, Any] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def lay(self, layer: _Layer, *, first: bool) -> None:
        """Lay one more over what is there."""
        self._merge(self.data, layer.data, (), layer, first)

    def _merge(
        self, into: dict[str, Any], data: Mapping[str, Any], path: tuple[str, ...], layer: _Layer, first: bool
    ) -> None:
        for key, value in data.items():
            here = (*path, str(key))
            if here in {("frame",), ("versions",)}:
                continue
            if value is None:
                if into.pop(key, None) is None and not first:
                    reason = (
                        f"{'.'.join(here)} has no value; without one a key leaves out what is below, and nothing is"
                    )
                    self.problems.append(Problem(layer.file, layer.line(*here), reason))
                self._forget(here)
                continue
            if isinstance(value, Mapping) and isinstance(into.get(key), dict):
                self._merge(into[key], value, here, layer, first)
            elif isinstance(value, Mapping):
                into[key] = {}
                self._forget(here)
                self._merge(into[key], value, here, layer, first)
            else:
                into[key] = value
                self._forget(here)
                if isinstance(value, list):
                    self.places |= {(*here, str(n)): (layer.file, layer.line(*here, str(n))) for n in range(len(value))}
            self.places[here] = (layer.file, layer.line(*here))

    def _forget(self, path: tuple[str, ...]) -> None:
        for below in [each for each in self.places if each[: len(path)] == path]:
            del self.places[below]


def _whole(layers: list[_Layer], version: str) -> Whole:
    script = layers[-1]
    over = [versions[version] for layer in layers if version in (versions := layer.versions())]
    merging = _Merging()
    for number, layer in enumerate([*layers, *over]):
        merging.lay(layer, first=number == 0)
    if "version" in merging.data:
        file, line = merging.places["version",]
        merging.problems.append(Problem(file, line, "version is not a key of a script; write below 'versions'"))
    if merging.problems:
        raise ScriptError(merging.problems)
    mine = over[-1] if over and over[-1].file == script.file else script
    name = merging.data.get("name")
    if version != STANDARD and isinstance(name, str):
        merging.data["name"] = version_name(name, version)
    merging.data["version"] = version
    frame = Path(layers[0].file).name if len(layers) > 1 else ""
    return Whole(version, merging.data, merging.places, (script.file, mine.line("steps")), frame)


def version_name(name: str, version: str) -> str:
    """``fake-police.zh-CN`` in the version ``elderly`` is ``fake-police-elderly.zh-CN``."""
    stem, dot, language = name.partition(".")
    return name if version == STANDARD else f"{stem}-{version}{dot}{language}"


def _frame(script: _Layer) -> Path:
    """The file of the frame that a script names: beside it, else the built-in one of its language."""
    name = script.data["frame"]
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
        reason = f"frame: {name!r} is no name; 'call' means call{FRAME_SUFFIX}"
        raise ScriptError([Problem(script.file, script.line("frame"), reason)])
    folders = [Path(script.file).parent, LIBRARY / str(script.data.get("language"))]
    for folder in folders:
        if (file := folder / (name + FRAME_SUFFIX)).is_file():
            return file
    reason = f"frame: there is no {name}{FRAME_SUFFIX} in {' or '.join(map(str, dict.fromkeys(folders)))}"
    raise ScriptError([Problem(script.file, script.line("frame"), reason)])


def _read(path: Path) -> _Layer:
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _Layer(str(path), *_parsed(path, stamp))


@functools.lru_cache(maxsize=8)
def _parsed(path: Path, _stamp: int) -> tuple[dict[str, Any], Lines]:
    """A file, read once for all scripts that are laid over it; nothing may change what it returns."""
    return read_yaml(path)
