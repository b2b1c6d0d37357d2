"""Sets of utterances to measure recognition with: by held-out voices, over telephone lines of several kinds."""

from __future__ import annotations

import faulthandler
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from speech.modelling.acoustic.channel import CLEAN, NOISY, RATE_HZ, Conditions, Pcm, without_speech
from speech.modelling.acoustic.espeak import Manner
from speech.modelling.acoustic.material import Chance, held_out
from speech.modelling.acoustic.utterance import Speaker, Way, voice_name
from speech.modelling.build import DATA
from speech.modelling.corpus import Corpus
from speech.modelling.lexicon import read_words
from speech.modelling.voices import HELD_OUT

_SEED = 4242
_TIMEOUT_S = 60
"""espeak-ng can hang for ever; the process ends then."""

_DRAWN, _RANDOM, _SILENT = 200, 100, 40
_VOICES_PER_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """One utterance and what was said in it."""

    words: tuple[str, ...]
    pcm: Pcm
    voice: str


@dataclass(frozen=True)
class TrialSet:
    """Trials of one kind."""

    name: str
    trials: list[Trial]
    known: bool = True
    """Whether all words are in the vocabulary; if not, only what is falsely heard counts."""


def read_lines(path: Path) -> list[str]:
    """The lines of a data file without comments."""
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def trial_sets(language: str, data: Path = DATA, *, share: float = 1.0) -> Iterator[TrialSet]:
    """All sets of a language; the same data files give the same sound.

    Args:
        language: ``zh`` or ``en``.
        data: the data files.
        share: of all utterances, for a quick look.

    Raises:
        ModellingError: espeak-ng is missing.
    """
    folder, speaker, chance = data / language, Speaker(language), random.Random(_SEED)
    corpus, words = Corpus(folder / "sentences.txt"), list(read_words(folder / "words.txt"))
    wording = [tuple(line.split()) for line in held_out(folder)]
    drawn = _different((corpus.pick(chance) for _ in range(100_000)), round(_DRAWN * share))
    shuffled = _different(
        (tuple(chance.choices(words, k=chance.randint(1, 7))) for _ in range(100_000)), round(_RANDOM * share)
    )
    new = wording[: max(1, round(len(wording) * share))] * _VOICES_PER_SENTENCE
    if language == "en":
        outside = [tuple(line.split()) for line in read_lines(folder / "outside.txt")]
    else:
        outside = [(line,) for line in read_lines(folder / "outside.txt")]
    outside = outside[: max(1, round(len(outside) * share))] * _VOICES_PER_SENTENCE
    kinds: list[tuple[str, Sequence[tuple[str, ...]], Conditions, bool]] = [
        ("held-out wording, clean", new, CLEAN, True),
        ("held-out wording, noisy", new, NOISY, True),
        ("wording of the corpus, clean", drawn, CLEAN, True),
        ("wording of the corpus, noisy", drawn, NOISY, True),
        ("words in random order, noisy", shuffled, NOISY, True),
        ("out of vocabulary, noisy", outside, NOISY, False),
    ]
    for number, (name, sentences, conditions, known) in enumerate(kinds):
        yield TrialSet(name, list(spoken(speaker, language, sentences, conditions, number)), known)
    silent = [
        Trial((), without_speech(5 * RATE_HZ, Chance.of(_SEED, len(kinds), index).sound), "")
        for index in range(max(1, round(_SILENT * share)))
    ]
    yield TrialSet("nobody speaks", silent, known=False)


def spoken(
    speaker: Speaker, language: str, sentences: Sequence[tuple[str, ...]], conditions: Conditions, number: int
) -> Iterator[Trial]:
    """Sentences, each by the next of the held-out voices; ``number`` tells one series of chances from another."""
    for index, words in enumerate(sentences):
        chance = Chance.of(_SEED, number, index)
        voice = HELD_OUT[(index + number) % len(HELD_OUT)]
        draw = chance.words
        manner = Manner(
            voice_name(language, voice),
            rate=draw.randint(120, 210),
            pitch=draw.randint(20, 80),
            range=draw.randint(30, 70),
        )
        lead, tail = (round(RATE_HZ * draw.uniform(0.25, 0.8)) for _ in range(2))
        way = Way(manner, draw.choice([1, draw.uniform(0.9, 1.12)]), lead, tail, conditions)
        faulthandler.dump_traceback_later(_TIMEOUT_S, exit=True)
        said = speaker.say(words, way, chance)
        faulthandler.cancel_dump_traceback_later()
        if said:
            yield Trial(words, said.pcm, voice)


def _different(drawn: Iterable[tuple[str, ...]], count: int) -> list[tuple[str, ...]]:
    found: dict[tuple[str, ...], None] = {}
    for sentence in drawn:
        if sentence:
            found[sentence] = None
        if len(found) >= max(1, count):
            break
    return list(found)
