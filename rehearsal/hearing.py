"""How a simulated person notices that the other side talks: by the energy of each received 20 ms frame.

Pure: it is fed frames in order and keeps its own clock, so it works the same on a slow machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FRAME_S = 0.02
"""Seconds of one frame at 8 kHz: 160 samples."""

AUDIBLE = 160.0
"""RMS of s16 samples from which a frame is sound: about -46 dBFS, well above A-law's idle +-8."""

BREATH_S = 0.7
"""A shorter silence is a pause within the talk (commas and full stops of espeak-ng last up to 0.5 s)."""

_ONSET_FRAMES = 2
"""So many frames of sound in a row begin a talk: a single click does not."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Sound of the other side, from the first frame to the end of the last audible one; seconds fed so far."""

    start_s: float
    end_s: float


def rms(frame: bytes) -> float:
    """Root mean square of s16le samples."""
    samples = np.frombuffer(frame, dtype="<i2").astype(np.float64)
    return math.sqrt(float(samples @ samples) / samples.size) if samples.size else 0.0


class Hearing:
    """Follows one direction of a call."""

    def __init__(self, *, audible: float = AUDIBLE, breath_s: float = BREATH_S) -> None:
        self._audible = audible
        self._breath_s = breath_s
        self._run = 0
        self.clock_s = 0.0
        """Seconds fed so far."""
        self.talk: Talk | None = None
        """The talk now going on; it counts as going on until a breath has passed."""
        self.last: Talk | None = None
        """The last finished talk."""

    @property
    def sounding(self) -> bool:
        """Whether the last frame fed was sound."""
        return self._run > 0

    def silent_since(self, since_s: float) -> float:
        """Seconds without sound, but no more than since ``since_s``."""
        end_s = self.talk.end_s if self.talk else self.last.end_s if self.last else 0.0
        return self.clock_s - max(end_s, since_s)

    def feed(self, frame: bytes) -> Talk | None:
        """Take the next frame; returns a talk when it has just finished."""
        self.clock_s += len(frame) / 16000
        self._run = self._run + 1 if rms(frame) >= self._audible else 0
        if self._run >= _ONSET_FRAMES or (self._run and self.talk):
            start_s = self.talk.start_s if self.talk else self.clock_s - self._run * len(frame) / 16000
            self.talk = Talk(start_s, self.clock_s)
        elif self.talk and self.clock_s - self.talk.end_s >= self._breath_s:
            return self.finish()
        return None

    def finish(self) -> Talk | None:
        """The call is over: the talk that was going on, if any."""
        finished, self.talk = self.talk, None
        if finished:
            self.last = finished
        return finished
