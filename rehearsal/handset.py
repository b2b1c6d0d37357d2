"""A simulated phone's handset: mouth and ear of one answered or announced call, with honest times."""

from __future__ import annotations

import asyncio
import contextlib
import time
import wave
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from rehearsal.facts import Answered, Ended, Fact, HeardTalk, Rang, Refused, Said, Wire
from rehearsal.hearing import Hearing, Talk
from rehearsal.seam import Leg
from rehearsal.voices import Sound

Tell = Callable[[Fact], None]

_CLOCK_WINDOW = 50
"""Frames over which the media clock is laid on the machine's: the least delayed of one second counts."""


class Handset:
    """One call at one phone. Everything that happens is told as facts."""

    def __init__(
        self,
        leg: Leg,
        phone: str,
        call: int,
        tell: Tell,
        recording: Path | None,
        *,
        transferred_from: int = 0,
        wire: Callable[[], Wire | None] = lambda: None,
    ) -> None:
        """Without ``recording`` nothing is kept. ``wire`` tells how the packets came, where that is known."""
        self.leg = leg
        self.hearing = Hearing()
        self._phone = phone
        self._call = call
        self._tell = tell
        self._recording = recording
        self._wire = wire
        self._heard = bytearray()
        self._offsets: deque[float] = deque(maxlen=_CLOCK_WINDOW)
        self._ready: Callable[[Hearing], bool] | None = None
        self._woken = asyncio.Event()
        self._hung_up = False
        self._listening = asyncio.create_task(self._listen(), name=f"ear-{call}")
        self._leaving: asyncio.Task[None] | None = None
        headers = leg.headers
        tell(
            Rang(
                at=time.monotonic(),
                phone=phone,
                call=call,
                caller=headers.get("From", leg.calling_number),
                asserted=headers.get("P-Asserted-Identity", ""),
                transferred_from=transferred_from,
            )
        )

    async def ring(self, seconds: float) -> bool:
        """Ring so long; ``False`` if the caller gave up meanwhile."""
        await self.leg.send_ringing()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.leg.ended.wait(), seconds)
        return not self.leg.ended.is_set()

    async def pick_up(self, leaves_after_s: float) -> bool:
        """Answer; hang up by itself after so many seconds. ``False`` if the caller had gone."""
        await self.leg.answer()
        return await self.connected(leaves_after_s, within_s=10)

    async def connected(self, leaves_after_s: float, *, within_s: float) -> bool:
        """Wait until the call is answered, by whom ever; ``False`` if it never is."""
        if not await self.leg.wait("answered", within_s):
            return False
        self._tell(Answered(at=time.monotonic(), phone=self._phone, call=self._call))
        self._leaving = asyncio.create_task(self._leave(leaves_after_s), name=f"leave-{self._call}")
        return True

    async def refuse(self, code: int, q850: int | None = None) -> None:
        """Turn the call away."""
        if not self.leg.ended.is_set():
            self._tell(Refused(at=time.monotonic(), phone=self._phone, call=self._call, code=code))
            await self.leg.reject(code, q850)
            await self.leg.ended.wait()

    async def until(self, ready: Callable[[Hearing], bool]) -> bool:
        """Wait until something is heard, or not any longer; ``False`` if the call ended before."""
        self._ready = ready
        self._woken.clear()
        ended = asyncio.create_task(self.leg.ended.wait())
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait((ended, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._ready = None
            ended.cancel()
            woken.cancel()
        return not self.leg.ended.is_set()

    async def pause(self, seconds: float) -> bool:
        """Let time pass; ``False`` if the call ended before."""
        until_s = self.hearing.clock_s + seconds
        return await self.until(lambda hearing: hearing.clock_s >= until_s)

    async def say(self, sound: Sound) -> bool:
        """Speak a line to its end; ``False`` if the call ended before."""
        into_talk = self.hearing.talk is not None
        started_at = time.monotonic()
        played = await self.leg.play(sound.path)
        if played.position_s > sound.first_s:
            end_s = min(sound.last_s, played.position_s)
            reached = sound.critical_s is not None and played.position_s >= sound.critical_s
            critical_s = played.started_s + sound.critical_s if reached and sound.critical_s is not None else None
            self._tell(
                Said(
                    at=self._monotonic(played.started_s + sound.first_s, started_at),
                    phone=self._phone,
                    call=self._call,
                    text=sound.text,
                    sound=str(sound.path),
                    start_s=played.started_s + sound.first_s,
                    end_s=played.started_s + end_s,
                    ended_at=self._monotonic(played.started_s + end_s, started_at + end_s),
                    critical_s=critical_s,
                    critical_at=None if critical_s is None else self._monotonic(critical_s, started_at),
                    into_talk=into_talk,
                    complete=played.complete,
                )
            )
        return not self.leg.ended.is_set()

    async def hang_up(self) -> None:
        """Put the handset down."""
        if not self.leg.ended.is_set():
            self._hung_up = True
            await self.leg.hang_up()

    async def close(self) -> None:
        """Hang up if need be, keep what was heard, and tell how it ended."""
        await self.hang_up()
        await self.leg.ended.wait()
        if self._leaving:
            self._leaving.cancel()
        await self._listening
        if talk := self.hearing.finish():
            self._tell_talk(talk)
        end = self.leg.end
        by: Literal["phone", "far_end", "line_died"] = "far_end" if end and end.by_far_end else "phone"
        if end and end.line_died:
            by = "line_died"
        recorded = self._keep_recording()
        self._tell(
            Ended(
                at=time.monotonic(),
                phone=self._phone,
                call=self._call,
                by=by,
                reason=f"{end.sip_code} {end.phrase}".strip() if end else "",
                recording=str(self._recording) if recorded else "",
                heard_from=self._monotonic(0.0, 0.0) if recorded else None,
                wire=self._wire(),
            )
        )

    async def _listen(self) -> None:
        async for frame in self.leg.frames():
            if self._recording is not None:
                self._heard += frame
            talk = self.hearing.feed(frame)
            self._offsets.append(time.monotonic() - self.hearing.clock_s)
            if talk:
                self._tell_talk(talk)
            if self._ready and self._ready(self.hearing):
                self._woken.set()

    async def _leave(self, after_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.leg.ended.wait(), after_s)
        await self.hang_up()

    def _monotonic(self, clock_s: float, otherwise: float) -> float:
        return min(self._offsets) + clock_s if self._offsets else otherwise

    def _tell_talk(self, talk: Talk) -> None:
        self._tell(
            HeardTalk(
                at=self._monotonic(talk.start_s, time.monotonic()),
                phone=self._phone,
                call=self._call,
                start_s=talk.start_s,
                end_s=talk.end_s,
                ended_at=self._monotonic(talk.end_s, time.monotonic()),
            )
        )

    def _keep_recording(self) -> bool:
        if self._recording is None or not self._heard:
            return False
        self._recording.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(self._recording), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(self._heard))
        return True
