"""What is offered to dissuaders, how patiently, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaigns.model import EscalationState


class Mode(StrEnum):
    """How the subject comes to a dissuader's phone."""

    BRIDGE = "bridge"
    """The dissuader's phone is called and joined; we listen and record on."""
    TRANSFER = "transfer"
    """Blind transfer (REFER); the call leaves us. A page that is a phone is joined all the same."""


@dataclass(frozen=True, slots=True)
class EscalationSettings:
    """Patience of the desk. All spans in seconds."""

    mode: Mode = Mode.BRIDGE
    ring_timeout_s: float = 20.0
    """How long a phone, or a page, rings before the next one is tried."""
    relative_ring_s: float = 40.0
    """How long the phone of a relative rings who is brought in."""
    wait_s: float = 30.0
    """How long, in all, a call waits for somebody to become ready."""
    hold_limit_s: float = 120.0
    """After this no further phone is rung; the subject has waited long enough."""
    still_holding_every_s: float = 8.0
    courtesy_s: float = 2.0
    """How long the robot lets the subject finish speaking before it asks for patience."""
    whisper_s: float = 6.0
    """Longest whisper; then the legs are joined."""
    wrap_up_s: float = 20.0
    """A dissuader's rest after a call."""
    set_aside_s: float = 60.0
    """Rest of a dissuader who did not answer or could not be reached."""
    busy_again_s: float = 15.0
    """When a busy phone is tried again."""
    talk_limit_s: float = 3600.0
    """A joined call that is still up after this is taken for one whose end got lost."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A live call to be handed over."""

    reason: str
    """Name of the signal that caused it, or `TAKEN`."""
    words: str
    whisper: str
    """Told to the dissuader alone, on a phone."""
    hold: Sequence[str]
    """Said to the subject, one after the other, as soon as the phone rings."""
    still_holding: str
    urgency: int = 0


TAKEN = "taken_over"
"""Reason of an offer that nobody had to be asked for: somebody at the desk took the call from the robot."""


@dataclass(frozen=True, slots=True)
class EscalationResult:
    """How the offer went. Spans are seconds since the offer; ``None`` if it never happened."""

    state: EscalationState
    dissuader: str = ""
    tried: tuple[str, ...] = ()
    first_ring_s: float | None = None
    joined_s: float | None = None
