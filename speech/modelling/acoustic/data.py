"""All training data of a language: shards on disk, made as far as they are missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.modelling.acoustic.settings import Size
from speech.modelling.acoustic.shard import Shard

_FIRST_SEED = 101


@dataclass(frozen=True, slots=True)
class Data:
    """Frames of all utterances in a row."""

    frames: NDArray[np.float16]
    labels: NDArray[np.uint8]


def prepare(language: str, size: Size, folder: Path, workers: int) -> list[Path]:
    """Make the shards that are missing, some at a time; returns all of them.

    They stay good when words or sentences are added: the network learns phones. To have them made anew, delete them.

    Raises:
        ModellingError: a shard cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(_FIRST_SEED, _FIRST_SEED + size.shards)
    files = [folder / f"{language}-{seed}-{size.utterances}.npz" for seed in seeds]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda seed, file: Shard(language, seed, size.utterances).make(file), seeds, files))
    return files


def load(files: list[Path]) -> Data:
    """Read shards."""
    parts = []
    for file in files:
        with np.load(file) as shard:
            parts.append((shard["frames"], shard["labels"]))
    return Data(np.concatenate([frames for frames, _ in parts]), np.concatenate([labels for _, labels in parts]))
