"""How large a model is made, and from how much speech."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """One way to build."""

    shards: int
    utterances: int
    """In each shard; a thousand are about 47 minutes of sound."""
    hidden: int
    """Width of each layer."""
    passes: float
    """How often the network sees all of it."""
    rate: float = 4e-3
    """Highest learning rate."""


FULL = Size(shards=26, utterances=1000, hidden=192, passes=5)
TINY = Size(shards=1, utterances=30, hidden=32, passes=12)
"""About a minute of speech: proves that all parts fit together, and hears next to nothing."""
