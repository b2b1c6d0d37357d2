"""When a call may be made: inside the calling hours of the subject's own clock, unless an officer lifted them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns.model import Grade, Lead
from campaigns.policy.facts import Facts
from campaigns.policy.hours import next_open, zone
from campaigns.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Slot:
    """A time for a call."""

    due_at: float
    until_at: float
    """From then on it may not be made, and what follows must be decided anew."""
    put_off: bool
    """Whether the calling hours made it later than it was wanted."""


def clock_of(lead: Lead, policy: Policy) -> ZoneInfo:
    """The clock that the subject lives by; the policy's if the lead names none, or none that exists."""
    own = zone(lead.time_zone) or zone(policy.time_zone)
    assert own is not None, "a policy is loaded with a zone that exists"
    return own


def slot(facts: Facts, wanted_at: float, *, expires_at: float) -> Slot | None:
    """The first time for a call at ``wanted_at`` or later; ``None`` if the lead expires before."""
    at = max(wanted_at, facts.now, facts.history.free_at)
    due_at, closes_at = _open(facts, facts.grade, at)
    if due_at >= expires_at:
        return None
    until_at = expires_at if closes_at is None else min(closes_at, expires_at)
    return Slot(due_at, until_at, put_off=due_at > at)


def first_open(facts: Facts, at: float) -> float:
    """When the calling hours are open for the first time from ``at`` on."""
    return _open(facts, facts.grade, at)[0]


def _open(facts: Facts, grade: Grade, at: float) -> tuple[float, float | None]:
    hours, where = facts.policy.hours[grade], clock_of(facts.case.lead, facts.policy)
    lifted_until_at = facts.history.campaign.hours_lifted_until_at
    if lifted_until_at is None or lifted_until_at <= at:
        return next_open(hours, at, where)
    opens_at, closes_at = next_open(hours, lifted_until_at, where)
    return at, closes_at if opens_at == lifted_until_at else lifted_until_at
