"""The pool's side of one line process, through all its lives: starts it, notices its death and starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any

from dialer.lines import messages as m
from dialer.lines.child import Child
from dialer.lines.errors import LineError, NoSlotError
from dialer.lines.leg import Leg, LegEnd
from dialer.lines.settings import LineSettings

_log = logging.getLogger(__name__)

_SILENT_S = 15.0
"""A process that said nothing for so long hangs, and is killed; it says that it is alive every second."""
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 10.0
_STEADY_S = 30.0
"""A process that lived so long is started again after the first pause, one that dies young waits twice as long."""
_LEAVE_S = 5.0
"""Seconds that a process gets to hang up and end."""


class LineGoneError(LineError):
    """The process died while it was asked something."""


class Line:
    """One line process, through all its lives."""

    def __init__(self, settings: LineSettings, index: int, on_incoming: Callable[[Leg], None] | None) -> None:
        self.settings = settings
        self.index = index
        self.contact = ""
        self.registration: m.Registered | None = None
        self.restarts = 0
        self.up = False
        self._on_incoming = on_incoming
        self._legs: dict[int, Leg] = {}
        self._kept: set[int] = set()
        """Numbers of legs that took kept slots."""
        self._leg_numbers = itertools.count(1, 2)
        self._requests: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._request_numbers = itertools.count(1)
        self._child: Child | None = None
        self._heard_at = 0.0
        self._started_at = 0.0
        self._ready: asyncio.Future[None] | None = None
        self._registered = asyncio.Event()
        self._dead = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def free_slots(self) -> int:
        """Slots that a leg may be taken for now."""
        return self.settings.slots_per_process - len(self._legs) if self.up else 0

    @property
    def kept_taken(self) -> int:
        """Slots that are taken now out of those that are kept."""
        return len(self._kept & self._legs.keys())

    @property
    def pid(self) -> int:
        """Of the process that lives now; 0 for none."""
        return self._child.pid if self._child else 0

    async def start(self, *, wait_registered: bool) -> None:
        """Start the process and supervise it from then on. Raises LineError with the mend."""
        try:
            await self._spawn()
            if wait_registered:
                await self._wait_registered()
        except BaseException:
            await self._reap()
            raise
        self._supervisor = asyncio.create_task(self._supervise(), name=f"line {self.index}")

    async def stop(self) -> None:
        """Hang up everything and end the process."""
        self._stopping = True
        self.up = False
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        if self._child is not None:
            self._child.send(m.Quit())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dead.wait(), _LEAVE_S)
        await self._reap()
        self._end_legs(LegEnd(0, "The lines were stopped"))

    def carries(self, leg: Leg) -> bool:
        """Whether a leg has a slot here."""
        return self._legs.get(leg.number) is leg

    def take(self, *, kept: bool = False) -> Leg:
        """Take a leg; ``kept``: out of the slots that are kept. Raises NoSlotError."""
        if self.free_slots < 1:
            raise NoSlotError(f"All {self.settings.slots_per_process} call slots of the line process are taken.")
        leg = Leg(self, next(self._leg_numbers), self.settings.frame_ms)
        self._legs[leg.number] = leg
        self._kept &= self._legs.keys()
        if kept:
            self._kept.add(leg.number)
        return leg

    # What legs need

    def release(self, leg: Leg) -> None:
        """Give back the slot of a leg that was never dialled."""
        self._legs.pop(leg.number, None)

    async def ask(self, make: Callable[[int], m.Command]) -> dict[str, Any]:
        """Send a command and wait for what it gives; {} when the process dies meanwhile. Raises LineError."""
        request = next(self._request_numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._requests[request] = answer
        try:
            if self._child is None:
                return {}
            self._child.send(make(request))
            return await answer
        except LineGoneError:
            return {}
        finally:
            self._requests.pop(request, None)

    def tell(self, command: m.Command) -> None:
        """Send a command that is not answered."""
        if self._child is not None:
            self._child.send(command)

    # Life of the process

    async def _spawn(self) -> None:
        self._dead.clear()
        self._registered.clear()
        self.registration = None
        self._ready = asyncio.get_running_loop().create_future()
        self._started_at = self._heard_at = time.monotonic()
        self._child = Child(self._understand, self._lost)
        values = dataclasses.asdict(self.settings)
        values["log_path"] = str(self.settings.log_path) if self.settings.log_path else None
        # After a restart the same port is tried, so that a registrar or a peer that knows the contact still finds us.
        port = self.settings.first_port + self.index if self.settings.first_port else self._last_port()
        self._child.send(m.Configure(values, self.index, port, self._on_incoming is not None))
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), self.settings.start_timeout_s)
        except TimeoutError:
            raise LineError(
                f"A line process was not ready after {self.settings.start_timeout_s:.0f} s."
                " Is the machine overloaded? Start fewer processes or raise start_timeout_s."
            ) from None
        self.up = True

    def _last_port(self) -> int:
        return int(self.contact.partition(";")[0].rpartition(":")[2] or 0)

    async def _wait_registered(self) -> None:
        account = self.settings.account
        if account is None or not account.registrar_uri:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._registered.wait(), self.settings.start_timeout_s)
        told = self.registration
        if told is None:
            raise LineError(
                f"The registrar {account.registrar_uri} does not answer. Check its address and the firewall."
            )
        if told.active:
            return
        mend = {
            401: "Check the account's user name, password and realm.",
            403: "Check the account's user name and password, and whether the carrier allows it from this address.",
            404: "Check the account's id_uri: the registrar does not know it.",
            407: "Check the account's user name, password and realm.",
            408: "Nobody answered: check the registrar's address, the transport and the firewall.",
        }.get(told.code, "Ask the carrier.")
        raise LineError(f"The registrar {account.registrar_uri} refused: {told.code} {told.reason}. {mend}")

    async def _supervise(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            await self._until_dead()
            lived_s = time.monotonic() - self._started_at
            await self._reap()
            pause_s = _FIRST_PAUSE_S if lived_s > _STEADY_S else min(pause_s, _LONGEST_PAUSE_S)
            _log.warning(
                "Line process %d died after %.0f s; it is started again in %.1f s", self.index, lived_s, pause_s
            )
            await asyncio.sleep(pause_s)
            pause_s *= 2
            self.restarts += 1
            try:
                await self._spawn()
            except LineError as error:
                _log.error("Line process %d: %s", self.index, error)
                # A port that somebody else took meanwhile must not keep the line down.
                self.contact = ""

    async def _until_dead(self) -> None:
        while not self._dead.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dead.wait(), 1.0)
            if time.monotonic() - self._heard_at > _SILENT_S:
                _log.error("Line process %d says nothing: it is killed", self.index)
                return

    async def _reap(self) -> None:
        """Make sure that the process is gone."""
        child, self._child = self._child, None
        if child is not None and (last_words := await child.reap()) and not self._stopping:
            _log.warning("Line process %d ended with %s", self.index, last_words)

    def _lost(self) -> None:
        """The socket has closed: nothing of this life goes on."""
        self.up = False
        self._dead.set()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(LineError("A line process died while it started."))
            self._ready.exception()
        if not self._stopping:
            self._end_legs(LegEnd(0, "The line process died", line_died=True))
        for answer in self._requests.values():
            if not answer.done():
                answer.set_exception(LineGoneError("The line process died."))

    def _end_legs(self, end: LegEnd) -> None:
        legs, self._legs = self._legs, {}
        for leg in legs.values():
            leg.on_end(end)

    # Messages

    def _understand(self, message: m.Message) -> None:
        self._heard_at = time.monotonic()
        match message:
            case m.Frame(leg=number, index=index, pcm=pcm):
                if leg := self._legs.get(number):
                    leg.on_frame(index, pcm)
            case m.Tapped(leg=number, pcm=pcm):
                if leg := self._legs.get(number):
                    leg.on_tapped(pcm)
            case m.Done(request=request, error=error, result=result):
                answer = self._requests.get(request)
                if answer is not None and not answer.done():
                    if error:
                        answer.set_exception(LineError(error))
                    else:
                        answer.set_result(result)
            case m.Progress(leg=number, what=what):
                if leg := self._legs.get(number):
                    {"ringing": leg.ringing, "early_media": leg.early_media, "answered": leg.answered}[what].set()
            case m.DigitPressed(leg=number, digit=digit):
                if leg := self._legs.get(number):
                    leg.digits.put_nowait(digit)
            case m.LegEnded():
                if leg := self._legs.get(message.leg):
                    cause = None if message.q850 < 0 else message.q850
                    leg.on_end(LegEnd(message.sip_code, message.phrase, cause, message.q850_text, message.by_far_end))
            case m.Freed(leg=number):
                self._legs.pop(number, None)
            case m.Incoming():
                leg = self._legs[message.leg] = Leg(self, message.leg, self.settings.frame_ms, message)
                if self._on_incoming is not None:
                    self._on_incoming(leg)
            case m.Referred():
                leg = Leg(self, message.leg, self.settings.frame_ms, m.Incoming(message.leg, "", "", {}))
                self._legs[message.leg] = leg
                if by := self._legs.get(message.by):
                    by.referred.put_nowait(leg)
            case m.Registered():
                self.registration = message
                self._registered.set()
            case m.Ready(contact=contact):
                self.contact = contact
                if self._ready is not None and not self._ready.done():
                    self._ready.set_result(None)
            case m.NotReady(error=error):
                if self._ready is not None and not self._ready.done():
                    self._ready.set_exception(LineError(error))
