"""A dissuader's place at the desk: who they are, and what they are doing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Dissuader:
    """A member of staff who takes calls."""

    name: str
    """Unique on this node; the log-in of a user of the desk."""
    uri: str
    """SIP URI of the phone; empty: their page is the phone."""


class Readiness(StrEnum):
    """What a dissuader is doing, as far as the desk knows."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    RESTING = "resting"
    """Wrapping up after a call, or set aside after one that was not taken."""
    AWAY = "away"


@dataclass(slots=True)
class Place:
    """One dissuader's place at the desk."""

    dissuader: Dissuader
    order: int
    fixed: bool
    """A configured phone: always there."""
    readiness: Readiness = Readiness.READY
    since_s: float | None = None
    """On the loop's clock; ``None``: from the beginning."""
    ready_since: float = 0.0
    leaving: bool = False
    """Away as soon as the present call is over."""
    here: bool = False
    """Whether their page is one of this process, as far as is known."""
    forgotten: bool = False
    """No more at the desk as soon as the present call is over."""
    elsewhere: bool = False
    """On a call of another node."""
    held: bool = False
    rest: asyncio.TimerHandle | None = None

    @property
    def reachable(self) -> bool:
        """Whether they can surely be asked from here: by phone, or on a page of this process."""
        return bool(self.dissuader.uri) or self.here

    @property
    def engaged(self) -> bool:
        """Whether a call has them, or is offered to them."""
        return self.readiness in (Readiness.RINGING, Readiness.TALKING)
