"""Words that a recogniser wrote with other characters of the same sound: 一经转了, 严正码, 安全帐户."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from pypinyin import Style, pinyin

import speech.pinyin  # noqa: F401 - it mends readings for the whole process: the same whoever came first

_MERGED = ((re.compile("^zh"), "z"), (re.compile("^ch"), "c"), (re.compile("^sh"), "s"), (re.compile("ng$"), "n"))
_NEAR_FROM_SYLLABLES = 3
"""From this length on, sounds that recognisers and speakers mix up (zh/z, ch/c, sh/s, ang/an, eng/en, ing/in) count as
the same; in shorter words they would hit everyday ones."""


@lru_cache(maxsize=8192)
def readings(char: str) -> frozenset[str]:
    """All toneless readings of one character; itself if it is not Chinese."""
    return frozenset(pinyin(char, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=8192)
def usual_reading(char: str) -> frozenset[str]:
    """The toneless reading that a character mostly has."""
    return frozenset(pinyin(char, style=Style.NORMAL, heteronym=True)[0][:1])


@lru_cache(maxsize=8192)
def near_readings(char: str) -> frozenset[str]:
    """The readings with the sounds merged that are easily mixed up."""
    return frozenset(_near(syllable) for syllable in readings(char))


class Homophones:
    """Finds words by sound and writes them as they are known."""

    def __init__(self, words: Collection[str], everyday: Collection[str] = ()) -> None:
        """``words`` are looked for; spans that touch a word of ``everyday`` are left alone."""
        self._everyday = (
            re.compile("|".join(map(re.escape, sorted(everyday, key=len, reverse=True)))) if everyday else None
        )
        self._by_first: dict[str, list[tuple[str, tuple[frozenset[str], ...]]]] = {}
        for word in sorted(words, key=len, reverse=True):
            read = near_readings if len(word) >= _NEAR_FROM_SYLLABLES else readings
            syllables = tuple(read(char) for char in word)
            for first in set().union(*(readings(char) for char in word[0])):
                self._by_first.setdefault(_near(first), []).append((word, syllables))

    def correct(self, text: str) -> str:
        """The text with those words written as they are known; its length does not change."""
        blocked = (
            {at for found in self._everyday.finditer(text) for at in range(*found.span())} if self._everyday else ()
        )
        chars = list(text)
        at = 0
        while at < len(text):
            at += self._replace_at(text, at, chars, blocked) if "\u4e00" <= text[at] <= "\u9fff" else 1
        return "".join(chars)

    def _replace_at(self, text: str, at: int, chars: list[str], blocked: Collection[int]) -> int:
        for sound in near_readings(text[at]):
            for word, syllables in self._by_first.get(sound, ()):
                span = text[at : at + len(word)]
                if span == word:
                    return len(word)
                if len(span) < len(word) or any(place in blocked for place in range(at, at + len(word))):
                    continue
                # A rare reading makes a short word sound like everyday ones (宣传过, 转过).
                read = near_readings if len(word) >= _NEAR_FROM_SYLLABLES else usual_reading
                if all(read(char) & wanted for char, wanted in zip(span, syllables, strict=True)):
                    chars[at : at + len(word)] = word
                    return len(word)
        return 1


def _near(syllable: str) -> str:
    for pattern, merged in _MERGED:
        syllable = pattern.sub(merged, syllable)
    return syllable
