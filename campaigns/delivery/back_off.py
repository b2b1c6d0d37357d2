"""When a delivery that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackOff:
    """Doubles with each try; half of each delay is chance, so that waiting orders do not come back all at once."""

    first_s: float = 5.0
    limit_s: float = 600.0
    asked_limit_s: float = 3600.0
    """A receiver that asks for more patience than this gets this much."""

    def __post_init__(self) -> None:
        if not 0 < self.first_s <= self.limit_s:
            raise ValueError("back-off: first_s must be above 0 and at most limit_s")

    def delay_s(self, tries: int, *, asked_s: float | None = None, chance: float | None = None) -> float:
        """Seconds until the next try after ``tries`` of them, at least what the receiver asked for.

        ``chance``: 0 to 1, drawn if not given.
        """
        drawn = random.random() if chance is None else chance
        whole_s = min(self.limit_s, self.first_s * 2.0 ** min(max(0, tries - 1), 30))
        own_s = whole_s / 2 * (1 + drawn)
        if asked_s is None:
            return own_s
        return max(own_s, min(asked_s, self.asked_limit_s) * (1 + 0.1 * drawn))
