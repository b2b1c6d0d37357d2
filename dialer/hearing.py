"""What one side of a call says: its sound carried to an ear, off the event loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from speech.answering import Verdict
from speech.heard import BrokeIn, Heard, Partial, SpeechStarted, SpeechStopped, Utterance

_TOGETHER = 16 * 240
"""Bytes that an ear gets at once, at most. Most of what a call brings is silence, which is heard where it comes: it
costs more to hand it over to another thread than to listen to it."""

Event = TypeVar("Event", bound=Heard | Verdict)
Told_co = TypeVar("Told_co", bound=Heard | Verdict, covariant=True)


class Hears(Protocol[Told_co]):
    """An ear, alone or with something beside it."""

    def feed(self, pcm: bytes) -> Sequence[Told_co]:
        """Hear more, in pieces of any length; what that brought, in order."""
        ...

    def silent(self, pcm: bytes) -> bool:
        """Whether nobody speaks and this is silence, too. Not asked while `feed` is at work."""
        ...

    def may_wait(self, pcm: bytes) -> bool:
        """Whether nothing comes of all that was not fed yet, for now, though somebody speaks. Asked as `silent` is."""
        ...

    def flush(self) -> Sequence[Told_co]:
        """The call is over."""
        ...


class Hearing(Generic[Event]):
    """Carries the sound of one side of a call to an ear."""

    def __init__(self, new_ear: Callable[[], Hears[Event]], executor: Executor, *, from_s: float = 0.0) -> None:
        """``new_ear`` is called, and the ear is fed, by the executor; the ear's clock shows ``from_s`` at its first
        frame.
        """
        self._new_ear = new_ear
        self._executor = executor
        self._from_s = from_s
        self._ear: Hears[Event] | None = None
        self._waiting = b""
        self._silent = False

    def takes(self, pcm: bytes) -> bool:
        """Take sound that may wait for what follows it; False if it must be heard now. Nothing may be in between it and
        what was taken or heard before, and the ear must not be at work.
        """
        ear = self._ear
        if ear is None:
            return False
        self._silent = ear.silent(pcm)
        waiting = self._waiting + pcm
        if len(waiting) >= _TOGETHER or not (self._silent or ear.may_wait(waiting)):
            return False
        self._waiting = waiting
        return True

    async def events(self, frames: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        """Yield what is heard in frames, s16le mono 8 kHz, and in what is taken between two of them."""
        run = functools.partial(asyncio.get_running_loop().run_in_executor, self._executor)
        async for pcm in frames:
            if self._ear is None:
                self._ear = await run(self._new_ear)
            if self.takes(pcm):
                continue
            piece, self._waiting = self._waiting + pcm, b""
            for event in self._ear.feed(piece) if self._silent else await run(self._ear.feed, piece):
                yield later(event, self._from_s)
        if self._ear is not None:
            for event in [*await run(self._ear.feed, self._waiting), *await run(self._ear.flush)]:
                yield later(event, self._from_s)


def later(event: Event, by_s: float) -> Event:
    """Return an event with all its times moved."""
    match event:
        case SpeechStarted() | BrokeIn() | SpeechStopped() | Partial() | Verdict():
            return replace(event, at_s=event.at_s + by_s)
        case Utterance(start_s=start_s, end_s=end_s, words=words):
            moved = tuple(replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in words)
            return replace(event, start_s=start_s + by_s, end_s=end_s + by_s, words=moved)
