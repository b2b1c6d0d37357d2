"""Who failed to log in waits, and longer each time."""

from __future__ import annotations

from dataclasses import dataclass, field

_KEPT = 10_000
"""Keys that are remembered."""


@dataclass
class GrowingWait:
    """Failures of each key, a log-in name or an address, and how long it waits for the next try."""

    free: int
    """Failures without a wait."""
    first_s: float = 1.0
    """The first wait; each further failure doubles it."""
    longest_s: float = 60.0
    forget_s: float = 900.0
    """After so long without a try, all is forgotten."""
    _failures: dict[str, tuple[int, float]] = field(default_factory=dict)

    def wait_s(self, key: str, *, now: float) -> float:
        """Seconds until the next try is allowed; 0: now."""
        count, at = self._of(key, now)
        if count < self.free:
            return 0.0
        return max(0.0, at + min(self.first_s * 2.0 ** min(count - self.free, 30), self.longest_s) - now)

    def tried(self, key: str, *, now: float) -> None:
        """Count a try as a failure, before it is known: tries made at once are counted, too."""
        count, _ = self._of(key, now)
        if len(self._failures) >= _KEPT and key not in self._failures:
            oldest = sorted(self._failures, key=lambda each: self._failures[each][1])
            for each in oldest[: _KEPT // 10]:
                del self._failures[each]
        self._failures[key] = (count + 1, now)

    def succeeded(self, key: str, *, all_forgotten: bool) -> None:
        """The try was none: take it back, or forget earlier failures as well."""
        count, at = self._failures.get(key, (0, 0.0))
        if all_forgotten or count <= 1:
            self._failures.pop(key, None)
        else:
            self._failures[key] = (count - 1, at)

    def _of(self, key: str, now: float) -> tuple[int, float]:
        count, at = self._failures.get(key, (0, now))
        return (0, now) if now - at > self.forget_s else (count, at)
