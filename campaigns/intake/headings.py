"""Which column of a table, or key of a JSON object, holds which field of a lead.

Headings are compared without case, spaces, underscores, marks of emphasis and what stands in brackets:
``* 手机号（必填）`` is 手机号. Of 金额（万元） the unit is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.intake.errors import SourceError
from campaigns.intake.words import HEADINGS, OUR_OWN
from campaigns.messages import said

_RELATIVE = ("relative_name", "relative_number", "relation")


class Slot(NamedTuple):
    """What a column holds."""

    field: str
    """A key of `campaigns.intake.words.HEADINGS`."""
    unit: float = 1.0
    """What a bare number counts."""
    which: int = 1
    """Which of several relatives: 联系人2."""


def plain_heading(heading: str) -> str:
    """A heading as it is compared."""
    text = unicodedata.normalize("NFKC", heading).lower()
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】", "", text)
    return re.sub(r"[\s_*:.\-]+", "", text)


_KNOWN = {plain_heading(word): name for name, words in HEADINGS.items() for word in (name, *words)}
_OUR_OWN = {plain_heading(word) for word in OUR_OWN}


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings that are known: the built-in ones, and a centre's own before them."""

    own: Mapping[str, str] = field(default_factory=dict)
    """Heading to field. Raises `SourceError` for a field that is none."""

    def __post_init__(self) -> None:
        for target in self.own.values():
            if target not in HEADINGS and target:
                raise SourceError(said("map.field", field=target, known=", ".join(HEADINGS)))
        compared = {plain_heading(heading): target for heading, target in self.own.items()}
        object.__setattr__(self, "own", compared)

    def slot(self, heading: str) -> Slot | None:
        """What a heading names; ``None`` if nothing of a lead."""
        plain = plain_heading(heading)
        unit = 10_000.0 if re.search(r"[(（\[【/]\s*万", heading) else 1.0
        if plain in self.own:
            name = self.own[plain]
            return Slot(name, unit) if name else None
        if name := _KNOWN.get(plain, ""):
            return Slot(name, unit)
        numbered = re.fullmatch(r"(\D+?)([1-9][0-9]?)(\D*)", plain)
        if numbered and (name := _KNOWN.get(numbered[1] + numbered[3], "")) in _RELATIVE:
            return Slot(name, which=int(numbered[2]))
        return None

    def columns(self, header: Sequence[str]) -> Columns | None:
        """The columns of a table; ``None`` when none of them holds the number."""
        places: dict[Slot, int] = {}
        taken: set[tuple[str, int]] = set()
        ignored: list[str] = []
        for place, heading in enumerate(header):
            slot = self.slot(heading)
            if slot is not None and (slot.field, slot.which) not in taken:
                places[slot] = place
                taken.add((slot.field, slot.which))
            elif heading.strip() and plain_heading(heading) not in _OUR_OWN:
                ignored.append(heading.strip())
        return Columns(places, tuple(ignored)) if any(slot.field == "number" for slot in places) else None

    def is_our_own(self, heading: str) -> bool:
        """Whether a file of rejected rows added it."""
        return plain_heading(heading) in _OUR_OWN


@dataclass(frozen=True, slots=True)
class Columns:
    """Which cell of a row holds what."""

    places: Mapping[Slot, int]
    ignored: tuple[str, ...]
    """Headings that are not a lead's."""

    def values(self, cells: Sequence[object]) -> dict[Slot, object]:
        """What a row says; blank cells are left out."""
        width = len(cells)
        found = {}
        for slot, place in self.places.items():
            if place < width and (cell := cells[place]) is not None:
                if isinstance(cell, str) and not (cell := cell.strip()):
                    continue
                found[slot] = cell
        return found
