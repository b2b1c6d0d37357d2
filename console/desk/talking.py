"""What a dissuader may say, as the pages show it; `dissuade` fills it from the centre's scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from console.desk.texts import N_

_TITLES = {
    "ask": N_("Ask first"),
    "told": N_("What they were told"),
    "convinces": N_("What convinces"),
    "act": N_("In the next ten minutes"),
    "never": N_("Never say"),
}


@dataclass(frozen=True, slots=True)
class TalkingPoints:
    """For one scam type in one language."""

    short: tuple[str, ...] = ()
    """To be read while it rings."""
    ask: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    convinces: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def parts(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Name, title in English and points of each part that says something, to be read beside the call."""
        for name, title in _TITLES.items():
            if points := getattr(self, name):
                yield name, title, points
