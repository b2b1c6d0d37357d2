"""What a pool and its line processes tell each other.

One message is one SOCK_SEQPACKET packet: a byte for its kind, then its fields as a JSON array. Only the messages that
carry sound, fifty times as frequent as all others together, are a struct followed by their PCM.
Commands that carry a ``request`` are answered by one `Done` with the same number.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, fields
from typing import Any

_SOUND_HEAD = struct.Struct("<BII")
MAX_PACKET = 65536
"""Bytes; no message is longer."""


@dataclass(frozen=True, slots=True)
class Configure:
    """The first message to a process: `LineSettings` as a mapping, and what it needs to know about itself."""

    settings: dict[str, Any]
    index: int
    port: int
    """SIP port to bind; 0: any free one."""
    incoming: bool
    """Whether calls to us are taken."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Call somebody."""

    request: int
    leg: int
    uri: str
    from_uri: str = ""
    asserted_identity: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    recording: str = ""
    """Where to record from the first frame on; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer an incoming call with a SIP code; ``cause`` is a Q.850 cause, 0 for none."""

    request: int
    leg: int
    code: int
    cause: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """Play a WAV file to the far end, as soon as there is media."""

    request: int
    leg: int
    path: str
    from_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Fall silent at once."""

    request: int
    leg: int


@dataclass(frozen=True, slots=True)
class Record:
    """Write both directions into a WAV file."""

    request: int
    leg: int
    path: str


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Press keys."""

    request: int
    leg: int
    digits: str


@dataclass(frozen=True, slots=True)
class Connect:
    """Say which of two legs hears the other from now on."""

    request: int
    leg: int
    other: int
    hears: bool
    """Whether ``leg`` hears ``other``."""
    speaks: bool
    """Whether ``leg`` is heard by ``other``."""
    prompts: bool = False
    """Whether ``leg``, if it hears ``other``, also hears what is played to that."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Send `Tapped` for the far end of a leg, or no more."""

    request: int
    leg: int
    on: bool
    prompts: bool = False
    """Whether what is played to the far end is in it too."""


@dataclass(frozen=True, slots=True)
class Refer:
    """Blind transfer."""

    request: int
    leg: int
    uri: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a leg."""

    request: int
    leg: int
    code: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """Sound for the far end of a leg; what one ``source`` sends is heard one after the other. Never answered."""

    leg: int
    source: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Quit:
    """End all legs and the process."""


@dataclass(frozen=True, slots=True)
class Done:
    """The reply to a command. An ``error`` becomes a `LineError`; ``result`` depends on the command."""

    request: int
    error: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """The process can carry calls."""

    contact: str


@dataclass(frozen=True, slots=True)
class NotReady:
    """The process cannot start; it ends after this."""

    error: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registrar said last; code 200 with ``active`` is a standing registration."""

    active: bool
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Sent every second."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Somebody calls."""

    leg: int
    called_number: str
    calling_number: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Referred:
    """The far end of leg ``by`` transferred it: ``leg`` is now calling ``uri``."""

    leg: int
    by: int
    uri: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A leg came as far as ``what``: ``ringing``, ``early_media`` or ``answered``."""

    leg: int
    what: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The far end pressed a key."""

    leg: int
    digit: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is over; its slot may still be taken until `Freed`. ``q850`` is -1 when none was given."""

    leg: int
    sip_code: int
    phrase: str
    q850: int
    q850_text: str
    by_far_end: bool


@dataclass(frozen=True, slots=True)
class Freed:
    """The slot of an ended leg can be used again."""

    leg: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Audio from the far end. ``index`` counts from 0 with the first frame of the leg."""

    leg: int
    index: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Tapped:
    """A frame of 20 ms of a leg that is tapped. ``index`` counts from 0 with the tap."""

    leg: int
    index: int
    pcm: bytes


Command = (
    Configure
    | Invite
    | Respond
    | Play
    | StopPlaying
    | Record
    | SendDigits
    | Connect
    | Tap
    | Refer
    | HangUp
    | Feed
    | Quit
)
Report = (
    Done
    | Ready
    | NotReady
    | Registered
    | Alive
    | Incoming
    | Referred
    | Progress
    | DigitPressed
    | LegEnded
    | Freed
    | Frame
    | Tapped
)
Message = Command | Report

_SOUNDS: tuple[type[Frame], type[Feed], type[Tapped]] = (Frame, Feed, Tapped)
_KINDS: tuple[type[Message], ...] = (
    *_SOUNDS,
    Configure,
    Invite,
    Respond,
    Play,
    StopPlaying,
    Record,
    SendDigits,
    Connect,
    Tap,
    Refer,
    HangUp,
    Quit,
    Done,
    Ready,
    NotReady,
    Registered,
    Alive,
    Incoming,
    Referred,
    Progress,
    DigitPressed,
    LegEnded,
    Freed,
)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}
_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in _KINDS}


def encode(message: Message) -> bytes:
    """Return the packet of a message."""
    match message:
        case Frame(leg, number, pcm) | Feed(leg, number, pcm) | Tapped(leg, number, pcm):
            return _SOUND_HEAD.pack(_NUMBER[type(message)], leg, number) + pcm
    kind = type(message)
    values = [getattr(message, name) for name in _FIELDS[kind]]
    return bytes((_NUMBER[kind],)) + json.dumps(values, ensure_ascii=False).encode()


def decode(packet: bytes) -> Message:
    """Return the message of a packet. Raises ValueError when it is not one of ours."""
    if not packet or packet[0] >= len(_KINDS):
        raise ValueError(f"unknown message kind in a packet of {len(packet)} bytes")
    if packet[0] < len(_SOUNDS):
        kind, leg, number = _SOUND_HEAD.unpack_from(packet)
        return _SOUNDS[kind](leg, number, packet[_SOUND_HEAD.size :])
    return _KINDS[packet[0]](*json.loads(packet[1:]))
