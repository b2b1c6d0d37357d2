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

    def __init__(self, states: dict[str, int]) -> None:
        self.states = states
        """Number of states of each base phone."""
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
        """Read lines of "phone states".

        Raises:
            ModellingError: a line is not of that form, or silence is not the first phone.
        """
        states: dict[str, int] = {}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            fields = line.split()
            if len(fields) != 2 or fields[1] not in {"1", "2"}:
                raise ModellingError(f"{path.name}, line {number}: write a phone and its number of states, 1 or 2")
            states[fields[0]] = int(fields[1])
        if next(iter(states), "") != SILENCE:
            raise ModellingError(f"{path.name}: the first phone must be {SILENCE}")
        return cls(states)

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
