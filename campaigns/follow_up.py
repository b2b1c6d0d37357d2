"""What is ordered for a case beside the next call: its words, and what may become of it.

Times are seconds since 1970 in UTC and end in ``_at``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FollowUpKind(StrEnum):
    """The rungs of the ladder beside the telephone, from the weak reminder to the strong stop."""

    SMS = "sms"
    RELATIVE = "relative"
    """A call to a relative: a linked case with the relative's own script."""
    VISIT = "visit"
    """Officers at the door, ordered from the precinct."""
    STOP_PAYMENT = "stop_payment"
    """The banks are asked to hold accounts; minutes count."""
    BLOCK = "block"
    """The fraudster's numbers, sites and apps are reported for blocking."""


class FollowUpState(StrEnum):
    """How far it is. ``ORDERED``, ``SENT`` and ``ACKNOWLEDGED`` are open; the others are its end."""

    ORDERED = "ordered"
    SENT = "sent"
    """Delivered to the system that carries it out."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody there has taken it on."""
    DONE = "done"
    FAILED = "failed"


OPEN = frozenset({FollowUpState.ORDERED, FollowUpState.SENT, FollowUpState.ACKNOWLEDGED})

MAY_BECOME: Mapping[FollowUpState, frozenset[FollowUpState]] = {
    FollowUpState.ORDERED: frozenset(FollowUpState) - {FollowUpState.ORDERED},
    FollowUpState.SENT: frozenset({FollowUpState.ACKNOWLEDGED, FollowUpState.DONE, FollowUpState.FAILED}),
    FollowUpState.ACKNOWLEDGED: frozenset({FollowUpState.DONE, FollowUpState.FAILED}),
    FollowUpState.DONE: frozenset(),
    FollowUpState.FAILED: frozenset(),
}
"""Feedback that repeats the present state changes nothing; any other change than these is refused."""

RESULTS: Mapping[FollowUpKind, tuple[str, ...]] = {
    FollowUpKind.SMS: ("delivered",),
    FollowUpKind.RELATIVE: ("warned", "acknowledged", "not_reached", "refused"),
    FollowUpKind.VISIT: ("convinced", "met", "not_met", "money_sent", "no_fraud"),
    FollowUpKind.STOP_PAYMENT: ("held", "too_late", "refused"),
    FollowUpKind.BLOCK: ("blocked", "refused"),
}
"""What ``DONE`` may have led to."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a decision orders."""

    kind: FollowUpKind
    deadline_at: float
    """An alarm is raised if it has not ended by then."""
    data: Mapping[str, object] = field(default_factory=dict)
    """What the receiver needs beyond the case: text of an SMS, relation and number of a relative, accounts, ..."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An order and what became of it."""

    id: int
    case_id: int
    attempt_id: int | None
    """The attempt whose end ordered it; ``None`` if a person, the import or the clock did."""
    kind: FollowUpKind
    state: FollowUpState
    ordered_at: float
    deadline_at: float
    by: str = ""
    """The person who ordered it; empty: the policy."""
    data: Mapping[str, object] = field(default_factory=dict)
    tries: int = 0
    """Deliveries tried."""
    next_try_at: float | None = None
    """When it is tried (again); ``None`` once sent or given up."""
    begun_at: float | None = None
    """When a delivery was begun whose end is not known: if nobody is at it now, the receiver may have it or not."""
    sent_at: float | None = None
    channel: str = ""
    """What delivered it: webhook, mqtt, smpp, sheet, call."""
    reference: str = ""
    """The receiver's own name for it."""
    acknowledged_at: float | None = None
    ended_at: float | None = None
    result: str = ""
    """One of `RESULTS` when done, the reason when failed."""
    note: str = ""
    overdue_since_at: float | None = None
    """When the alarm about its deadline was raised."""

    @property
    def is_open(self) -> bool:
        """Whether its end is still awaited."""
        return self.state in OPEN
