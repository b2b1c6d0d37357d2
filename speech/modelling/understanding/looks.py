"""Which replies are looked at, in which spelling and how often, while something learns from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from speech.modelling.understanding.examples import BASICS, TABLE, Example

_BATCHES_SORTED = 20
"""Replies of so many batches are sorted by length."""
TABLE_LOOKS = 4
"""How many times more often the tests' own tables are looked at: each of their replies stands for many..."""
TABLE_LOOKS_VARIED = 8
"""...and where variations are looked at as often as replies."""


class Looks:
    """Which examples are looked at in an epoch: each reply in one of its spellings, and as many of the variations."""

    def __init__(self, examples: Sequence[Example], variations: Sequence[Example] = ()) -> None:
        self.examples = [*examples, *variations]
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
