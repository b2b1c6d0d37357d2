"""Sentences with slots, and drawing from them.

A line is a sentence of words separated by spaces. ``$NAME = a | b`` defines a slot that later sentences may use, ``(
a | b )`` chooses one, ``?`` after an item makes it optional (drawn half of the time), ``3*`` before an alternative or
a sentence is its weight, ``#`` begins a comment line.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.modelling.errors import ModellingError

_WEIGHT = re.compile(r"(\d+)\*$")


@dataclass(frozen=True)
class _Choice:
    """Weighted alternatives, each a sequence of words, slot names and choices."""

    alternatives: tuple[tuple[int, tuple[_Item, ...]], ...]


@dataclass(frozen=True)
class _Item:
    what: str | _Choice
    optional: bool


class Corpus:
    """The sentences of one language."""

    def __init__(self, path: Path) -> None:
        """Read a file of sentences.

        Raises:
            ModellingError: a bracket that does not close, a slot that is not defined; names the line.
        """
        self._slots: dict[str, _Choice] = {}
        self._sentences: list[_Choice] = []
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                self._read(line)
            except ModellingError as error:
                raise ModellingError(f"{path.name}, line {number}: {error}") from None

    def _read(self, line: str) -> None:
        name, equals, rest = line.partition(" = ")
        choice = self._parse((rest if equals else line).split())
        if equals:
            self._slots[name.strip()] = choice
        else:
            self._sentences.append(choice)

    def _parse(self, tokens: list[str]) -> _Choice:
        tokens = list(reversed(tokens))
        choice = self._alternatives(tokens)
        if tokens:
            raise ModellingError("a bracket closes that was not opened")
        return choice

    def _alternatives(self, tokens: list[str]) -> _Choice:
        alternatives: list[tuple[int, tuple[_Item, ...]]] = []
        weight, items = 1, list[_Item]()
        while tokens and tokens[-1] not in {")", ")?"}:
            mark = tokens.pop()
            if mark == "|":
                alternatives.append((weight, tuple(items)))
                weight, items = 1, []
            elif (match := _WEIGHT.match(mark)) and not items:
                weight = int(match[1])
            elif mark == "(":
                inner = self._alternatives(tokens)
                if not tokens:
                    raise ModellingError("a bracket is not closed")
                items.append(_Item(inner, optional=tokens.pop() == ")?"))
            else:
                items.append(self._word(mark))
        alternatives.append((weight, tuple(items)))
        return _Choice(tuple(alternatives))

    def _word(self, mark: str) -> _Item:
        text = mark.removesuffix("?")
        if not text.startswith("$"):
            return _Item(text, optional=text != mark)
        if text not in self._slots:
            raise ModellingError(f"the slot {text} is not defined above; define it or correct the name")
        return _Item(self._slots[text], optional=text != mark)

    def words(self) -> set[str]:
        """Every word that a sentence can contain."""
        found: set[str] = set()
        todo = [*self._sentences, *self._slots.values()]
        while todo:
            for _, items in todo.pop().alternatives:
                for item in items:
                    if isinstance(item.what, str):
                        found.add(item.what)
                    else:
                        todo.append(item.what)
        return found

    def draw(self, times: int, seed: int) -> Iterator[tuple[str, ...]]:
        """Sentences, ``times`` for each unit of a line's weight; the same seed yields the same sentences."""
        chance = random.Random(seed)
        for sentence in self._sentences:
            for _ in range(times * sum(weight for weight, _ in sentence.alternatives)):
                yield tuple(_expand(sentence, chance))

    def pick(self, chance: random.Random) -> tuple[str, ...]:
        """One sentence; a line is picked as often as its weight says."""
        weights = [sum(weight for weight, _ in sentence.alternatives) for sentence in self._sentences]
        return tuple(_expand(chance.choices(self._sentences, weights)[0], chance))


def _expand(choice: _Choice, chance: random.Random) -> Iterator[str]:
    weights = [weight for weight, _ in choice.alternatives]
    (_, items) = chance.choices(choice.alternatives, weights)[0]
    for item in items:
        if item.optional and chance.random() < 0.5:
            continue
        if isinstance(item.what, str):
            yield item.what
        else:
            yield from _expand(item.what, chance)
