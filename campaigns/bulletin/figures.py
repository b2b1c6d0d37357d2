"""The figures of a bulletin. What each means is written in `campaigns.bulletin.words`, and printed beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from campaigns.bulletin.spans import Span


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each thing happened within the span. Sums of money are in the currency of the centre's region."""

    leads: int = 0
    sms: int = 0
    calls: int = 0
    answered: int = 0
    reached: int = 0
    warned: int = 0
    acknowledged: int = 0
    denied: int = 0
    wrong_person: int = 0
    failed_calls: int = 0
    offered: int = 0
    escalated: int = 0
    callbacks: int = 0
    relative_calls: int = 0
    relatives_reached: int = 0
    visits_ordered: int = 0
    visits_met: int = 0
    stop_payments_ordered: int = 0
    stop_payments_held: int = 0
    block_reports: int = 0
    opt_outs: int = 0
    suppressed: int = 0
    closed: int = 0
    deadlines_missed: int = 0
    judged: int = 0
    convinced: int = 0
    money_sent: int = 0
    amount_at_risk: float = 0.0
    amount_saved: float = 0.0


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something took, over all cases to which it happened within the span."""

    cases: int = 0
    median_min: float | None = None
    """Minutes; ``None`` if it happened to no case."""
    p90_min: float | None = None
    """Minutes within which it had happened to nine of ten of these cases."""


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of all cases, or of those that have something in common."""

    counts: Counts = Counts()
    first_call: Wait = Wait()
    """From the lead to the first dialling."""
    human: Wait = Wait()
    """From the lead to the first human: a dissuader on the line, or officers at the door."""


class Dimension(StrEnum):
    """By what cases are told apart."""

    SCAM_TYPE = "scam_type"
    GRADE = "grade"
    """As it is now: a grade that was raised counts as raised."""
    DISTRICT = "district"
    """City and district: the first two parts of the precinct."""
    GROUP = "group"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Reach:
    """Calls dialled, and those that reached the subject, in one hour of the clock or on one day."""

    calls: int = 0
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    """A deadline within the span that was not kept."""

    case_id: int
    what: str
    """``first_call``, or the kind of what was ordered: ``visit``, ``stop_payment``, ..."""
    deadline_at: float
    late_s: float
    """Seconds, up to the end of the span if it had not happened by then."""
    still_open: bool
    """It had not happened by the end of the span."""
    grade: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the leads within a span, as it stood at its end."""

    span: Span
    as_of_at: float
    """The end of the span, or the moment of counting if that was earlier."""
    whole: Part = Part()
    parts: Mapping[Dimension, Mapping[str, Part]] = field(default_factory=dict)
    """Grades from high to low, the others by leads, most first; the name is empty where the lead says nothing."""
    hours: tuple[Reach, ...] = (Reach(),) * 24
    """By hour of the day, from 0 to 23, in the centre's time zone."""
    days: tuple[Part, ...] = ()
    """By day of the span, in order; one for a day."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """How calls to subjects ended, most frequent first."""
    missed: tuple[Missed, ...] = ()
    """The worst deadlines missed, the longest delay first; `Counts.deadlines_missed` counts all."""

    @property
    def is_whole(self) -> bool:
        """Whether the span was over when it was counted."""
        return self.as_of_at >= self.span.until_at
