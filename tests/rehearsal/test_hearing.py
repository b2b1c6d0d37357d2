"""How a simulated person notices that somebody talks."""

from __future__ import annotations

import numpy as np
import pytest

from rehearsal.hearing import BREATH_S, Hearing, Talk

pytestmark = pytest.mark.unit

SILENCE = np.full(160, 8, "<i2").tobytes()
"""A-law's idle."""
VOICE = (3000 * np.sin(np.arange(160) * 0.3)).astype("<i2").tobytes()


def feed(hearing: Hearing, frame: bytes, seconds: float) -> list[Talk]:
    return [talk for _ in range(round(seconds / 0.02)) if (talk := hearing.feed(frame))]


def test_a_talk_is_from_its_first_sound_to_its_last() -> None:
    hearing = Hearing()
    finished = feed(hearing, SILENCE, 1) + feed(hearing, VOICE, 2) + feed(hearing, SILENCE, 1)
    assert [(round(talk.start_s, 2), round(talk.end_s, 2)) for talk in finished] == [(1.0, 3.0)]


def test_a_pause_shorter_than_a_breath_does_not_end_a_talk() -> None:
    hearing = Hearing()
    feed(hearing, VOICE, 1)
    assert not feed(hearing, SILENCE, BREATH_S - 0.1) + feed(hearing, VOICE, 1)
    assert len(feed(hearing, SILENCE, 1)) == 1


def test_a_breath_of_silence_ends_a_talk() -> None:
    hearing = Hearing()
    feed(hearing, VOICE, 1)
    assert not feed(hearing, SILENCE, BREATH_S - 0.02)
    assert len(feed(hearing, SILENCE, 0.04)) == 1


def test_a_click_of_one_frame_is_no_talk() -> None:
    hearing = Hearing()
    assert not feed(hearing, VOICE, 0.02) + feed(hearing, SILENCE, 2)
    assert hearing.talk is None


def test_the_idle_hum_of_the_codec_is_silence() -> None:
    hearing = Hearing()
    feed(hearing, SILENCE, 2)
    assert hearing.talk is None
    assert hearing.silent_since(0.5) == pytest.approx(1.5)


def test_a_talk_that_the_end_of_the_call_cuts_off_is_not_lost() -> None:
    hearing = Hearing()
    feed(hearing, VOICE, 1)
    talk = hearing.finish()
    assert talk is not None
    assert talk.end_s == pytest.approx(1.0)
