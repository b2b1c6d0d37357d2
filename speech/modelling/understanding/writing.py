"""Weights as the file that `speech.judgement` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from speech.judgement import COLUMNS
from speech.modelling.understanding.counted import Weights
from speech.modelling.understanding.network import LearntNetwork
from speech.network import PREFIX

MOST_CLUES = 220_000
"""Clues that are kept: those of the greatest weight."""
_COARSEST = 127


def write(path: Path, weights: Weights, network: LearntNetwork, limits: Mapping[str, float]) -> int:
    """Write the weights in 8 bits each, the network beside them; returns the size of the file in bytes."""
    strength = np.abs(weights.weights).max(1)
    kept = np.sort(np.argsort(-strength, kind="stable")[:MOST_CLUES])
    table = weights.weights[kept]
    scale = np.maximum(np.abs(table).max(0), 1e-6) / _COARSEST
    path.parent.mkdir(exist_ok=True)
    arrays: dict[str, Any] = {PREFIX + name: each for name, each in network.arrays().items()}
    np.savez_compressed(
        path,
        hashes=weights.hashes[kept],
        weights=np.round(table / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        ruled=weights.ruled,
        bias=weights.bias,
        inner=weights.inner,
        inner_bias=weights.inner_bias,
        outer=weights.outer,
        limits=np.array(json.dumps(dict(limits), sort_keys=True)),
        columns=np.array(" ".join(COLUMNS)),
        **arrays,
    )
    return path.stat().st_size
