"""Whether what comes from the far end is what we play to it: the robot's own voice out of a telephone's earpiece.

What is played is known, so it is looked for in what is heard: an echo is the same sound, later, softer and through a
filter. Its delay is found anew each time. Pure but for reading the sound file.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
HEARD_S = 0.2
"""Span of heard sound that is looked for."""
EARLY_S, LATE_S = 0.1, 0.6
"""How much earlier the sound may have begun than we were told, and the longest delay of an echo."""
ALIKE = 0.55
"""Correlation from which two sounds are the same. In `benchmarks.interruption` echoes of 20 to 35 dB below the prompt
have more nearly all the time, what a person says into a prompt has less."""

_HALF = 2
"""Every other sample is enough: what an earpiece gives back lies below 2 kHz for the most part."""
_SIZE = 3600

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Played:
    """A sound that is played to the far end."""

    path: Path
    """WAV, 8 kHz, mono, 16 bits."""
    at_s: float
    """When it began, on the clock of what is heard."""
    from_s: float = 0.0
    """How far into the file it began."""

    def between(self, begin_s: float, end_s: float) -> Samples:
        """What was played between two times; silence before its beginning, behind its end and if it is gone."""
        samples = np.zeros(round((end_s - begin_s) * RATE_HZ), np.float32)
        first = round((begin_s - self.at_s + self.from_s) * RATE_HZ)
        skipped = max(0, round(self.from_s * RATE_HZ) - first)
        try:
            with wave.open(str(self.path), "rb") as file:
                file.setpos(min(first + skipped, file.getnframes()))
                read = np.frombuffer(file.readframes(max(0, len(samples) - skipped)), "<i2")
        except (OSError, EOFError, wave.Error):
            return samples
        samples[skipped : skipped + len(read)] = read
        return samples


def echoes(heard: bytes, played: Played, end_s: float) -> bool:
    """Whether sound is an echo of what is played.

    Args:
        heard: the last 16-bit mono audio at 8 kHz; of it, `HEARD_S` is looked at.
        played: what may echo.
        end_s: when ``heard`` ends.
    """
    sound = _edged(np.frombuffer(heard, "<i2")[-round(HEARD_S * RATE_HZ) :].astype(np.float32))
    begin_s = end_s - len(sound) * _HALF / RATE_HZ
    source = _edged(played.between(begin_s - LATE_S, end_s + EARLY_S))
    size = len(sound)
    if not size or len(source) < size:
        return False
    crossed = np.fft.irfft(np.fft.rfft(source, _SIZE) * np.conj(np.fft.rfft(sound, _SIZE)), _SIZE)
    crossed = crossed[: len(source) - size + 1]
    energy = np.concatenate([[0.0], np.cumsum(source.astype(np.float64) ** 2)])
    under = energy[size:] - energy[:-size]
    own = float(np.dot(sound, sound))
    # Where next to nothing is played, nothing can echo, and rounding would pass for likeness; and no echo is louder.
    fit = under > max(own, 1e3 * size)
    if not own or not fit.any():
        return False
    return bool(np.max(np.abs(crossed[fit]) / np.sqrt(under[fit] * own)) >= ALIKE)


def _edged(samples: Samples) -> Samples:
    """Thinned out, with the low tones weakened: one vowel is too like another there."""
    thin = (samples[::_HALF] + np.append(samples, np.float32(0))[1::_HALF][: len(samples[::_HALF])]) / 2
    return np.asarray(np.diff(thin, prepend=np.float32(0)) if len(thin) else thin, dtype=np.float32)
