"""The desk's end of the link to one node: what the node told last, and what is asked of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import structlog

from dialer.changes import Changes
from dialer.live import AudioLink, FloorState, LiveCall, LiveError, Refusal
from dialer.live_link.messages import (
    MOST_ASKED,
    MOST_TOLD,
    Ask,
    CallOver,
    CallSaid,
    Command,
    Done,
    FloorSaid,
    GarbledError,
    Hello,
    No,
    Settled,
    asks,
    hellos,
    tellings,
    version,
    welcomes,
)
from dialer.live_link.places import connect
from dialer.live_link.sound import Sound
from dialer.live_link.wire import Wire, WireError

SILENT_S = 5.0
"""A node that told nothing for so long is gone."""
ANSWER_S = 20.0
"""So long a command may take."""
_HELLO_S = 5.0

_log = structlog.get_logger(__name__)


class NodeGoneError(LiveError):
    """The node that carries the call is not there."""


class RefusedError(Exception):
    """The node does not want this desk; the message says why."""

    def __init__(self, why: No) -> None:
        super().__init__(str(why.error()))
        self.why = why


class LinkedNode:
    """One node. `run` lasts as long as one connection to it."""

    def __init__(self, path: Path, changes: Changes) -> None:
        """``changes`` is told of all that changes there."""
        self.path = path
        self._changes = changes
        self._name = ""
        self._wire: Wire | None = None
        self._floor: FloorState | None = None
        self._calls: dict[int, LiveCall] = {}
        self._settled_at: float | None = None
        self._ids = itertools.count()
        self._asked: dict[int, asyncio.Future[LiveError | None]] = {}
        self._writing = asyncio.Lock()

    # ---- what there is

    def state(self) -> FloorState | None:
        """The node as it told last; ``None`` while it is not there."""
        if self._floor is None or self._settled_at is None:
            return None
        return replace(self._floor, at=self._settled_at, calls=tuple(self._calls.values()))

    def call(self, attempt_id: int) -> LiveCall | None:
        """One of its calls."""
        return self._calls.get(attempt_id) if self._settled_at is not None else None

    async def run(self) -> None:
        """Connect and keep up, until the connection ends. Raises `RefusedError`, `GarbledError`, `WireError`, `OSError`
        or `TimeoutError` to say why.
        """
        wire, self._name = await self._open(Hello(version()))
        self._wire = wire
        try:
            while True:
                async with asyncio.timeout(SILENT_S):
                    message = await wire.read(MOST_TOLD)
                self._take(tellings.decode(message))
                await asyncio.sleep(0)  # sound goes before
        finally:
            wire.close()
            self._lose()

    def _take(self, told: FloorSaid | CallSaid | CallOver | Settled | Done) -> None:
        match told:
            case FloorSaid(floor=floor):
                self._floor = floor
                self._tell(None)
            case CallSaid(call=call):
                self._calls[call.attempt_id] = call
                self._tell(call.attempt_id)
            case CallOver(attempt_id=attempt_id):
                self._calls.pop(attempt_id, None)
                self._tell(attempt_id)
            case Settled(at=at):
                new, self._settled_at = self._settled_at is None, at
                if new:
                    _log.info("a node is in reach", node=self._name)
                    self._tell_all()
            case Done(id=asked, refused=refused):
                error = refused.error() if refused is not None else None
                answer = self._asked.pop(asked, None)
                if answer is not None and not answer.done():
                    answer.set_result(error)
            case _:
                assert_never(told)

    def _tell(self, attempt_id: int | None) -> None:
        if self._settled_at is not None:
            self._changes.tell(attempt_id)

    def _tell_all(self) -> None:
        for attempt_id in (None, *self._calls):
            self._tell(attempt_id)

    def _lose(self) -> None:
        was, self._settled_at = self._settled_at, None
        calls, self._calls, self._floor, self._wire = self._calls, {}, None, None
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(NodeGoneError(Refusal.NODE_GONE, name=self._name))
        if was is not None:
            _log.info("a node is out of reach", node=self._name)
            for attempt_id in (None, *calls):
                self._changes.tell(attempt_id)

    # ---- what is asked of it

    async def ask(self, command: Command) -> None:
        """Have a command carried out; what it changed is in `state` when this returns. Raises `LiveError`."""
        wire = self._wire
        if wire is None:
            raise NodeGoneError(Refusal.OVER)
        asked = next(self._ids)
        answer = self._asked[asked] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                async with self._writing:
                    await wire.write(asks.encode(Ask(asked, command)))
                refused = await answer
        except TimeoutError:
            raise LiveError(Refusal.NO_ANSWER) from None
        except WireError:
            raise NodeGoneError(Refusal.OVER) from None
        finally:
            self._asked.pop(asked, None)
        if refused is not None:
            raise refused

    @asynccontextmanager
    async def audio(self, attempt_id: int, login: str) -> AsyncIterator[AudioLink]:
        """The sound of a call, over a connection of its own; raises `LiveError`."""
        try:
            wire, node = await self._open(Hello(version(), attempt_id, login))
        except RefusedError as error:
            raise error.why.error() from None
        except (OSError, TimeoutError, WireError, GarbledError):
            raise NodeGoneError(Refusal.OVER) from None
        sound = Sound(wire, frames_only=True)
        carrying = asyncio.create_task(self._carry(sound), name="link sound")
        try:
            yield sound
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            wire.close()
            _log.info("the sound of a call on another process is over", node=node, **sound.passed.figures())

    @staticmethod
    async def _carry(sound: Sound) -> None:
        try:
            await sound.run()
        except WireError as error:
            _log.debug("the sound of a call ended", reason=str(error))

    async def _open(self, hello: Hello) -> tuple[Wire, str]:
        async with asyncio.timeout(_HELLO_S):
            wire = Wire(*await connect(self.path))
            try:
                await wire.write(hellos.encode(hello))
                welcome = welcomes.decode(await wire.read(MOST_ASKED))
                if welcome.refused is not None:
                    raise RefusedError(welcome.refused)
                if welcome.version != version():
                    raise RefusedError(No("the node is of another version than the desk: start both anew"))
            except BaseException:
                wire.close()
                raise
            return wire, welcome.node
