"""How much of something is in use over the day: the level, hour by hour, weighted by time."""

from __future__ import annotations

from collections import defaultdict


class Level:
    """Rises and falls; remembers for how long it stood how high in each hour from ``begins_at`` on."""

    def __init__(self, begins_at: float) -> None:
        self._begins_at = begins_at
        self._since_at = begins_at
        self._height = 0
        self._stood: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))

    @property
    def height(self) -> int:
        """How high it stands now."""
        return self._height

    def change(self, by: int, now: float) -> None:
        """It rises, or falls."""
        self.settle(now)
        self._height += by

    def settle(self, now: float) -> None:
        """Count the time up to now."""
        while self._since_at < now:
            hour = int((self._since_at - self._begins_at) // 3600)
            until_at = min(now, self._begins_at + (hour + 1) * 3600.0)
            self._stood[hour][self._height] += until_at - self._since_at
            self._since_at = until_at

    def highest(self, hour: int | None = None) -> int:
        """The highest it stood in that hour, or in all."""
        return max(self._merged(hour), default=0)

    def share(self, share: float, hour: int | None = None) -> int:
        """The height that it did not exceed for that share of that hour, or of all."""
        stood = self._merged(hour)
        left_s = share * sum(stood.values())
        for height in sorted(stood):
            left_s -= stood[height]
            if left_s <= 1e-6:
                return height
        return 0

    def mean(self, hour: int | None = None) -> float:
        """Its mean over that hour, or over all."""
        stood = self._merged(hour)
        return sum(height * span_s for height, span_s in stood.items()) / (sum(stood.values()) or 1.0)

    def _merged(self, hour: int | None) -> dict[int, float]:
        if hour is not None:
            return dict(self._stood.get(hour, {}))
        merged: defaultdict[int, float] = defaultdict(float)
        for stood in self._stood.values():
            for height, span_s in stood.items():
                merged[height] += span_s
        return merged
