"""Bigram costs with back-off, counted from drawn sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

START, END = "<s>", "</s>"


@dataclass(frozen=True)
class LanguageCosts:
    """Costs are negative natural logarithms, scaled."""

    follow: dict[str, dict[str, float]]
    """Cost of a word (or the end) after each history, where that pair was seen."""
    back: dict[str, float]
    """Cost of leaving a history for the words alone."""
    alone: dict[str, float]
    """Cost of a word (or the end) after anything."""


def count(
    sentences: Iterable[Sequence[str]],
    vocabulary: Sequence[str],
    *,
    scale: float,
    back_share: float,
    even_share: float = 0.15,
    seldom: int = 3,
) -> LanguageCosts:
    """Count bigrams.

    Args:
        sentences: drawn sentences.
        vocabulary: every word; those in no sentence get their even share.
        scale: weight of the language against the sound.
        back_share: probability, after any history, of going on with any word at all.
        even_share: part of the probability of words alone that is spread evenly.
        seldom: pairs seen less often are left to the back-off.
    """
    pairs: dict[str, Counter[str]] = {history: Counter() for history in [START, *vocabulary]}
    for sentence in sentences:
        for first, second in zip([START, *sentence], [*sentence, END], strict=True):
            pairs[first][second] += 1
    totals: Counter[str] = Counter()
    for followers in pairs.values():
        totals.update(followers)
    everything = totals.total()

    def cost(probability: float) -> float:
        return -math.log(probability) * scale

    even = even_share / (len(vocabulary) + 1)
    alone = {w: cost((1 - even_share) * totals[w] / everything + even) for w in [*vocabulary, END]}
    follow: dict[str, dict[str, float]] = {}
    back: dict[str, float] = {}
    for history, followers in pairs.items():
        kept = {word: n for word, n in followers.items() if n >= seldom}
        shares = {word: n / followers.total() * (1 - back_share) for word, n in kept.items()}
        follow[history] = {word: cost(share) for word, share in shares.items()}
        back[history] = cost(1 - sum(shares.values()))
    return LanguageCosts(follow, back, alone)
