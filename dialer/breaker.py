"""A circuit breaker: when the trunk fails most calls, none are started until one that is tried gets through. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from campaigns.model import Outcome


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When it opens, and how it probes."""

    window_s: float = 120.0
    least: int = 6
    """Attempts within the window below which nothing is concluded."""
    share: float = 0.5
    """It opens when more than this share of them failed at the trunk."""
    first_probe_s: float = 30.0
    """From opening to the first probe; each probe that fails doubles it."""
    longest_probe_s: float = 600.0
    carried_after_s: float = 40.0
    """A probe that has not failed by then was carried by the trunk: SIP gives a transaction up after 32 s (RFC 3261,
    timer B), and a conversation that goes on for minutes shall not keep the others waiting."""


@dataclass(frozen=True, slots=True)
class Opened:
    """No calls are started from now on."""

    failed: int
    of: int
    """Attempts that ended within the window, our own failures left out."""
    probe_at: float


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls are started again."""

    open_s: float
    probes: int


Change = Opened | Closed


class Breaker:
    """Watches how attempts end. Times are seconds since 1970."""

    def __init__(self, settings: BreakerSettings | None = None) -> None:
        self._settings = settings or BreakerSettings()
        self._ended: deque[tuple[float, bool]] = deque()
        self._opened_at: float | None = None
        self._probe: tuple[int, float] | None = None
        self._probe_at = 0.0
        self._probes = 0

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._opened_at is not None

    def may_start(self, now: float) -> bool:
        """Whether a call may be started now: any, or, while it is open, the next probe."""
        return self._opened_at is None or (self._probe is None and now >= self._probe_at)

    def started(self, attempt_id: int, now: float) -> None:
        """A call was started; while it is open, this is the probe."""
        if self._opened_at is not None:
            self._probe = (attempt_id, now)
            self._probes += 1

    def look(self, now: float) -> Change | None:
        """Whether a probe in progress has been carried long enough."""
        if self._probe is not None and now - self._probe[1] >= self._settings.carried_after_s:
            return self._close(now)
        return None

    def abandoned(self, attempt_id: int) -> None:
        """A call came to no end of its own: it says nothing, and another may probe."""
        if self._probe is not None and self._probe[0] == attempt_id:
            self._probe = None

    def ended(self, attempt_id: int, outcome: Outcome, now: float) -> Change | None:
        """A call has ended; what that changes."""
        if outcome is Outcome.LINE_FAILURE:  # ours: it says nothing about the trunk
            self.abandoned(attempt_id)
            return None
        failed = outcome is Outcome.TRUNK_FAILURE
        if self._opened_at is not None:
            return self._probed(attempt_id, failed, now)
        self._ended.append((now, failed))
        while self._ended[0][0] <= now - self._settings.window_s:
            self._ended.popleft()
        failures = sum(each for _, each in self._ended)
        if len(self._ended) < self._settings.least or failures <= self._settings.share * len(self._ended):
            return None
        self._opened_at, self._probes = now, 0
        self._probe_at = now + self._settings.first_probe_s
        return Opened(failures, len(self._ended), self._probe_at)

    def _probed(self, attempt_id: int, failed: bool, now: float) -> Change | None:
        """A call that was under way when it opened says nothing; the probe does."""
        if self._probe is None or self._probe[0] != attempt_id:
            return None
        if not failed:
            return self._close(now)
        self._probe = None
        wait_s = self._settings.first_probe_s * 2.0 ** min(self._probes, 30)
        self._probe_at = now + min(wait_s, self._settings.longest_probe_s)
        return None

    def _close(self, now: float) -> Closed:
        assert self._opened_at is not None
        closed = Closed(now - self._opened_at, self._probes)
        self._opened_at = self._probe = None
        self._ended.clear()
        return closed
