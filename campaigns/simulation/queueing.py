"""What the queue holds, as the decisions that fill it tell: when to look at it, and how many wait for a line."""

from __future__ import annotations

import heapq

from campaigns.simulation.levels import Level


class Waiting:
    """Cases that are queued, with the time from which on each may be called."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._due_at: dict[int, float] = {}
        self._coming: list[tuple[float, int]] = []
        self._due: set[int] = set()

    def planned(self, case_id: int, due_at: float, now: float) -> None:
        """A case is to be called from then on."""
        self.gone(case_id, now)
        self._due_at[case_id] = due_at
        heapq.heappush(self._coming, (due_at, case_id))

    def gone(self, case_id: int, now: float) -> None:
        """A case is being called, waits for something else, or is closed."""
        self._due_at.pop(case_id, None)
        if case_id in self._due:
            self._due.remove(case_id)
            self._level.change(-1, now)

    def is_due(self, case_id: int) -> bool:
        """Whether the case waits for a line."""
        return case_id in self._due

    def any_due(self, now: float) -> bool:
        """Whether a case may be called now."""
        while self._coming and self._coming[0][0] <= now:
            due_at, case_id = heapq.heappop(self._coming)
            if self._due_at.get(case_id) == due_at and case_id not in self._due:
                self._due.add(case_id)
                self._level.change(1, now)
        return bool(self._due)

    def next_at(self) -> float | None:
        """When the next one may be called that may not be called yet."""
        while self._coming and self._due_at.get(self._coming[0][1]) != self._coming[0][0]:
            heapq.heappop(self._coming)
        return self._coming[0][0] if self._coming else None
