"""Figures by their names: one way in for page, table and program."""

from __future__ import annotations

from dataclasses import fields

from campaigns.bulletin.figures import Counts, Part
from campaigns.bulletin.words import FIGURES

_COUNTS = frozenset(each.name for each in fields(Counts))


def value(part: Part, name: str) -> float | None:
    """A figure by its name in `FIGURES`; ``None`` for a wait that happened to no case."""
    if name in _COUNTS:
        found: float = getattr(part.counts, name)
        return found
    of, _, which = name.partition("_median" if "_median" in name else "_p90")
    wait = getattr(part, of)
    waited: float | None = wait.median_min if "_median" in name else wait.p90_min
    assert which == "_min", name
    return None if waited is None else round(waited, 1)


def values(part: Part) -> dict[str, float | None]:
    """All figures of a part, in the order in which they are printed."""
    return {name: value(part, name) for name in FIGURES}
