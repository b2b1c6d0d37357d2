"""Who really heard whom: the sound that one phone played, found again in what another phone received.

Two phones are joined when the wave of one is on the other's wire, whatever anybody's records say. G.711 twice over
keeps it close enough for a normalised cross-correlation.
"""

from __future__ import annotations

import wave
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rehearsal.calls import CallKey, PhoneCall
from rehearsal.facts import Said

RATE = 8000
PIECE_S = 0.4
"""A piece of a line that is looked for; short enough that a jitter buffer's correction falls between two."""

HOP_S = 0.2

AROUND_S = 1.0
"""It is looked for so long before and after it was sent: buffers on the way, and two clocks."""

ALIKE = 0.7
"""Correlation from which it is the same sound; other speech of the same voice stays below 0.6."""

_LOUD = 300.0
"""RMS below which a piece is too quiet to be told from another."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A line said at one phone was heard at another."""

    speaker: CallKey
    listener: CallKey
    text: str
    at: float
    """Monotonic: the first of it that arrived; where its beginning was lost, to within `HOP_S`."""
    likeness: float
    """Correlation of the most alike piece, 0 to 1."""


def crossings(calls: Mapping[CallKey, PhoneCall], dissuaders: Collection[str]) -> list[Crossing]:
    """Every line that crossed between a subject's and a dissuader's call, either way, in order of time."""
    found: list[Crossing] = []
    for desk in calls.values():
        if desk.key.phone not in dissuaders or desk.answered is None:
            continue
        for subject in calls.values():
            if subject.key.phone not in dissuaders and subject.answered is not None:
                found += _heard(subject, desk)
                found += _heard(desk, subject)
    return sorted(found, key=lambda crossing: crossing.at)


def locate(piece: Samples, within: Samples) -> tuple[int, float]:
    """Where ``piece`` fits best in ``within`` (samples), and how alike the two are there (-1 to 1)."""
    if len(within) < len(piece) or not len(piece):
        return 0, 0.0
    size = len(within) + len(piece) - 1
    raw = np.fft.irfft(np.fft.rfft(within, size) * np.conj(np.fft.rfft(piece, size)), size)
    products = raw[: len(within) - len(piece) + 1]
    energy = np.concatenate(([0.0], np.cumsum(within * within)))
    energies = energy[len(piece) :] - energy[: -len(piece)]
    floor = _LOUD * _LOUD * len(piece) / 100
    likeness = products / np.sqrt(np.maximum(energies, floor) * max(float(piece @ piece), 1.0))
    best = int(np.argmax(likeness))
    return best, float(likeness[best])


def _heard(speaker: PhoneCall, listener: PhoneCall) -> Iterator[Crossing]:
    ended = listener.ended
    if ended is None or not ended.recording or ended.heard_from is None:
        return
    received = _samples(ended.recording)
    for line in speaker.said:
        if line.ended_at < ended.heard_from or line.at > ended.at:
            continue
        hits = list(_hits(line, received, line.at - ended.heard_from))
        if hits:
            first_s = min(at_s for at_s, _ in hits)
            likeness = max(alike for _, alike in hits)
            yield Crossing(speaker.key, listener.key, line.text, ended.heard_from + first_s, round(likeness, 3))


def _hits(line: Said, received: Samples, expected_s: float) -> Iterator[tuple[float, float]]:
    """Where pieces of the line are in what was received: seconds into it, likeness."""
    sound = _samples(line.sound)
    loud = np.flatnonzero(np.abs(sound) >= _LOUD)
    if not len(loud):
        return
    first, length = int(loud[0]), int((line.end_s - line.start_s) * RATE)
    size, hop, around = int(PIECE_S * RATE), int(HOP_S * RATE), int(AROUND_S * RATE)
    for offset in range(0, max(length - size, 0) + 1, hop):
        piece = sound[first + offset : first + offset + size]
        if len(piece) < size or float(np.sqrt(np.mean(piece * piece))) < _LOUD:
            continue
        begin = max(int(expected_s * RATE) + offset - around, 0)
        at, alike = locate(piece, received[begin : begin + 2 * around + size])
        if alike >= ALIKE:
            yield (begin + at) / RATE, alike


@lru_cache(maxsize=256)
def _samples(path: str) -> Samples:
    with wave.open(path, "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64)
