"""G.711 (ITU-T G.711, tables 1a and 2a): its codes, and what it leaves of a sound."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

PCMU, PCMA = 0, 8
"""mu-law and A-law, by their RTP payload types (RFC 3551)."""


def decoded(payload: bytes, law: int) -> bytes:
    """s16le of what a packet holds."""
    return _levels(law)[np.frombuffer(payload, np.uint8)].tobytes()


def encoded(pcm: bytes, law: int) -> bytes:
    """The nearest levels to some s16le, as a packet holds them."""
    return _codes(law)[np.frombuffer(pcm, "<i2").astype(np.int32) + 32768].tobytes()


def over(sound: NDArray[np.float64], law: int) -> NDArray[np.int16]:
    """What is left of a sound of full scale 1.0, as 16-bit samples."""
    levels = np.unique(_levels(law))
    return levels[_nearest(levels, np.clip(np.round(sound * 32768), -32768, 32767))]


def _nearest(levels: NDArray[np.int16], samples: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places in ordered levels; the lower of two that are as near."""
    exact = levels.astype(np.float64)
    return np.searchsorted((exact[1:] + exact[:-1]) / 2, samples)


@cache
def _levels(law: int) -> NDArray[np.int16]:
    """The level of each code."""
    if law == PCMA:
        codes = np.arange(256) ^ 0x55
        exponent, mantissa = codes >> 4 & 7, codes & 15
        size = np.where(exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent - 1, 0))
        return np.where(codes & 0x80, size, -size).astype(np.int16)
    codes = np.arange(256) ^ 0xFF
    exponent, mantissa = codes >> 4 & 7, codes & 15
    size = ((mantissa * 8 + 132) << exponent) - 132
    return np.where(codes & 0x80, -size, size).astype(np.int16)


@cache
def _codes(law: int) -> NDArray[np.uint8]:
    """The code of each 16-bit sample, from the lowest on; of the two zeros of mu-law the positive one."""
    levels = _levels(law)
    order = np.argsort(levels, kind="stable").astype(np.uint8)
    ordered, first, counts = np.unique(levels[order], return_index=True, return_counts=True)
    last: NDArray[np.uint8] = order[first + counts - 1]
    return last[_nearest(ordered, np.arange(-32768.0, 32768.0))]
