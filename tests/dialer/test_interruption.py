"""Who makes the robot stop on a real call, by what the subject's phone hears; `benchmarks.interruption` has figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.interruption_sounds import clatter, cough, hum
from tests.dialer.talk import pause, talking, words

pytestmark = pytest.mark.wire

QUESTION = "wait a moment please I have a question"


async def test_the_robot_stops_for_words_hears_them_out_and_goes_on(tmp_path: Path) -> None:
    async with talking(tmp_path) as subject:
        said = words(QUESTION)
        talked = await subject.interrupted_by(said)
    assert talked.stopped_after_s is not None
    assert talked.stopped_after_s < 0.5
    ((_, silent_s),) = talked.silences
    assert len(said) / 8000 < silent_s + talked.stopped_after_s < len(said) / 8000 + 2
    assert any("question" in turn for turn in talked.turns)


async def test_the_robot_speaks_on_through_a_cough_a_hum_and_clatter(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    sounds = [part for make in (cough, hum, clatter) for part in (make(chance), pause(1.0))]
    async with talking(tmp_path) as subject:
        talked = await subject.interrupted_by(np.concatenate(sounds))
    assert talked.silences == []


async def test_a_prompt_that_cannot_be_interrupted_is_said_on_and_what_is_said_into_it_is_heard(tmp_path: Path) -> None:
    async with talking(tmp_path) as subject:
        talked = await subject.interrupted_by(words(QUESTION), interruptible=False)
    assert talked.silences == []
    assert any("question" in turn for turn in talked.turns)
