"""A web page that is a phone on a call. The real `dialer.seam.PageLeg`."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dialer.beside import Beside, Means
from dialer.lines.pcm import JitterBuffer, mixed
from dialer.live import FRAME_BYTES, FRAME_S
from dialer.seam import Said

GONE_S = 12.0
"""A page that has had no sound connected for so many seconds has left the call."""
_PREBUFFER_MS = 40
"""Sound from the other parties comes over a socket of this machine: there is less jitter than from a page."""
_LATE_S = 0.2
"""A page that takes its frames later than this misses some, so that it is not late for ever."""
_EAR_S = 0.1
"""The ear gets so much at a time."""
_AHEAD_S, _BEHIND_S = 0.4, 0.1
"""How far the ear may be apart from the call's clock: more than that is left out, or filled with silence."""
_SILENCE = bytes(FRAME_BYTES)


class Page(Beside):
    """Made by `dialer.call.Call.page`; whoever carries its voice sets `on_voice` and `on_muted`, and calls `play`."""

    def __init__(self, means: Means) -> None:
        super().__init__(means)
        self.lost = False
        """Whether this party went because the page had no sound for `GONE_S`."""
        self.on_voice: Callable[[bytes], None] | None = None
        """Gets what the microphone hears while it is not muted."""
        self._over = asyncio.Event()
        self._link: _Link | None = None
        self._sound_at = asyncio.get_running_loop().time()
        self._sounds: dict[int, JitterBuffer] = {}
        self._whisper: _Whisper | None = None
        self._said: bytearray | None = None
        self._gone = asyncio.get_running_loop().call_later(GONE_S, self._lose)

    @property
    def ended(self) -> bool:
        """Whether this party has gone."""
        return self._over.is_set()

    @property
    def silent_s(self) -> float:
        """Seconds since sound came from the page; since it was linked if none did."""
        return asyncio.get_running_loop().time() - self._sound_at

    async def wait_ended(self) -> None:
        """Return when this party has gone."""
        await self._over.wait()

    async def say(self, text: str) -> Said:
        """Whisper to this party alone; while the page has no sound connected, the whisper waits."""
        prompt = await self._means.render(text)
        if self._whisper is not None:
            self._whisper.over.set()
        self._whisper = whisper = _Whisper(await asyncio.to_thread(_pcm, prompt.path), self._means.clock)
        ends = [asyncio.ensure_future(whisper.over.wait()), asyncio.ensure_future(self._over.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            if self._whisper is whisper:
                self._whisper = None
        return whisper.said()

    async def hang_up(self) -> None:
        """End this party's leg."""
        self.end()

    def end(self) -> None:
        """The page has left the call, or the call is over."""
        self._gone.cancel()
        self._over.set()
        self._link = None

    def _lose(self) -> None:
        self.lost = True
        self.end()

    @asynccontextmanager
    async def link(self) -> AsyncIterator[_Link]:
        """The page's sound; a later one replaces an earlier."""
        link = _Link(self)
        if not self.ended:
            self._gone.cancel()
            self._link = link
            self._sound_at = asyncio.get_running_loop().time()
            for sound in self._sounds.values():
                sound.clear()
        try:
            yield link
        finally:
            if self._link is link:
                self._link = None
                self._gone = asyncio.get_running_loop().call_later(GONE_S, self._lose)

    # What the others say

    def play(self, source: int, pcm: bytes) -> None:
        """Let the page hear more of one of the other parties."""
        if source not in self._sounds:
            self._sounds[source] = JitterBuffer(_PREBUFFER_MS)
        self._sounds[source].push(pcm)

    def forget(self, source: int) -> None:
        """Let the page hear no more of that party."""
        self._sounds.pop(source, None)

    # For the link

    def take(self, link: _Link, pcm: bytes) -> None:
        """What the microphone heard."""
        if self._link is not link:
            return
        self._sound_at = asyncio.get_running_loop().time()
        if self.muted:
            return
        pcm = pcm[: len(pcm) & ~1]
        if self.on_voice is not None:
            self.on_voice(pcm)
        if self._said is not None:
            self._said += pcm

    async def frames(self, link: _Link) -> AsyncIterator[bytes]:
        """Yield what the loudspeaker is to play as long as the link is the page's."""
        loop = asyncio.get_running_loop()
        at = loop.time()
        while True:
            at = max(at, loop.time() - _LATE_S)
            await asyncio.sleep(at - loop.time())
            if self._link is not link:
                return
            yield self._frame()
            at += FRAME_S

    def _frame(self) -> bytes:
        frames = [frame for sound in self._sounds.values() if (frame := sound.pull()) is not None]
        if self._whisper is not None and (frame := self._whisper.next()):
            frames.append(frame)
        return mixed(frames) if frames else _SILENCE

    async def _voice(self, from_s: float) -> AsyncIterator[bytes]:
        """What the microphone sends, kept in step with the call's clock: what is missing is silence."""
        self._said = said = bytearray()
        given = 0
        while not self.ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _EAR_S)
            due_s = self._means.clock() - from_s
            piece = bytes(said[max(0, given + len(said) - _bytes(due_s + _AHEAD_S)) :])
            said.clear()
            piece += bytes(max(0, _bytes(due_s - _BEHIND_S) - given - len(piece)))
            given += len(piece)
            yield piece
        self._said = None


class _Link:
    """The real `dialer.live.AudioLink`."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def send(self, pcm: bytes) -> None:
        """What the microphone heard; any number of whole samples."""
        self._page.take(self, pcm)

    def frames(self) -> AsyncIterator[bytes]:
        """What the page's loudspeaker is to play; whoever is late in taking it misses some."""
        return self._page.frames(self)


class _Whisper:
    """A prompt on its way to the page."""

    def __init__(self, pcm: bytes, clock: Callable[[], float]) -> None:
        self.over = asyncio.Event()
        self._pcm = pcm
        self._clock = clock
        self._position = 0
        self._started_s: float | None = None

    def next(self) -> bytes:
        """Return the next frame; empty when it is over."""
        if self._started_s is None:
            self._started_s = self._clock()
        frame = self._pcm[self._position : self._position + FRAME_BYTES]
        self._position += len(frame)
        if self._position == len(self._pcm):
            self.over.set()
        return frame.ljust(FRAME_BYTES, b"\0") if frame else b""

    def said(self) -> Said:
        """What became of it."""
        ended_s = self._clock()
        started_s = ended_s if self._started_s is None else self._started_s
        position_s = self._position / FRAME_BYTES * FRAME_S
        return Said(started_s, ended_s, position_s, complete=self._position == len(self._pcm))


def _bytes(seconds: float) -> int:
    return round(seconds / FRAME_S) * FRAME_BYTES


def _pcm(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())
