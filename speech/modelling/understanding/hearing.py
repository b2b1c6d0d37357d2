"""``python -m speech.modelling.understanding hear LANGUAGE``: what the bundled recogniser makes of the replies.

Replies are said by espeak-ng's voices over noisy telephone lines, and what is recognised is written to
``heard/<language>.tsv``: the judgement learns from it, too, for on the telephone it reads nothing else. Left out is
what was heard without fault, and what was heard so badly that its labels do not hold any more.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import re
from functools import cache, partial
from pathlib import Path

import numpy as np

from speech.espeak import espeak, phonetics
from speech.modelling.acoustic.channel import NOISY, RATE_HZ, at_line_rate, over_the_line
from speech.modelling.lots import lot
from speech.modelling.measure import distance, units
from speech.modelling.understanding.examples import as_recognised
from speech.modelling.understanding.heard import FOLDER, key
from speech.modelling.understanding.replies import replies
from speech.modelling.voices import TRAINING
from speech.recognition import Recogniser
from speech.voice import SynthesisError, VoiceSettings

HEARD = 22_000
"""Replies that are said, which takes a quarter of an hour on two cores."""
_PIECE = 1920
"""Bytes of 0.12 s, as an ear gives them."""
_TIMEOUT_S = 20.0
_WORST = 0.35
"""Share of the characters, or words, that may be wrong."""
_TURNS = {
    "zh-CN": re.compile("[不没别未无甭]"),
    "en": re.compile(r"\b(?:not?|never|none|nothing|nobody|nor|without|cannot|\w+n't)\b"),
}
"""Words that turn a meaning round: as many must be heard as were said."""


def hear(language: str, replies_at_most: int, folder: Path = FOLDER) -> int:
    """Write what was heard of so many replies; returns how many were misheard and are learnt from."""
    texts = sorted({each.text for each in replies(language)}, key=key)[:replies_at_most]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        heard = pool.map(partial(_heard, language), texts, chunksize=50)
    lines = [f"{key(text)}\t{found}\n" for text, found in zip(texts, heard, strict=True) if found]
    folder.mkdir(exist_ok=True)
    (folder / f"{language}.tsv").write_text("".join(lines), encoding="utf-8")
    return len(lines)


def _heard(language: str, text: str) -> str | None:
    chance = random.Random(text)
    voice = VoiceSettings(
        language=language, engine="espeak-ng", variant=chance.choice(TRAINING),
        rate_wpm=chance.randint(120, 210), pitch=chance.randint(20, 80),
    )  # fmt: skip
    try:
        samples = asyncio.run(espeak(phonetics(text, voice), voice, timeout_s=_TIMEOUT_S))
    except SynthesisError:
        return None
    speech = at_line_rate(np.asarray(samples, np.float64), chance.choice([1.0, chance.uniform(0.9, 1.12)]))
    seed = lot(text)
    lead, tail = (round(RATE_HZ * chance.uniform(0.25, 0.5)) for _ in range(2))
    pcm = over_the_line(speech, NOISY, np.random.default_rng(seed), lead, tail).astype("<i2").tobytes()
    recogniser = _recogniser(language)
    recogniser.start()
    for at in range(0, len(pcm), _PIECE):
        recogniser.feed(pcm[at : at + _PIECE])
    found = recogniser.finish().text
    said = as_recognised(text, language)
    return found if is_of_use(language, said, found) else None


def is_of_use(language: str, said: str, heard: str) -> bool:
    """Whether something was misheard, and what it meant still holds: few words are wrong, none that turns it round."""
    name = language.partition("-")[0]
    wanted, got = units(said, name), units(heard, name)
    turns = _TURNS[language]
    return (
        0 < distance(wanted, got) <= _WORST * len(wanted)
        and len(turns.findall(said)) == len(turns.findall(heard))
    )  # fmt: skip


@cache
def _recogniser(language: str) -> Recogniser:
    return Recogniser(language.partition("-")[0])
