"""A node lets desks in other processes of its machine see its calls and do to them what its own desk may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path

import structlog

from dialer.live import LiveDesk, LiveError
from dialer.live_link.messages import MOST_ASKED, GarbledError, No, Welcome, hellos, version, welcomes
from dialer.live_link.places import identity, listen, socket_path
from dialer.live_link.sound import Sound
from dialer.live_link.telling import Telling
from dialer.live_link.wire import Wire, WireError

_MOST = 256
"""Connections at once: one of each desk, and one of each page that is a phone."""
_HELLO_S = 5.0

_log = structlog.get_logger(__name__)


class LinkServer:
    """Serves a `LiveDesk` on the socket of its node, from `start` to `stop`."""

    def __init__(self, live: LiveDesk, node: str, folder: Path) -> None:
        """``folder`` is made, and made its owner's alone."""
        self.path = socket_path(folder, node)
        self._live = live
        self._node = node
        self._server: asyncio.Server | None = None
        self._identity: tuple[int, int] | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; raises `dialer.live_link.LinkError`."""
        listening = listen(self.path)
        self._identity = identity(self.path)
        self._server = await asyncio.start_unix_server(self._connected, sock=listening)

    async def stop(self) -> None:
        """Let all desks go. What they asked and is under way is broken off."""
        if self._server is None:
            return
        self._server.close()
        # A node of this name that started meanwhile has its own socket there.
        if identity(self.path) == self._identity:
            self.path.unlink(missing_ok=True)
        tasks = [*self._connections, *self._work]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio writes to the log when one that it made itself is cancelled.
        task = asyncio.create_task(self._serve(reader, writer), name="desk in another process")
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            wire = Wire(reader, writer)
        except WireError as error:
            _log.warning("a desk in another process was refused", reason=str(error))
            return
        try:
            await self._converse(wire)
        except GarbledError as error:
            _log.warning("a desk in another process is not understood", reason=str(error))
        except (WireError, TimeoutError) as error:
            _log.debug("a desk in another process is gone", reason=str(error))
        except ExceptionGroup as errors:
            self._tell_of(errors)
        except Exception:
            _log.exception("the link to a desk in another process failed by our own fault")
        finally:
            wire.close()

    @staticmethod
    def _tell_of(errors: ExceptionGroup[Exception]) -> None:
        unexpected = errors.split((GarbledError, WireError))[1]
        if unexpected is not None:
            _log.error("the link to a desk in another process failed by our own fault", exc_info=unexpected)
        elif garbled := errors.subgroup(GarbledError):
            _log.warning("a desk in another process is not understood", reason=str(garbled.exceptions[0]))
        else:
            _log.debug("a desk in another process is gone", reason=str(errors.exceptions[0]))

    async def _converse(self, wire: Wire) -> None:
        async with asyncio.timeout(_HELLO_S):
            hello = hellos.decode(await wire.read(MOST_ASKED))
        if hello.version != version():
            await self._refuse(wire, No(f"node {self._node} is of another version than the desk: start both anew"))
        elif len(self._connections) > _MOST:
            await self._refuse(wire, No(f"node {self._node} has {_MOST} connections, which is the most"))
        elif hello.attempt_id is None:
            await wire.write(welcomes.encode(Welcome(version(), self._node)))
            await Telling(self._live, wire, self._start).run()
        else:
            await self._give_sound(wire, hello.attempt_id, hello.login)

    async def _give_sound(self, wire: Wire, attempt_id: int, login: str) -> None:
        try:
            async with self._live.audio(attempt_id, login) as link:
                await wire.write(welcomes.encode(Welcome(version(), self._node)))
                sound = Sound(wire, frames_only=False)
                try:
                    await _first(sound.run(), _pass(link.frames(), sound.send), _pass(sound.frames(), link.send))
                finally:
                    _log.info("the sound of a page in another process is over", **sound.passed.figures())
        except LiveError as error:
            await self._refuse(wire, No.of(error))

    @staticmethod
    async def _refuse(wire: Wire, why: No) -> None:
        with suppress(WireError):
            await wire.write(welcomes.encode(Welcome(version(), refused=why)))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="desk's command")
        self._work.add(task)
        task.add_done_callback(self._work.discard)


async def _pass(source: AsyncIterator[bytes], put: Callable[[bytes], None]) -> None:
    async for pcm in source:
        put(pcm)


async def _first(*works: Coroutine[object, object, None]) -> None:
    """Until one of them ends; raises what it raises."""
    tasks = [asyncio.create_task(each, name="link sound") for each in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
