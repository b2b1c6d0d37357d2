"""Whether a sound that comes while the robot speaks is somebody who wants to speak. Pure; frame by frame.

It must be known within a quarter of a second, before any word is. What speech has within so short a time and a cough,
breath, clicks, crackling and noise have not, is a pitch: the sound repeats itself. What the speaker on the telephone
has and a television in the room has not, is the loudness that they spoke with before. A hum (嗯, mm) has pitch and
loudness, but next to nothing above the lowest tones, and goes on so; speech opens within a few frames. A single short
word (好, yeah) cannot be told from the beginning of a sentence: it makes the robot pause.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

_RATE_HZ = 8000
_SPAN = 320
"""Samples that are looked at: two frames, of which even a deep voice repeats itself twice."""
_SIZE = 480
"""Points of a spectrum: those samples, and the longest period."""
_LOW_HZ = 450.0
_HIGH_HZ = 2000.0
_BOTTOM_HZ = 60.0
_SHORTEST, _LONGEST = 20, 133
"""Samples in a period: 60 to 400 Hz."""


@dataclass(frozen=True, slots=True)
class InterruptingSettings:
    """What counts as somebody who breaks in."""

    periodic: float = 0.6
    """How alike a sound must be to itself one period later, 0 to 1. In `benchmarks.interruption` noises have up to 0.5,
    voiced sounds of speech 0.7 to 1."""
    peak: float = 6.0
    """How far its highest peak may exceed its effective value: crackling, which repeats itself by chance, has more."""
    frames: int = 3
    """Frames of 20 ms with pitch and loudness that begin an interruption, ..."""
    within: int = 7
    """... of so many."""
    open_frames: int = 2
    """How many of them must be more than a hum."""
    hum_low: float = 0.95
    """Share of a hum's power below 450 Hz, at least, ..."""
    hum_high: float = 0.02
    """... and above 2 kHz, at most."""
    softer_db: float = 14.0
    """How much softer than this person's voice so far a sound may be."""
    whispered: int = 3
    """Words, or characters of Mandarin, that are believed to be spoken where no pitch was found, ..."""
    word_s: float = 0.13
    """Seconds that each of them takes at least, ..."""
    whispered_db: float = 12.0
    """... and how much softer than before they may be at their loudest."""
    usual_dbfs: float = -25.0
    """How loud somebody is taken to be who has not spoken yet."""


class Loudness:
    """How loudly somebody speaks when they do: what few frames of their speech exceed."""

    def __init__(self, dbfs: float) -> None:
        """``dbfs`` is assumed until they have spoken."""
        self._usual = self.dbfs = dbfs
        self._known = False
        self._turn: float | None = None

    def hear(self, rms: float) -> None:
        """Take in a voiced frame by its effective value, of 32768."""
        dbfs = _dbfs(rms)
        if self._turn is None:
            self._turn = dbfs
        self._turn += (0.2 if dbfs > self._turn else 0.004) * (dbfs - self._turn)

    def turn_over(self, *, words: bool) -> None:
        """Believe what was heard if there were ``words`` in it: louder at once, softer little by little."""
        if words and self._turn is not None:
            softer = self._known and self._turn < self.dbfs
            self.dbfs += (0.3 if softer else 1.0) * (self._turn - self.dbfs)
            self._known = True
        self._turn = None

    def forget(self) -> None:
        """Somebody else speaks from now on."""
        self.dbfs, self._known, self._turn = self._usual, False, None


class Interrupting:
    """Listens for as long as the robot speaks; made anew, or begun anew by `begin`, for each prompt."""

    def __init__(self, settings: InterruptingSettings | None = None) -> None:
        self.settings = settings or InterruptingSettings()
        self.loudness = Loudness(self.settings.usual_dbfs)
        self._near: deque[bool] = deque(maxlen=self.settings.within)
        self._open: deque[bool] = deque(maxlen=self.settings.within)
        self._before: bytes = b""
        self._loudest = 0.0

    def begin(self) -> None:
        """The robot begins to speak."""
        self.turn()
        self._near.clear()
        self._open.clear()
        self._before = b""

    def turn(self) -> None:
        """A turn begins: what sounded before it has no words in it."""
        self._loudest = 0.0

    def feed(self, frame: bytes, *, voiced: bool, rms: float) -> bool:
        """Judge the next 20 ms, of which voice activity says whether they are ``voiced``: does somebody break in?"""
        near = opened = False
        if voiced:
            self._loudest = max(self._loudest, rms)
            if self._before and self._softer_db(rms) <= self.settings.softer_db:
                near, opened = self._judge(np.frombuffer(self._before + frame, "<i2").astype(np.float32))
        self._before = frame
        self._near.append(near)
        self._open.append(opened)
        return sum(self._near) >= self.settings.frames and sum(self._open) >= self.settings.open_frames

    def still(self, frames: int, last: bytes) -> None:
        """Take in so many silent frames, of which this is the ``last``: nobody breaks in by them."""
        self._before = last
        self._near.extend([False] * frames)
        self._open.extend([False] * frames)

    def words(self, number: int, lasts_s: float) -> bool:
        """Whether so many words of the turn, or characters of Mandarin, are somebody's who breaks in, where the sound
        alone did not tell it. Of noise, too, and of voices far away, words are recognised.

        Args:
            number: how many are in the last partial result.
            lasts_s: since the turn began; nobody says them sooner.
        """
        settings = self.settings
        if number < settings.whispered or lasts_s < settings.word_s * number:
            return False
        return self._softer_db(self._loudest) <= settings.whispered_db

    def _softer_db(self, rms: float) -> float:
        return self.loudness.dbfs - _dbfs(rms)

    def _judge(self, samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> tuple[bool, bool]:
        """Whether these two frames have pitch, and whether they then are more than a hum."""
        if float(np.abs(samples).max()) > self.settings.peak * math.sqrt(float(samples @ samples) / _SPAN):
            return False, False
        power = np.abs(np.fft.rfft(samples * _WINDOW, _SIZE)) ** 2
        power[:_BOTTOM] = 0.0
        alike = np.fft.irfft(power)[: _LONGEST + 1]
        if alike[0] <= 0 or float(np.max(alike[_SHORTEST:] * _TAPER)) < self.settings.periodic * float(alike[0]):
            return False, False
        whole = float(power.sum())
        hum = (
            float(power[:_LOW].sum()) > self.settings.hum_low * whole
            and float(power[_HIGH:].sum()) < self.settings.hum_high * whole
        )
        return True, not hum


def _dbfs(rms: float) -> float:
    return 20 * math.log10(max(rms, 1.0) / 32768)


def _taper() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """What makes up for the window, which weakens later periods."""
    own = np.fft.irfft(np.abs(np.fft.rfft(_WINDOW, _SIZE)) ** 2)
    return np.asarray(own[0] / own[_SHORTEST : _LONGEST + 1], dtype=np.float32)


_WINDOW = np.hanning(_SPAN).astype(np.float32)
_TAPER = _taper()
_BOTTOM, _LOW, _HIGH = (round(hertz * _SIZE / _RATE_HZ) for hertz in (_BOTTOM_HZ, _LOW_HZ, _HIGH_HZ))
