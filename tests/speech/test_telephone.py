"""Any sound brought to the line's format, level and length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from speech.telephone import SoundError, for_line, line_seconds, read_wav, write_wav
from tests.speech.sound import dbfs, samples_of, silence_at_ends_s, speech_level_dbfs

pytestmark = pytest.mark.unit

RATE = 16000


def tone(seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    return (level * np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(RATE * seconds), np.float32)


def test_silence_at_both_ends_is_cut_to_tens_of_milliseconds() -> None:
    speech = for_line(np.concatenate([silence(0.8), tone(1), silence(0.3), tone(1), silence(0.9)]), RATE)
    lead_s, tail_s = silence_at_ends_s(samples_of(speech))
    assert 0.01 <= lead_s <= 0.03
    assert 0.03 <= tail_s <= 0.06
    assert speech.seconds == pytest.approx(2.37, abs=0.03)


@pytest.mark.parametrize("level", [0.01, 0.1, 1.0])
def test_quiet_and_loud_sound_comes_out_at_one_level(level: float) -> None:
    assert speech_level_dbfs(samples_of(for_line(tone(1, level), RATE))) == pytest.approx(-20, abs=0.3)


def test_a_peak_stays_three_decibels_below_full_scale() -> None:
    samples = tone(1, 0.02)
    samples[8000:8080] = tone(0.005, 1.0)
    spoken = samples_of(for_line(samples, RATE))
    assert dbfs(float(np.abs(spoken).max())) == pytest.approx(-3, abs=0.01)
    assert speech_level_dbfs(spoken) < -21


def test_half_the_volume_is_six_decibels_less() -> None:
    assert speech_level_dbfs(samples_of(for_line(tone(1), RATE, volume=0.5))) == pytest.approx(-26, abs=0.3)


@pytest.mark.parametrize("samples", [silence(1), silence(0), tone(0.001)], ids=["silence", "nothing", "a click"])
def test_sound_without_sound_is_refused(samples: NDArray[np.float32]) -> None:
    with pytest.raises(SoundError, match="silent"):
        for_line(samples, RATE)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    speech = for_line(tone(1), RATE)
    write_wav(tmp_path / "a" / "b.wav", speech)
    samples, rate = read_wav(tmp_path / "a" / "b.wav")
    assert rate == 8000
    assert np.array_equal(samples, samples_of(speech))
    assert line_seconds(tmp_path / "a" / "b.wav") == speech.seconds
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.wav"]


def test_a_file_that_is_not_there_has_no_length(tmp_path: Path) -> None:
    assert line_seconds(tmp_path / "none.wav") is None
