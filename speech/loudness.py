"""How much a quiet line is amplified for voice activity to judge it.

WebRTC's detector misses half of the words of somebody who is heard at -45 dBFS. Where the line is still between words,
a little amplification mends that and brings no noise above what the detector takes for a voice; a noisy line is left as
it is. docs/recognition-gating.md has the figures.
"""

from __future__ import annotations

from collections import deque

STILL_RMS = 80.0
"""Of 32768, -52 dBFS: the noise of a line is lifted to this at most."""
MOST = 4.0
"""12 dB."""
SILENT_RMS = 30.0
"""Of 32768, about -61 dBFS: the idle noise of G.711 lies below."""

_ABOVE = 1.3
"""Sound as much louder than the quietest of the line may be a voice, be it ever so quiet."""

_FRAMES = 100
"""Two seconds: whoever speaks pauses for a moment in that time."""
_EVERY = 10
"""Frames: noise does not come and go."""


class Lift:
    """Follows one side of a call, frame by frame."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=_FRAMES)
        self._frames = 0
        self.factor = 1.0
        """What to multiply samples by; 1 until the line is known."""
        self.silent_rms = SILENT_RMS
        """Quieter frames need not be judged."""

    def feed(self, rms: float) -> float:
        """Take in the effective value of the next 20 ms, of 32768; returns `factor`."""
        self._recent.append(rms)
        self._frames += 1
        if self._frames % _EVERY == 0:
            tenth = len(self._recent) // 10
            floor = sorted(self._recent)[tenth]  # numpy would be slower, and let go of the interpreter
            self.factor = min(MOST, max(1.0, STILL_RMS / max(floor, 1.0)))
            self.silent_rms = min(SILENT_RMS, _ABOVE * max(floor, SILENT_RMS / MOST / _ABOVE))
        return self.factor
