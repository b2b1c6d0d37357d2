"""The live floor as the desk sees it: calls in progress, offers, and what people at the desk may do to them.

The seam between `console` and `dialer`: plain values that JSON can carry, and one protocol. All times are seconds since
1970 in UTC. `dialer.live_floor` is the real thing in the node's own process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from campaigns.model import HeardSignal, Lead, Mention, Speaker

FRAME_S = 0.02
"""Seconds of one frame of audio: 160 samples, s16le, mono, 8 kHz."""
FRAME_BYTES = 320


PRESSURES = ("free", "tight", "short")
"""The values of `dialer.pressure.Level`, from good to bad."""


class Refusal(StrEnum):
    """Why something cannot be done now, for the person who asked; with ``%(name)s`` where `LiveError` has values."""

    OVER = "This call is over."
    NOT_ANSWERED = "The subject has not answered yet."
    NOT_OFFERED = "This call is not offered to %(name)s any more."
    PICK_UP = "The phone of %(name)s rings: pick it up."
    BY_PHONE = "%(name)s is on this call by phone."
    NOT_ON_CALL = "%(name)s is not on this call."
    DOES_NOT_SPEAK = "%(name)s does not speak with the subject."
    ONLY_ONE = "Only %(name)s speaks with the subject: leave, or hand back to the robot."
    ROBOT_HAS_IT = "The robot has this call already."
    NOT_JOINED = "%(name)s could not be joined: the line failed. Try again."
    LINE_FAILED = "The line did not do it. Try again."
    WHOM = "Say whom to bring in: a dissuader or a number."
    THERE_ALREADY = "%(name)s is on this call, or asked already."
    NO_NUMBER = "Write the number with its country, as +8655501000011."
    NOT_HERE = "%(name)s is not at this desk."
    NOT_FREE = "%(name)s is not free."
    OTHER_CALL = "%(name)s is on another call."
    NODE_GONE = "Node %(name)s is gone. See whether it was still done."
    NODE_FAILED = "The node failed to do it; its log says why."
    NO_ANSWER = "The node did not answer in time. See whether it was still done."
    PHONES_NAME = "A configured phone is called %(name)s too. Give one of them another name."


class LiveError(Exception):
    """What was asked cannot be done now; the message says why, for the person who asked."""

    def __init__(self, said: str, **values: str) -> None:
        """``said`` may be a `Refusal`, to be filled with ``values``."""
        super().__init__(said % values if values else str(said))
        self.said = said
        """As it stands in the catalogues of other languages."""
        self.values = values


class Phase(StrEnum):
    """Where a call stands."""

    DIALLING = "dialling"
    ROBOT = "robot"
    """The robot speaks with the subject."""
    OFFERED = "offered"
    """A human is being looked for; the robot keeps the subject company."""
    JOINED = "joined"
    """A human speaks with the subject."""
    ENDED = "ended"


class Part(StrEnum):
    """What somebody at the desk, or brought in by them, does on a call."""

    SPEAKS = "speaks"
    LISTENS = "listens"
    """Heard by nobody."""
    WHISPERS = "whispers"
    """Heard by the dissuaders, not by the subject."""


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance, or as much as has been heard of it."""

    speaker: Speaker
    text: str
    start_s: float
    """Seconds into the call."""
    final: bool = True
    name: str = ""
    """Of the human beside the subject who speaks, if one does: see `OnCall.name`."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody beside the subject on a call."""

    name: str
    """Log-in of a dissuader or an officer; a number in E.164, or a configured phone's name, of anybody else."""
    part: Part
    phone: bool
    """Whether by SIP phone; else by the page."""
    joined_at: float
    muted: bool = False


@dataclass(frozen=True, slots=True)
class LiveOffer:
    """A live call offered to one dissuader."""

    dissuader: str
    """Log-in, or name of a configured phone."""
    phone: bool
    """Whether a SIP phone rings; else the page is the phone."""
    at: float
    until_at: float
    """Then the next one is asked."""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call in progress, as far as it is known."""

    attempt_id: int
    case_id: int
    campaign: str
    lead: Lead
    phase: Phase
    started_at: float
    phase_since_at: float
    transcript: tuple[Said, ...] = ()
    """In order of beginning; the last of each side may be unfinished."""
    signals: tuple[HeardSignal, ...] = ()
    mentions: tuple[Mention, ...] = ()
    reason: str = ""
    """Signal for which a human was called."""
    words: str = ""
    offered_at: float | None = None
    offers: tuple[LiveOffer, ...] = ()
    """Those open now."""
    tried: tuple[str, ...] = ()
    """Dissuaders who were asked before, in order."""
    on_call: tuple[OnCall, ...] = ()
    held: bool = False
    node: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A dissuader as the floor knows them."""

    name: str
    readiness: str
    """A value of `dialer.dissuaders.Readiness`."""
    since_at: float
    phone: bool
    attempt_id: int | None = None
    """The call offered to, or taken by, them."""


@dataclass(frozen=True, slots=True)
class FloorState:
    """A node at one moment, or several as one: then what is said of them is the worst of it."""

    node: str
    """Empty when none is in reach."""
    at: float
    lines: int
    """Robot calls that may go on at once."""
    paused: bool
    breaker_open: bool
    trunk_up: bool
    calls: tuple[LiveCall, ...] = ()
    posts: tuple[Post, ...] = ()
    broker_up: bool | None = None
    """``None`` without a broker."""
    pressure: str = "free"
    """How well the machine keeps up: see `PRESSURES`."""
    parts: tuple[FloorState, ...] = ()
    """Each node, when this is of several at once."""

    @property
    def nodes(self) -> tuple[FloorState, ...]:
        """Each node, be it one, several or none."""
        return self.parts or ((self,) if self.node else ())

    @property
    def names(self) -> frozenset[str]:
        """What the nodes are called."""
        return frozenset(each.node for each in self.nodes)


@dataclass(frozen=True, slots=True)
class Changed:
    """Something changed: look again."""

    attempt_id: int | None = None
    """The call that changed; ``None``: lines, posts or alarms."""


class AudioLink(Protocol):
    """The two ways of a page that is a phone: frames of `FRAME_BYTES` bytes."""

    def send(self, pcm: bytes) -> None:
        """What the microphone heard; any number of whole samples."""
        ...

    def frames(self) -> AsyncIterator[bytes]:
        """What the page's loudspeaker is to play, a frame every `FRAME_S`; ends with the call, or when it is left."""
        ...


class LiveDesk(Protocol):
    """What the desk may see and do. Whether somebody may is checked before; each method raises `LiveError`."""

    def state(self) -> FloorState:
        """All that is known now."""
        ...

    def call(self, attempt_id: int) -> LiveCall | None:
        """One call; ``None`` when it is over."""
        ...

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Changed]]:
        """What changes from now on; changes that come faster than they are read are told once."""
        ...

    async def set_station(self, login: str, *, ready: bool, phone: str) -> None:
        """Somebody is ready for calls, at a SIP phone's URI or, if empty, at the page; or no longer ready."""
        ...

    async def accept(self, attempt_id: int, login: str) -> None:
        """Take a call that is offered to this page."""
        ...

    async def decline(self, attempt_id: int, login: str) -> None:
        """Send an offered call, at the page or a SIP phone, to the next dissuader."""
        ...

    def audio(self, attempt_id: int, login: str) -> AbstractAsyncContextManager[AudioLink]:
        """The page's sound of a call that was accepted, or is listened to. A dropped network may come back: leaving
        the context does not leave the call; who is away for `dialer.page.GONE_S` does.
        """
        ...

    async def listen(self, attempt_id: int, login: str, part: Part) -> None:
        """Come onto a call as a page: to listen, to whisper, or to speak; or change one's part."""
        ...

    async def take_over(self, attempt_id: int, login: str) -> None:
        """Speak with the subject instead of those who do now."""
        ...

    async def mute(self, attempt_id: int, login: str, *, on: bool) -> None:
        """Be heard by nobody, or again."""
        ...

    async def hold(self, attempt_id: int, login: str, *, on: bool) -> None:
        """Part the subject from the humans, who go on hearing each other; the robot keeps the subject company."""
        ...

    async def bring_in(self, attempt_id: int, login: str, *, dissuader: str = "", number: str = "") -> None:
        """Ring a second dissuader, or a relative by number (E.164), and join them when they answer."""
        ...

    async def leave(self, attempt_id: int, login: str) -> None:
        """Leave a call to those who remain; the last who speaks leaves it to the robot's closing words."""
        ...

    async def hand_back(self, attempt_id: int, login: str) -> None:
        """All humans leave; the robot says its closing words and hangs up."""
        ...

    async def hang_up(self, attempt_id: int, login: str) -> None:
        """End the call."""
        ...
