"""Carrier announcements and answering machines, told by their words.

``speech/announced/<language>.yaml`` lists phrases for each kind. Mandarin is compared by toneless syllables, so
homophone errors of the recogniser match; phrases of three and more syllables also forgive zh/z, ch/c, sh/s and a
final n/ng. Partial text will do: the kind is known as soon as its words have come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import speech.pinyin  # noqa: F401 - it mends readings for the whole process: the same whoever came first

FOLDER = Path(__file__).parent / "announced"

_GAP = "*"
_GAP_TOKENS = 6
_TOKEN = re.compile(r"[\u3400-\u9fff]|[a-z]+|\d+|\*")
_ENGLISH = {"dialed": "dialled", "cannot": "can not", "can't": "can not", "doesn't": "does not", "isn't": "is not"}
_RETROFLEX = re.compile(r"^([zcs])h")


class AnnouncementKind(StrEnum):
    """What a network or a machine says instead of a person."""

    VOICEMAIL = "voicemail"
    INVALID_NUMBER = "invalid_number"
    """空号: nobody has this number."""
    NUMBER_CHANGED = "number_changed"
    OUT_OF_SERVICE = "out_of_service"
    """停机: suspended, often for an unpaid bill."""
    POWERED_OFF = "powered_off"
    RESTRICTED = "restricted"
    BUSY_ELSEWHERE = "busy_elsewhere"
    """In another call."""
    NETWORK_BUSY = "network_busy"
    FORWARDED = "forwarded"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class AnnouncementMatch:
    """A kind, and the words that showed it."""

    kind: AnnouncementKind
    words: str


class AnnouncementError(Exception):
    """A phrase file cannot be used; the message names the file, what is wrong and the mend."""


@dataclass(frozen=True, slots=True)
class _Token:
    sound: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: AnnouncementKind
    sounds: tuple[str, ...]
    folded: bool


def classify(text: str, language: str) -> AnnouncementMatch | None:
    """The announcement in a text, complete or partial; ``None`` if there is none.

    Meant for early media, and for the first words after an answer, where only a voicemail greeting is to be expected:
    a person who says "I was told to power off my phone" uses the same words.

    Args:
        text: what was recognised.
        language: BCP 47 tag; its first part chooses the phrases.

    Raises:
        AnnouncementError: there are no phrases for the language, or their file is bad.
    """
    text = _expand(text)
    tokens = _tokens(text)
    plain = [token.sound for token in tokens]
    folded = [_fold(sound) for sound in plain]
    for phrase in _phrases(language.partition("-")[0].lower()):
        span = _search(folded if phrase.folded else plain, phrase.sounds)
        if span is not None:
            return AnnouncementMatch(phrase.kind, text[tokens[span[0]].start : tokens[span[1] - 1].end])
    return None


def load_phrases(path: Path) -> dict[AnnouncementKind, list[str]]:
    """Read and check a phrase file.

    Raises:
        AnnouncementError: not YAML, a kind that does not exist, or a phrase that is no text.
    """
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
        raise AnnouncementError(
            f"there are no announcements in {path.stem!r}; known: {known}; mend: write {path}"
        ) from None
    except YAMLError as error:
        raise AnnouncementError(f"{path} is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise AnnouncementError(f"{path}: write kinds, each with a list of phrases")
    phrases: dict[AnnouncementKind, list[str]] = {}
    for name, listed in content.items():
        if name not in set(AnnouncementKind):
            raise AnnouncementError(f"{path}: there is no kind {name!r}; use one of {', '.join(AnnouncementKind)}")
        if not isinstance(listed, list) or not all(isinstance(phrase, str) and _tokens(phrase) for phrase in listed):
            raise AnnouncementError(f"{path}: {name} must be a list of phrases, each a text in quotes or bare")
        phrases[AnnouncementKind(name)] = listed
    return phrases


@cache
def _phrases(language: str) -> tuple[_Phrase, ...]:
    compiled: list[_Phrase] = []
    for kind, listed in load_phrases(FOLDER / f"{language}.yaml").items():
        for text in listed:
            sounds = [token.sound for token in _tokens(_expand(text))]
            folded = len(sounds) >= 3
            compiled.append(_Phrase(kind, tuple(_fold(s) if folded else s for s in sounds), folded))
    return tuple(compiled)


def _expand(text: str) -> str:
    text = text.lower()
    for short, long in _ENGLISH.items():
        text = re.sub(rf"\b{re.escape(short)}\b", long, text)
    return text


def _tokens(text: str) -> list[_Token]:
    found = list(_TOKEN.finditer(text))
    hanzi = "".join(match[0] for match in found if "\u3400" <= match[0] <= "\u9fff")
    syllables = iter(lazy_pinyin(hanzi, style=Style.NORMAL, v_to_u=False))
    return [
        _Token(next(syllables) if "\u3400" <= match[0] <= "\u9fff" else match[0], match.start(), match.end())
        for match in found
    ]


def _fold(sound: str) -> str:
    if sound == _GAP:
        return sound
    return _RETROFLEX.sub(r"\1", sound).replace("ng", "n")


def _search(sounds: list[str], phrase: tuple[str, ...]) -> tuple[int, int] | None:
    for start in range(len(sounds)):
        end = _match(sounds, start, phrase)
        if end is not None:
            return start, end
    return None


def _match(sounds: list[str], at: int, phrase: tuple[str, ...]) -> int | None:
    if not phrase:
        return at
    if phrase[0] == _GAP:
        ends = (_match(sounds, at + skipped, phrase[1:]) for skipped in range(_GAP_TOKENS + 1))
        return next((end for end in ends if end is not None), None)
    if at < len(sounds) and sounds[at] == phrase[0]:
        return _match(sounds, at + 1, phrase[1:])
    return None
