"""Virtual time: what happens next, at once."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Happening:
    """Something that will happen unless it is called off."""

    __slots__ = ("act", "at")

    def __init__(self, at: float, act: Callable[[], None]) -> None:
        self.at = at
        self.act: Callable[[], None] | None = act

    def call_off(self) -> None:
        """It will not happen."""
        self.act = None


class Clock:
    """The one clock of a simulation. What is set for the same moment happens in the order in which it was set."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._order = count()
        self._coming: list[tuple[float, int, Happening]] = []

    def at(self, at: float, act: Callable[[], None]) -> Happening:
        """Let something happen, now at the earliest."""
        happening = Happening(max(at, self.now), act)
        heapq.heappush(self._coming, (happening.at, next(self._order), happening))
        return happening

    def after(self, span_s: float, act: Callable[[], None]) -> Happening:
        """Let something happen so many seconds from now."""
        return self.at(self.now + span_s, act)

    def run(self, until_at: float) -> None:
        """Let everything happen that is set before then; then it is then."""
        while self._coming and self._coming[0][0] < until_at:
            at, _, happening = heapq.heappop(self._coming)
            if happening.act is not None:
                self.now = at
                happening.act()
        self.now = until_at
