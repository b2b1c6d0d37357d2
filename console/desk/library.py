"""What the robot says, as the desk shows it and lets it be heard. The scripts themselves are another room's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class LibraryError(Exception):
    """A prompt cannot be made heard; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Turnoff:
    """Where a step leads."""

    on: str
    """``yes``, ``no``, ``unclear``, ``silence``, ``next``, ``end``, ``escalate``."""
    to: str
    """The step, or of ``end`` the outcome."""


@dataclass(frozen=True, slots=True)
class StepShown:
    """One prompt of a script, or a phrase beside it."""

    name: str
    say: str
    again: str = ""
    """Wording of the second asking."""
    asks: str = ""
    """The signal that a yes asserts."""
    key_warning: bool = False
    turnoffs: tuple[Turnoff, ...] = ()
    replies: tuple[str, ...] = ()
    """Examples of what people say to it."""


@dataclass(frozen=True, slots=True)
class ScriptEntry:
    """A script in the list."""

    name: str
    language: str
    """BCP 47 tag."""
    scam_type: str
    """Empty for the general one."""
    title: str
    version: str
    steps: int
    own: bool
    """Whether it is the centre's own."""


@dataclass(frozen=True, slots=True)
class ScriptShown:
    """A whole script."""

    entry: ScriptEntry
    steps: tuple[StepShown, ...]
    """From the start on, in the order in which they are met."""
    phrases: tuple[StepShown, ...]
    hears: tuple[tuple[str, str], ...] = ()
    """Signal, and the step to which it leads from anywhere."""


class Library(Protocol):
    """The scripts that calls of this centre follow."""

    def scripts(self) -> tuple[ScriptEntry, ...]:
        """All in all versions, by language and name."""
        ...

    def script(self, name: str) -> ScriptShown | None:
        """One of them."""
        ...

    async def speak(self, name: str, step: str, *, again: bool = False) -> bytes:
        """A step, or a phrase, as it is heard on the line: a WAV file. Raises `LibraryError`."""
        ...
