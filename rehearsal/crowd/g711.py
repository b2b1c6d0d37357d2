"""G.711 by tables (ITU-T G.711, tables 1a and 2a)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PCMU, PCMA = 0, 8
"""RTP payload types (RFC 3551)."""


def decoded(payload: bytes, law: int) -> bytes:
    """s16le of what a packet holds."""
    return _LEVELS[law][np.frombuffer(payload, np.uint8)].tobytes()


def encoded(pcm: bytes, law: int) -> bytes:
    """The nearest levels to some s16le."""
    return _NEAREST[law][np.frombuffer(pcm, "<i2").astype(np.int32) + 32768].tobytes()


def _a_law_levels() -> NDArray[np.int16]:
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = codes >> 4 & 7, codes & 15
    size = np.where(exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent - 1, 0))
    return np.where(codes & 0x80, size, -size).astype(np.int16)


def _mu_law_levels() -> NDArray[np.int16]:
    codes = np.arange(256) ^ 0xFF
    exponent, mantissa = codes >> 4 & 7, codes & 15
    size = ((mantissa * 8 + 132) << exponent) - 132
    return np.where(codes & 0x80, -size, size).astype(np.int16)


def _nearest(levels: NDArray[np.int16]) -> NDArray[np.uint8]:
    order = np.argsort(levels, kind="stable")
    ordered = levels[order].astype(np.int32)
    borders = (ordered[:-1] + ordered[1:] + 1) // 2
    return order[np.searchsorted(borders, np.arange(-32768, 32768), side="right")].astype(np.uint8)


_LEVELS = {PCMA: _a_law_levels(), PCMU: _mu_law_levels()}
_NEAREST = {law: _nearest(levels) for law, levels in _LEVELS.items()}
