"""The sound of a page on its way between desk and node. What is late is left out, so that nothing grows."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from dialer.live import FRAME_BYTES
from dialer.live_link.wire import Wire, WireError

LATE_S = 0.2
"""Sound that was under way for longer is left out."""
_AT_ONCE = 10
"""Messages that wait on either side at most; the oldest goes first."""
_LONGEST = _AT_ONCE * FRAME_BYTES
_STAMP = struct.Struct("<d")
_KERNEL_BYTES = 4096


@dataclass
class Passed:
    """How sound came over."""

    count: int = 0
    lost: int = 0
    """Left out at this end: too late, or the other end took too little."""
    sum_s: float = 0.0
    worst_s: float = 0.0

    def took(self, delay_s: float) -> None:
        """One message came after so many seconds."""
        self.count += 1
        self.sum_s += delay_s
        self.worst_s = max(self.worst_s, delay_s)

    def figures(self) -> dict[str, float]:
        """For the log."""
        mean_s = self.sum_s / self.count if self.count else 0.0
        return {
            "frames": self.count,
            "lost": self.lost,
            "mean_ms": round(1000 * mean_s, 2),
            "worst_ms": round(1000 * self.worst_s, 2),
        }


class Sound:
    """One end of it; a `dialer.live.AudioLink`. `run` carries it until the connection ends."""

    def __init__(self, wire: Wire, *, frames_only: bool) -> None:
        """``frames_only``: what comes must be single frames."""
        wire.keep_short(_KERNEL_BYTES)
        self.passed = Passed()
        self._wire = wire
        self._frames_only = frames_only
        self._out: deque[tuple[float, bytes]] = deque()
        self._in: deque[tuple[float, bytes]] = deque()
        self._to_send = asyncio.Event()
        self._came = asyncio.Event()
        self._over = False

    def send(self, pcm: bytes) -> None:
        """Send whole samples to the other end; what it does not take in time it never hears."""
        pcm = pcm[: len(pcm) & ~1]
        at = time.monotonic()
        for start in range(0, len(pcm), _LONGEST):
            self._put(self._out, at, pcm[start : start + _LONGEST])
        self._to_send.set()

    async def frames(self) -> AsyncIterator[bytes]:
        """What came from the other end, until the connection ends. For one reader."""
        while True:
            while self._in:
                at, pcm = self._in.popleft()
                delay_s = max(0.0, time.monotonic() - at)
                if delay_s > LATE_S:
                    self.passed.lost += 1
                    continue
                self.passed.took(delay_s)
                yield pcm
            if self._over:
                return
            self._came.clear()
            await self._came.wait()

    async def run(self) -> None:
        """Carry sound; raises `WireError` when the connection ends or the other end sends what is none."""
        ways = [asyncio.create_task(self._write()), asyncio.create_task(self._read())]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            self._over = True
            self._came.set()
            for each in ways:
                each.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            while self._out:
                at, pcm = self._out.popleft()
                if time.monotonic() - at > LATE_S:
                    self.passed.lost += 1
                else:
                    await self._wire.write(_STAMP.pack(at) + pcm)

    async def _read(self) -> None:
        while True:
            message = await self._wire.read(_STAMP.size + _LONGEST)
            size = len(message) - _STAMP.size
            if size < 2 or size % 2 or (self._frames_only and size != FRAME_BYTES):
                raise WireError(f"{len(message)} bytes are no sound")
            (at,) = _STAMP.unpack_from(message)
            self._put(self._in, at, message[_STAMP.size :])
            self._came.set()

    def _put(self, waiting: deque[tuple[float, bytes]], at: float, pcm: bytes) -> None:
        if len(waiting) == _AT_ONCE:
            waiting.popleft()
            self.passed.lost += 1
        waiting.append((at, pcm))
