"""Commands from neighbouring systems: what may be ordered of a running node, checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MAX_BYTES = 64 * 1024


class CommandError(Exception):
    """The command cannot be carried out; the message goes back to the sender."""


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str = Field(min_length=1, max_length=200)
    """Who orders it: goes into the log."""


class Pause(_Command):
    """Start no more calls: of a campaign on all nodes, or on this node when none is named."""

    command: Literal["pause"]
    campaign: str | None = Field(None, min_length=1)


class Resume(_Command):
    """Undo `Pause`."""

    command: Literal["resume"]
    campaign: str | None = Field(None, min_length=1)


class HangUp(_Command):
    """End one call in progress."""

    command: Literal["hang_up"]
    attempt: int = Field(ge=1)


class Feedback(_Command):
    """What became of an order."""

    command: Literal["feedback"]
    order: int = Field(ge=1)
    state: Literal["acknowledged", "done", "failed"]
    result: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)


Command = Pause | Resume | HangUp | Feedback

_adapter: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="command")])


def parse_command(payload: bytes) -> Command:
    """Check a command in JSON; raises `CommandError`."""
    if len(payload) > MAX_BYTES:
        raise CommandError(f"a command is at most {MAX_BYTES} bytes")
    try:
        return _adapter.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part not in {"pause", "resume", "hang_up", "feedback"})
        raise CommandError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
