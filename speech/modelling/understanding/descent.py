"""Learning by descent: what is to be got right, and the way down that every network of replies takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from speech.judgement import ASKED, COLUMNS, SIGNAL_NAMES, Vector
from speech.modelling.understanding.examples import CORPUS, TABLE, Example
from speech.modelling.understanding.looks import Looks, alike
from speech.modelling.understanding.settings import Settings


@dataclass(frozen=True, slots=True)
class Course:
    """How a network goes down."""

    epochs: int
    batch: int
    rates: Sequence[float]
    """At their highest, one for each group of the optimiser's weights."""
    rising: float
    """Share of the steps until the rates have risen to that."""
    falling: str
    """How they fall from there: ``cos`` or ``linear``."""
    steepest: float
    """A gradient that is longer is cut to that."""


def descend(
    net: nn.Module,
    descent: torch.optim.Optimizer,
    course: Course,
    looks: Looks,
    settings: Settings,
    *,
    lengths: Sequence[int],
    judge: Callable[[list[int], np.random.Generator], torch.Tensor],
) -> None:
    """Teach a network the examples, each as often as it is to be looked at, in batches of about as long ones.

    ``lengths`` are the examples' own; ``judge`` gives the network's logits for some of them, given their places, and
    hides from it what chance says.
    """
    chance = np.random.default_rng(settings.seed)
    shuffling = random.Random(settings.seed)
    wanted = torch.from_numpy(np.stack([each.wanted for each in looks.examples]))
    scored = torch.from_numpy(np.stack([each.scored for each in looks.examples]))
    pace = torch.optim.lr_scheduler.OneCycleLR(
        descent,
        list(course.rates),
        total_steps=course.epochs * -(-looks.count // course.batch),
        pct_start=course.rising,
        anneal_strategy=course.falling,
    )
    net.train()
    for _ in range(course.epochs):
        picked = [looks.example(at, chance) for at in looks.order(chance)]
        batches = list(alike(picked, lengths.__getitem__, course.batch))
        shuffling.shuffle(batches)
        for batch in batches:
            found = loss(judge(batch, chance), wanted[batch], scored[batch], settings)
            descent.zero_grad()
            found.backward()
            nn.utils.clip_grad_norm_(net.parameters(), course.steepest)
            descent.step()
            pace.step()


def loss(logits: torch.Tensor, wanted: torch.Tensor, scored: torch.Tensor, settings: Settings) -> torch.Tensor:
    """How far a row for each example is from what is wanted, where that is scored."""
    count = len(SIGNAL_NAMES)
    each = functional.binary_cross_entropy_with_logits(
        logits[:, : count + 1], wanted[:, : count + 1], weight=scored[:, : count + 1], reduction="none"
    ).mean(0)
    answered = scored[:, -1]
    answers = functional.cross_entropy(logits[:, count + 1 :], wanted[:, count + 1 :], reduction="none")
    return each[:count].sum() + settings.escalation * each[count] + 2 * (answers * answered).mean()


class Ruled:
    """What the rules made of each example; part of the looks at it do without."""

    def __init__(self, examples: Sequence[Example], settings: Settings) -> None:
        tuned = [each.reply.writer in {CORPUS, TABLE} for each in examples]
        self._hidden = np.where(tuned, settings.unruled_tuned, settings.unruled)
        self._all = np.stack([each.ruled for each in examples])

    def shown(self, batch: Sequence[int], chance: np.random.Generator) -> Vector:
        """A row for each example of a batch."""
        found: Vector = self._all[batch]
        found[chance.random(len(batch)) < self._hidden[batch], : -len(ASKED)] = 0
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
