"""One sound found again in another, and sounds for a microphone."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rehearsal.crossing import ALIKE, HOP_S, PIECE_S, locate
from rehearsal.scenario import Line, Voice
from rehearsal.voices import Voices

RATE = 8000
_SIZE, _HOP = round(PIECE_S * RATE), round(HOP_S * RATE)
_LOUD = 300.0

Samples = NDArray[np.float64]


def read(path: Path | str) -> Samples:
    """A WAV file of 8 kHz."""
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == RATE
        return samples(file.readframes(file.getnframes()))


def samples(pcm: bytes) -> Samples:
    """Of s16le."""
    return np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2").astype(np.float64)


def found_again(sound: Samples, heard: Samples) -> float:
    """How much of a sound is in what was heard: the share of its loud pieces that are there, wherever."""
    pieces = [sound[at : at + _SIZE] for at in range(0, len(sound) - _SIZE + 1, _HOP)]
    loud = [piece for piece in pieces if float(np.sqrt(np.mean(piece * piece))) >= _LOUD]
    assert loud, "a sound without sound"
    # Padded to a length of which the transform is quick.
    padded = np.zeros((1 << (len(heard) + 2 * _SIZE).bit_length()) - _SIZE + 1)
    padded[: len(heard)] = heard
    return sum(locate(piece, padded)[1] >= ALIKE for piece in loud) / len(loud)


async def speech(folder: Path, text: str, *, silence_s: float, language: str = "zh-CN") -> Path:
    """What somebody says, and then nothing for a while."""
    said = await Voices(folder).render(Line(say=text), Voice(variant="Michael", rate_wpm=165), language)
    path = folder / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(read(said.path).astype("<i2").tobytes() + bytes(2 * round(silence_s * RATE)))
    return path
