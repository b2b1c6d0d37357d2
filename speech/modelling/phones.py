"""The phones of an acoustic model and the numbers that its ``final.mdl`` gives them.

A base phone has one state, or two if it is a vowel. Silence is phone 1; every other base phone has four numbers in a
row, one for each place in a word (begin, internal, end, singleton). A state of a phone owns two transition-ids, its
self loop and its step forward, numbered in the order of phones and states.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from speech.modelling.errors import ModellingError

SILENCE = "SIL"
PLACES = ("begin", "internal", "end", "singleton")


class PhoneSet:
    """Base phones in the order of the acoustic model, silence first."""

    def __init__(self, states: dict[str, int], variants: dict[str, str] | None = None) -> None:
        self.states = states
        """Number of states of each base phone."""
        self._bases = dict(variants or {}) | {phone: phone for phone in states}
        self._pdfs: dict[tuple[str, int], int] = {}
        for phone, count in states.items():
            for state in range(count):
                self._pdfs[phone, state] = len(self._pdfs)
        self._numbers: dict[tuple[str, str], int] = {(SILENCE, ""): 1}
        for index, phone in enumerate(list(states)[1:]):
            for offset, place in enumerate(PLACES):
                self._numbers[phone, place] = 2 + index * 4 + offset
        self._pairs: dict[tuple[str, str, int], int] = {}
        for phone, place in self._numbers:
            for state in range(states[phone]):
                self._pairs[phone, place, state] = len(self._pairs)

    @classmethod
    def load(cls, path: Path) -> PhoneSet:
        """Read lines of "phone states variant...".

        The variants are espeak-ng's names for what the model does not tell apart.

        Raises:
            ModellingError: a line is not of that form, or silence is not the first phone.
        """
        states: dict[str, int] = {}
        variants: dict[str, str] = {}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            fields = line.split()
            if len(fields) < 2 or fields[1] not in {"1", "2"}:
                raise ModellingError(f"{path.name}, line {number}: write a phone and its number of states, 1 or 2")
            states[fields[0]] = int(fields[1])
            variants |= dict.fromkeys(fields[2:], fields[0])
        if next(iter(states), "") != SILENCE:
            raise ModellingError(f"{path.name}: the first phone must be {SILENCE}")
        return cls(states, variants)

    def base(self, name: str) -> str | None:
        """The phone of the model for one of espeak-ng's; None if it has none."""
        return self._bases.get(name)

    def pdf(self, phone: str, state: int) -> int:
        """Number of the network's output for a state of a phone, whatever its place."""
        return self._pdfs[phone, state]

    @property
    def pdf_count(self) -> int:
        """Number of the network's outputs."""
        return len(self._pdfs)

    @property
    def triples(self) -> list[tuple[int, int, int]]:
        """Numbered phone, state and output, in the order in which transition-ids are counted."""
        return [(self._numbers[phone, place], state, self._pdfs[phone, state]) for phone, place, state in self._pairs]

    @property
    def by_states(self) -> dict[int, list[int]]:
        """The numbered phones of one state and those of two."""
        found: dict[int, list[int]] = {1: [], 2: []}
        for (phone, _), number in self._numbers.items():
            found[self.states[phone]].append(number)
        return found

    @property
    def transition_count(self) -> int:
        """Number of transition-ids, as ``final.mdl`` counts them."""
        return 2 * len(self._pairs)

    def stay(self, phone: str, place: str, state: int) -> int:
        """Transition-id of a state's self loop."""
        return 2 * self._pairs[phone, place, state] + 1

    def step(self, phone: str, place: str, state: int) -> int:
        """Transition-id that leaves a state."""
        return 2 * self._pairs[phone, place, state] + 2

    def word_boundaries(self) -> str:
        """The text of ``graph/phones/word_boundary.int``."""
        return "".join(f"{number} {place or 'nonword'}\n" for (_, place), number in self._numbers.items())


def placed(phones: Sequence[str]) -> list[tuple[str, str]]:
    """The phones of one word, each with its place."""
    if len(phones) == 1:
        return [(phones[0], "singleton")]
    last = len(phones) - 1
    return [(p, "begin" if i == 0 else "end" if i == last else "internal") for i, p in enumerate(phones)]
