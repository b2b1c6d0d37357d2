"""What a reply must hold for a pattern to match it at all: most rules are out of question at a glance."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from speech.patterns import Alphabet, tokens

Pieces = frozenset[str]
"""Characters in Mandarin, words in English: one of them must be there."""
Required = tuple[Pieces, ...]
"""Of each of these one must be there; those with the fewest choices first, and none if nothing is known."""

_WORD = re.compile(r"\w+")


def required(pattern: str, terms: Mapping[str, Pieces | None], letters: Alphabet) -> Required:
    """What is in every text that matches a pattern `speech.patterns.expression` accepts."""
    found = set(_Reader(tokens(pattern), terms, letters).parts())
    return tuple(sorted(found, key=lambda each: (len(each), sorted(each))))


def any_required(patterns: Collection[str], terms: Mapping[str, Pieces | None], letters: Alphabet) -> Pieces | None:
    """One of these is in every text that matches any one of several patterns; ``None``: unknown."""
    return _union([next(iter(required(pattern, terms, letters)), None) for pattern in patterns])


class Needs:
    """What the patterns of a lexicon require, a bit for each `Pieces`.

    A reply is looked through once for all of them, and may match a pattern only if it has every bit that one needs.
    """

    def __init__(self) -> None:
        self._bits: dict[Pieces, int] = {}
        self._meets: dict[str, int] = {}

    def of(self, needed: Required) -> int:
        """What a pattern needs."""
        return reduce(or_, map(self._bit, needed), 0)

    def met(self, held: Pieces) -> int:
        """What a text that holds these pieces has of all that is needed."""
        return reduce(or_, (self._meets.get(piece, 0) for piece in held), 0)

    def _bit(self, choices: Pieces) -> int:
        bit = self._bits.get(choices)
        if bit is None:
            bit = self._bits[choices] = 1 << len(self._bits)
            for piece in choices:
                self._meets[piece] = self._meets.get(piece, 0) | bit
        return bit


def pieces(text: str, letters: Alphabet) -> Pieces:
    """What a prepared text holds."""
    return frozenset(_WORD.findall(text) if letters.words else text)


class _Reader:
    def __init__(self, tokens: list[str], terms: Mapping[str, Pieces | None], letters: Alphabet) -> None:
        self._rest = tokens
        self._terms = terms
        self._letters = letters

    def parts(self) -> list[Pieces]:
        """Of each of these one is there; one of them stands for all where there is a choice."""
        found = [self._sequence()]
        while self._rest and self._rest[0] == "|":
            self._rest.pop(0)
            found.append(self._sequence())
        if len(found) == 1:
            return found[0]
        choice = _union([min(each, key=len, default=None) for each in found])
        return [] if choice is None else [choice]

    def _sequence(self) -> list[Pieces]:
        found: list[Pieces] = []
        while self._rest and self._rest[0] not in "|)":
            found += self._piece()
        return found

    def _piece(self) -> list[Pieces]:
        token = self._rest.pop(0)
        if token == "(":  # noqa: S105
            inner = self.parts()
            self._rest.pop(0)
            if self._rest and self._rest[0] == "?":
                self._rest.pop(0)
                return []
            return inner
        if token.startswith("{"):
            term = self._terms.get(token[1:-1])
            return [] if term is None else [term]
        if token in {"……", "…", "^", "$"} or not token.strip():
            return []
        return [frozenset({part}) for part in (_WORD.findall(token) if self._letters.words else token)]


def _union(found: Collection[Pieces | None]) -> Pieces | None:
    known = [each for each in found if each is not None]
    return frozenset().union(*known) if len(known) == len(found) else None
