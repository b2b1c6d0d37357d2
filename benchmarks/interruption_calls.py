"""How soon the subject's own phone hears that the robot has stopped, over real calls on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.interruption_sounds import WORDS, clatter, cough, hum
from rehearsal.measures import spread
from speech.modelling.voices import HELD_OUT
from tests.dialer.talk import Talked, pause, talking, words

_INTERRUPTED, _COUGHED = 10, 4


async def on_calls(folder: Path) -> list[str]:
    """Have one call interrupted by all sorts of voices and sounds; returns lines for the document."""
    async with talking(folder) as subject:
        spoken = [
            await subject.interrupted_by(words(WORDS["en"][number], HELD_OUT[number])) for number in range(_INTERRUPTED)
        ]
        coughed = [await subject.interrupted_by(_noises(number)) for number in range(_COUGHED)]
    return list(_told(spoken, coughed))


def _noises(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    chance = np.random.default_rng(seed)
    return np.concatenate([part for make in (cough, hum, clatter) for part in (make(chance), pause(0.8))])


def _told(spoken: list[Talked], coughed: list[Talked]) -> Iterator[str]:
    stopped = [talked.stopped_after_s for talked in spoken if talked.stopped_after_s is not None]
    its = spread(stopped)
    if its is None:
        return
    yield (
        f"On a call over SIP and G.711 on loopback, words of {len(spoken)} voices stopped the robot {its.count} times. "
        f"From the first sample that the subject's phone sent to the last 20 ms in which it heard the robot passed "
        f"{min(stopped):.2f} to {max(stopped):.2f} s, median {its.median_s:.2f} s: beside the decision, both ways of "
        "the sound with their jitter buffers, and pieces of 60 ms to the ear."
    )
    yield ""
    held = sum(not talked.silences for talked in coughed)
    yield (
        f"Of {len(coughed)} prompts into which the subject coughed, hummed and clattered, {held} were said without a "
        "stop."
    )
    yield ""
