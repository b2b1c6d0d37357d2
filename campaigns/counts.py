"""What the floor's officers look at: how much is to be done, by when, and what was ordered. Read, never changed.

Times are seconds since 1970 in UTC and end in ``_at``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import Attempt, Campaign, Case, Grade

SOON_S = 3600.0
"""What is due within this many seconds is due soon."""
STUCK_AFTER_S = 300.0
"""An order that has not left after so many seconds, or is being tried for the second time, is undelivered."""


@dataclass(frozen=True, slots=True)
class QueueCount:
    """Queued cases of one grade in one campaign. ``now``, ``soon`` and ``later`` make the whole."""

    grade: Grade
    now: int
    """Due; in the order of urgency."""
    soon: int
    """Due within the next `SOON_S`."""
    later: int
    overdue: int
    """Of all of these, those whose first attempt is later than its deadline."""
    overdue_since_at: float | None
    """The oldest of these deadlines."""


@dataclass(frozen=True, slots=True)
class CampaignCount:
    """How far a campaign is."""

    campaign: Campaign
    queued: tuple[QueueCount, ...]
    """By grade, the highest first; grades without a queued case are left out."""
    calling: int
    waiting: int
    """For what was ordered."""
    closed: int
    """Since the moment that was asked for."""


@dataclass(frozen=True, slots=True)
class Board:
    """Orders as a board shows them."""

    open: tuple[tuple[FollowUp, Case], ...]
    """Those that are awaited, the earliest deadline first."""
    ended: tuple[tuple[FollowUp, Case], ...]
    """The last to end first."""
    counts: Mapping[tuple[FollowUpKind, FollowUpState], int] = field(default_factory=dict)
    """Of all open orders, whatever kind was asked for and however many are shown."""
    late: Mapping[FollowUpKind, int] = field(default_factory=dict)
    """Open orders beyond their deadline."""
    late_since_at: float | None = None
    """The oldest of these deadlines."""
    undelivered: int = 0
    """Orders that did not leave; see `STUCK_AFTER_S`."""
    undelivered_since_at: float | None = None


@dataclass(frozen=True, slots=True)
class CallSeen:
    """A call in progress, as far as the store knows it."""

    attempt: Attempt
    """With the last few turns, and all signals and escalations."""
    answered_at: float | None
    case: Case
    campaign: str
