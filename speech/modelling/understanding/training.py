"""Learning the weights: all columns at once, by stochastic descent with dropped-out clues and units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from speech.judgement import ASKED, COLUMNS, RULED, SIGNAL_NAMES, Vector
from speech.modelling.understanding.examples import BASICS, CORPUS, TABLE, Example

_BATCHES_SORTED = 20
"""Replies of so many batches are sorted by length."""
TABLE_LOOKS = 4
"""How many times more often the tests' own tables are looked at: each of their replies stands for many..."""
TABLE_LOOKS_VARIED = 8
"""...and where variations are looked at as often as replies."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How is learnt."""

    epochs: int = 12
    batch: int = 64
    rate: float = 0.06
    dropped: float = 0.4
    """Share of the clues that one look at a reply does without."""
    unruled: float = 0.15
    """Share of the looks that do without what the rules made of it..."""
    unruled_tuned: float = 0.5
    """...where rules were tuned to the very reply: else they would be believed more than they are worth."""
    least: int = 2
    """Replies that must have a clue in common for it to be learnt."""
    escalation: float = 2.0
    """How much more the column ``escalate`` counts than another."""
    units: int = 48
    """Of the small layer over the sums."""
    units_dropped: float = 0.3
    units_rate: float = 0.003
    units_decay: float = 0.01
    seed: int = 1
    order: int = 0
    """Which of the orders in which replies may be looked at."""


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
    examples = [*examples, *variations]
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
    all_ruled = np.stack([each.ruled for each in examples])
    wanted = torch.from_numpy(np.stack([each.wanted for each in examples]))
    scored = torch.from_numpy(np.stack([each.scored for each in examples]))
    hidden = unruled(examples, settings)
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
            shown = all_ruled[picked]
            shown[chance.random(len(picked)) < hidden[picked], : -len(ASKED)] = 0
            seen = torch.from_numpy(shown)
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


def unruled(examples: Sequence[Example], settings: Settings) -> NDArray[np.float64]:
    """The share of the looks at each reply that do without what the rules made of it."""
    tuned = [each.reply.writer in {CORPUS, TABLE} for each in examples]
    return np.where(tuned, settings.unruled_tuned, settings.unruled)


def loss(logits: torch.Tensor, wanted: torch.Tensor, scored: torch.Tensor, settings: Settings) -> torch.Tensor:
    """How far a row for each example is from what is wanted, where that is scored."""
    count = len(SIGNAL_NAMES)
    each = functional.binary_cross_entropy_with_logits(
        logits[:, : count + 1], wanted[:, : count + 1], weight=scored[:, : count + 1], reduction="none"
    ).mean(0)
    answered = scored[:, -1]
    answers = functional.cross_entropy(logits[:, count + 1 :], wanted[:, count + 1 :], reduction="none")
    return each[:count].sum() + settings.escalation * each[count] + 2 * (answers * answered).mean()


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


def judged(lengths: Sequence[int], size: int, judge: Callable[[list[int]], torch.Tensor]) -> Vector:
    """Logits of examples, by what judges ``size`` of them at once, given their places: those about as long together."""
    found = np.zeros((len(lengths), len(COLUMNS)), np.float32)
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    with torch.no_grad():
        for first in range(0, len(order), size):
            picked = order[first : first + size]
            found[picked] = judge(picked).numpy()
    return found


class Looks:
    """Which examples are looked at in an epoch: each reply in one of its spellings, and as many of the variations."""

    def __init__(self, examples: Sequence[Example], variations: Sequence[Example] = ()) -> None:
        self._groups = spellings(examples, TABLE_LOOKS_VARIED if variations else TABLE_LOOKS)
        self._first, self._variations = len(examples), len(variations)
        self._varied = min(len(variations), len(self._groups))
        self._chosen = np.zeros(0, np.int64)
        self.count = len(self._groups) + self._varied

    def order(self, chance: np.random.Generator) -> list[int]:
        """In which order an epoch looks at them: what to give to `example`, one after the other."""
        if self._varied:
            self._chosen = chance.choice(self._variations, self._varied, replace=False)
        return [int(at) for at in chance.permutation(self.count)]

    def example(self, at: int, chance: np.random.Generator) -> int:
        """The place of an example."""
        if at >= len(self._groups):
            return self._first + int(self._chosen[at - len(self._groups)])
        group = self._groups[at]
        return group[int(chance.integers(len(group)))]


def alike(picked: Sequence[int], length: Callable[[int], int], size: int) -> Iterator[list[int]]:
    """Batches of examples that are about as long."""
    for at in range(0, len(picked), size * _BATCHES_SORTED):
        some = sorted(picked[at : at + size * _BATCHES_SORTED], key=length)
        yield from (some[first : first + size] for first in range(0, len(some), size))


def spellings(examples: Sequence[Example], table_looks: int) -> list[list[int]]:
    """The examples of each reply, of which one look takes one; those of the tests' own tables so many times."""
    found: defaultdict[tuple[str, str, str | None], list[int]] = defaultdict(list)
    for at, each in enumerate(examples):
        found[each.reply.family, each.reply.text, each.reply.asks].append(at)
    tables = [group for group in found.values() if examples[group[0]].reply.writer in {TABLE, BASICS}]
    return [*found.values(), *tables * (table_looks - 1)]
