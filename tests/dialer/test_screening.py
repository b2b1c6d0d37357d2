"""The ear of a call, and the judgement beside it: what is told before the answer and what behind it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import answering_sounds as sounds
from dialer.screening import ScreeningEar
from speech.answering import Answerer, Answering, Verdict
from speech.ear import Ear
from speech.heard import Heard, Utterance
from speech.recognition import Recogniser
from tests.speech.callers import pieces

pytestmark = pytest.mark.voice


@pytest.fixture
def ear() -> ScreeningEar:
    return ScreeningEar(Ear(Recogniser("en")), Answering("en"))


def hear(ear: ScreeningEar, *parts: sounds.Sound) -> list[Heard | Verdict]:
    pcm = sounds.over_the_line(np.concatenate(parts), law="A", noise_db=None, loss=0, level_db=0, seed=1)
    return [event for piece in pieces(pcm) for event in ear.feed(piece)]


def kinds(events: list[Heard | Verdict]) -> list[Answerer]:
    return [event.kind for event in events if isinstance(event, Verdict)]


def test_the_first_verdict_behind_the_answer_says_that_nothing_is_known_yet(ear: ScreeningEar) -> None:
    assert kinds(hear(ear, sounds.cadence((450,), (1, 4), 5))) == [Answerer.RINGING]
    ear.answered()
    hello = hear(ear, sounds.silence(0.5), sounds.spoken("hello", "en", "m5", 160, 50), sounds.silence(1.5))
    assert kinds(hello) == [Answerer.UNKNOWN, Answerer.PERSON]
    assert any(isinstance(event, Utterance) for event in hello)


def test_half_a_minute_after_the_answer_nobody_is_judged_any_more(ear: ScreeningEar) -> None:
    ear.answered()
    hear(ear, sounds.silence(31))
    assert kinds(hear(ear, sounds.cadence((450,), (0.35, 0.35), 5))) == []


def test_who_has_been_a_person_for_ten_seconds_is_not_judged_any_more(ear: ScreeningEar) -> None:
    ear.answered()
    hello = hear(ear, sounds.silence(0.5), sounds.spoken("hello", "en", "m5", 160, 50), sounds.silence(1.5))
    assert kinds(hello) == [Answerer.UNKNOWN, Answerer.PERSON]
    busy = sounds.cadence((450,), (0.35, 0.35), 4)
    assert kinds(hear(ear, sounds.silence(10), busy)) == []


def test_a_line_that_goes_busy_soon_behind_a_person_is_told(ear: ScreeningEar) -> None:
    ear.answered()
    hear(ear, sounds.silence(0.5), sounds.spoken("hello", "en", "m5", 160, 50), sounds.silence(1.5))
    assert kinds(hear(ear, sounds.silence(2), sounds.cadence((450,), (0.35, 0.35), 4))) == [Answerer.BUSY]
