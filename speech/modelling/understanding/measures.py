"""How well replies by a pen that was not learnt from are understood, and the limits that follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from speech.assessment import CRITICAL
from speech.judgement import ANSWERS, BARE, CALLS, COLUMNS, SIGNAL_NAMES, Vector, chances_of
from speech.modelling.understanding.examples import Example, judges

Figures = NDArray[np.float64]

FOLDS = 5
LOWEST = 0.08
"""No limit lies lower: so few replies speak for it that chance would."""
LOWEST_OF = {"busy_now": 0.25}
"""A guess that somebody has no time ends the conversation: it must be a better one."""
BETA = {"escalate": 1.0}
"""How many times recall counts as much as precision where a limit is chosen; 1 for a signal."""


def parts(examples: Sequence[Example]) -> list[list[str]]:
    """Writers of the replies that are fit to measure by, in `FOLDS` parts."""
    writers = sorted({each.reply.writer for each in examples if judges(each)})
    return [writers[first::FOLDS] for first in range(FOLDS)]


def of(part: Sequence[str], examples: Sequence[Example]) -> list[Example]:
    """The examples of some writers."""
    return [each for each in examples if each.reply.writer in part]


def limits(examples: Sequence[Example], logits: Vector) -> dict[str, float]:
    """For each signal and ``escalate``, the chance from which precision and recall together are best."""
    found = {}
    for column, name in enumerate(COLUMNS[: len(SIGNAL_NAMES) + 1]):
        scored = np.array([each.scored[column] > 0 and not each.misheard for each in examples])
        wanted = np.array([each.wanted[column] > 0 for each in examples])[scored]
        chance, precision, recall = curve(wanted, logits[scored, column])
        beta2 = BETA.get(name, 1.0) ** 2
        worth = (1 + beta2) * precision * recall / np.maximum(beta2 * precision + recall, 1e-9)
        found[name] = max(LOWEST_OF.get(name, LOWEST), round(float(chance[worth.argmax()]), 4))
    return found


def curve(wanted: NDArray[np.bool_], logits: Vector) -> tuple[Figures, Figures, Figures]:
    """Chances from the highest down, with precision and recall if all from there up are heard."""
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(wanted[order])
    chance = chances_of(logits[order].astype(np.float64))
    return chance, hits / np.arange(1, len(order) + 1), hits / np.float64(max(1, hits[-1]))


def figures(examples: Sequence[Example], logits: Vector, limit: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Hits, false alarms and misses of escalation and of every signal; of escalation also by the rules alone.

    Of replies as they were misheard, only escalation.
    """
    column = len(SIGNAL_NAMES)
    ruled = np.stack([each.ruled for each in examples])
    bare, called = ruled[:, BARE] > 0, ruled[:, CALLS] > 0
    chances = chances_of(logits[:, : column + 1])
    calls = np.where(bare, called, chances[:, column] >= limit["escalate"])
    wanted = np.stack([each.wanted for each in examples]) > 0
    misheard = np.array([each.misheard for each in examples])
    scored = np.stack([each.scored for each in examples]) > 0
    scored_misheard = scored[:, column] & misheard
    scored &= ~misheard[:, None]
    near = np.array([each.reply.near_domain for each in examples])
    spoken = np.array([each.spoken for each in examples])
    found = {
        "all": _counts(wanted[:, column], calls, scored[:, column]),
        "without punctuation": _counts(wanted[:, column], calls, scored[:, column] & spoken),
        "near-domain": _counts(wanted[:, column], calls, scored[:, column] & near),
        "rules alone": _counts(wanted[:, column], called, scored[:, column]),
    }
    if scored_misheard.any():
        found["misheard"] = _counts(wanted[:, column], calls, scored_misheard)
    for at, name in enumerate(SIGNAL_NAMES):
        heard = np.where(bare, ruled[:, at] > 0, chances[:, at] >= limit[name])
        heard &= calls if name in CRITICAL else True
        found[name] = _counts(wanted[:, at], heard, scored[:, at])
    answered = scored[:, column + 1]
    right = np.array([ANSWERS[int(row.argmax())] for row in logits[:, column + 1 :]])
    said = np.array([each.answer for each in examples])
    want = np.array([each.reply.answer or "" for each in examples])
    found["answers"] = {"right": int((np.where(bare, said, right) == want)[answered].sum()), "of": int(answered.sum())}
    return found


def _counts(wanted: NDArray[np.bool_], heard: NDArray[np.bool_], scored: NDArray[np.bool_]) -> dict[str, float]:
    wanted, heard = wanted[scored], heard[scored]
    return {
        "hits": int((wanted & heard).sum()),
        "false": int((~wanted & heard).sum()),
        "missed": int((wanted & ~heard).sum()),
        "right_no": int((~wanted & ~heard).sum()),
    }
