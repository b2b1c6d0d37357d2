"""What can be on the line when a call is answered, or before: voices, tones, music, noise, and what codecs leave of it.

Everything is synthetic and drawn from seeds: the same case gives the same sound.
"""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.g711 import PCMA, PCMU, over
from speech.modelling.voices import BASE
from speech.pinyin import to_pinyin

RATE_HZ = 8000
FULL_SCALE_DBM0 = 3.14
"""Level of a sine of full scale on a digital line (ITU-T G.711)."""
_PACKET = 160

Sound = NDArray[np.float64]


@cache
def spoken(text: str, language: str, voice: str, rate_wpm: int, pitch: int) -> Sound:
    """A text by an espeak-ng voice, its silent ends cut off, at an effective value of 0.1."""
    written = to_pinyin(text) if language == "zh" else text
    command = [
        "espeak-ng",
        "-v",
        f"{BASE[language]}+{voice}",
        "-s",
        str(rate_wpm),
        "-p",
        str(pitch),
        "--stdin",
        "--stdout",
    ]
    wav = subprocess.run(command, input=written.encode(), capture_output=True, check=True, timeout=60).stdout
    sound = np.frombuffer(wav[44 : len(wav) // 2 * 2], "<i2").astype(np.float64) / 32768
    at_8k = np.asarray(soxr.resample(sound, 22050, RATE_HZ), dtype=np.float64)
    audible = np.flatnonzero(np.abs(at_8k) > 0.01 * np.abs(at_8k).max())
    at_8k = at_8k[audible[0] : audible[-1] + 1]
    return at_8k * 0.1 / float(np.sqrt(np.mean(at_8k**2)))


def silence(seconds: float) -> Sound:
    """Nothing."""
    return np.zeros(round(seconds * RATE_HZ))


def tone(hertz: tuple[float, ...], seconds: float, dbm0: float = -13.0) -> Sound:
    """One or more sines of equal strength, together at a level."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    each = 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20) / np.sqrt(len(hertz))
    return np.asarray(sum(each * np.sin(2 * np.pi * hz * time) for hz in hertz), dtype=np.float64)


def cadence(hertz: tuple[float, ...], spans: tuple[float, ...], seconds: float, dbm0: float = -13.0) -> Sound:
    """A tone on and off by turns, again and again."""
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * RATE_HZ:
        parts += [tone(hertz, span, dbm0) if not at % 2 else silence(span) for at, span in enumerate(spans)]
    return np.concatenate(parts)[: round(seconds * RATE_HZ)]


def special(seconds: float = 0.33, dbm0: float = -13.0) -> Sound:
    """The special information tone."""
    parts = [part for hz in (950.0, 1400.0, 1800.0) for part in (tone((hz,), seconds, dbm0), silence(0.03))]
    return np.concatenate([*parts, silence(0.5)])


def music(seconds: float, seed: int) -> Sound:
    """A tune over chords, with or without drums, at an effective value of 0.1."""
    chance = np.random.default_rng(seed)
    beat_s = float(chance.uniform(0.28, 0.6))
    root = float(chance.uniform(110, 220))
    scale = (0, 2, 4, 7, 9) if chance.random() < 0.6 else (0, 2, 3, 5, 7, 8, 10)
    drums = bool(chance.random() < 0.6)
    sharp = float(chance.uniform(0.4, 0.8))
    out = np.zeros(round((seconds + 2) * RATE_HZ))
    at = 0.0
    step = 4
    while at < seconds:
        if round(at / beat_s) % 4 == 0:
            chord = int(chance.choice([0, 5, 7, -3]))
            for third in (0, 4 if 4 in scale else 3, 7):
                add(out, at, _note(root * 2 ** ((chord + third) / 12), beat_s * 4, 0.5, 0.25, chance))
        step = int(np.clip(step + chance.integers(-2, 3), 0, 2 * len(scale) - 1))
        octave, degree = divmod(step, len(scale))
        hertz = root * 2 ** (1 + octave + scale[degree] / 12)
        length_s = beat_s * float(chance.choice([0.5, 1.0, 1.0, 2.0]))
        add(out, at, _note(hertz, length_s, 0.9, sharp, chance))
        if drums:
            add(out, at, chance.standard_normal(800) * np.exp(-np.arange(800) / 120) * 0.6)
        at += length_s
    out = out[: round(seconds * RATE_HZ)]
    return np.asarray(out * 0.1 / np.sqrt(np.mean(out**2)), dtype=np.float64)


def noise(samples: int, seed: int, *, street: bool = False) -> Sound:
    """White noise, or a street's with most of it in the low tones, at an effective value of 1."""
    white = np.random.default_rng(seed).standard_normal(samples)
    if street:
        hertz = np.fft.rfftfreq(samples, 1 / RATE_HZ)
        white = np.fft.irfft(np.fft.rfft(white) / np.sqrt(1 + (hertz / 300) ** 2), samples)
    return np.asarray(white / np.sqrt(np.mean(white**2)), dtype=np.float64)


def over_the_line(sound: Sound, *, law: str, noise_db: float | None, loss: float, level_db: float, seed: int) -> bytes:
    """What arrives of a sound: 16-bit PCM at 8 kHz.

    Args:
        sound: what is sent.
        law: ``"A"`` or ``"u"``.
        noise_db: the sounding part above noise; ``None``: a quiet line.
        loss: share of packets that are lost and replaced by silence or by the packet before.
        level_db: raises or lowers everything.
        seed: decides.
    """
    line = sound * 10 ** (level_db / 20)
    if noise_db is not None:
        loud = np.abs(line) > 0.003
        power = float(np.mean(line[loud] ** 2)) if loud.any() else 0.01
        line = line + noise(len(line), seed, street=bool(seed % 2)) * np.sqrt(power * 10 ** (-noise_db / 10))
    if loss:
        chance = np.random.default_rng(seed + 1)
        for start in range(_PACKET, len(line) - _PACKET, _PACKET):
            if chance.random() < loss:
                before = line[start - _PACKET : start].copy() if seed % 3 else 0.0
                line[start : start + _PACKET] = before
    return over(line, PCMA if law == "A" else PCMU).astype("<i2").tobytes()


def _note(hertz: float, seconds: float, loud: float, sharp: float, chance: np.random.Generator) -> Sound:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    partials = [part for part in range(1, 9) if part * hertz < 3600]
    wave = sum(sharp ** (part - 1) * np.sin(2 * np.pi * part * hertz * time + part) for part in partials)
    fade = np.exp(-time / (seconds * float(chance.uniform(0.6, 2)))) * np.minimum(1, time / 0.01)
    return np.asarray(loud * wave * fade * np.minimum(1, (seconds - time) / 0.01), dtype=np.float64)


def add(out: Sound, at_s: float, part: Sound) -> None:
    """Lay a part over a sound from a moment on; what goes beyond its end is left out."""
    start = round(at_s * RATE_HZ)
    length = min(len(part), len(out) - start)
    out[start : start + length] += part[:length]
