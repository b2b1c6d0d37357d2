"""Whether one phone's voice is on another phone's wire."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rehearsal.calls import CallKey
from rehearsal.crossing import HOP_S, crossings
from tests.rehearsal.conversations import DESK, SUBJECT, answered, calls, ended, rang, said

pytestmark = pytest.mark.unit

RATE = 8000


def voice(seed: int, seconds: float = 2.0) -> NDArray[np.float64]:
    """Syllables of noise: like speech in level and rhythm, and no two seeds alike."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    return rng.normal(0, 2500, len(times)) * np.clip(np.sin(2 * np.pi * 2 * times) + 0.5, 0, 1)


def on_the_line(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """What two passes of eight-bit companding leave: noise 37 dB below."""
    return samples + np.random.default_rng(99).normal(0, 1, len(samples)) * np.abs(samples) / 70


def write(path: Path, samples: NDArray[np.float64]) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.clip(-32768, 32767).astype("<i2").tobytes())
    return str(path)


def received(folder: Path, *parts: tuple[float, NDArray[np.float64]], seconds: float = 20.0) -> str:
    line = np.random.default_rng(1).normal(0, 8, round(seconds * RATE))
    for at_s, samples in parts:
        line[round(at_s * RATE) :][: len(samples)] += on_the_line(samples)
    return write(folder / "received.wav", line)


def found(folder: Path, *parts: tuple[float, NDArray[np.float64]]) -> list[tuple[str, str, float]]:
    """The subject says ``voice(1)`` at 10 s; the dissuader's phone, which began to hear at 4 s, received the parts."""
    line = said(10, 12).model_copy(update={"sound": write(folder / "said.wav", voice(1))})
    end = ended(24, DESK).model_copy(update={"recording": received(folder, *parts), "heard_from": 4.0})
    told = calls(rang(), answered(), line, ended(), rang(3, DESK), answered(4, DESK), end)
    return [(each.speaker.phone, each.listener.phone, each.at) for each in crossings(told, {DESK})]


def test_a_voice_that_arrives_is_found_where_it_arrived(tmp_path: Path) -> None:
    ((speaker, listener, at),) = found(tmp_path, (6.15, voice(1)))
    assert (speaker, listener) == (SUBJECT, DESK)
    assert at == pytest.approx(10.15, abs=0.02)


def test_another_voice_at_that_time_is_not_taken_for_it(tmp_path: Path) -> None:
    assert found(tmp_path, (6.15, voice(2))) == []


def test_silence_is_not_taken_for_it(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_the_same_voice_long_before_or_after_is_not_this_line(tmp_path: Path) -> None:
    assert found(tmp_path, (1.0, voice(1)), (14.0, voice(1))) == []


def test_half_a_line_that_arrives_counts_from_where_it_begins(tmp_path: Path) -> None:
    ((_, _, at),) = found(tmp_path, (7.15, voice(1)[RATE:]))
    assert at == pytest.approx(11.15, abs=HOP_S + 0.01)


def test_phones_that_were_never_answered_heard_nobody(tmp_path: Path) -> None:
    line = said(10, 12).model_copy(update={"sound": write(tmp_path / "said.wav", voice(1))})
    told = calls(rang(), answered(), line, ended(), rang(3, DESK), ended(24, DESK))
    assert crossings(told, {DESK}) == []
    assert CallKey(DESK, 1) in told
