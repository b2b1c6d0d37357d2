"""One call, seen from the pool's process."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from dialer.lines import messages as m
from dialer.lines.errors import LineError
from dialer.lines.pcm import LONGEST_MS
from dialer.lines.waiting import came

_HANG_UP_S = 5.0
"""Seconds after which a leg that we hung up counts as ended, whatever pjsip says."""
_TOGETHER_S = 1.0
_KEPT_S = 30.0
"""Seconds of audio kept for a reader that is late."""
_TAPPED_KEPT = 25
"""Frames of a tap kept for a reader that is late."""
_MOST_FED = LONGEST_MS * 16


@dataclass(frozen=True, slots=True)
class LegEnd:
    """How a leg ended."""

    sip_code: int
    """0 when it never got as far as SIP."""
    phrase: str
    q850: int | None = None
    """Cause of the Reason header of the BYE, CANCEL or final response, if any."""
    q850_text: str = ""
    by_far_end: bool = False
    """Whether the far end refused or hung up; False for ourselves, for time-outs and for a line that died."""
    line_died: bool = False
    """Whether our own line process died under it."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a file. Times are seconds on the leg's clock, the position is seconds into the file."""

    started_s: float
    ended_s: float
    position_s: float
    complete: bool


class Line(Protocol):
    """What a leg needs from the pool's side of its process."""

    async def ask(self, make: Callable[[int], m.Command]) -> dict[str, Any]:
        """Send a command made for a request number and wait for what it gives. Raises LineError."""
        ...

    def tell(self, command: m.Command) -> None:
        """Send a command that is not answered."""
        ...

    def release(self, leg: Leg) -> None:
        """Give the slot of a leg back that was never dialled."""
        ...


class Leg:
    """A call to or from one phone. On an ended leg, every method does nothing or tells so."""

    def __init__(self, line: Line, number: int, frame_ms: int, incoming: m.Incoming | None = None) -> None:
        self.number = number
        """Names the leg to its line process."""
        self.ringing = asyncio.Event()
        self.early_media = asyncio.Event()
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.end: LegEnd | None = None
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        """Keys that the far end pressed."""
        self.referred: asyncio.Queue[Leg] = asyncio.Queue()
        """When the far end transfers this leg (REFER): the leg that is already calling the new party."""
        self.called_number = incoming.called_number if incoming else ""
        self.calling_number = incoming.calling_number if incoming else ""
        self.headers: dict[str, str] = incoming.headers if incoming else {}
        """From, P-Asserted-Identity and X- headers of the INVITE that called us."""
        self.late_frames = 0
        """Frames lost because their reader was more than 30 s late, or the pool's process too busy to take them."""
        self._line = line
        self._frame_s = frame_ms / 1000
        self._silence = bytes(frame_ms * 16)
        self._frames: deque[bytes] = deque(maxlen=int(_KEPT_S / self._frame_s))
        self._frame_came = asyncio.Event()
        self._takes: Callable[[bytes], bool] | None = None
        """What a reader who waits is asked before it is woken."""
        self._frame_count = 0
        self._taps: dict[int, deque[bytes]] = {}
        self._tap_came = asyncio.Event()
        self._dialled = incoming is not None
        self._recording = ""

    # Calling

    async def invite(
        self, uri: str, from_uri: str = "", asserted_identity: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Call a SIP URI; returns when the INVITE was handed over. Raises LineError on a bad URI.

        ``from_uri`` replaces the account's identity in From and may be a name-addr; ``asserted_identity`` goes into
        P-Asserted-Identity as it is.
        """
        if self._dialled:
            raise LineError("A leg calls once: take another one.")
        texts = (uri, from_uri, asserted_identity, *(headers or {}), *(headers or {}).values())
        if any(not text.isprintable() for text in texts):
            raise LineError("A SIP URI or header of one line is needed.")
        self._dialled = True
        try:
            await self._ask(
                lambda request: m.Invite(
                    request, self.number, uri, from_uri, asserted_identity, dict(headers or {}), self._recording
                )
            )
        except LineError as error:
            self.on_end(LegEnd(0, str(error)))
            raise

    async def wait(self, what: Literal["ringing", "early_media", "answered"], timeout_s: float) -> bool:
        """Wait for an event; False when the leg ended before or the time is over."""
        return await came(getattr(self, what), self.ended, timeout_s)

    # Being called

    async def send_ringing(self) -> None:
        """Answer 180."""
        await self._respond(180)

    async def send_progress(self) -> None:
        """Answer 183 with SDP: from then on `play` is early media."""
        await self._respond(183)

    async def answer(self) -> None:
        """Answer 200."""
        await self._respond(200)

    async def reject(self, code: int, q850: int | None = None, text: str = "") -> None:
        """Refuse with a final SIP code and, if given, a Q.850 cause in a Reason header."""
        await self._respond(code, q850 or 0, text)

    # Audio

    @property
    def clock_s(self) -> float:
        """Seconds of audio that have come from the far end."""
        return self._frame_count * self._frame_s

    @property
    def unheard_s(self) -> float:
        """Seconds of audio that have come and were not read yet."""
        return len(self._frames) * self._frame_s

    async def frames(
        self, *, fresh: bool = False, together: bool = False, takes: Callable[[bytes], bool] | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the far end's audio, s16le mono 8 kHz, from the first media on (early media too) until the leg ends.

        What comes before somebody reads is kept for 30 s; ``fresh`` leaves it out. With ``together`` a reader who is
        late gets all that waits at once, up to a second of it. ``takes`` is asked of each frame that finds the reader
        waiting: one that it takes is not yielded. For one reader at a time.
        """
        if fresh:
            self._frames.clear()
        while True:
            while self._frames:
                count = min(len(self._frames), round(_TOGETHER_S / self._frame_s)) if together else 1
                yield b"".join([self._frames.popleft() for _ in range(count)])
            if self.ended.is_set():
                return
            self._frame_came.clear()
            self._takes = takes
            try:
                await self._frame_came.wait()
            finally:
                self._takes = None

    async def play(self, path: Path | str, from_s: float = 0.0) -> Played:
        """Play a WAV file (16 bit, mono, 8 kHz) from a position.

        Waits for media if there is none yet. Returns when it was heard, after `stop_playing`, when another file is
        played, or when the leg ends. Raises LineError when the file cannot be played.
        """
        now = self.clock_s
        if self.ended.is_set():
            return Played(now, now, from_s, complete=False)
        result = await self._ask(lambda request: m.Play(request, self.number, str(path), from_s))
        if not result:
            return Played(now, self.clock_s, from_s, complete=False)
        return Played(**result)

    async def stop_playing(self) -> None:
        """Fall silent at once; the pending `play` returns."""
        await self._ask(lambda request: m.StopPlaying(request, self.number))

    async def record(self, path: Path | str) -> None:
        """Write a two-channel WAV: far end left, what we send right. Raises LineError.

        Before `invite`, it begins with the first frame of media; else now. The file is valid four times a second.
        """
        if not self._dialled:
            self._recording = str(path)
            return
        await self._ask(lambda request: m.Record(request, self.number, str(path)))

    def feed(self, pcm: bytes, source: int = 0) -> None:
        """Let the far end hear s16le mono 8 kHz beside all else it hears; nothing is waited for.

        What comes ahead of time waits in a queue of 400 ms, the oldest is dropped, and a sound begins when 60 ms of it
        have come. Each source has a queue of its own. It is on the right channel of the recording.
        """
        if not self.ended.is_set():
            self._line.tell(m.Feed(self.number, source, pcm[-_MOST_FED:]))

    async def tap(self, *, prompts: bool = False) -> AsyncGenerator[bytes]:
        """Yield the far end's audio from now on in frames of 20 ms until the leg ends; for any number of readers.

        ``prompts``: what is played to the far end is in it too, if the first of the readers wants it. A reader that is
        half a second late loses the oldest. Raises LineError when the leg has no call.
        """
        kept: deque[bytes] = deque(maxlen=_TAPPED_KEPT)
        self._taps[id(kept)] = kept
        try:
            if len(self._taps) == 1:
                await self._ask(lambda request: m.Tap(request, self.number, True, prompts))
            while True:
                while kept:
                    yield kept.popleft()
                if self.ended.is_set():
                    return
                self._tap_came.clear()
                await self._tap_came.wait()
        finally:
            del self._taps[id(kept)]
            if not self._taps and not self.ended.is_set():
                self._line.tell(m.Tap(0, self.number, False))

    async def send_digits(self, digits: str) -> str:
        """Press keys; returns how they were sent: ``rfc4733``, or ``info`` to a far end without telephone-event."""
        result = await self._ask(lambda request: m.SendDigits(request, self.number, digits))
        return str(result.get("way", ""))

    # Two legs

    def together(self, other: Leg) -> bool:
        """Whether both are in one process, where `connect` lets them hear each other; else `tap` and `feed` do."""
        return other._line is self._line

    async def connect(self, other: Leg, *, hears: bool, speaks: bool, prompts: bool = False) -> None:
        """Say whether this far end hears the other from now on, and whether it is heard by it.

        ``prompts``: this one hears what is played to the other, too. Frames and recordings go on; a voice that is heard
        is on the right channel. Raises LineError when either leg has no call.
        """
        if not self.together(other):
            raise LineError("Only legs of one process can be joined: see together().")
        await self._ask(lambda request: m.Connect(request, self.number, other.number, hears, speaks, prompts))

    async def join(self, other: Leg) -> None:
        """Let both far ends hear each other."""
        await self.connect(other, hears=True, speaks=True)

    async def part(self, other: Leg) -> None:
        """Undo `join`."""
        await self.connect(other, hears=False, speaks=False)

    async def refer(self, uri: str) -> bool:
        """Ask the far end to call somebody else (blind transfer); whether it got through. The leg is not hung up."""
        result = await self._ask(lambda request: m.Refer(request, self.number, uri))
        return bool(result.get("accepted"))

    async def hang_up(self, code: int = 0) -> None:
        """End the leg and wait until it is over. ``code`` refuses a call to us that was not answered."""
        if not self._dialled:
            self._dialled = True
            self.on_end(LegEnd(0, "Never dialled"))
            self._line.release(self)
        if not self.ended.is_set():
            await self._ask(lambda request: m.HangUp(request, self.number, code))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), _HANG_UP_S)
            self.on_end(LegEnd(0, "pjsip did not end the call"))

    # What the line process reports

    def on_frame(self, index: int, pcm: bytes) -> None:
        """Take a frame; those that were lost before it become silence, so that the clock stays right."""
        missing = min(index - self._frame_count, self._frames.maxlen or 0)
        if self._takes is not None and not missing and not self._frames and self._takes(pcm):
            self._frame_count = index + 1
            return
        for piece in (*[self._silence] * missing, pcm):
            self.late_frames += len(self._frames) == self._frames.maxlen
            self._frames.append(piece)
        self.late_frames += missing
        self._frame_count = index + 1
        self._frame_came.set()

    def on_tapped(self, pcm: bytes) -> None:
        """Take a frame of the tap."""
        for kept in self._taps.values():
            kept.append(pcm)
        self._tap_came.set()

    def on_end(self, end: LegEnd) -> None:
        """Note the end; the first one counts."""
        if self.end is None:
            self.end = end
            self.ended.set()
            self._frame_came.set()
            self._tap_came.set()

    # Inside

    async def _ask(self, make: Callable[[int], m.Command]) -> dict[str, Any]:
        if self.ended.is_set():
            return {}
        try:
            return await self._line.ask(make)
        except LineError:
            # The leg ended while the command was on its way.
            if self.ended.is_set():
                return {}
            raise

    async def _respond(self, code: int, cause: int = 0, text: str = "") -> None:
        await self._ask(lambda request: m.Respond(request, self.number, code, cause, text))
