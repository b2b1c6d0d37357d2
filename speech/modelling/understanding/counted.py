"""Learning what counted words say: all columns at once, by descent with dropped-out clues and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from speech.judgement import COLUMNS, RULED, Vector
from speech.modelling.understanding.descent import Ruled, loss
from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.looks import Looks
from speech.modelling.understanding.settings import Settings

ROUNDS = 2
"""Orders over which weights are averaged where they are measured: a single one moves the F1 of escalation by up to two
points..."""
ROUNDS_BUNDLED = 4
"""...and for the bundled ones."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt."""

    hashes: NDArray[np.uint32]
    weights: Vector
    ruled: Vector
    bias: Vector
    inner: Vector
    inner_bias: Vector
    outer: Vector

    def logits(self, examples: Sequence[Example]) -> Vector:
        """A row for each example, a column for each of `COLUMNS`."""
        ruled = np.stack([each.ruled for each in examples])
        said = np.zeros((len(examples), len(COLUMNS)), np.float32)
        for row, each in enumerate(examples):
            rows = _rows(self.hashes, each.hashes)
            said[row] = self.weights[rows].sum(0) / np.sqrt(len(each.hashes))
        units = np.maximum(np.hstack((said, ruled)) @ self.inner + self.inner_bias, 0)
        found: Vector = (said + ruled @ self.ruled + self.bias + units @ self.outer).astype(np.float32)
        return found


def learn(examples: Sequence[Example], settings: Settings, variations: Sequence[Example] = ()) -> Weights:
    """Learn from examples, and as often from variations of them; the same give the same weights."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    chance = np.random.default_rng(settings.seed + settings.order)
    looks = Looks(examples, variations)
    examples = looks.examples
    hashes = _shared(examples, settings.least)
    rows = [_rows(hashes, each.hashes) for each in examples]
    table = _Table(max(1, len(hashes)))
    ruled = torch.zeros((RULED, len(COLUMNS)), requires_grad=True)
    bias = torch.full((len(COLUMNS),), -2.0, requires_grad=True)
    inner = (torch.randn(len(COLUMNS) + RULED, settings.units) / 10).requires_grad_(True)
    inner_bias = torch.zeros(settings.units, requires_grad=True)
    outer = torch.zeros((settings.units, len(COLUMNS)), requires_grad=True)
    torch.manual_seed(settings.seed + settings.order)
    dense = torch.optim.Adam([ruled, bias], lr=settings.rate / 2)
    layer = torch.optim.AdamW([inner, inner_bias, outer], lr=settings.units_rate, weight_decay=settings.units_decay)
    by_rules = Ruled(examples, settings)
    wanted = torch.from_numpy(np.stack([each.wanted for each in examples]))
    scored = torch.from_numpy(np.stack([each.scored for each in examples]))
    steps = settings.epochs * -(-looks.count // settings.batch)
    step = 0
    for _ in range(settings.epochs):
        order = looks.order(chance)
        for at in range(0, len(order), settings.batch):
            share = max(0.02, 1 - step / steps)
            step += 1
            dense.param_groups[0]["lr"] = settings.rate / 2 * share
            layer.param_groups[0]["lr"] = settings.units_rate * share
            picked = [looks.example(place, chance) for place in order[at : at + settings.batch]]
            kept = [rows[each][chance.random(len(rows[each])) >= settings.dropped] for each in picked]
            worth = [1 / np.sqrt(len(examples[each].hashes)) / (1 - settings.dropped) for each in picked]
            used, places = np.unique(np.concatenate(kept), return_inverse=True)
            looked = table.rows(used)
            starts = np.cumsum([0, *(len(each) for each in kept[:-1])])
            said = functional.embedding_bag(torch.from_numpy(places), looked, torch.from_numpy(starts), mode="sum")
            said = said * torch.tensor(worth, dtype=torch.float32)[:, None]
            seen = torch.from_numpy(by_rules.shown(picked, chance))
            units = torch.relu(torch.hstack((said, seen)) @ inner + inner_bias)
            logits = said + seen @ ruled + bias + functional.dropout(units, settings.units_dropped) @ outer
            found = loss(logits, wanted[picked], scored[picked], settings)
            dense.zero_grad()
            layer.zero_grad()
            found.backward()
            table.step(used, looked, settings.rate * share)
            dense.step()
            layer.step()
    small = (each.detach().numpy() for each in (ruled, bias, inner, inner_bias, outer))
    return Weights(hashes, table.weights.numpy(), *small)


def averaged(
    examples: Sequence[Example], settings: Settings, variations: Sequence[Example] = (), rounds: int = ROUNDS
) -> Weights:
    """Learn several times from the same beginning, in different orders, and take the mean of the weights."""
    learnt = [learn(examples, replace(settings, order=order), variations) for order in range(rounds)]
    means = (np.mean([getattr(each, field.name) for each in learnt], axis=0) for field in fields(Weights)[1:])
    return Weights(learnt[0].hashes, *(mean.astype(np.float32) for mean in means))


class _Table:
    """The clues' weights, with an Adam that moves only the rows a batch looked at: torch's takes thrice as long."""

    _FIRST, _SECOND, _LEAST = 0.9, 0.999, 1e-8

    def __init__(self, rows: int) -> None:
        self.weights, self._mean, self._square = (torch.zeros((rows, len(COLUMNS))) for _ in range(3))
        self._steps = 0

    def rows(self, used: NDArray[np.int64]) -> torch.Tensor:
        """Some rows, to be learnt."""
        return self.weights.index_select(0, torch.from_numpy(used)).requires_grad_(True)

    def step(self, used: NDArray[np.int64], looked: torch.Tensor, rate: float) -> None:
        """Move the ``rows`` that were ``looked`` at along their gradient."""
        self._steps += 1
        at, slope = torch.from_numpy(used), looked.grad
        mean = torch.lerp(slope, self._mean.index_select(0, at), self._FIRST)
        square = torch.lerp(slope * slope, self._square.index_select(0, at), self._SECOND)
        self._mean.index_copy_(0, at, mean)
        self._square.index_copy_(0, at, square)
        pace = rate * (1 - self._SECOND**self._steps) ** 0.5 / (1 - self._FIRST**self._steps)
        self.weights.index_copy_(0, at, looked.detach() - pace * mean / (square.sqrt() + self._LEAST))


def _shared(examples: Sequence[Example], least: int) -> NDArray[np.uint32]:
    """Clues that enough different replies have, in ascending order."""
    right = (each for each in examples if not each.misheard)
    replies = {(each.reply.text, each.reply.asks): each for each in right}.values()
    clues, times = np.unique(np.concatenate([np.unique(each.hashes) for each in replies]), return_counts=True)
    return clues[times >= least]


def _rows(hashes: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    if not len(hashes):
        return np.zeros(0, np.int64)
    rows = np.searchsorted(hashes, wanted)
    rows[rows == len(hashes)] = 0
    found: NDArray[np.int64] = rows[hashes[rows] == wanted]
    return found
