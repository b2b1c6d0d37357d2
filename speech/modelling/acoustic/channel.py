"""A telephone line laid over clean speech: room, band, level, noise, lost packets, and G.711 A-law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.g711 import PCMA, over
from speech.modelling.acoustic.espeak import RATE_HZ as SPOKEN_HZ
from speech.modelling.acoustic.espeak import Sound

RATE_HZ = 8000
Pcm = NDArray[np.int16]
_PACKET = 160
"""Samples in 20 ms, what one RTP packet carries."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How bad a line may be. Every figure is drawn evenly between its two ends."""

    noise_db: tuple[float, float]
    """Speech above noise."""
    coloured: bool
    """Whether there may be echo of a room and a tilted spectrum."""
    packet_loss: float
    """Share of calls in which packets are lost."""
    clipping: float
    """Share of calls that are clipped."""


CLEAN = Conditions((15, 35), coloured=False, packet_loss=0, clipping=0)
NOISY = Conditions((8, 40), coloured=True, packet_loss=0, clipping=0)
ROUGH = Conditions((3, 40), coloured=True, packet_loss=0.15, clipping=0.1)
"""What the models learn from."""


def a_law(sound: Sound) -> Pcm:
    """What G.711 A-law leaves of a sound, as 16-bit samples."""
    return over(sound, PCMA)


def at_line_rate(spoken: Sound, formants: float = 1.0) -> Sound:
    """espeak-ng's sound at `RATE_HZ`, with pitch, formants and tempo raised by a factor: another speaker."""
    return np.asarray(soxr.resample(spoken, SPOKEN_HZ * formants, RATE_HZ), dtype=np.float64)


def over_the_line(speech: Sound, conditions: Conditions, chance: np.random.Generator, lead: int, tail: int) -> Pcm:
    """Speech at `RATE_HZ` as the other end of a call gets it.

    Args:
        speech: what is said.
        conditions: how bad the line may be.
        chance: decides; the same state gives the same sound.
        lead: samples of silence before it.
        tail: samples of silence behind it.
    """
    sound = _even(speech)
    if conditions.coloured and chance.random() < 0.3:
        sound = _echo(sound, chance)
    if chance.random() < 0.7:
        sound = _band(sound, chance.uniform(150, 320), chance.uniform(3200, 3700))
    if conditions.coloured and chance.random() < 0.4:
        sound = np.convolve(sound, [1, chance.uniform(-0.6, 0.4)])[: len(sound)]
    level = 10 ** (chance.uniform(-32, -12) / 20)
    line = np.concatenate([np.zeros(lead), _even(sound) * level, np.zeros(tail)])
    if chance.random() < 0.85:
        line += noise(len(line), chance) * level * 10 ** (-chance.uniform(*conditions.noise_db) / 20)
    if chance.random() < conditions.packet_loss:
        _lose_packets(line, chance)
    if chance.random() < conditions.clipping:
        line = np.clip(line, -chance.uniform(2, 5) * level, chance.uniform(2, 5) * level)
    return a_law(line)


def noise(samples: int, chance: np.random.Generator) -> Sound:
    """White noise, noise with more in the low tones, or hum, at an effective value of 1."""
    white = chance.standard_normal(samples)
    kind = chance.random()
    if kind < 0.4:
        return _even(white)
    if kind < 0.8:
        tones = np.fft.rfftfreq(samples, 1 / RATE_HZ)
        response = 1 / np.abs(1 - chance.uniform(0.5, 0.97) * np.exp(-2j * np.pi * tones / RATE_HZ))
        return _even(np.fft.irfft(np.fft.rfft(white) * response, samples))
    hum = np.sin(2 * np.pi * chance.choice([50, 100, 150, 300]) * np.arange(samples) / RATE_HZ)
    return _even(white * 0.5 + hum * chance.uniform(0.3, 1))


def without_speech(samples: int, chance: np.random.Generator) -> Pcm:
    """A line on which nobody speaks: digital silence, noise, ringing or keys."""
    kind = chance.random()
    if kind < 0.3:
        return a_law(np.zeros(samples))
    if kind < 0.65:
        return a_law(noise(samples, chance) * 10 ** chance.uniform(0.3, 3.3) / 32768)
    background = noise(samples, chance) * 10 ** chance.uniform(0, 2)
    return a_law((_signals(samples, chance) * 10 ** chance.uniform(2, 3.8) + background) / 32768)


def _signals(samples: int, chance: np.random.Generator) -> Sound:
    time = np.arange(samples) / RATE_HZ
    kind = chance.random()
    if kind < 0.4:  # ringing tone of Chinese networks: 450 Hz, 1 s in 5 s
        return np.asarray(np.sin(2 * np.pi * 450 * time) * ((time % 5) < 1), dtype=np.float64)
    if kind < 0.7:  # DTMF, ITU-T Q.23
        low, high = chance.choice([697, 770, 852, 941]), chance.choice([1209, 1336, 1477])
        keys = (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)) * ((time % 0.3) < 0.15)
        return np.asarray(keys, dtype=np.float64)
    beeps = np.sin(2 * np.pi * chance.uniform(200, 2000) * time) * ((time % chance.uniform(0.3, 2)) < 0.25)
    return np.asarray(beeps, dtype=np.float64)


def _even(sound: Sound) -> Sound:
    return np.asarray(sound / (np.sqrt(np.mean(sound**2)) + 1e-9), dtype=np.float64)


def _echo(sound: Sound, chance: np.random.Generator) -> Sound:
    length = int(RATE_HZ * chance.uniform(0.05, 0.25))
    room = chance.standard_normal(length) * np.exp(-np.arange(length) / (length / 5)) * chance.uniform(0.05, 0.25)
    room[0] = 1
    size = len(sound) + length
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)[: len(sound)]


def _band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """A second-order Butterworth band, without its delay."""
    tones = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    with np.errstate(divide="ignore"):
        response = 1 / np.sqrt((1 + (low_hz / tones) ** 4) * (1 + (tones / high_hz) ** 4))
    return np.fft.irfft(np.fft.rfft(sound) * response, len(sound))


def _lose_packets(line: Sound, chance: np.random.Generator) -> None:
    """Replace packets by silence, or by the one before."""
    for _ in range(chance.integers(1, 2 + len(line) // RATE_HZ)):
        start = int(chance.integers(1, max(2, len(line) // _PACKET))) * _PACKET
        lost = line[start : start + _PACKET]
        lost[:] = 0 if chance.random() < 0.5 else line[start - _PACKET : start][: len(lost)]
