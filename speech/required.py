"""What a reply must hold for a pattern to match it at all: most rules are out of question at a glance."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from speech.patterns import Alphabet, tokens

Pieces = frozenset[str]
"""Characters in Mandarin, words in English: one of them must be there."""

_WORD = re.compile(r"\w+")


def required(pattern: str, terms: Mapping[str, Pieces | None], letters: Alphabet) -> Pieces | None:
    """One of these is in every text that matches a pattern `speech.patterns.expression` accepts; ``None``: unknown."""
    return _Reader(tokens(pattern), terms, letters).choices()


def any_required(patterns: Collection[str], terms: Mapping[str, Pieces | None], letters: Alphabet) -> Pieces | None:
    """The same for any one of several patterns."""
    return _union([required(pattern, terms, letters) for pattern in patterns])


def pieces(text: str, letters: Alphabet) -> Pieces:
    """What a prepared text holds."""
    return frozenset(_WORD.findall(text) if letters.words else text)


class _Reader:
    def __init__(self, tokens: list[str], terms: Mapping[str, Pieces | None], letters: Alphabet) -> None:
        self._rest = tokens
        self._terms = terms
        self._letters = letters

    def choices(self) -> Pieces | None:
        found = [self._sequence()]
        while self._rest and self._rest[0] == "|":
            self._rest.pop(0)
            found.append(self._sequence())
        return _union(found)

    def _sequence(self) -> Pieces | None:
        best: Pieces | None = None
        while self._rest and self._rest[0] not in "|)":
            for each in self._piece():
                if best is None or len(each) < len(best):
                    best = each
        return best

    def _piece(self) -> list[Pieces]:
        token = self._rest.pop(0)
        if token == "(":  # noqa: S105
            inner = self.choices()
            self._rest.pop(0)
            if self._rest and self._rest[0] == "?":
                self._rest.pop(0)
                return []
            return [] if inner is None else [inner]
        if token.startswith("{"):
            term = self._terms.get(token[1:-1])
            return [] if term is None else [term]
        if token in {"……", "…", "^", "$"} or not token.strip():
            return []
        return [frozenset({part}) for part in (_WORD.findall(token) if self._letters.words else token)]


def _union(found: Collection[Pieces | None]) -> Pieces | None:
    known = [each for each in found if each is not None]
    return frozenset().union(*known) if len(known) == len(found) else None
