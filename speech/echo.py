"""Whether what comes from the far end is what we play to it: the robot's own voice out of a telephone's earpiece.

What is played is known, so it is looked for in what is heard: an echo is the same sound, later, softer and through a
filter. Where it was found once it is believed more easily. Pure but for reading the sound file.
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
ALIKE = 0.42
"""Correlation from which two sounds are the same. In `benchmarks.interruption` 99 of 100 looks at echoes 20 to 35 dB
below the prompt find more than 0.46, at what a person says into a prompt less than 0.35."""
ALIKE_THERE = 0.22
"""The same at the delay that the echo of this prompt has."""

_AROUND = 16
"""Samples about this delay."""
_SIZE = 7200
"""Points of the spectra: of all that may have been played."""

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


class Echo:
    """The echo of one prompt."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._delay: int | None = None

    def sounds(self, heard: bytes, end_s: float) -> bool:
        """Whether it is what sounds.

        Args:
            heard: the last 16-bit mono audio at 8 kHz; of it, `HEARD_S` is looked at.
            end_s: when ``heard`` ends, on the clock of `Played`.
        """
        sound = _flat(np.frombuffer(heard, "<i2")[-round(HEARD_S * RATE_HZ) :].astype(np.float32))
        size = len(sound)
        source = _flat(self._played.between(end_s - size / RATE_HZ - LATE_S, end_s + EARLY_S))
        crossed = np.fft.irfft(np.fft.rfft(source, _SIZE) * np.conj(np.fft.rfft(sound, _SIZE)), _SIZE)
        energy = np.concatenate([[0.0], np.cumsum(np.square(source, dtype=np.float64))])
        under = energy[size:] - energy[: len(energy) - size]
        own = float(np.dot(sound, sound))
        # Where next to nothing is played nothing can echo, and rounding would pass for likeness; and no echo is louder.
        alike = np.abs(crossed[: len(under)]) / np.sqrt(np.maximum(under * own, 1.0))
        alike[under <= max(own, 1e3 * size)] = 0.0
        best = int(np.argmax(alike))
        if alike[best] >= ALIKE:
            self._delay = best
            return True
        if self._delay is None:
            return False
        there = alike[max(0, self._delay - _AROUND) : self._delay + _AROUND + 1]
        return float(there.max(initial=0.0)) >= ALIKE_THERE


def _flat(samples: Samples) -> Samples:
    """The same with the low tones weakened: one vowel is too like another there."""
    return np.diff(samples, prepend=np.float32(0))
