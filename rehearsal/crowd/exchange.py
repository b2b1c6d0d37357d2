"""The exchange that all phones of the crowd hang on: one SIP port, one clock. The real `rehearsal.seam.Exchange`."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from rehearsal.crowd import sip
from rehearsal.crowd.leg import CrowdLeg
from rehearsal.crowd.media import Clock, note_times

_log = logging.getLogger(__name__)
_BUFFER = 4 * 1024 * 1024


class CrowdExchange(asyncio.DatagramProtocol):
    """Any number of phones in this process, on UDP."""

    def __init__(self, names: Sequence[str], host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None
        self._legs: dict[str, CrowdLeg] = {}
        self._calls: asyncio.Queue[CrowdLeg] = asyncio.Queue()
        self._clock = Clock()
        self._ticking: asyncio.Task[None] | None = None

    @property
    def contacts(self) -> Mapping[str, str]:
        """SIP URI of every phone: they share it."""
        return dict.fromkeys(self._names, f"sip:{self.host}:{self.port}")

    async def start(self) -> None:
        """Listen; raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        bound: socket.socket = self._transport.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        note_times(bound)
        self.port = int(bound.getsockname()[1])
        self._ticking = asyncio.create_task(self._clock.run(), name="clock")

    async def incoming(self) -> AsyncIterator[CrowdLeg]:
        """The calls that come, for ever."""
        while True:
            yield await self._calls.get()

    async def stop(self) -> None:
        """End all calls."""
        await asyncio.gather(*(leg.hang_up() for leg in tuple(self._legs.values())))
        for leg in tuple(self._legs.values()):
            leg.close()
        if self._ticking is not None:
            self._ticking.cancel()
        if self._transport is not None:
            self._transport.close()

    # For legs

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        """Send a SIP message."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet, to)

    def begin(self, tick: Callable[[float], None]) -> Callable[[], None]:
        """Have something called every 20 ms; returns what ends that."""
        return self._clock.add(tick)

    def forget(self, leg: CrowdLeg) -> None:
        """The call is over."""
        if self._legs.get(leg.call_id) is leg:
            del self._legs[leg.call_id]

    # From the loop

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Bring a message to its call."""
        message = sip.parse(data)
        if message is None:
            return
        leg = self._legs.get(message.one("call-id"))
        if leg is not None:
            leg.take(message, addr)
        elif message.method == "INVITE":
            self._call(message, addr)
        elif message.method not in ("ACK", "SIP/2.0"):
            known = message.method in ("BYE", "OPTIONS", "CANCEL")
            self.send(sip.response(message, 200 if known else 481, "none"), addr)

    def _call(self, invite: sip.Message, came_from: tuple[str, int]) -> None:
        try:
            leg = CrowdLeg(self, invite, came_from)
        except OSError as error:
            _log.error("no port for the sound of a call: %s", error)
            self.send(sip.response(invite, 503, "none"), came_from)
            return
        self._legs[leg.call_id] = leg
        self.send(sip.response(invite, 100, ""), came_from)
        self._calls.put_nowait(leg)
