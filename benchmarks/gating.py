"""What is lost because recognition runs only while somebody speaks: ``python -m benchmarks.gating``.

``--write docs/recognition-gating.md`` puts the figures there. Replies, many of one word, are spoken by voices that no
model learnt from, over G.711 A-law, loud and quiet, on a still line and in noise, with silence around them. A
recogniser that is given all of it and one behind an `Ear`, which decides what to give, hear the same sound in pieces of
60 ms. Both are held against what was said: a word that only the first heard is lost, one that only the second heard is
won.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.turn_scripts import SHORT, whole_sentences
from speech.ear import Ear, EarSettings
from speech.heard import Utterance
from speech.modelling.document import write
from speech.modelling.measure import units
from speech.modelling.voices import HELD_OUT
from speech.reading import read_aloud
from speech.recognition import LINE_RATE_HZ, Recogniser
from tests.speech.callers import Sound, over_the_line, pieces, say

LANGUAGES = ("zh-CN", "en")
VERY_SHORT = {
    "zh-CN": ("有", "没", "对", "是", "好", "转了", "给了", "没转", "喂", "不是", "明白", "行"),
    "en": ("yes", "no", "yeah", "nope", "sure", "okay", "i did", "not yet", "hello", "stop", "right", "who"),
}
BEGIN, END = "<!-- gating: begin -->", "<!-- gating: end -->"
PLACES = ("start", "middle", "end", "all")
"""Where in a reply a word stands; ``all``: it is the only one."""
_AROUND_S = 1.5
_NOTHING_S = 120.0
_LOUDNESS = {"usual": 0.0, "quiet": -10.0, "very quiet": -20.0}
"""Decibels; the voices are at -30 to -21 dBFS as they speak, then 10 and 20 dB below."""
_NOISES: tuple[float | None, ...] = (None, 20.0, 10.0)


@dataclass
class Heard:
    """What one way of listening made of one sound."""

    text: str
    decoded_s: float
    """Sound that the recogniser was given."""
    took_s: float
    """Of one core."""


@dataclass(frozen=True, slots=True)
class Line:
    """How loud the voices are, how far below them is noise, and how many say each reply."""

    gain_db: float
    noise_db: float | None
    voices: int


@dataclass
class Tally:
    """What came of all replies in one condition."""

    said: int = 0
    heard_ungated: int = 0
    heard_gated: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    won: Counter[str] = field(default_factory=Counter)
    false_ungated: int = 0
    """Words heard that were not said."""
    false_gated: int = 0
    silent: int = 0
    """Replies in which the ear found no voice."""
    replies: int = 0
    sound_s: float = 0.0
    decoded_s: float = 0.0
    took_ungated_s: float = 0.0
    took_gated_s: float = 0.0

    def add(self, said: Sequence[str], all_of_it: Heard, gated: Heard, language: str, sound_s: float) -> None:
        """Count a reply."""
        ungated_words, gated_words = (units(each.text, language[:2]) for each in (all_of_it, gated))
        plainly, behind = hits(said, ungated_words), hits(said, gated_words)
        self.replies += 1
        self.said += len(said)
        self.heard_ungated += len(plainly)
        self.heard_gated += len(behind)
        self.lost.update(_place(index, len(said)) for index in plainly - behind)
        self.won.update(_place(index, len(said)) for index in behind - plainly)
        self.false_ungated += len(ungated_words) - len(plainly)
        self.false_gated += len(gated_words) - len(behind)
        self.silent += gated.decoded_s == 0
        self.sound_s += sound_s
        self.decoded_s += gated.decoded_s
        self.took_ungated_s += all_of_it.took_s
        self.took_gated_s += gated.took_s


def _place(index: int, length: int) -> str:
    if length == 1:
        return "all"
    return "start" if index == 0 else "end" if index == length - 1 else "middle"


def hits(said: Sequence[str], heard: Sequence[str]) -> set[int]:
    """Indices of the words said that were heard, in the longest common order of both."""
    longest = [[0] * (len(heard) + 1) for _ in range(len(said) + 1)]
    for i in range(len(said) - 1, -1, -1):
        for j in range(len(heard) - 1, -1, -1):
            same = said[i] == heard[j]
            longest[i][j] = longest[i + 1][j + 1] + 1 if same else max(longest[i + 1][j], longest[i][j + 1])
    found, i, j = set(), 0, 0
    while i < len(said) and j < len(heard):
        if said[i] == heard[j]:
            found.add(i)
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


class _Counting(Recogniser):
    """A recogniser that counts what it is given."""

    given = 0

    def feed(self, pcm: bytes) -> None:
        self.given += len(pcm)
        super().feed(pcm)


class Listeners:
    """One recogniser that hears everything, and one behind an ear."""

    def __init__(self, language: str, settings: EarSettings) -> None:
        self._settings = settings
        self._ungated = Recogniser(language[:2])
        self._gated = _Counting(language[:2])

    def both(self, pcm: bytes) -> tuple[Heard, Heard]:
        """The same sound, heard without and with the gate."""
        return self._plainly(pcm), self._behind_an_ear(pcm)

    def _plainly(self, pcm: bytes) -> Heard:
        began = time.thread_time()
        self._ungated.start()
        for piece in pieces(pcm):
            self._ungated.feed(piece)
        text = self._ungated.finish().text
        return Heard(text, _seconds(pcm), time.thread_time() - began)

    def _behind_an_ear(self, pcm: bytes) -> Heard:
        self._gated.given = 0
        began = time.thread_time()
        ear = Ear(self._gated, self._settings)
        events = [event for piece in pieces(pcm) for event in ear.feed(piece)] + ear.flush()
        took_s = time.thread_time() - began
        text = " ".join(event.text for event in events if isinstance(event, Utterance) and event.text)
        return Heard(text, self._gated.given / 2 / LINE_RATE_HZ, took_s)


def _seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / LINE_RATE_HZ


def on_the_line(spoken: bytes, gain_db: float, noise_db: float | None) -> bytes:
    """Speech at another level, with white noise so far below it, from before its start until after its end."""
    sound: Sound = np.frombuffer(spoken, "<i2") / 32768 * 10 ** (gain_db / 20)
    if noise_db is None:
        return over_the_line(sound)
    voiced = sound[np.abs(sound) > np.abs(sound).max() / 50]
    level = np.sqrt(np.mean(voiced**2) * 10 ** (-noise_db / 10))
    return over_the_line(sound + level * np.random.default_rng(7).standard_normal(len(sound)))


def replies(language: str, *, short: bool) -> list[str]:
    """What is said: answers of a word or two, or whole sentences."""
    if short:
        return list(dict.fromkeys((*VERY_SHORT[language], *SHORT[language])))
    return whole_sentences(language)


def measure(language: str, texts: Sequence[str], line: Line, listeners: Listeners) -> Tally:
    """Hear every reply by some of the held-out voices, others for each reply."""
    tally = Tally()
    for number, text in enumerate(texts):
        for which in range(line.voices):
            voice = HELD_OUT[(number + which * 3) % len(HELD_OUT)]
            spoken = say(text, voice=voice, language=language[:2], before_s=_AROUND_S, after_s=_AROUND_S)
            pcm = on_the_line(spoken, line.gain_db, line.noise_db)
            said = units(read_aloud(text, language).lower(), language[:2])
            tally.add(said, *listeners.both(pcm), language, _seconds(pcm))
    return tally


def rows(language: str, settings: EarSettings, *, voices: int) -> Iterator[str]:
    """Lines of the document about one language."""
    listeners = Listeners(language, settings)
    yield (
        "| replies | voice | noise | words said | heard ungated | heard gated | lost: start | middle | end | only word "
        "| won | false ungated | false gated | replies without a turn |"
    )
    yield "| --- | --- | --- " + "| ---: " * 11 + "|"
    whole = Tally()
    for title, short in (("short", True), ("sentences", False)):
        for loudness, gain_db in _LOUDNESS.items():
            for noise_db in _NOISES:
                line = Line(gain_db, noise_db, voices)
                tally = measure(language, replies(language, short=short), line, listeners)
                lost = " | ".join(str(tally.lost[place]) for place in PLACES)
                noise = "none" if noise_db is None else f"{noise_db:g} dB below"
                yield (
                    f"| {title} | {loudness} | {noise} | {tally.said} | {tally.heard_ungated} "
                    f"| {tally.heard_gated} | {lost} | {tally.won.total()} "
                    f"| {tally.false_ungated} | {tally.false_gated} | {tally.silent} of {tally.replies} |"
                )
                for name in ("sound_s", "decoded_s", "took_ungated_s", "took_gated_s"):
                    setattr(whole, name, getattr(whole, name) + getattr(tally, name))
    yield ""
    yield (
        f"Of {whole.sound_s / 60:.0f} minutes of sound {whole.decoded_s / whole.sound_s:.0%} were decoded; one core "
        f"was at work for {whole.took_ungated_s / whole.sound_s:.2%} of the sound's time ungated and "
        f"{whole.took_gated_s / whole.sound_s:.2%} gated."
    )
    yield ""
    yield from _of_nothing(listeners)


def _of_nothing(listeners: Listeners) -> Iterator[str]:
    """What is heard where nobody speaks."""
    yield f"Where nobody speaks, in {_NOTHING_S / 60:g} minutes:"
    yield ""
    yield "| sound | words ungated | words gated | decoded | core ungated | core gated |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    random = np.random.default_rng(11)
    for title, level in (("silence", 0.0), ("noise at -50 dBFS", 0.003), ("noise at -35 dBFS", 0.018)):
        pcm = over_the_line(level * random.standard_normal(round(_NOTHING_S * LINE_RATE_HZ)))
        plainly, behind = listeners.both(pcm)
        words = [len(each.text.replace(" ", "")) if each.text else 0 for each in (plainly, behind)]
        yield (
            f"| {title} | {words[0]} | {words[1]} | {behind.decoded_s / _NOTHING_S:.0%} "
            f"| {plainly.took_s / _NOTHING_S:.2%} | {behind.took_s / _NOTHING_S:.2%} |"
        )


def main() -> None:
    """Hear everything, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the figures into this document")
    parser.add_argument("--voices", type=int, default=3, help="that say each reply, of ten (default: 3)")
    parser.add_argument("--pre-roll", type=float, default=EarSettings().pre_roll_s, help="seconds; default: the ear's")
    parser.add_argument("languages", nargs="*", default=LANGUAGES, help="zh-CN, en; default: both")
    given = parser.parse_args()
    lines: list[str] = []
    for language in given.languages:
        settings = EarSettings(language=language, pre_roll_s=given.pre_roll)
        lines += [f"## {language}", "", *rows(language, settings, voices=given.voices), ""]
    if given.write:
        write(given.write, "\n".join(lines), BEGIN, END)
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
