"""One utterance: spoken, put on a line, and every frame labelled with the state of the phone that sounds in it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.modelling.acoustic.alignment import Piece, aligned, with_codas, written
from speech.modelling.acoustic.channel import (
    RATE_HZ,
    ROUGH,
    Conditions,
    Pcm,
    at_line_rate,
    over_the_line,
    without_speech,
)
from speech.modelling.acoustic.espeak import RATE_HZ as SPOKEN_HZ
from speech.modelling.acoustic.espeak import Espeak, Manner
from speech.modelling.acoustic.features import FRAME, FRAME_CENTRE
from speech.modelling.acoustic.material import Chance, material, pauses
from speech.modelling.phones import PhoneSet
from speech.modelling.voices import BASE

_SILENT_SHARE = 0.04
"""Share of utterances without speech."""

Labels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sound on the line with what was said."""

    words: list[str]
    pcm: Pcm
    pieces: list[Piece]
    """Phones in espeak-ng's names, in samples of `pcm`."""

    def labels(self, phones: PhoneSet, frames: int) -> Labels:
        """The network's output wanted for each frame; silence where the model has no such phone."""
        found = np.zeros(frames, np.uint8)
        centres = np.arange(frames) * FRAME + FRAME_CENTRE
        for piece in self.pieces:
            phone = phones.base(piece.phone)
            if phone is None:
                continue
            middle = (piece.start + piece.end) / 2
            first, half, last = np.searchsorted(centres, [piece.start, middle, piece.end])
            found[first:last] = phones.pdf(phone, 0)
            if phones.states[phone] == 2:
                found[half:last] = phones.pdf(phone, 1)
        return found


@dataclass(frozen=True, slots=True)
class Way:
    """How a sentence is said."""

    manner: Manner
    formants: float
    lead: int
    """Samples of silence before it."""
    tail: int
    conditions: Conditions


class Speaker:
    """Says words of one language; have one of these a process (see `Espeak`)."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._source = material(language)
        self._espeak = Espeak()

    def say(self, words: Sequence[str], way: Way, chance: Chance) -> Utterance | None:
        """Words, said in a certain way; None if espeak-ng does not say all of them apart.

        Raises:
            ModellingError: there is no such voice.
        """
        tokens = [self._source.tokens(word, chance.words) for word in words]
        if not all(tokens):
            return None
        text, positions = written([token for word in tokens for token in word], pauses(tokens, chance.words))
        spoken, events = self._espeak.say(text, way.manner)
        found = aligned(events, positions, len(spoken))
        if self._language == "zh":
            if not all(found):
                return None
            found = [with_codas(syllable) for syllable in found]
        if not any(found):
            return None
        scale = RATE_HZ / SPOKEN_HZ / way.formants
        pieces = [
            Piece(piece.phone, round(piece.start * scale) + way.lead, round(piece.end * scale) + way.lead)
            for token in found
            for piece in token
        ]
        line = over_the_line(at_line_rate(spoken, way.formants), way.conditions, chance.sound, way.lead, way.tail)
        return Utterance(list(words), line, pieces)

    def to_learn_from(self, voices: Sequence[str], chance: Chance) -> Utterance:
        """An utterance by any of the voices, over any line."""
        if chance.words.random() < _SILENT_SHARE:
            return Utterance([], without_speech(round(RATE_HZ * chance.words.uniform(1, 5)), chance.sound), [])
        while True:
            words = self._source.draw(chance.words)
            if made := self.say(words, self._any_way(voices, chance.words), chance):
                return made

    def _any_way(self, voices: Sequence[str], chance: random.Random) -> Way:
        manner = Manner(
            voice_name(self._language, chance.choice(voices)),
            rate=chance.randint(95, 270), pitch=chance.randint(10, 92), range=chance.randint(20, 80),
        )  # fmt: skip
        formants = chance.choice([1, chance.uniform(0.8, 1.25), chance.uniform(0.8, 1.25)])
        lead, tail = (round(RATE_HZ * chance.uniform(0, longest)) for longest in (0.7, 0.9))
        return Way(manner, formants, lead, tail, ROUGH)


def voice_name(language: str, variant: str) -> str:
    """espeak-ng's name of a voice."""
    return f"{BASE[language]}+{variant}" if variant else BASE[language]
