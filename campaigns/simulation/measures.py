"""What a planner wants to know of a simulated day, collected while it passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from campaigns.model import Case, Grade
from campaigns.simulation.levels import Level


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took. Spans in seconds; ``None`` if it never happened."""

    cases: int
    median_s: float | None
    p95_s: float | None
    longest_s: float | None

    @classmethod
    def of(cls, spans_s: Sequence[float], *, endless: int = 0) -> Waits:
        """``endless``: how many more waited in vain; they count as longer than any, and show as ``None``."""
        ordered = sorted(spans_s)
        total = len(ordered) + endless

        def rank(share: float) -> float | None:
            place = max(0, ceil(share * total) - 1)
            return round(ordered[place], 1) if place < len(ordered) else None

        return cls(total, rank(0.5), rank(0.95), rank(1.0))


@dataclass(frozen=True, slots=True)
class FirstCalls:
    """First attempts to reach the subjects of one grade."""

    from_warning: Waits
    from_permitted: Waits
    """From when the calling hours allowed it."""
    late: int
    """After their deadline, those not made by the end of the day included."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day."""

    hour: int
    leads: int
    calls: int
    lines_max: int
    lines_p95: int
    lines_mean: float
    dissuaders_on_duty: int
    dissuaders_max: int
    dissuaders_p95: int
    dissuaders_mean: float
    offered: int
    """Live calls offered to dissuaders."""
    nobody_free: int
    queue_max: int
    """Cases that might be called and wait for a line."""


@dataclass(slots=True)
class Measures:
    """Collects. Whatever happened before ``begins_at`` does not count."""

    begins_at: float
    lines: Level = field(init=False)
    talking: Level = field(init=False)
    """Dissuaders from the ring of their phone to the end of wrapping up."""
    on_duty: Level = field(init=False)
    queue: Level = field(init=False)
    leads: Counter[int] = field(default_factory=Counter)
    calls: Counter[int] = field(default_factory=Counter)
    offered: Counter[int] = field(default_factory=Counter)
    nobody_free: Counter[int] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)
    put_off: Counter[int] = field(default_factory=Counter)
    """Cases that waited for a line until their calling hours ended."""
    joined_s: list[float] = field(default_factory=list)
    _first: dict[Grade, list[tuple[float, float, bool]]] = field(default_factory=lambda: {g: [] for g in Grade})

    _called: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines, self.talking = Level(self.begins_at), Level(self.begins_at)
        self.on_duty, self.queue = Level(self.begins_at), Level(self.begins_at)

    def count(self, what: Counter[int], now: float) -> None:
        """One more of it in this hour."""
        if now >= self.begins_at:
            what[int((now - self.begins_at) // 3600)] += 1

    def joined(self, after_s: float, now: float) -> None:
        """A dissuader has the subject on the line."""
        if now >= self.begins_at:
            self.joined_s.append(after_s)

    def first_call(self, case: Case, now: float) -> None:
        """A case is called for the first time now, or, if it was not called before, it is not by the end of the day."""
        is_first = case.id not in self._called
        self._called.add(case.id)
        if is_first and now >= self.begins_at and case.linked_case_id is None:
            late = case.first_call_by_at is not None and now > case.first_call_by_at
            permitted_at = max(case.created_at, case.due_at or case.created_at)
            self._first[case.lead.grade].append((now - case.created_at, now - permitted_at, late))

    def first_calls(self, grade: Grade) -> FirstCalls:
        """How soon the subjects of a grade were called."""
        found = self._first[grade]
        return FirstCalls(
            from_warning=Waits.of([wait_s for wait_s, _, _ in found]),
            from_permitted=Waits.of([wait_s for _, wait_s, _ in found]),
            late=sum(late for _, _, late in found),
        )

    def hour(self, hour: int) -> Hour:
        """What one hour was like."""
        return Hour(
            hour=hour,
            leads=self.leads[hour],
            calls=self.calls[hour],
            lines_max=self.lines.highest(hour),
            lines_p95=self.lines.share(0.95, hour),
            lines_mean=round(self.lines.mean(hour), 1),
            dissuaders_on_duty=self.on_duty.highest(hour),
            dissuaders_max=self.talking.highest(hour),
            dissuaders_p95=self.talking.share(0.95, hour),
            dissuaders_mean=round(self.talking.mean(hour), 1),
            offered=self.offered[hour],
            nobody_free=self.nobody_free[hour],
            queue_max=self.queue.highest(hour),
        )
