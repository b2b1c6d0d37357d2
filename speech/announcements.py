"""Carrier announcements and answering machines, told by their words.

``speech/announced/<language>.yaml`` lists phrases for each kind. Mandarin is compared by toneless syllables, so
homophone errors of the recogniser match; phrases of three and more syllables also forgive zh/z, ch/c, sh/s and a
final n/ng. Partial text will do: the kind is known as soon as its words have come.

What a network says of a call (正在通话, "not available") people say, too: beside it something must show that a network
speaks, a phrase under ``carrier`` (您拨打的, "the number you").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
_NEGATED = ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "could", "would")
_ENGLISH = {
    "dialed": "dialled",
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
    "i'm": "i am",
    **{f"{verb}n't": f"{verb} not" for verb in _NEGATED},
    **{f"{who}'ve": f"{who} have" for who in ("i", "you", "we", "they")},
    **{f"{who}'re": f"{who} are" for who in ("you", "we", "they")},
    **{f"{who}'s": f"{who} is" for who in ("he", "she", "it", "that", "who")},
}
_RETROFLEX = re.compile(r"^([zcs])h")


class AnnouncementKind(StrEnum):
    """What a network or a machine says instead of a person."""

    ASSISTANT = "assistant"
    """Asks who is calling and why, for the person whose number it is."""
    MENU = "menu"
    """"Press one for": the telephone system of a company."""
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


CARRIER = "carrier"
NETWORK = "network"
DOUBT = "doubt"
PERSON = "person"
"""Keys of a phrase file beside the kinds: what shows that a network speaks, what proves it, what refutes both, and how
people answer."""


_NONE, _CARRIER, _NETWORK = range(3)


@dataclass(frozen=True, slots=True)
class _Token:
    sound: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    sounds: tuple[str, ...]
    folded: bool
    proof: int
    """How much must show that a network speaks: `_NONE`, `_CARRIER` or `_NETWORK`."""


def classify(text: str, language: str, *, network: bool = False, whole: bool = False) -> AnnouncementMatch | None:
    """The announcement in a text, complete or partial; ``None`` if there is none.

    Meant for early media and for the first words after an answer: later a person who says "I was told to power off my
    phone" uses the same words.

    Args:
        text: what was recognised.
        language: BCP 47 tag; its first part chooses the phrases.
        network: whether it is known that no person speaks; then no phrase needs another beside it.
        whole: whether the text is a finished turn. What only a network says, of no known kind, is then `UNREACHABLE`;
            of an unfinished turn the last word or syllable shows nothing, for a recogniser still changes it.

    Raises:
        AnnouncementError: there are no phrases for the language, or their file is bad.
    """
    heard = _Heard(text)
    phrases = _phrases(language)
    doubted = heard.first(phrases[DOUBT]) is not None
    proven = None if doubted else heard.first(phrases[NETWORK])
    if network or proven is not None:
        proof = _NETWORK
    else:
        proof = _NONE if doubted or heard.first(phrases[CARRIER]) is None else _CARRIER
    for kind in filter(_KINDS.__contains__, phrases):
        for phrase in phrases[kind]:
            words = heard.find(phrase, settled=not whole) if phrase.proof <= proof else None
            if words is not None:
                return AnnouncementMatch(AnnouncementKind(kind), words)
    return None if not whole or proven is None else AnnouncementMatch(AnnouncementKind.UNREACHABLE, proven)


def greeting(text: str, language: str) -> str | None:
    """The words in a text with which people answer their telephone; ``None`` if there are none.

    Raises:
        AnnouncementError: as `classify`.
    """
    return _Heard(text).first(_phrases(language)[PERSON])


def check(language: str) -> None:
    """Load the phrases of a language now rather than on the first call.

    Raises:
        AnnouncementError: as `classify`.
    """
    _phrases(language)


def load_phrases(path: Path) -> dict[str, list[str]]:
    """Read and check a phrase file: phrases by kind, and those under `CARRIER` and `PERSON`.

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
    keys = (*AnnouncementKind, CARRIER, NETWORK, DOUBT, PERSON)
    for name, listed in content.items():
        if name not in keys:
            raise AnnouncementError(f"{path}: there is no kind {name!r}; use one of {', '.join(keys)}")
        if not isinstance(listed, list) or not all(isinstance(phrase, str) and _tokens(phrase) for phrase in listed):
            raise AnnouncementError(f"{path}: {name} must be a list of phrases, each a text in quotes or bare")
    return dict(content)


_KINDS = frozenset(AnnouncementKind)
_MACHINES = frozenset({AnnouncementKind.ASSISTANT, AnnouncementKind.MENU, AnnouncementKind.VOICEMAIL})
"""What answers a call; all else is said of calls that were not answered."""


class _Heard:
    """A recognised text by its sounds."""

    def __init__(self, text: str) -> None:
        self._text = _expand(text)
        self._tokens = _tokens(self._text)
        self._plain = [token.sound for token in self._tokens]
        self._folded = [_fold(sound) for sound in self._plain]
        self._sounds = {*self._plain, *self._folded}

    def find(self, phrase: _Phrase, *, settled: bool = False) -> str | None:
        """The words of a phrase, if it is there; ``settled``: before the last sound, which may still change."""
        if phrase.sounds[0] not in self._sounds:
            return None
        sounds = self._folded if phrase.folded else self._plain
        span = _search(sounds[:-1] if settled else sounds, phrase.sounds)
        return None if span is None else self._text[self._tokens[span[0]].start : self._tokens[span[1] - 1].end]

    def first(self, phrases: Iterable[_Phrase]) -> str | None:
        """The words of the first phrase that is there."""
        found = map(self.find, phrases)
        return next((words for words in found if words is not None), None)


def _phrases(language: str) -> dict[str, list[_Phrase]]:
    return _compiled(language.partition("-")[0].lower())


@cache
def _compiled(language: str) -> dict[str, list[_Phrase]]:
    keys = dict.fromkeys((CARRIER, NETWORK, DOUBT, PERSON), ())
    listed = {**keys, **load_phrases(FOLDER / f"{language}.yaml")}
    return {key: [_phrase(key, text) for text in texts] for key, texts in listed.items()}


def _phrase(key: str, text: str) -> _Phrase:
    sounds = [token.sound for token in _tokens(_expand(text))]
    folded = len(sounds) >= 3
    short = len(sounds) <= (1 if text.isascii() else 2)
    proof = (_CARRIER if short else _NONE) if key in _MACHINES else (_NETWORK if short else _CARRIER)
    return _Phrase(tuple(_fold(sound) if folded else sound for sound in sounds), folded, proof)


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
