"""A scam type proposed from the free text of a warning that names none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

STRONG, WORD, FAINT = 5, 2, 1
WEAK_LIMIT = 4
"""Words and faint words together count no more than this: they never outvote a strong one."""
NEEDED = 3
"""Points without which nothing is proposed."""
_NOT_KNOWN = frozenset(
    {
        "其他",
        "其它",
        "未知",
        "不详",
        "不明",
        "其他类型",
        "其他诈骗",
        "其它诈骗",
        "-",
        "/",
        "无",
        "unknown",
        "other",
        "others",
        "n/a",
    }
)
_LATIN = re.compile(r"[a-z0-9]")


class ScamTypesError(Exception):
    """A file of words cannot be used; the message says where and why."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    faint: tuple[str, ...] = ()


class _File(RootModel[dict[str, dict[str, _Words]]]):
    root: dict[str, dict[str, _Words]] = Field(default_factory=dict)


class ScamTypes:
    """The types of one language, and the words that speak for them."""

    def __init__(self, types: Mapping[str, _Words]) -> None:
        self._labels = {_plain(label): name for name, words in types.items() for label in (name, *words.labels)}
        points: dict[str, dict[str, int]] = {}
        for name, words in types.items():
            for weight, given in ((FAINT, words.faint), (WORD, words.words), (STRONG, words.strong)):
                for word in given:
                    points.setdefault(_plain(word), {})[name] = weight
        self._points = points
        latin = sorted((word for word in points if word.isascii()), key=len, reverse=True)
        self._latin = re.compile("|".join(_latin_pattern(word) for word in latin if "." not in word) or r"(?!)")
        self._latin_gaps = [(word, re.compile(_latin_pattern(word))) for word in latin if "." in word]
        # Looking words up by how they begin takes a tenth of the time of one pattern of all of them.
        self._begin: dict[str, list[tuple[str, re.Pattern[str] | None]]] = {}
        for word in points.keys() - set(latin):
            gaps = re.compile(".{0,6}".join(map(re.escape, word.split(".")))) if "." in word else None
            self._begin.setdefault(word.partition(".")[0][:2], []).append((word, gaps))

    def label(self, given: str) -> str:
        """The type that a label of a lead stands for: its usual name, the label itself, or ``""`` for "other"."""
        plain = _plain(given)
        return "" if plain in _NOT_KNOWN else self._labels.get(plain, given)

    def propose(self, text: str) -> str:
        """The type that a text speaks for; ``""`` if it does not decide."""
        plain = _plain(text)
        strong: dict[str, int] = {}
        weak: dict[str, int] = {}
        for word in self._found(plain):
            for name, points in self._points[word].items():
                counted = strong if points == STRONG else weak
                counted[name] = counted.get(name, 0) + points
        together = sorted(
            ((strong.get(name, 0) + min(weak.get(name, 0), WEAK_LIMIT), name) for name in strong | weak), reverse=True
        )
        if not together or together[0][0] < NEEDED or (len(together) > 1 and together[1][0] == together[0][0]):
            return ""
        return together[0][1]

    def _found(self, plain: str) -> set[str]:
        """The words in a text; of those that overlap, the first and longest, as a reader takes them."""
        found: set[str] = set()
        covered = 0
        for at in range(len(plain)):
            begun = (*self._begin.get(plain[at : at + 2], ()), *self._begin.get(plain[at], ()))
            if not begun:
                continue
            longest = 0
            for word, gaps in begun:
                if gaps is not None:
                    if gaps.match(plain, at):
                        found.add(word)
                elif at >= covered and len(word) > longest and plain.startswith(word, at):
                    longest = len(word)
            if longest:
                found.add(plain[at : at + longest])
                covered = at + longest
        if _LATIN.search(plain):
            found.update(match[0] for match in self._latin.finditer(plain))
            found.update(word for word, pattern in self._latin_gaps if pattern.search(plain))
        return found


class Proposer:
    """The types of all languages."""

    def __init__(self, own: Path | None = None) -> None:
        """``own`` is a centre's file, laid over the built-in one type by type; raises `ScamTypesError`."""
        built_in = resources.files("campaigns.intake") / "scam_types.yaml"
        types = _read(built_in.read_text(encoding="utf-8"), "scam_types.yaml")
        if own is not None:
            try:
                text = own.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ScamTypesError(f"cannot read {own}: {error}") from error
            for language, given in _read(text, str(own)).items():
                types[language] = {**types.get(language, {}), **given}
        self._languages = {language: ScamTypes(given) for language, given in types.items()}
        self._none = ScamTypes({})

    def of(self, language: str) -> ScamTypes:
        """The types in the language of a lead (BCP 47)."""
        return self._languages.get(language.partition("-")[0].lower(), self._none)


@cache
def built_in() -> Proposer:
    """What the program brings along."""
    return Proposer()


def _read(text: str, name: str) -> dict[str, dict[str, _Words]]:
    try:
        return dict(_File.model_validate(YAML(typ="safe").load(text) or {}).root)
    except YAMLError as error:
        raise ScamTypesError(f"{name} is not YAML: {' '.join(str(error).split())[:300]}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = " > ".join(str(part) for part in first["loc"])
        raise ScamTypesError(f"{name}: {place}: {first['msg']}") from error


def _plain(text: str) -> str:
    """Comparable: one width, lower case; no spaces between Hanzi."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if " " not in plain:
        return plain
    return re.sub(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])", "", plain)


def _latin_pattern(word: str) -> str:
    """Words of letters begin and end at a word's edge, but for endings; a dot bridges a few characters."""
    return rf"\b{'.{0,12}'.join(map(re.escape, word.split('.')))}(?=(?:s|es|d|ed|ing)?\b)"
