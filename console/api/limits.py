"""How often somebody may ask."""

from __future__ import annotations

from dataclasses import dataclass, field

_KEPT = 10_000
"""Callers that are remembered."""


@dataclass
class RateLimit:
    """A bucket of requests for each caller: it holds ``burst`` and is filled with ``per_s`` a second."""

    per_s: float
    burst: float
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_s(self, caller: str, *, now: float) -> float:
        """Take one; 0 if there was one, else the seconds until there is."""
        level = self._level(caller, now)
        if level < 1:
            return (1 - level) / self.per_s
        self._keep(caller, level - 1, now)
        return 0.0

    def is_empty(self, caller: str, *, now: float) -> float:
        """Seconds until there is one, without taking it; 0 if there is."""
        level = self._level(caller, now)
        return 0.0 if level >= 1 else (1 - level) / self.per_s

    def _level(self, caller: str, now: float) -> float:
        level, at = self._levels.get(caller, (self.burst, now))
        return min(self.burst, level + max(0.0, now - at) * self.per_s)

    def _keep(self, caller: str, level: float, now: float) -> None:
        if len(self._levels) >= _KEPT and caller not in self._levels:
            full = [each for each in self._levels if self._level(each, now) >= self.burst]
            for each in full or list(self._levels)[: _KEPT // 10]:
                del self._levels[each]
        self._levels[caller] = (level, now)
