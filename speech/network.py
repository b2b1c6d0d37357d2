"""A small convolutional network that reads a reply's words in their order, beside the judgement's clues.

Every token is the sum of what is known of it: itself, its sound or the pieces of its letters, its kind, whether a
negation reaches it, and the question. Gated layers (Dauphin et al., "Language modeling with gated convolutional
networks", 2017) let it see ever farther neighbours; what the tokens then hold is gathered by the greatest, the mean and
a few weighted means, and judged together with what the rules made of the reply. `speech.modelling.understanding` trains
it; here it is only read and run, in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from speech.clues import Hashes, Line

Vector = NDArray[np.float32]
Known = NDArray[np.uint32]

APART = (1, 2, 4)
"""How far apart the neighbours stand that each layer looks at."""
BUCKETS = 4096
"""Rows among which sounds and pieces of words are spread by their hashes."""
PREFIX = "network_"
"""Of the names of its arrays in a judgement's file."""
_HIGH = np.uint64(32)
_STEEPEST = 30.0


@dataclass(frozen=True, slots=True)
class Network:
    """A trained network, ``width`` figures to a token."""

    tokens: Known
    """Hashes of the tokens that have a row, in ascending order..."""
    kinds: Known
    """...and of the kinds."""
    rows: Vector
    """One for an unknown token, each known one, each of `BUCKETS`, no kind, each kind, each question, and negation."""
    layers: Vector
    """``(len(APART), 3 * width, 2 * width)``: from a token and its neighbours to what is added to it, and its gates."""
    layers_bias: Vector
    attention: Vector
    """``(width, heads)``: how much each token counts in each weighted mean."""
    inner: Vector
    """From everything gathered, and what the rules made of the reply, to units..."""
    inner_bias: Vector
    outer: Vector
    """...and from those to the columns."""
    ruled: Vector
    """From what the rules made of the reply to the columns."""
    bias: Vector

    @classmethod
    def read(cls, data: Mapping[str, NDArray[np.generic]], questions: int) -> Self:
        """From a judgement's file; raises `KeyError` or `ValueError` if it is not whole."""
        arrays = {name: data[PREFIX + name] for name in cls.__slots__}
        scale = data[PREFIX + "rows_scale"].astype(np.float32)
        dense = {name: arrays[name].astype(np.float32) for name in cls.__slots__ if name not in {"tokens", "kinds"}}
        dense["rows"] *= scale[:, None]
        found = cls(tokens=arrays["tokens"].astype(np.uint32), kinds=arrays["kinds"].astype(np.uint32), **dense)
        width = found.rows.shape[1]
        if len(found.rows) != len(found.tokens) + BUCKETS + len(found.kinds) + questions + 3:
            raise ValueError("the network's rows do not fit its words")
        if found.layers.shape != (len(APART), 3 * width, 2 * width):
            raise ValueError("the network's layers do not fit its rows")
        return found

    def logits(self, line: Line, ruled: Vector, question: int) -> Vector:
        """What speaks for each column in a reply of at least one token; ``question`` is its place among those asked."""
        read = self._tokens(line, question)
        count, width = read.shape
        for weights, bias, apart in zip(self.layers, self.layers_bias, APART, strict=True):
            beside = np.zeros((count, 3 * width), np.float32)
            beside[apart:, :width] = read[:-apart]
            beside[:, width : 2 * width] = read
            beside[:-apart, 2 * width :] = read[apart:]
            found = beside @ weights + bias
            gates = np.exp(-np.clip(found[:, width:], -_STEEPEST, _STEEPEST))
            read = read + found[:, :width] / (1 + gates)
        counts = read @ self.attention
        shares = np.exp(counts - counts.max(0))
        means = (shares / shares.sum(0)).T @ read
        gathered = np.concatenate((read.max(0), read.mean(0), means.ravel(), ruled))
        units = np.maximum(gathered @ self.inner + self.inner_bias, 0)
        found = units @ self.outer + ruled @ self.ruled + self.bias
        return np.asarray(found, np.float32)

    def _tokens(self, line: Line, question: int) -> Vector:
        parts_at = 1 + len(self.tokens)
        kinds_at = parts_at + BUCKETS
        asked_at = kinds_at + 1 + len(self.kinds)
        found = self.rows[known_places(self.tokens, line.tokens)]
        found += self.rows[kinds_at + known_places(self.kinds, line.kinds)]
        parts = self.rows[parts_at + (line.parts % np.uint64(BUCKETS)).astype(np.intp)]
        if (line.parts_each != 1).any():
            ends = np.cumsum(line.parts_each)
            sums = np.concatenate((np.zeros((1, parts.shape[1]), np.float32), np.cumsum(parts, axis=0)))
            parts = (sums[ends] - sums[ends - line.parts_each]) / np.maximum(line.parts_each, 1)[:, None]
        found += parts
        found += self.rows[asked_at + question]
        found[line.denied] += self.rows[-1]
        return np.asarray(found, np.float32)


def known_places(known: Known, hashes: Hashes) -> NDArray[np.intp]:
    """Which place each hash has among the known ones, from 1; 0 of those that are not known."""
    if not len(known):
        return np.zeros(len(hashes), np.intp)
    wanted = (hashes >> _HIGH).astype(np.uint32)
    found = np.searchsorted(known, wanted)
    found[found == len(known)] = 0
    return np.where(known[found] == wanted, found + 1, 0)
