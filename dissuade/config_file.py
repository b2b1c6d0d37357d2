"""Reads ``dissuade.toml`` and the environment into a `Config`; says of a mistake which key and where."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from dissuade.config import ENV_DELIMITER, ENV_PREFIX, GONE, Config
from dissuade.errors import ConfigError
from dissuade.home import VARIABLE, Home, find_home

CONFIG_VARIABLE = "DISSUADE_CONFIG"
"""Environment variable that names the file, like ``--config``."""

Location = tuple[str | int, ...]


def load(file: Path | None = None, *, home: Home | None = None) -> Config:
    """The configuration from ``file`` (default: ``dissuade.toml`` in the home folder, if there is one).

    The environment goes before the file. Relative paths in a file are relative to its folder. ``home``, or else
    ``$DISSUADE_HOME``, goes before ``node.home``. Raises `ConfigError`.
    """
    where = home or find_home()
    path = (file or where.config_file).absolute()
    text = _read(path, required=file is not None)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: not valid TOML: {error}", "see https://toml.io, or begin with `dissuade init`"
        ) from None
    _refuse_unknown_variables()
    _prepare(data, Config, path.parent)
    node = data.setdefault("node", {})
    if isinstance(node, dict) and (home or os.environ.get(VARIABLE) or "home" not in node):
        node["home"] = str(where.root)
    try:
        return Config(**data)
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(error, path, text)), "`dissuade init --print` shows every key") from None


def _read(path: Path, *, required: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        if not required:
            return ""
        raise ConfigError(f"{path}: no such file", "make one with `dissuade init`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}", "see its permissions; it must be UTF-8") from None


def _refuse_unknown_variables() -> None:
    """pydantic-settings reports unknown keys of a known section, but not a section that it does not know."""
    for name in os.environ:
        if not name.startswith(ENV_PREFIX) or name in {VARIABLE, CONFIG_VARIABLE}:
            continue
        section = name.removeprefix(ENV_PREFIX).partition(ENV_DELIMITER)[0].lower()
        if section not in Config.model_fields:
            raise ConfigError(
                f"environment: {name}: unknown setting{_meant(section, Config.model_fields)}",
                f"settings are named {ENV_PREFIX}<SECTION>{ENV_DELIMITER}<KEY>; unset it if it is not one of ours",
            )


def _prepare(data: dict[str, Any], model: type[BaseModel], folder: Path) -> None:
    """Make relative paths absolute; an empty text means the default where that is none or found out at run time."""
    for name, info in model.model_fields.items():
        value = data.get(name)
        if isinstance(value, dict) and isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            _prepare(value, info.annotation, folder)
        elif isinstance(value, list) and (table := _repeated(info)) is not None:
            for each in value:
                if isinstance(each, dict):
                    _prepare(each, table, folder)
        elif value == "" and (info.default is None or info.default_factory is not None):
            del data[name]
        elif isinstance(value, str) and (_is_path(info) or (name == "model" and "/" in value)):
            data[name] = str(folder / Path(value).expanduser())


def _repeated(info: FieldInfo) -> type[BaseModel] | None:
    """The model of each table in an array of tables."""
    for inner in typing.get_args(info.annotation):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def _is_path(info: FieldInfo) -> bool:
    return Path in {info.annotation, *typing.get_args(info.annotation)}


def _explain(error: ValidationError, path: Path, text: str) -> Iterator[str]:
    """Each mistake on its own: where, which key, what is wrong."""
    for each in error.errors(include_url=False, include_input=False):
        location: Location = each["loc"]
        key = ".".join(str(part) for part in location)
        if each["type"] == "extra_forbidden":
            said = GONE.get(key) or f"unknown key{_meant(str(location[-1]), keys_beside(location))}"
        else:
            said = each["msg"].removeprefix("Value error, ")
        yield f"{_where(location, path, text)}: {key}: {said}"


def _where(location: Location, path: Path, text: str) -> str:
    variable = ENV_PREFIX + ENV_DELIMITER.join(str(part) for part in location).upper()
    if variable in os.environ:
        return f"environment: {variable}"
    line = line_of(location, text)
    return f"{path}:{line}" if line else str(path)


def _meant(key: str, known: Mapping[str, object] | list[str]) -> str:
    """``; did you mean ...?`` when a known key is close."""
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known)}"


def keys_beside(location: Location) -> list[str]:
    """The keys known where ``location`` ends."""
    model: type[BaseModel] = Config
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *typing.get_args(annotation)]
        inner = [each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)]
        if not inner:
            return []
        model = inner[0]
    return [info.alias or name for name, info in model.model_fields.items()]


_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+?)\s*=")


def line_of(location: Location, text: str) -> int | None:
    """The line, from 1, on which the key (or, if that fails, its table) stands in a TOML text."""
    wanted = ".".join(str(part) for part in location)
    table = ""
    counts: dict[str, int] = {}
    table_line: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.match(line):
            table = match[2].replace('"', "").replace("'", "")
            if match[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            if wanted == table:
                return number
            if wanted.startswith(table + "."):
                table_line = number
        elif match := _KEY.match(line):
            key = match[1].replace('"', "").replace("'", "")
            full = f"{table}.{key}" if table else key
            if wanted == full or wanted.startswith(full + "."):
                return number
    return table_line
