"""Parties of a real call for the tests: web pages and phones that hum, each at its own pitch."""

from __future__ import annotations

import array
import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dialer.lines import Leg
from dialer.live import FRAME_BYTES, FRAME_S, AudioLink
from dialer.seam import PageLeg
from rehearsal.crossing import ALIKE, HOP_S, PIECE_S, locate
from tests.dialer.lines.peers import WAIT_S

_LOUD = 1500.0
SPAN = 0.3
"""Seconds of a hum that count as heard, and of silence as not heard."""
_LOOK_EVERY, _LOOK_BACK = 3200, 64000
"""Bytes: a sound is looked for in the last four seconds, five times a second."""


def hums(pcm: bytes, hertz: int) -> bool:
    """Whether there is a hum all through some sound."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    turns = np.exp(-2j * np.pi * hertz / 8000 * np.arange(len(samples)))
    return bool(2 * abs(samples @ turns) > _LOUD * len(samples))


def sound_in(sound: bytes, pcm: bytes) -> float:
    """How alike the most alike part of some sound is to a piece of another; a jitter buffer may correct between two."""
    samples, heard = (np.frombuffer(each, "<i2").astype(float) for each in (sound, pcm))
    size, hop = round(8000 * PIECE_S), round(8000 * HOP_S)
    starts = range(0, max(len(samples) - size, 0) + 1, hop)
    return max(locate(samples[at : at + size], heard)[1] for at in starts)


class Hearer:
    """Something that hears: what came to it, 8 kHz, and whether a hum was in it."""

    def __init__(self) -> None:
        self.pcm = b""
        self._more = asyncio.Event()

    def take(self, pcm: bytes) -> None:
        self.pcm += pcm
        self._more.set()

    def recent(self, hertz: int, seconds: float = SPAN) -> bool:
        """Whether a hum was in the last of it."""
        size = 2 * int(seconds * 8000)
        return len(self.pcm) >= size and hums(self.pcm[-size:], hertz)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came fulfils a condition."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._more.clear()
                await self._more.wait()

    async def hears(self, *hums: int, but_not: tuple[int, ...] = ()) -> None:
        """Wait until all of these, and none of those, are in what comes."""
        await self.until(
            lambda: all(self.recent(hertz) for hertz in hums) and not any(self.recent(hertz) for hertz in but_not)
        )

    async def hears_sound(self, sound: bytes) -> None:
        """Wait until a piece of some sound is in what comes. It is looked for now and then: looking takes time."""
        looked_at = 0

        def there() -> bool:
            nonlocal looked_at
            if len(self.pcm) - looked_at < _LOOK_EVERY:
                return False
            looked_at = len(self.pcm)
            return sound_in(sound, self.pcm[-_LOOK_BACK:]) > ALIKE

        await self.until(there)


class Phone(Hearer):
    """A phone that was called, and as a rule hums for as long as it is on the call."""

    def __init__(self, leg: Leg, hum: Path | None) -> None:
        super().__init__()
        self.leg = leg
        self._tasks: list[asyncio.Task[Any]] = [asyncio.create_task(self._listen())]
        if hum is not None:
            self._tasks.append(asyncio.create_task(leg.play(hum)))

    async def _listen(self) -> None:
        async for pcm in self.leg.frames():
            self.take(pcm)

    async def close(self) -> None:
        await self.leg.hang_up()
        await asyncio.gather(*self._tasks)


class WebPage(Hearer):
    """A page with a link: what its microphone hears is a hum, or given sound."""

    def __init__(self, leg: PageLeg, hertz: int) -> None:
        super().__init__()
        self.leg = leg
        self._hum = array.array("h", (8000 * np.sin(2 * np.pi * hertz / 8000 * np.arange(8000))).astype("<i2").tolist())
        self._words = b""
        self._connection: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        self.connect()

    def connect(self) -> None:
        """Open the link."""
        self._connection = asyncio.create_task(self._run())

    async def drop(self) -> None:
        """The network is gone."""
        assert self._connection is not None
        self._connection.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._connection

    async def dropped(self) -> None:
        """Wait until the other end has closed the link."""
        assert self._connection is not None
        await asyncio.wait_for(asyncio.shield(self._connection), WAIT_S)

    def say(self, pcm: bytes) -> None:
        """Say something instead of humming, then be silent."""
        self._hum = array.array("h", bytes(16000))
        self._words = pcm

    async def _run(self) -> None:
        async with self.leg.link() as link:
            self.connected.set()
            speaking = asyncio.create_task(self._speak(link))
            try:
                async for frame in link.frames():
                    assert len(frame) == FRAME_BYTES
                    self.take(frame)
            finally:
                speaking.cancel()
                self.connected.clear()

    async def _speak(self, link: AudioLink) -> None:
        loop = asyncio.get_running_loop()
        begun, sent = loop.time(), 0
        while True:
            await asyncio.sleep(begun + sent * FRAME_S - loop.time())
            hum = self._hum[sent % 50 * 160 : (sent % 50 + 1) * 160].tobytes()
            words, self._words = self._words[:FRAME_BYTES], self._words[FRAME_BYTES:]
            link.send(words or hum)
            sent += 1
