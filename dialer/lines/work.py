"""What the SIP thread has yet to do: tasks from other threads, and timers of its own."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable


class Work:
    """Tasks now and later; all of them run in `run_due`, on the SIP thread."""

    def __init__(self) -> None:
        self._tasks: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def now(self, task: Callable[[], None]) -> None:
        """Do something at the next `run_due`; from any thread."""
        self._tasks.append(task)

    def after(self, delay_s: float, task: Callable[[], None]) -> None:
        """Do something later; on the SIP thread."""
        self._count += 1
        heapq.heappush(self._timers, (time.monotonic() + delay_s, self._count, task))

    def wait_ms(self, longest: int) -> int:
        """Return how long the SIP thread may wait for events."""
        if self._tasks:
            return 0
        if not self._timers:
            return longest
        return min(longest, max(0, int((self._timers[0][0] - time.monotonic()) * 1000) + 1))

    def run_due(self) -> None:
        """Do what is due."""
        while self._tasks:
            self._tasks.popleft()()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()
