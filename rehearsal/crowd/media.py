"""The sound of one call: a packet every 20 ms out, and each packet that comes in with the kernel's time of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path

from dialer.lines import Played
from rehearsal.facts import Wire
from rehearsal.hearing import FRAME_S
from speech.g711 import decoded, encoded

_SAMPLES = 160
_SILENCE = bytes(2 * _SAMPLES)
_HEAD = struct.Struct("!BBHII")
_TIMESTAMPS = 35
"""SO_TIMESTAMPNS of Linux, which Python does not name."""
_TIME = struct.Struct("@qq")
_TAKEN_EVERY = 2
_MOST_LOST = 250
"""A longer gap between two numbers is another stream."""


def note_times(asking: socket.socket) -> None:
    """Have the kernel note when each packet comes to a socket: `noted_at`.

    Linux begins to note times a moment after the first socket asks it to, and stops with the last; a packet that came
    before has the time of its reading. Whoever wants the times of the first packets has another socket ask before.
    """
    asking.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)


def noted_at(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When a packet came, seconds since 1970, from what `socket.recvmsg` gave with it."""
    seconds, nanoseconds = _TIME.unpack(ancillary[0][2][: _TIME.size])
    return float(seconds + nanoseconds / 1e9)


class Sound:
    """RTP of one call (RFC 3550)."""

    def __init__(self, host: str) -> None:
        """Binds a port of its own; raises `OSError`."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        note_times(self.socket)
        self.socket.bind((host, 0))
        self.port = int(self.socket.getsockname()[1])
        """Where it listens."""
        self.clock_s = 0.0
        """Seconds of sound that have come."""
        self._to: tuple[str, int] | None = None
        self._law = 0
        self._head = (0, 0)
        """Number and timestamp of the next packet."""
        self._playing: _Playing | None = None
        self._frames: deque[bytes] = deque()
        self._came = asyncio.Event()
        self._over = False
        self._expected: int | None = None
        self._last_at = 0.0
        self._packets = self._lost = 0
        self._longest_gap_s = self._late_s = 0.0

    @property
    def wire(self) -> Wire:
        """How the packets came."""
        return Wire(
            packets=self._packets,
            lost=self._lost,
            longest_gap_s=round(self._longest_gap_s, 4),
            sent_late_s=round(self._late_s, 4),
        )

    def open(self, to: tuple[str, int], law: int) -> None:
        """Know where to send, and how."""
        self._to, self._law = to, law

    def close(self) -> None:
        """Nothing more comes or goes."""
        self._take()
        self._over = True
        self._stop_playing(complete=False)
        self._came.set()
        self.socket.close()

    # Out

    def tick(self, late_s: float) -> None:
        """Send the next 20 ms, which are so late; and now and then take what came, of which the kernel has the time."""
        if self._to is None or self._over:
            return
        if self._head[0] % _TAKEN_EVERY == 0:
            self._take()
        self._late_s = max(self._late_s, late_s)
        number, timestamp = self._head
        playing = self._playing
        if playing is None:
            payload = encoded_silence(self._law)
        else:
            payload = playing.payloads[playing.next]
            if playing.started_s is None:
                playing.started_s = self.clock_s
        with contextlib.suppress(OSError):  # the far end has closed its port: it will say so
            self.socket.sendto(_HEAD.pack(0x80, self._law, number, timestamp, self.port) + payload, self._to)
        self._head = (number + 1) & 0xFFFF, (timestamp + _SAMPLES) & 0xFFFFFFFF
        if playing is not None:
            playing.next += 1
            if playing.next == len(playing.payloads):
                self._stop_playing(complete=True)

    async def play(self, path: Path, from_s: float) -> Played:
        """Send a file from a position on instead of silence, and wait until it was sent."""
        self._stop_playing(complete=False)
        if self._over:
            return Played(self.clock_s, self.clock_s, from_s, complete=False)
        first = round(from_s / FRAME_S)
        payloads = _payloads(str(path), self._law)[first:]
        playing = self._playing = _Playing(payloads, first, asyncio.get_running_loop().create_future())
        if not payloads:
            self._stop_playing(complete=True)
        return await playing.done

    def _stop_playing(self, *, complete: bool) -> None:
        playing, self._playing = self._playing, None
        if playing is None or playing.done.done():
            return
        started_s = self.clock_s if playing.started_s is None else playing.started_s
        ended_s = started_s + playing.next * FRAME_S
        playing.done.set_result(Played(started_s, ended_s, (playing.first + playing.next) * FRAME_S, complete=complete))

    # In

    async def frames(self) -> AsyncIterator[bytes]:
        """What came, 20 ms at a time; what was lost is silence."""
        while True:
            while self._frames:
                yield self._frames.popleft()
            if self._over:
                return
            self._came.clear()
            await self._came.wait()

    def _take(self) -> None:
        while True:
            try:
                packet, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            except OSError:
                return
            if len(packet) > _HEAD.size and packet[1] & 0x7F == self._law:
                self._packet(int.from_bytes(packet[2:4], "big"), packet[_HEAD.size :], noted_at(ancillary))

    def _packet(self, number: int, payload: bytes, at: float) -> None:
        if self._packets:
            self._longest_gap_s = max(self._longest_gap_s, at - self._last_at)
        self._last_at = at
        self._packets += 1
        missing = 0 if self._expected is None else (number - self._expected) & 0xFFFF
        if missing > 0xFFFF - _MOST_LOST:
            return  # one that was overtaken: counted as lost already
        if missing <= _MOST_LOST:
            self._lost += missing
            for _ in range(missing):
                self._add(_SILENCE)
        self._expected = (number + 1) & 0xFFFF
        self._add(decoded(payload, self._law))

    def _add(self, pcm: bytes) -> None:
        self._frames.append(pcm)
        self.clock_s += len(pcm) / 16000
        self._came.set()


class _Playing:
    """A file on its way out."""

    def __init__(self, payloads: list[bytes], first: int, done: asyncio.Future[Played]) -> None:
        self.payloads = payloads
        self.first = first
        self.done = done
        self.next = 0
        self.started_s: float | None = None


class Clock:
    """Lets every call send its packets in time; the calls are spread over the 20 ms."""

    PHASES = 8

    def __init__(self) -> None:
        self._ticking: list[set[Callable[[float], None]]] = [set() for _ in range(self.PHASES)]
        self._added = 0

    def add(self, tick: Callable[[float], None]) -> Callable[[], None]:
        """Have something called every 20 ms with how late that is; returns what undoes it."""
        phase = self._ticking[self._added % self.PHASES]
        self._added += 1
        phase.add(tick)
        return lambda: phase.discard(tick)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        step_s = FRAME_S / self.PHASES
        at, turn = loop.time(), 0
        while True:
            late_s = loop.time() - at
            for tick in tuple(self._ticking[turn % self.PHASES]):
                tick(late_s)
            at, turn = at + step_s, turn + 1
            await asyncio.sleep(at - loop.time())


@lru_cache(maxsize=4)
def encoded_silence(law: int) -> bytes:
    """20 ms of nothing."""
    return encoded(_SILENCE, law)


@lru_cache(maxsize=512)
def _payloads(path: str, law: int) -> list[bytes]:
    """A WAV file (16 bit, mono, 8 kHz) as payloads of 20 ms."""
    with wave.open(path, "rb") as file:
        pcm = file.readframes(file.getnframes())
    pcm += bytes(-len(pcm) % len(_SILENCE))
    return [encoded(pcm[at : at + len(_SILENCE)], law) for at in range(0, len(pcm), len(_SILENCE))]
