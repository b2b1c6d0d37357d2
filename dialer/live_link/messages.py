"""What the two ends of a link say to each other: JSON, checked on arrival against the types of this module."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass as plain
from dataclasses import field
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from dialer.live import FloorState, LiveCall, LiveError, Part

T = TypeVar("T")

MOST_TOLD = 8 << 20
"""Bytes of one message of a node: one call with all that was said."""
MOST_ASKED = 16 << 10
"""Bytes of one message of a desk."""

AttemptId = Annotated[int, Field(ge=1, lt=1 << 63)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=500)]

_STRICT = ConfigDict(extra="forbid", strict=True)


class GarbledError(Exception):
    """A message is none that this end understands."""


@plain(frozen=True, slots=True)
class No:
    """What was asked cannot be done; see `dialer.live.LiveError`."""

    said: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    values: Annotated[dict[Name, Text], Field(max_length=10)] = field(default_factory=dict)

    @classmethod
    def of(cls, error: LiveError) -> No:
        """The error, for the other end."""
        return cls(str(error.said)[:2000] or "?", {name: value[:500] for name, value in error.values.items()})

    def error(self) -> LiveError:
        """The error, at the other end; raises `GarbledError`."""
        try:
            return LiveError(self.said, **self.values)
        except (TypeError, ValueError, KeyError) as error:
            raise GarbledError("a refusal that cannot be told") from error


# ---- how a connection begins. Any version must understand these: never change them but by adding.


@plain(frozen=True, slots=True)
class Hello:
    """The desk's first message: it wants the floor, or, with an attempt and a log-in, the sound of a call."""

    version: Annotated[str, StringConstraints(max_length=100)]
    attempt_id: AttemptId | None = None
    login: Annotated[str, StringConstraints(max_length=200)] = ""


@plain(frozen=True, slots=True)
class Welcome:
    """The node's answer: the node's name, or why not."""

    version: Annotated[str, StringConstraints(max_length=100)]
    node: Text = ""
    refused: No | None = None


# ---- what a desk asks, see `dialer.live.LiveDesk`


@dataclass(frozen=True, slots=True, config=_STRICT)
class SetStation:
    """`LiveDesk.set_station`."""

    login: Name
    ready: bool
    phone: Text
    do: Literal["set_station"] = "set_station"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Simple:
    """One of those that need nothing but the call and who asks."""

    do: Literal["accept", "decline", "take_over", "leave", "hand_back", "hang_up"]
    attempt_id: AttemptId
    login: Name


@dataclass(frozen=True, slots=True, config=_STRICT)
class Listen:
    """`LiveDesk.listen`."""

    attempt_id: AttemptId
    login: Name
    part: Part
    do: Literal["listen"] = "listen"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Switch:
    """`LiveDesk.mute` and `LiveDesk.hold`."""

    do: Literal["mute", "hold"]
    attempt_id: AttemptId
    login: Name
    on: bool


@dataclass(frozen=True, slots=True, config=_STRICT)
class BringIn:
    """`LiveDesk.bring_in`."""

    attempt_id: AttemptId
    login: Name
    dissuader: Text
    number: Text
    do: Literal["bring_in"] = "bring_in"


Command = SetStation | Simple | Listen | Switch | BringIn


@dataclass(frozen=True, slots=True, config=_STRICT)
class Ask:
    """A command; ``id`` comes back in `Done`."""

    id: Annotated[int, Field(ge=0, lt=1 << 63)]
    command: Annotated[Command, Field(discriminator="do")]


# ---- what a node tells


@plain(frozen=True, slots=True)
class FloorSaid:
    """The floor is this now, but for its calls."""

    floor: FloorState
    told: Literal["floor"] = "floor"


@plain(frozen=True, slots=True)
class CallSaid:
    """A call is this now."""

    call: LiveCall
    told: Literal["call"] = "call"


@plain(frozen=True, slots=True)
class CallOver:
    """A call is over."""

    attempt_id: AttemptId
    told: Literal["over"] = "over"


@plain(frozen=True, slots=True)
class Settled:
    """All that was told until now is how it was then; told every second at least."""

    at: float
    told: Literal["settled"] = "settled"


@plain(frozen=True, slots=True)
class Done:
    """A command was carried out, or, with a reason, not. What it changed was told before."""

    id: int
    refused: No | None = None
    told: Literal["done"] = "done"


Told = Annotated[FloorSaid | CallSaid | CallOver | Settled | Done, Field(discriminator="told")]


class Codec(Generic[T]):
    """Messages of one kind, to bytes and back."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @functools.cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)

    def encode(self, message: T) -> bytes:
        """As it goes over the wire."""
        return self._adapter.dump_json(message)

    def decode(self, data: bytes) -> T:
        """What came over the wire; raises `GarbledError`."""
        try:
            return self._adapter.validate_json(data)
        except ValidationError as error:
            # What was in the message stays out of the log: it may be personal data.
            raise GarbledError("; ".join(_where(each) for each in error.errors(include_input=False)[:3])) from None

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the kind."""
        return self._adapter.json_schema()


hellos: Codec[Hello] = Codec(Hello)
welcomes: Codec[Welcome] = Codec(Welcome)
asks: Codec[Ask] = Codec(Ask)
tellings: Codec[FloorSaid | CallSaid | CallOver | Settled | Done] = Codec(Told)


@functools.cache
def version() -> str:
    """What both ends must have in common: it changes whenever a type of these messages does."""
    schemas = [asks.schema(), tellings.schema()]
    return hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()[:16]


def _where(error: Any) -> str:
    place = ".".join(str(each) for each in error["loc"])
    return f"{place}: {error['type']}" if place else str(error["type"])
