"""The seam between what is said and how it is carried.

Everything above (conversation, escalation, floor) speaks to these protocols. `dialer.call.Call` is the real thing;
on virtual time a scripted person stands in its place. It is the only place where a double may stand.
All times in `speech.heard` events and `Said` are seconds on the call's own clock, which starts with its first frame.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from campaigns.model import Outcome
from dialer.live import AudioLink, Part
from speech.answering import Verdict
from speech.heard import Heard


@dataclass(frozen=True, slots=True)
class Ended:
    """A call, or the attempt to make one, is over."""

    outcome: Outcome | None
    """What the network said (busy, no answer, ...); ``None`` when an answered call simply ended."""
    by_far_end: bool
    sip_code: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The far end picked up."""

    announcement: str = ""
    """What early media said before, if anything."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a prompt."""

    started_s: float
    ended_s: float
    """On the call's clock."""
    position_s: float
    """How far into the prompt it came."""
    complete: bool


@dataclass(frozen=True, slots=True)
class Digit:
    """A key that the far end pressed (DTMF)."""

    digit: str
    at_s: float


@dataclass(frozen=True, slots=True)
class HungUp:
    """The last thing ever heard of a call."""

    ended: Ended


CallEvent = Heard | Verdict | Digit | HungUp


class Leg(Protocol):
    """A party beside the subject: a dissuader's phone, a relative's, or a page that is a phone."""

    @property
    def ended(self) -> bool:
        """Whether the far end has gone."""
        ...

    @property
    def lost(self) -> bool:
        """Whether it ended though nobody wanted it: our line process died, or a page was without sound for too long."""
        ...

    async def wait_ended(self) -> None:
        """Return when this party has hung up."""
        ...

    async def say(self, text: str) -> Said:
        """Whisper to this party alone; returns when it was heard or the party went. Cancelling it ends the whisper."""
        ...

    def heard(self) -> AsyncIterator[Heard]:
        """What this party says from now on, on the call's clock, until it has gone; for one reader."""
        ...

    async def mute(self, on: bool) -> None:
        """Nobody hears this party, or all do again who did."""
        ...

    async def hang_up(self) -> None:
        """End this party's leg; nothing happens if it has ended."""
        ...


class PageLeg(Leg, Protocol):
    """A party whose phone is a web page."""

    @property
    def silent_s(self) -> float:
        """Seconds since sound came from the page, silence of a microphone included; since it was linked if none did."""
        ...

    def link(self) -> AbstractAsyncContextManager[AudioLink]:
        """The page's sound; one at a time, a later one replaces an earlier. The leg ends when it has been without one
        for `dialer.page.GONE_S` seconds, at first too.
        """
        ...


class LiveCall(Protocol):
    """One call to a subject."""

    @property
    def clock_s(self) -> float:
        """Seconds on the call's clock now."""
        ...

    async def dial(self) -> Answered | Ended:
        """Ring the number until it is answered, refused or the ring time is over. Early media is listened to."""
        ...

    async def say(self, text: str, *, from_s: float = 0.0) -> Said:
        """Speak a prompt, or the rest of one; returns when it was heard, `stop_saying` was called or the call ended."""
        ...

    async def prepare(self, text: str) -> None:
        """Render a prompt ahead, so that a later `say` of it, to either party, starts at once."""
        ...

    async def stop_saying(self) -> None:
        """Fall silent at once; the pending `say` returns how far it came."""
        ...

    def listen(self) -> AsyncIterator[CallEvent]:
        """What the subject's side does, from the answer until `HungUp`; nothing is lost between listeners."""
        ...

    async def ring(self, uri: str, *, timeout_s: float, on_ringing: Callable[[], None] | None = None) -> Leg | Ended:
        """Call a dissuader's phone; returns when it is answered, refused or timed out.

        ``on_ringing`` is called when the phone rings (180). Cancelling it, or the end of the call, ends that leg.
        """
        ...

    def page(self) -> PageLeg:
        """A party at a web page; like one from `ring`, it hears nobody until it is joined."""
        ...

    async def bridge(self, leg: Leg, part: Part = Part.SPEAKS, *, staff: bool = True) -> None:
        """Join a leg to the subject and all other joined legs, or give a joined one another part. Listening and
        recording go on; the robot falls silent for one who speaks. Those who hear the subject hear the robot too.
        Without ``staff`` it is somebody who does not work here, and hears no whisper.
        """
        ...

    async def unbridge(self, leg: Leg) -> None:
        """Undo `bridge`: that leg hears nobody and is heard by nobody."""
        ...

    async def hold(self, on: bool) -> None:
        """Part the subject from all joined legs, who go on hearing each other, or join them again. The robot may speak
        to a held subject; it falls silent when they are joined again.
        """
        ...

    async def transfer(self, uri: str) -> bool:
        """Hand the subject over by blind transfer (REFER); whether the far end accepted. Our leg is then hung up."""
        ...

    async def send_digits(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        ...

    async def hang_up(self) -> None:
        """End the call; nothing happens if it has ended."""
        ...
