"""What one side of a call says: its sound carried to an ear, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Protocol, TypeVar

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


async def hear(
    frames: AsyncIterator[bytes], new_ear: Callable[[], Hears[Event]], executor: Executor, *, from_s: float = 0.0
) -> AsyncIterator[Event]:
    """Yield what is heard in frames, s16le mono 8 kHz, on a clock that shows ``from_s`` when they begin."""
    loop = asyncio.get_running_loop()
    ear: Hears[Event] | None = None
    waiting = b""
    async for pcm in frames:
        if ear is None:
            ear = await loop.run_in_executor(executor, new_ear)
        silent = ear.silent(pcm)
        waiting += pcm
        if len(waiting) < _TOGETHER and (silent or ear.may_wait(waiting)):
            continue
        piece, waiting = waiting, b""
        for event in ear.feed(piece) if silent else await loop.run_in_executor(executor, ear.feed, piece):
            yield later(event, from_s)
    if ear is not None:
        for event in await loop.run_in_executor(executor, ear.feed, waiting):
            yield later(event, from_s)
        for event in await loop.run_in_executor(executor, ear.flush):
            yield later(event, from_s)


def later(event: Event, by_s: float) -> Event:
    """Return an event with all its times moved."""
    match event:
        case SpeechStarted() | BrokeIn() | SpeechStopped() | Partial() | Verdict():
            return replace(event, at_s=event.at_s + by_s)
        case Utterance(start_s=start_s, end_s=end_s, words=words):
            moved = tuple(replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in words)
            return replace(event, start_s=start_s + by_s, end_s=end_s + by_s, words=moved)
