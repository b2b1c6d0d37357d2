"""Where a prompt that was interrupted goes on: not in the middle of a word, and not without what was talked over."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

LEAST_S, MOST_S = 0.2, 0.8
"""How far it goes back. For as long as `LEAST_S`, the interruption sounded over it."""
_STEP_S = 0.01
_WIDTH = 3
"""Steps that must be quiet together: a plosive is quiet for less."""


def resume_from(path: Path, position_s: float) -> float:
    """The quietest moment before a position, between two words if there is one so near; 0 near the beginning.

    Args:
        path: WAV, mono, 16 bits. Where it cannot be read, the prompt goes on `LEAST_S` earlier.
        position_s: how far into the file the prompt came.
    """
    latest_s = position_s - LEAST_S
    earliest_s = max(0.0, position_s - MOST_S)
    if latest_s <= earliest_s:
        return 0.0
    try:
        with wave.open(str(path), "rb") as file:
            rate = file.getframerate()
            file.setpos(min(round(earliest_s * rate), file.getnframes()))
            samples = np.frombuffer(file.readframes(round((latest_s - earliest_s) * rate)), "<i2").astype(np.float64)
    except (OSError, EOFError, wave.Error):
        return latest_s
    step = round(_STEP_S * rate)
    powers = np.square(samples[: len(samples) // step * step]).reshape(-1, step).mean(axis=1)
    if len(powers) < _WIDTH:
        return latest_s
    around = np.convolve(powers, np.ones(_WIDTH) / _WIDTH, "valid")
    # The last of equally quiet moments: of a pause, its end.
    quietest = len(around) - 1 - int(np.argmin(np.round(around[::-1])))
    return earliest_s + (quietest + _WIDTH - 1) * _STEP_S
