"""How well and how fast the bundled models hear: ``python -m benchmarks.hearing``.

Every sentence is spoken by ten espeak-ng voices that the models were not made from, over G.711 A-law, clean and with
white noise at 15 dB, and heard by an `Ear` in 60 ms pieces as a line delivers them.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from speech.ear import Ear
from speech.heard import Utterance
from speech.modelling.build import DATA
from speech.modelling.corpus import Corpus
from speech.modelling.measure import distance, units
from speech.modelling.voices import HELD_OUT
from speech.recognition import Recogniser, load
from tests.speech.callers import over_the_line, pieces, say
from tests.speech.test_recognition import ENGLISH, MANDARIN


def sentences(language: str) -> dict[str, list[str]]:
    """The lines of the tests, and lines drawn from the sentences of the graph."""
    lines = [words for words, _ in (MANDARIN if language == "zh" else ENGLISH)]
    separator = "" if language == "zh" else " "
    drawn = list(Corpus(Path(DATA / language / "sentences.txt")).draw(1, 4242))
    return {"lines of the tests": lines, "drawn": [separator.join(words) for words in drawn if words][::8]}


def noisy(pcm: bytes, decibels: float) -> bytes:
    """The sound with white noise that far below the speech."""
    sound = np.frombuffer(pcm, "<i2") / 32768
    power = float(np.mean(sound[np.abs(sound) > 0.001] ** 2))
    noise = np.random.default_rng(7).standard_normal(len(sound)) * np.sqrt(power * 10 ** (-decibels / 10))
    return over_the_line(sound + noise)


def main() -> None:
    """Print a line for each language, kind of sentences and condition."""
    for language in ("zh", "en"):
        load(language)
        for name, wanted in sentences(language).items():
            for condition in ("clean", "15 dB"):
                measure(language, name, wanted, condition)


def measure(language: str, name: str, wanted: list[str], condition: str) -> None:
    """Hear every sentence by every voice, and print how well that went."""
    errors = length = exact = 0
    feeds: list[float] = []
    delays: list[float] = []
    created: list[float] = []
    for text in wanted:
        for voice in HELD_OUT:
            pcm = say(text, voice=voice, language=language)
            began = time.perf_counter()
            ear = Ear(Recogniser(language))
            created.append(time.perf_counter() - began)
            heard: list[str] = []
            for piece in pieces(pcm if condition == "clean" else noisy(pcm, 15)):
                began = time.perf_counter()
                events = ear.feed(piece)
                feeds.append(time.perf_counter() - began)
                for event in events:
                    if isinstance(event, Utterance):
                        heard.append(event.text)
                        delays.append(ear.clock_s - event.end_s)
            said, got = units(text, language), units(" ".join(heard), language)
            errors, length, exact = errors + distance(said, got), length + len(said), exact + (said == got)
    spent = np.array(feeds) * 1000
    print(
        f"{language}  {name}, {condition}: {len(wanted) * len(HELD_OUT)} utterances, errors {errors / length:.1%}, "
        f"exact {exact / len(wanted) / len(HELD_OUT):.1%}; 60 ms take {spent.mean():.2f} ms "
        f"(p95 {np.percentile(spent, 95):.2f}); an ear is made in {np.median(created) * 1000:.2f} ms; "
        f"utterance {np.median(delays):.2f} s after its end"
    )


if __name__ == "__main__":
    main()
