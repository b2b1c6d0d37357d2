"""A plain caller on the wire: it dials, speaks a file, and notes what it hears."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.lines import Leg, LegEnd, Played
from rehearsal.hearing import Hearing, Talk
from rehearsal.scenario import Line, Voice
from rehearsal.voices import Sound, Voices

PATIENCE_S = 30.0


class Caller:
    """One call placed by a test. Times are seconds on the leg's clock."""

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.talks: list[Talk] = []
        self.heard = bytearray()
        self._talked = asyncio.Condition()
        self._ear: asyncio.Task[None] | None = None

    async def dial(self, uri: str) -> None:
        await self.leg.invite(uri)
        self._ear = asyncio.create_task(self._listen())

    async def answered(self) -> bool:
        return await self.leg.wait("answered", PATIENCE_S)

    async def hear(self, count: int) -> Talk:
        """Wait for the ``count``-th finished talk of the far end."""
        async with asyncio.timeout(PATIENCE_S), self._talked:
            await self._talked.wait_for(lambda: len(self.talks) >= count or self.leg.ended.is_set())
        return self.talks[count - 1]

    async def say(self, sound: Sound) -> Played:
        return await self.leg.play(sound.path)

    async def over(self) -> LegEnd:
        """Wait until the far end has gone."""
        async with asyncio.timeout(PATIENCE_S):
            await self.leg.ended.wait()
        return await self._end()

    async def hang_up(self) -> LegEnd:
        await self.leg.hang_up()
        return await self._end()

    async def _end(self) -> LegEnd:
        if self._ear:
            await self._ear
        assert self.leg.end
        return self.leg.end

    async def _listen(self) -> None:
        hearing = Hearing()
        async for frame in self.leg.frames():
            self.heard += frame
            if talk := hearing.feed(frame):
                await self._note(talk)
        if talk := hearing.finish():
            await self._note(talk)
        async with self._talked:
            self._talked.notify_all()

    async def _note(self, talk: Talk) -> None:
        async with self._talked:
            self.talks.append(talk)
            self._talked.notify_all()


async def prompt(folder: Path, text: str) -> Sound:
    """Something to say to a phone, in a voice that no phone has."""
    return await Voices(folder).render(Line(say=text), Voice(variant="f2"), "en")
