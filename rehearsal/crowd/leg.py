"""One call to a phone of the crowd. The real `rehearsal.seam.Leg`."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal, Protocol

from dialer.lines import LegEnd, Played
from dialer.lines.waiting import came
from rehearsal.crowd import sip
from rehearsal.crowd.media import Sound
from rehearsal.facts import Wire
from speech.g711 import PCMA, PCMU

_NAMES = {PCMA: "PCMA", PCMU: "PCMU"}
_T1_S, _TRIES = 0.5, 8
"""So often a final answer, or a BYE, is sent again until it is acknowledged (RFC 3261, 13.3.1.4; without doubling)."""


class Wires(Protocol):
    """What a leg needs of its exchange."""

    host: str
    port: int

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        """Send a SIP message."""
        ...

    def begin(self, tick: Callable[[float], None]) -> Callable[[], None]:
        """Have something called every 20 ms; returns what ends that."""
        ...

    def forget(self, leg: CrowdLeg) -> None:
        """The call is over."""
        ...


class CrowdLeg:
    """A call that came in."""

    def __init__(self, wires: Wires, invite: sip.Message, came_from: tuple[str, int]) -> None:
        """Raises `OSError` when there is no port for its sound."""
        self.ended = asyncio.Event()
        self.answered = asyncio.Event()
        self.end: LegEnd | None = None
        self.referred: asyncio.Queue[CrowdLeg] = asyncio.Queue()
        """Stays empty: nobody transfers these phones."""
        self.call_id = invite.one("call-id")
        self.called_number = invite.user
        self.calling_number = sip.user_of(sip.uri_of(invite.one("from")))
        named = ("From", "P-Asserted-Identity")
        self.headers = {name: value for name in named if (value := invite.one(name.lower()))}
        self._wires = wires
        self._dialog = sip.Dialog(invite)
        self._to = came_from
        self._sound = Sound(wires.host)
        self._ends_sending: Callable[[], None] | None = None
        self._last = b""
        self._repeating: asyncio.Task[None] | None = None
        self._sdp = ""

    @property
    def wire(self) -> Wire:
        """How the packets of its sound came."""
        return self._sound.wire

    async def wait(self, what: Literal["ringing", "early_media", "answered"], timeout_s: float) -> bool:
        """Wait until it is answered; other events are the caller's."""
        return what == "answered" and await came(self.answered, self.ended, timeout_s)

    async def send_ringing(self) -> None:
        """Answer 180."""
        self._respond(180)

    async def send_progress(self) -> None:
        """Answer 183 with SDP."""
        if self._open():
            self._respond(183, sdp=self._sdp)

    async def answer(self) -> None:
        """Answer 200."""
        if self._open():
            self._respond(200, sdp=self._sdp)

    async def reject(self, code: int, q850: int | None = None, text: str = "") -> None:
        """Refuse with a final SIP code and, if given, a Q.850 cause."""
        reason = f"Q.850;cause={q850}" + (f';text="{text}"' if text else "")
        self._respond(code, extra=(("Reason", reason),) if q850 else ())
        self._end(LegEnd(code, "", q850))

    async def play(self, path: Path | str, from_s: float = 0.0) -> Played:
        """Play a WAV file."""
        return await self._sound.play(Path(path), from_s)

    def frames(self) -> AsyncIterator[bytes]:
        """The far end's audio."""
        return self._sound.frames()

    async def hang_up(self) -> None:
        """End the call."""
        if self.ended.is_set():
            return
        if self.answered.is_set():
            packet, to = self._dialog.request("BYE", self._wires.host, self._wires.port)
            self._say(packet, to, again=True)
            self._end(LegEnd(200, "OK"))
        else:
            await self.reject(480)

    # What comes

    def take(self, message: sip.Message, came_from: tuple[str, int]) -> None:
        """Take a message of this call."""
        self._to = came_from
        match message.method:
            case "ACK":
                self._enough()
                if not self.ended.is_set():
                    self.answered.set()
            case "INVITE" if self.answered.is_set():
                self._wires.send(self._answer(message, 200, sdp=self._sdp), came_from)
            case "INVITE":
                self._wires.send(self._last or self._answer(message, 100), came_from)
            case "BYE":
                self._wires.send(self._answer(message, 200), came_from)
                self._end(LegEnd(200, "OK", _cause(message), by_far_end=True))
            case "CANCEL":
                self._wires.send(self._answer(message, 200), came_from)
                if not self.answered.is_set():
                    self._respond(487)
                    self._end(LegEnd(487, "Request Terminated", _cause(message), by_far_end=True))
            case "SIP/2.0":
                self._enough()
            case _:
                self._wires.send(self._answer(message, 200), came_from)

    def close(self) -> None:
        """The exchange goes down."""
        self._end(LegEnd(0, "the exchange went down"))
        self._enough()

    # Inside

    def _open(self) -> bool:
        """Let sound flow; ``False`` if the offer is none of ours."""
        if self._sdp:
            return True
        media = sip.offered(self._dialog.invite.body)
        law = next((each for each in media.formats if each in _NAMES), None) if media else None
        if media is None or law is None:
            self._respond(488)
            self._end(LegEnd(488, "Not Acceptable Here"))
            return False
        self._sdp = sip.answered(self._wires.host, self._sound.port, law, _NAMES[law], media.events)
        self._sound.open((media.host, media.port), law)
        self._ends_sending = self._wires.begin(self._sound.tick)
        return True

    def _respond(self, code: int, *, sdp: str = "", extra: tuple[tuple[str, str], ...] = ()) -> None:
        if not self.ended.is_set():
            self._last = self._answer(self._dialog.invite, code, sdp=sdp, extra=extra)
            self._say(self._last, self._to, again=code >= 200)

    def _answer(
        self, request: sip.Message, code: int, *, sdp: str = "", extra: tuple[tuple[str, str], ...] = ()
    ) -> bytes:
        contact = f"sip:{self.called_number}@{self._wires.host}:{self._wires.port}"
        return sip.response(request, code, self._dialog.tag, contact=contact, sdp=sdp, extra=extra)

    def _say(self, packet: bytes, to: tuple[str, int], *, again: bool) -> None:
        self._wires.send(packet, to)
        if again:
            self._enough()
            self._repeating = asyncio.create_task(self._repeat(packet, to), name="again")

    async def _repeat(self, packet: bytes, to: tuple[str, int]) -> None:
        for _ in range(_TRIES):
            await asyncio.sleep(_T1_S)
            self._wires.send(packet, to)
        self._wires.forget(self)

    def _enough(self) -> None:
        if self._repeating is not None:
            self._repeating.cancel()
            self._repeating = None
        if self.ended.is_set():
            self._wires.forget(self)

    def _end(self, end: LegEnd) -> None:
        if self.end is not None:
            return
        self.end = end
        if self._ends_sending is not None:
            self._ends_sending()
        with contextlib.suppress(OSError):
            self._sound.close()
        self.ended.set()
        if self._repeating is None:
            self._wires.forget(self)


def _cause(message: sip.Message) -> int | None:
    match = re.search(r"Q\.850;\s*cause=(\d+)", message.one("reason"))
    return int(match[1]) if match else None
