"""Calls that are answered by all sorts of people and machines, or by nobody: the cases of `benchmarks.answering`.

The words are in ``answering_words.yaml``, in two families: those that the phrases were written by, and others.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from benchmarks import answering_sounds as sounds
from speech.answering import Answerer
from speech.modelling.voices import HELD_OUT

DEVELOPMENT, UNSEEN = "development", "held out"

Part = tuple[str, ...]
"""``say``, text | ``wait``, seconds | ``tone``, kind | ``music``, seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call."""

    name: str
    family: str
    language: str
    truth: Answerer
    parts: tuple[Part, ...]
    early: bool
    """Whether it is early media; else the answer comes with the first frame."""
    seed: int
    announcement: str = ""
    """The kind of announcement that it is, if any."""

    @property
    def spoken_until_s(self) -> float:
        """Where what is said first ends; 0 if nothing is."""
        said = [part[0] for part in self.parts]
        if "say" not in said:
            return 0.0
        return sum(map(len, self._pieces()[: said.index("say") + 1])) / sounds.RATE_HZ

    def _pieces(self) -> list[sounds.Sound]:
        chance = random.Random(f"voice {self.seed}")
        voice, rate, pitch = chance.choice(HELD_OUT), chance.randint(135, 190), chance.randint(30, 70)
        return [self._piece(part, voice, rate, pitch) for part in self.parts]

    def sound(self) -> bytes:
        """What arrives: 16-bit PCM at 8 kHz."""
        chance = random.Random(self.seed)
        pieces = self._pieces()
        noise_db = chance.choice((None, 25.0, 20.0, 15.0))
        return sounds.over_the_line(
            np.concatenate(pieces),
            law=chance.choice("Au"),
            noise_db=noise_db,
            loss=chance.choice((0.0, 0.0, 0.02)),
            level_db=chance.uniform(-10, 6),
            seed=self.seed,
        )

    def _piece(self, part: Part, voice: str, rate: int, pitch: int) -> sounds.Sound:
        what, value = part
        if what == "say":
            return sounds.spoken(value, self.language, voice, rate, pitch)
        if what == "wait":
            return sounds.silence(float(value))
        if what == "music":
            return sounds.music(float(value), self.seed)
        return _TONES[value]()


_TONES = {
    "ringing zh": lambda: sounds.cadence((450,), (1, 4), 6.5),
    "ringing en": lambda: sounds.cadence((440, 480), (2, 4), 7),
    "ringing eu": lambda: sounds.cadence((425,), (1, 4), 6.5),
    "busy zh": lambda: sounds.cadence((450,), (0.35, 0.35), 4),
    "busy en": lambda: sounds.cadence((480, 620), (0.5, 0.5), 5),
    "busy eu": lambda: sounds.cadence((425,), (0.5, 0.5), 5),
    "congestion zh": lambda: sounds.cadence((450,), (0.7, 0.7), 6),
    "congestion en": lambda: sounds.cadence((480, 620), (0.25, 0.25), 4),
    "special": lambda: sounds.special(0.33),
    "special short": lambda: sounds.special(0.276),
    "unobtainable": lambda: sounds.cadence((450,), (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4), 4),
    "beep": lambda: sounds.tone((1000,), 0.5),
    "beep high": lambda: sounds.tone((1400,), 0.35),
    "beep low": lambda: sounds.tone((850,), 0.8),
}

_WORDS = Path(__file__).with_name("answering_words.yaml")
_PEOPLE_TIMES = {DEVELOPMENT: 5, UNSEEN: 6}
"""Voices, lines and moments in which each person's words are heard."""


def cases(share: float = 1.0) -> list[Case]:
    """All cases, or a share of each kind for a quick look."""
    every = list(_all())
    return every if share >= 1 else [case for number, case in enumerate(every) if number * share % 1 < share]


def _all() -> Iterator[Case]:
    for kind in (*_spoken(), *_wordless()):
        for time in range(kind.times):
            name = f"{kind.name} {time + 1}"
            # By its name, so that a new wording changes the sound of no other.
            seed = zlib.crc32(f"{kind.family} {kind.language} {name}".encode())
            yield Case(
                name,
                kind.family,
                kind.language,
                kind.truth,
                _timed(kind.parts, seed),
                kind.early,
                seed,
                kind.announcement,
            )


@dataclass(frozen=True, slots=True)
class _Kind:
    """Cases that differ in voice, line and moment alone."""

    name: str
    family: str
    language: str
    truth: Answerer
    parts: tuple[Part, ...]
    early: bool
    times: int
    announcement: str = ""


def _spoken() -> Iterator[_Kind]:
    for family, languages in YAML(typ="safe").load(_WORDS.read_text("utf-8")).items():
        for language, words in languages.items():
            for text in words["person"]:
                parts: tuple[Part, ...] = (("wait", "person"), ("say", text), ("wait", "2.5"))
                yield _Kind(f"person: {text}", family, language, Answerer.PERSON, parts, False, _PEOPLE_TIMES[family])
            for announcement, texts in words["announcement"].items():
                for text in texts:
                    yield from _announced(family, language, text, announcement)
            for number, text in enumerate(words["voicemail"]):
                beep = ("beep", "beep high", "beep low")[number % 3]
                parts = (("wait", "machine"), ("say", text), ("wait", "0.4"), ("tone", beep), ("wait", "1.5"))
                yield _Kind(f"voicemail: {text}", family, language, Answerer.VOICEMAIL, parts, False, 4)
            for truth in (Answerer.MENU, Answerer.ASSISTANT):
                for text in words[truth]:
                    parts = (("wait", "machine"), ("say", text), ("wait", "1.5"))
                    yield _Kind(f"{truth}: {text}", family, language, truth, parts, False, 4)


def _announced(family: str, language: str, text: str, announcement: str) -> Iterator[_Kind]:
    said: tuple[Part, ...] = (("wait", "0.4"), ("say", text), ("wait", "1"))
    for name, parts, early, times in (
        ("announcement", said, True, 2),
        ("announcement after the answer", said, False, 1),
        ("special tone and announcement", (("wait", "0.2"), ("tone", "special"), *said), True, 1),
        ("music and announcement", (("music", "6"), *said), True, 1),
    ):
        yield _Kind(f"{name}: {text}", family, language, Answerer.ANNOUNCEMENT, parts, early, times, announcement)


def _wordless() -> Iterator[_Kind]:
    for tone, truth in (
        ("ringing", Answerer.RINGING),
        ("busy", Answerer.BUSY),
        ("congestion", Answerer.CONGESTION),
    ):
        for where in ("zh", "en", "eu") if tone != "congestion" else ("zh", "en"):
            language = "zh" if where == "zh" else "en"
            parts: tuple[Part, ...] = (("wait", "0.3"), ("tone", f"{tone} {where}"))
            yield _Kind(f"{tone} tone {where}", DEVELOPMENT, language, truth, parts, True, 4)
            yield _Kind(f"{tone} tone {where} answered", DEVELOPMENT, language, truth, parts, False, 2)
    for tone, truth in (
        ("special", Answerer.SPECIAL),
        ("special short", Answerer.SPECIAL),
        ("unobtainable", Answerer.UNOBTAINABLE),
    ):
        parts = (("wait", "0.3"), ("tone", tone))
        yield _Kind(f"{tone} tone", DEVELOPMENT, "zh", truth, parts, True, 4)
    for language in ("zh", "en"):
        music, after, nothing = (("music", "7"),), (("music", "5"),), (("wait", "4"),)
        yield _Kind(f"ring-back music {language}", DEVELOPMENT, language, Answerer.MUSIC, music, True, 12)
        yield _Kind(f"music after the answer {language}", DEVELOPMENT, language, Answerer.MUSIC, after, False, 4)
        yield _Kind(f"silence {language}", DEVELOPMENT, language, Answerer.SILENCE, nothing, False, 6)


def _timed(parts: tuple[Part, ...], seed: int) -> tuple[Part, ...]:
    """Waits drawn as people and machines keep them: a person takes longer to say the first word."""
    chance = random.Random(seed)
    spans = {"person": lambda: chance.uniform(0.25, 1.1), "machine": lambda: chance.uniform(0.1, 0.7)}
    return tuple((what, f"{spans[value]():.2f}") if value in spans else (what, value) for what, value in parts)
