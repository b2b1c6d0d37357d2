"""What is spoken for training: the corpus, random words, and words that are in no vocabulary.

The last kind is what lets a later word be heard after its graph alone is built anew: Mandarin takes phrases from
pypinyin's table, which has every syllable beside every other; English makes up words in the likeness of its own.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT

import speech.pinyin  # noqa: F401 - it mends readings for the whole process: the same whoever came first
from speech.modelling.build import DATA
from speech.modelling.corpus import Corpus
from speech.modelling.lexicon import read_words

CORPUS, RANDOM, FOREIGN = 0.35, 0.25, 0.40
"""Shares of the three kinds."""

_INTERJECTIONS = {"n": "en", "ng": "en"}


class Material(Protocol):
    """Draws utterances of one language."""

    def draw(self, chance: random.Random) -> list[str]:
        """Words to be spoken one after the other; never a held-out sentence."""

    def tokens(self, word: str, chance: random.Random) -> list[str]:
        """A word as it is written for espeak-ng: its syllables in Mandarin, itself in English."""


def material(language: str, data: Path = DATA) -> Material:
    """The material of a language."""
    kinds: dict[str, type[Mandarin] | type[English]] = {"zh": Mandarin, "en": English}
    return kinds[language](data / language)


def held_out(folder: Path) -> list[str]:
    """The sentences that serve for measuring only, with their words parted by spaces."""
    lines = (folder / "heldout.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@dataclass(frozen=True)
class _Sources:
    folder: Path

    @cached_property
    def corpus(self) -> Corpus:
        return Corpus(self.folder / "sentences.txt")

    @cached_property
    def words(self) -> dict[str, str]:
        return read_words(self.folder / "words.txt")

    @cached_property
    def barred(self) -> set[str]:
        return {sentence.replace(" ", "") for sentence in held_out(self.folder)}

    def draw(self, chance: random.Random) -> list[str]:
        while True:
            kind = chance.random()
            if kind < CORPUS:
                words = list(self.corpus.pick(chance))
            elif kind < CORPUS + RANDOM:
                words = chance.choices(list(self.words), k=chance.randint(1, 7))
            else:
                words = self.foreign(chance)
            if words and "".join(words) not in self.barred:
                return words

    def foreign(self, chance: random.Random) -> list[str]:
        raise NotImplementedError


class Mandarin(_Sources):
    """Words in Hanzi, spoken as syllables with tones."""

    @cached_property
    def _phrases(self) -> list[str]:
        return sorted(phrase for phrase in PHRASES_DICT if 2 <= len(phrase) <= 5)

    def foreign(self, chance: random.Random) -> list[str]:
        """Phrases of pypinyin's table."""
        return chance.choices(self._phrases, k=chance.randint(1, 4))

    def tokens(self, word: str, chance: random.Random) -> list[str]:
        """Syllables with tones; where words.txt gives the syllables, which have none, with any."""
        if written := self.words.get(word):
            return [f"{syllable}{chance.randint(1, 4)}" for syllable in chance.choice(written.split("|")).split()]
        read = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
        return [_INTERJECTIONS.get(syllable[:-1], syllable[:-1]) + syllable[-1] for syllable in read]


class English(_Sources):
    """Words, spoken as espeak-ng reads them."""

    @cached_property
    def _followers(self) -> dict[str, list[str]]:
        """Letters that follow each two in the vocabulary."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.words:
            for start in range(len(word) + 1):
                found[f"^^{word}"[start : start + 2]].append(f"{word}$"[start])
        return found

    def foreign(self, chance: random.Random) -> list[str]:
        """Words made up letter by letter."""
        return [self._made_up(chance) for _ in range(chance.randint(2, 6))]

    def _made_up(self, chance: random.Random) -> str:
        while True:
            word = "^^"
            while not word.endswith("$") and len(word) < 12:
                word += chance.choice(self._followers[word[-2:]])
            word = word.strip("^$")
            if len(word) >= 3 and set(word) & set("aeiouy"):
                return word

    def tokens(self, word: str, chance: random.Random) -> list[str]:
        """The word itself."""
        return [word]


def pauses(tokens: Sequence[Sequence[str]], chance: random.Random, share: float = 0.08) -> list[bool]:
    """For each token of each word, whether a pause follows; there are none within words or at the end."""
    found = [at == len(word) - 1 and chance.random() < share for word in tokens for at in range(len(word))]
    return [*found[:-1], False]


@dataclass(frozen=True)
class Chance:
    """What is drawn, for words and for sound; the same numbers give the same."""

    words: random.Random
    sound: np.random.Generator

    @classmethod
    def of(cls, *numbers: int) -> Chance:
        """Chance that begins with these numbers."""
        return cls(random.Random(repr(numbers)), np.random.default_rng(list(numbers)))
