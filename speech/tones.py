"""Tones of the telephone network by frequency and cadence: ringing, busy, congestion, special information, beeps.

Frames of 20 ms are looked at through a window of 40 ms. A frame is a tone when one or two narrow peaks hold most of its
power; tones that keep their frequencies are a segment; segments and the pauses between make a cadence.

Sources: ITU-T E.180 and its supplement 2 (tones of national networks: 450 Hz in China, 440+480 and 480+620 Hz in North
America, 425 Hz in most of Europe), E.182 (what they mean), Q.35 (the special information tone).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.activity import FRAME_BYTES, FRAME_S

Spectrum = NDArray[np.float32]


class ToneKind(StrEnum):
    """What a tone says."""

    RINGING = "ringing"
    BUSY = "busy"
    CONGESTION = "congestion"
    """No way through the network."""
    UNOBTAINABLE = "unobtainable"
    """空号音: nobody has this number."""
    SPECIAL = "special"
    """The special information tone: an announcement follows."""
    BEEP = "beep"
    """One tone by itself, as before a recording."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone that was made out. Seconds are since the first frame."""

    kind: ToneKind
    since_s: float
    at_s: float
    """When it was known."""
    evidence: str


_QUIET_RMS = 100
"""Of 32768: 17 dB below a sine at -30 dBm0."""
_BIN_HZ = 25.0
_HALF_PEAK = 3
"""Bins beside a peak that belong to it: the main lobe of the window, and the beat of 440 with 480 Hz."""
_SHARE = 0.8
"""Of a frame's power in its peaks: 0.97 at 15 dB above noise, 0.6 at the edge of a tone."""
_BEEP_SHARE = 0.93
_SECOND = 0.15
"""A second peak of less power than this share is noise."""
_BEAT_BINS = 5
"""Peaks nearer than this are one tone that beats: 440 and 480 Hz."""
_DRIFT_HZ = 55.0
_BEEP_DRIFT_HZ = 12.0
_BRIDGED = 3
"""Frames that lost packets may take out of a tone."""
_SHORTEST = 3
"""Frames; what is shorter is no tone."""

_RINGS_HZ = (410.0, 495.0)
_SPECIAL_HZ = ((880.0, 1020.0), (1330.0, 1470.0), (1730.0, 1830.0))
_SPECIAL_S = (0.14, 0.5)
_SPECIAL_GAP_S = 0.12
_RING_S = (0.7, 2.6)
_RING_PAUSE_S = 1.2
_BUSY_S = ((0.30, 0.58),)
_CONGESTION_S = ((0.16, 0.30), (0.58, 0.85))
_EVEN_S = 0.07
"""How much the tones and pauses of one cadence may differ."""
_CADENCE = 3
"""Even tones in a row that are a cadence."""
_BEEP_S = (0.15, 2.0)
_BEEP_HZ = (350.0, 2600.0)
_BEEP_PAUSE_S = 0.3


@dataclass(slots=True)
class _Segment:
    """A stretch of one tone. Frames are counted from the first."""

    low_hz: float
    high_hz: float
    """Of the second peak; 0 without one."""
    start: int
    end: int
    slim: int = 0
    """Frames in which nothing but the tone was heard."""
    least_hz: float = 0.0
    most_hz: float = 0.0

    @property
    def seconds(self) -> float:
        return (self.end - self.start) * FRAME_S

    @property
    def rings(self) -> bool:
        """Whether it is of the frequencies of ringing and busy tones."""
        return _RINGS_HZ[0] <= self.low_hz <= _RINGS_HZ[1] and (not self.high_hz or 560 <= self.high_hz <= 680)


class Tones:
    """Follows the tones on one side of a call, frame by frame."""

    def __init__(self) -> None:
        self._before = _NOTHING
        self._frames = 0
        self._segments: deque[_Segment] = deque(maxlen=5)
        self._open: _Segment | None = None
        self._told: tuple[ToneKind, int] | None = None
        self.loud = False
        """Whether the last frame was more than idle noise."""
        self.power: Spectrum = np.zeros(161, np.float32)
        """Of the last 40 ms, in bins of 25 Hz."""

    @property
    def _sounding(self) -> bool:
        return self._open is not None and self._frames - self._open.end <= 1 and self._open.seconds > 0.1

    @property
    def rings(self) -> bool:
        """Whether a tone of the frequency of ringing and busy tones is going on."""
        return self._sounding and self._open is not None and self._open.rings

    def feed(self, frame: bytes) -> Tone | None:
        """Judge the next 20 ms, 16-bit mono at 8 kHz; returns a tone when it becomes known."""
        samples = np.frombuffer(frame, "<i2").astype(np.float32)
        before, self._before = self._before, samples
        self._frames += 1
        self.loud = float(samples @ samples) > _QUIET_POWER
        peaks = None
        if self.loud:
            spectrum = np.fft.rfft(np.concatenate((before, samples)) * _WINDOW)
            self.power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
            peaks = _peaks(self.power)
        self._continue(peaks)
        return self._judged()

    def _continue(self, peaks: tuple[float, float, float] | None) -> None:
        now, at = self._frames, self._open
        if at is not None and peaks is not None and _same(at, peaks):
            at.end = now
            at.slim += peaks[2] >= _BEEP_SHARE
            at.least_hz, at.most_hz = min(at.least_hz, peaks[0]), max(at.most_hz, peaks[0])
            return
        if at is not None and (now - at.end > _BRIDGED or (peaks is not None and at.end - at.start >= _SHORTEST)):
            self._close(at)
            at = None
        if peaks is not None and (at is None or at.end - at.start < _SHORTEST):
            self._open = _Segment(peaks[0], peaks[1], now - 1, now, 0, peaks[0], peaks[0])

    def _close(self, segment: _Segment) -> None:
        self._open = None
        if segment.end - segment.start < _SHORTEST:
            return
        last = self._segments[-1] if self._segments else None
        if (
            last is not None
            and segment.start - last.end <= _BRIDGED
            and _same(last, (segment.low_hz, segment.high_hz, 0.0))
        ):
            last.end = segment.end
            last.slim += segment.slim
            last.least_hz, last.most_hz = min(last.least_hz, segment.least_hz), max(last.most_hz, segment.most_hz)
        else:
            self._segments.append(segment)

    def _judged(self) -> Tone | None:
        if not self._segments or self._open is not None:
            return None
        pause_s = (self._frames - self._segments[-1].end) * FRAME_S
        if pause_s > _JUDGED_S:
            return None
        for judge in _JUDGES:
            found = judge(list(self._segments), pause_s)
            if found is not None:
                kind, first, evidence = found
                if (kind, first.start) == self._told:
                    return None
                self._told = kind, first.start
                return Tone(kind, first.start * FRAME_S, self._frames * FRAME_S, evidence)
        return None


_Found = tuple[ToneKind, _Segment, str]
_JUDGED_S = 5.0
"""No tone is known by a longer pause behind it than this."""
_QUIET_POWER = _QUIET_RMS**2 * (FRAME_BYTES // 2)
_NOTHING = np.zeros(FRAME_BYTES // 2, np.float32)
_WINDOW = np.hanning(FRAME_BYTES).astype(np.float32)


def hertz(power: Spectrum, peak: int) -> float:
    """The frequency of a peak in a spectrum of `Tones.power`, between its bins."""
    if not 0 < peak < len(power) - 1:
        return peak * _BIN_HZ
    left, middle, right = (float(np.log(value + 1e-3)) for value in power[peak - 1 : peak + 2])
    curve = left - 2 * middle + right
    return (peak + (0.5 * (left - right) / curve if curve else 0.0)) * _BIN_HZ


def _peaks(power: Spectrum) -> tuple[float, float, float] | None:
    """Frequencies of one or two peaks, lower first, and their share of the power; ``None`` if that is no tone."""
    whole = float(power.sum())
    first = int(power.argmax())
    share = _around(power, first) / whole
    if share >= _SHARE:
        return hertz(power, first), 0.0, share
    rest = power.copy()
    rest[max(0, first - _HALF_PEAK) : first + _HALF_PEAK + 1] = 0
    second = int(rest.argmax())
    beside = _around(rest, second) / whole
    if beside < _SECOND or share + beside < _SHARE:
        return None
    if abs(first - second) <= _BEAT_BINS:
        return (first * share + second * beside) / (share + beside) * _BIN_HZ, 0.0, share + beside
    low, high = sorted((first, second))
    return hertz(power, low), hertz(power, high), share + beside


def _around(power: Spectrum, peak: int) -> float:
    return float(power[max(0, peak - _HALF_PEAK) : peak + _HALF_PEAK + 1].sum())


def _same(segment: _Segment, peaks: tuple[float, float, float]) -> bool:
    low, high, _ = peaks
    if bool(segment.high_hz) != bool(high):
        return False
    return abs(low - segment.low_hz) <= _DRIFT_HZ and abs(high - segment.high_hz) <= _DRIFT_HZ


def _within(seconds: float, *spans: tuple[float, float]) -> bool:
    return any(least <= seconds <= most for least, most in spans)


def _pauses(segments: list[_Segment]) -> list[float]:
    return [(after.start - before.end) * FRAME_S for before, after in pairwise(segments)]


def _special(segments: list[_Segment], _pause_s: float) -> _Found | None:
    three = segments[-3:]
    if len(three) < 3 or any(gap > _SPECIAL_GAP_S for gap in _pauses(three)):
        return None
    for tone, (least, most) in zip(three, _SPECIAL_HZ, strict=True):
        if tone.high_hz or not least <= tone.low_hz <= most or not _within(tone.seconds, _SPECIAL_S):
            return None
    return ToneKind.SPECIAL, three[0], " ".join(f"{tone.low_hz:.0f}" for tone in three) + " Hz"


def _cadence(segments: list[_Segment], pause_s: float) -> _Found | None:
    """Busy and congestion: even tones, and pauses as long as they are."""
    tones = segments[-_CADENCE:]
    if len(tones) < _CADENCE or pause_s < 0.1 or not all(tone.rings for tone in tones):
        return None
    on_s = sum(tone.seconds for tone in tones) / _CADENCE
    spans = [*(tone.seconds for tone in tones), *_pauses(tones)]
    if any(abs(span - on_s) > _EVEN_S for span in spans) or pause_s < on_s - _EVEN_S:
        return None
    evidence = f"{_frequency(tones[-1])}, {on_s:.2f} s on and off"
    if _within(on_s, *_BUSY_S):
        return ToneKind.BUSY, tones[0], evidence
    if _within(on_s, *_CONGESTION_S):
        return ToneKind.CONGESTION, tones[0], evidence
    return None


def _unobtainable(segments: list[_Segment], _pause_s: float) -> _Found | None:
    """空号音: 0.1 s on and off three times, then 0.4 s."""
    tones = segments[-4:]
    if len(tones) < 4 or not all(tone.rings for tone in tones):
        return None
    if not all(_within(tone.seconds, (0.06, 0.16)) for tone in tones[:3]) or not _within(tones[3].seconds, (0.3, 0.5)):
        return None
    if not all(_within(gap, (0.05, 0.16)) for gap in _pauses(tones)):
        return None
    return ToneKind.UNOBTAINABLE, tones[0], f"{_frequency(tones[3])}, three short and one long"


def _ringing(segments: list[_Segment], pause_s: float) -> _Found | None:
    tone = segments[-1]
    if not tone.rings or tone.high_hz or not _within(tone.seconds, _RING_S) or pause_s < _RING_PAUSE_S:
        return None
    return ToneKind.RINGING, tone, f"{_frequency(tone)}, {tone.seconds:.1f} s"


def _beep(segments: list[_Segment], pause_s: float) -> _Found | None:
    tone = segments[-1]
    alone = len(segments) < 2 or _pauses(segments[-2:])[0] > 1.0
    if tone.rings or tone.high_hz or not _within(tone.seconds, _BEEP_S) or pause_s < _BEEP_PAUSE_S or not alone:
        return None
    if not _within(tone.low_hz, _BEEP_HZ) or tone.most_hz - tone.least_hz > 2 * _BEEP_DRIFT_HZ:
        return None
    if tone.slim < 0.7 * (tone.end - tone.start) - 2:
        return None
    return ToneKind.BEEP, tone, f"{_frequency(tone)}, {tone.seconds:.2f} s"


def _frequency(tone: _Segment) -> str:
    return f"{tone.low_hz:.0f}+{tone.high_hz:.0f} Hz" if tone.high_hz else f"{tone.low_hz:.0f} Hz"


_JUDGES: tuple[Callable[[list[_Segment], float], _Found | None], ...] = (
    _special,
    _unobtainable,
    _cadence,
    _ringing,
    _beep,
)
