"""Callers for the tests of hearing: voices that the bundled models were not made from, over a telephone line."""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.pinyin import to_pinyin

RATE_HZ = 8000
Sound = NDArray[np.float64]


@cache
def _a_law_levels() -> Sound:
    codes = np.arange(256) ^ 0x55
    segment, step = (codes & 0x70) >> 4, (codes & 0x0F) << 4
    level = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.unique(np.where(codes & 0x80, level, -level)).astype(float)


def over_the_line(sound: Sound) -> bytes:
    """What G.711 A-law leaves of a sound of full scale 1.0: 16-bit PCM."""
    levels = _a_law_levels()
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, np.clip(sound * 32768, -32768, 32767))
    return levels[nearest].astype("<i2").tobytes()


@cache
def say(text: str, *, voice: str, language: str = "zh", before_s: float = 0.5, after_s: float = 1.0) -> bytes:
    """A caller's words with silence around, over the line."""
    spoken, name = (to_pinyin(text), "cmn-latn-pinyin") if language == "zh" else (text, "en-us")
    command = ["espeak-ng", "-v", f"{name}+{voice}", "-s", "160", "-a", "80", "--stdin", "--stdout"]
    wav = subprocess.run(command, input=spoken.encode(), capture_output=True, check=True, timeout=30).stdout
    sound = np.frombuffer(wav[44 : len(wav) // 2 * 2], "<i2").astype(np.float64) / 32768
    at_8k = soxr.resample(sound, 22050, RATE_HZ) * 0.5
    return over_the_line(np.concatenate([silence(before_s), at_8k, silence(after_s)]))


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE_HZ))


def tone(hertz: float, seconds: float, level: float = 0.3) -> Sound:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)


def noise(seconds: float, level: float = 0.02) -> Sound:
    return level * np.random.default_rng(7).standard_normal(round(seconds * RATE_HZ))


def pieces(pcm: bytes, milliseconds: int = 60) -> list[bytes]:
    size = RATE_HZ * 2 * milliseconds // 1000
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]
