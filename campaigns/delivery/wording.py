"""How pages and sheets for people name kinds, grades, outcomes, results and signals, in Chinese and English."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

from ruamel.yaml import YAML

Language = Literal["zh", "en"]


def language_of(tag: str) -> Language:
    """The language in which something about a lead with this tag is written."""
    return "zh" if tag.lower().startswith("zh") else "en"


def word(language: Language, what: str, name: str) -> str:
    """What something is called; the name itself if it is not known."""
    return _words()[language].get(what, {}).get(name, name)


@functools.cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    text = (resources.files("campaigns.delivery") / "wording.yaml").read_text(encoding="utf-8")
    words: dict[str, dict[str, dict[str, str]]] = YAML(typ="safe", pure=True).load(text)
    return words
