"""Learning the weights: logistic regression on all columns at once, by stochastic descent with dropped-out clues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from speech.judgement import ASKED, COLUMNS, RULED, SIGNAL_NAMES, Vector
from speech.modelling.understanding.examples import BASICS, CORPUS, TABLE, Example

TABLE_LOOKS = 4
"""How many times more often the tests' own tables are looked at: each of their replies stands for many."""


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
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt."""

    hashes: NDArray[np.uint32]
    weights: Vector
    ruled: Vector
    bias: Vector

    def logits(self, examples: Sequence[Example]) -> Vector:
        """A row for each example, a column for each of `COLUMNS`."""
        found = np.stack([each.ruled for each in examples]) @ self.ruled + self.bias
        for row, each in enumerate(examples):
            rows = _rows(self.hashes, each.hashes)
            found[row] += self.weights[rows].sum(0) / np.sqrt(len(each.hashes))
        return found.astype(np.float32)


def learn(examples: Sequence[Example], settings: Settings) -> Weights:
    """Learn from examples; the same examples and settings give the same weights."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    chance = np.random.default_rng(settings.seed)
    hashes = _shared(examples, settings.least)
    rows = [_rows(hashes, each.hashes) for each in examples]
    table = torch.zeros((max(1, len(hashes)), len(COLUMNS)), requires_grad=True)
    ruled = torch.zeros((RULED, len(COLUMNS)), requires_grad=True)
    bias = torch.full((len(COLUMNS),), -2.0, requires_grad=True)
    sparse = torch.optim.SparseAdam([table], lr=settings.rate)
    dense = torch.optim.Adam([ruled, bias], lr=settings.rate / 2)
    groups = _spellings(examples)
    all_ruled = np.stack([each.ruled for each in examples])
    wanted = torch.from_numpy(np.stack([each.wanted for each in examples]))
    scored = torch.from_numpy(np.stack([each.scored for each in examples]))
    tuned = [each.reply.writer in {CORPUS, TABLE} for each in examples]
    unruled = np.where(tuned, settings.unruled_tuned, settings.unruled)
    steps = settings.epochs * -(-len(groups) // settings.batch)
    step = 0
    for _ in range(settings.epochs):
        order = chance.permutation(len(groups))
        for at in range(0, len(order), settings.batch):
            share = max(0.02, 1 - step / steps)
            step += 1
            sparse.param_groups[0]["lr"] = settings.rate * share
            dense.param_groups[0]["lr"] = settings.rate / 2 * share
            picked = [groups[place][chance.integers(len(groups[place]))] for place in order[at : at + settings.batch]]
            kept = [rows[each][chance.random(len(rows[each])) >= settings.dropped] for each in picked]
            worth = [1 / np.sqrt(len(examples[each].hashes)) / (1 - settings.dropped) for each in picked]
            logits = (
                functional.embedding_bag(
                    torch.from_numpy(np.concatenate(kept)),
                    table,
                    torch.from_numpy(np.cumsum([0, *(len(each) for each in kept[:-1])])),
                    mode="sum",
                    sparse=True,
                )
                * torch.tensor(worth, dtype=torch.float32)[:, None]
            )
            seen = all_ruled[picked]
            seen[chance.random(len(picked)) < unruled[picked], : -len(ASKED)] = 0
            logits = logits + torch.from_numpy(seen) @ ruled + bias
            loss = _loss(logits, wanted[picked], scored[picked], settings)
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
    return Weights(hashes, *(each.detach().numpy() for each in (table, ruled, bias)))


def _loss(logits: torch.Tensor, wanted: torch.Tensor, scored: torch.Tensor, settings: Settings) -> torch.Tensor:
    count = len(SIGNAL_NAMES)
    each = functional.binary_cross_entropy_with_logits(
        logits[:, : count + 1], wanted[:, : count + 1], weight=scored[:, : count + 1], reduction="none"
    ).mean(0)
    answered = scored[:, -1]
    answers = functional.cross_entropy(logits[:, count + 1 :], wanted[:, count + 1 :], reduction="none")
    return each[:count].sum() + settings.escalation * each[count] + 2 * (answers * answered).mean()


def _shared(examples: Sequence[Example], least: int) -> NDArray[np.uint32]:
    """Clues that enough different replies have, in ascending order."""
    seen: Counter[int] = Counter()
    for each in {(example.reply.text, example.reply.asks): example for example in examples}.values():
        seen.update(set(each.hashes.tolist()))
    return np.array(sorted(clue for clue, times in seen.items() if times >= least), np.uint32)


def _rows(hashes: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    if not len(hashes):
        return np.zeros(0, np.int64)
    rows = np.searchsorted(hashes, wanted)
    rows[rows == len(hashes)] = 0
    found: NDArray[np.int64] = rows[hashes[rows] == wanted]
    return found


def _spellings(examples: Sequence[Example]) -> list[list[int]]:
    """The examples of each reply: one look takes one of them."""
    found: defaultdict[tuple[str, str, str | None], list[int]] = defaultdict(list)
    for at, each in enumerate(examples):
        found[each.reply.family, each.reply.text, each.reply.asks].append(at)
    tables = [group for group in found.values() if examples[group[0]].reply.writer in {TABLE, BASICS}]
    return [*found.values(), *tables * (TABLE_LOOKS - 1)]
