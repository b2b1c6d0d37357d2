"""Prompts that a person recorded: they are played instead of synthesis.

The folder holds WAV files and an index, ``prompts.yaml``:

```yaml
texts:                                   # by what is said, however its numbers are written
  您好，这里是反诈中心。: greeting.wav
steps:                                   # by script and step, whatever it says
  fake-police.zh-CN/opening: opening.wav
```
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from speech.reading import read_aloud
from speech.telephone import SoundError, read_wav

INDEX = "prompts.yaml"
_SECTIONS = ("texts", "steps")


class RecordedPromptsError(Exception):
    """The index or one of its files is wrong. The message starts with file and line."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorded prompts of one folder: WAV files by text as read aloud, and by ``script/step``."""

    texts: dict[str, Path]
    steps: dict[str, Path]

    def find(self, reading: str, step: str) -> Path | None:
        """Return the recording for a step (``script-name/step``) or, failing that, for a text as read aloud."""
        return self.steps.get(step) or self.texts.get(reading)


NONE_RECORDED = Recorded({}, {})


def load_recorded(folder: Path, language: str) -> Recorded:
    """Read the index of a folder and check that every file named in it can be played.

    Raises:
        RecordedPromptsError: what is wrong, with file and line.
    """
    index = folder / INDEX
    try:
        content: Any = YAML(typ="rt").load(index.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordedPromptsError(f"{index}: cannot be read ({error.strerror})") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise RecordedPromptsError(f"{index}{line}: {getattr(error, 'problem', error)}") from error
    if content is None:
        return NONE_RECORDED
    if not isinstance(content, dict):
        raise RecordedPromptsError(f"{index}:1: must hold the sections {' and '.join(_SECTIONS)}")
    for name in content:
        if name not in _SECTIONS:
            raise RecordedPromptsError(f"{index}:{_line(content, name)}: unknown section {name!r}: use texts or steps")
    texts = {read_aloud(text, language): path for text, path in _files(index, content, "texts").items()}
    return Recorded(texts, _files(index, content, "steps"))


def _files(index: Path, content: Any, section: str) -> dict[str, Path]:
    entries = content.get(section)
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        raise RecordedPromptsError(f"{index}:{_line(content, section)}: {section} must map to file names")
    found = {}
    for key, name in entries.items():
        where = f"{index}:{_line(entries, key)}"
        if not isinstance(key, str) or not isinstance(name, str):
            raise RecordedPromptsError(f"{where}: {key!r} must be text and map to a file name: put it in quotes")
        if section == "steps" and key.count("/") != 1:
            raise RecordedPromptsError(f"{where}: {key!r} must be written script-name/step")
        path = index.parent / name
        try:
            read_wav(path)
        except SoundError as error:
            raise RecordedPromptsError(f"{where}: {error}") from error
        found[key] = path
    return found


def _line(mapping: Any, key: object) -> int:
    return int(mapping.lc.key(key)[0]) + 1
