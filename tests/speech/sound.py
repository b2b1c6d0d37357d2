"""Measures of sound that the tests of speech share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.telephone import LINE_RATE_HZ, Speech, read_wav

FRAME = 80


def samples_of(sound: Speech | Path) -> NDArray[np.float32]:
    if isinstance(sound, Path):
        samples, rate = read_wav(sound)
        assert rate == LINE_RATE_HZ
        return samples
    return np.frombuffer(sound.pcm, "<i2").astype(np.float32) / np.float32(32768)


def dbfs(level: float) -> float:
    return float(20 * np.log10(level))


def levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS of each 10 ms."""
    return np.sqrt((samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME) ** 2).mean(axis=1))


def speech_level_dbfs(samples: NDArray[np.float32]) -> float:
    """RMS of what is within 40 dB of the loudest sample."""
    frames = levels(samples)
    sounding = frames[frames > np.abs(samples).max() / 100]
    return dbfs(float(np.sqrt((sounding**2).mean())))


def silence_at_ends_s(samples: NDArray[np.float32]) -> tuple[float, float]:
    sounding = np.flatnonzero(levels(samples) > np.abs(samples).max() / 100)
    return sounding[0] * 0.01, (len(samples) // FRAME - 1 - sounding[-1]) * 0.01


def share_in_band(samples: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    """Share of the energy between two frequencies."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / LINE_RATE_HZ)
    return float(power[(hz >= low_hz) & (hz <= high_hz)].sum() / power.sum())
