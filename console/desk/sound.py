"""Recordings as the pages need them: where the file is, and how loud it is when."""

from __future__ import annotations

import functools
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RECORDINGS = "recordings"
"""Folder below home."""
_BUCKETS = 1200
_KEPT = 64


class SoundError(Exception):
    """There is no such recording, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """How loud a recording is, for a picture."""

    duration_s: float
    channels: tuple[tuple[int, ...], ...]
    """For each channel (first the person called, then our side) its loudest moments, in hundredths of full scale."""


def recording_file(home: Path, recording: str) -> Path:
    """The file of a recording as the store names it; raises `SoundError` for anything that is not below the folder of
    recordings or does not exist.
    """
    if not recording or "\0" in recording:
        raise SoundError("there is no recording")
    folder = (home / RECORDINGS).resolve()
    path = (home / recording).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise SoundError("there is no recording")
    return path


def peaks(path: Path) -> Peaks:
    """How loud a WAV file (PCM of 16 bits) is over its length; raises `SoundError`. The latest are kept."""
    try:
        state = path.stat()
        return _peaks(path, state.st_mtime_ns, state.st_size)
    except (OSError, EOFError, wave.Error) as error:
        raise SoundError("the recording cannot be read") from error


@functools.lru_cache(_KEPT)
def _peaks(path: Path, _changed: int, _size: int) -> Peaks:
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise wave.Error("not PCM of 16 bits")
        rate, count = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    samples = samples[: samples.size - samples.size % count].reshape(-1, count)
    edges = np.linspace(0, len(samples), min(_BUCKETS, max(1, len(samples))) + 1, dtype=int)[:-1]
    loud = np.abs(samples.astype(np.int32))
    found = np.maximum.reduceat(loud, edges, axis=0) if len(samples) else np.zeros((0, count), dtype=np.int32)
    hundredths = (found * 100 + 16383) // 32768
    return Peaks(len(samples) / rate, tuple(tuple(int(each) for each in channel) for channel in hundredths.T))
