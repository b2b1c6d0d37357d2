"""Sound as a telephone line takes it: 8 kHz, mono, 16 bits, trimmed and at an even level."""

from __future__ import annotations

import os
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

LINE_RATE_HZ = 8000
SPEECH_RMS_DBFS = -20.0
"""Level of the spoken parts. ITU-T P.56 active speech level on digital lines is commonly aimed at -20 to -26 dBov."""
PEAK_DBFS = -3.0
"""No sample is louder."""
_SILENCE_BELOW_PEAK_DB = 42.0
_FRAME_S = 0.010
_LEAD_S = 0.020
"""Kept before the first sound: more would delay every reply."""
_TAIL_S = 0.050

Samples = NDArray[np.float32]
"""Mono, full scale is 1.0."""


class SoundError(Exception):
    """A sound file cannot be used. The message says why."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Speech ready for the line."""

    pcm: bytes
    """s16le, mono, `LINE_RATE_HZ`."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / 2 / LINE_RATE_HZ


def for_line(samples: Samples, rate_hz: int, volume: float = 1.0) -> Speech:
    """Resample, trim the silence at both ends, and bring speech to `SPEECH_RMS_DBFS` (times ``volume``).

    Raises:
        SoundError: there is nothing but silence.
    """
    if rate_hz != LINE_RATE_HZ:
        samples = np.asarray(soxr.resample(samples, rate_hz, LINE_RATE_HZ, quality="HQ"), dtype=np.float32)
    frame = int(_FRAME_S * LINE_RATE_HZ)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    peak = float(np.abs(samples).max(initial=0.0))
    if not len(frames) or peak < 1e-3:
        raise SoundError("it is silent from end to end")
    levels = np.sqrt((frames**2).mean(axis=1))
    sounding = np.flatnonzero(levels > peak * 10 ** (-_SILENCE_BELOW_PEAK_DB / 20))
    first = max(0, int(sounding[0]) * frame - int(_LEAD_S * LINE_RATE_HZ))
    last = (int(sounding[-1]) + 1) * frame + int(_TAIL_S * LINE_RATE_HZ)
    rms = float(np.sqrt((frames[sounding] ** 2).mean()))
    gain = min(10 ** (SPEECH_RMS_DBFS / 20) / rms, 10 ** (PEAK_DBFS / 20) / peak) * volume
    return Speech((samples[first:last] * gain * 32767).round().astype("<i2").tobytes())


def read_wav(path: Path) -> tuple[Samples, int]:
    """Read a PCM WAV file of any rate, width and number of channels; channels are averaged.

    Raises:
        SoundError: it cannot be read or holds no sound.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SoundError(f"{path} is not a PCM WAV file ({error}): save it as 16-bit PCM WAV") from error
    samples = _decode(raw[: len(raw) // (width * channels) * (width * channels)], width)
    if not len(samples):
        raise SoundError(f"{path} holds no sound")
    return samples.reshape(-1, channels).mean(axis=1, dtype=np.float32), rate


def write_wav(path: Path, speech: Speech) -> None:
    """Write a file that appears complete or not at all, even when two processes write it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(LINE_RATE_HZ)
            file.writeframes(speech.pcm)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def line_seconds(path: Path) -> float | None:
    """Length of a file in the line's own format; ``None`` if it is missing, damaged, empty or of another format."""
    try:
        with wave.open(str(path), "rb") as file:
            ours = (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, LINE_RATE_HZ)
            complete = path.stat().st_size >= 44 + 2 * file.getnframes()
            return file.getnframes() / LINE_RATE_HZ if ours and complete and file.getnframes() else None
    except (OSError, EOFError, wave.Error):
        return None


def _decode(raw: bytes, width: int) -> Samples:
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return padded.reshape(-1).view("<i4").astype(np.float32) / np.float32(2**31)
    return np.frombuffer(raw, f"<i{width}").astype(np.float32) / np.float32(2 ** (8 * width - 1))
