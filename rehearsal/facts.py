"""What the phones report of themselves: one JSON line a fact.

Facts are what a phone really did and what it really heard, told by the phone alone. ``at`` is ``time.monotonic()`` of
the machine in seconds (the same clock in every process); ``*_s`` are seconds on the leg's own media clock, which does
not move with the load of the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: float
    """Monotonic seconds."""
    phone: str = ""
    """The number, or the dissuader's user."""
    call: int = 0
    """1 for the first call that this phone got."""


class Ready(_Fact):
    """All phones can be called."""

    kind: Literal["ready"] = "ready"
    wall: float
    """Seconds since 1970 at ``at``."""
    contacts: dict[str, str]
    """SIP URI of the process that serves each number or user."""


class Rang(_Fact):
    """An INVITE arrived."""

    kind: Literal["rang"] = "rang"
    caller: str
    """What the From header said."""
    asserted: str = ""
    """What P-Asserted-Identity said."""
    transferred_from: int = 0
    """The call in which this phone was asked (REFER) to place this one itself; 0 if it was called."""


class Refused(_Fact):
    """The phone turned the call away with a SIP status."""

    kind: Literal["refused"] = "refused"
    code: int


class Answered(_Fact):
    """The phone was picked up."""

    kind: Literal["answered"] = "answered"


class Said(_Fact):
    """A line was spoken, or as much of it as the call allowed. ``at`` is the start of its sound on the wire."""

    kind: Literal["said"] = "said"
    text: str
    sound: str
    """The WAV file that was played."""
    start_s: float
    """The first audible sample."""
    end_s: float
    """The last audible sample that was sent."""
    ended_at: float
    critical_at: float | None = None
    """Monotonic: the end of the critical word; ``None`` if there is none or it was not reached."""
    critical_s: float | None = None
    into_talk: bool = False
    """The other side was talking when the line began."""
    complete: bool = True


class HeardTalk(_Fact):
    """The other side talked: sound without a pause longer than a breath. ``at`` is its first sound."""

    kind: Literal["heard"] = "heard"
    start_s: float
    end_s: float
    ended_at: float


class Wire(BaseModel):
    """How the robot's sound came to a phone, packet by packet, by the kernel's time of each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packets: int
    lost: int
    """Packets that never came, by their numbers."""
    longest_gap_s: float
    """Longest time between two packets that followed each other; they are sent every 0.02 s."""
    sent_late_s: float
    """The latest packet of this phone itself: more than the gap of the other side, and the phones are to blame."""


class Ended(_Fact):
    """The call is over."""

    kind: Literal["ended"] = "ended"
    by: Literal["phone", "far_end", "line_died"]
    reason: str = ""
    recording: str = ""
    """WAV of all that was heard, from the leg's first frame."""
    heard_from: float | None = None
    """Monotonic time of that recording's first sample."""
    wire: Wire | None = None
    """Where packets are measured: on phones of the crowd."""


Fact = Annotated[Ready | Rang | Refused | Answered | Said | HeardTalk | Ended, Field(discriminator="kind")]

FILE = "phones.jsonl"
"""The facts of a run, below its folder."""

_ADAPTER: TypeAdapter[Fact] = TypeAdapter(Fact)


def to_line(fact: Fact) -> str:
    """One JSON line, without the line feed."""
    return fact.model_dump_json()


def from_line(line: str) -> Fact:
    """The fact in a JSON line; raises ``ValueError``."""
    return _ADAPTER.validate_json(line)


def of_run(folder: Path) -> list[Fact]:
    """All facts of a run; raises ``OSError`` and ``ValueError``."""
    return [from_line(line) for line in (folder / FILE).read_text("utf-8").splitlines()]
