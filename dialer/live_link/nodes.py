"""All nodes of a machine as one live floor. The `dialer.live.LiveDesk` of a desk that is served apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from dialer.changes import Changes
from dialer.live import PRESSURES, AudioLink, Changed, FloorState, LiveCall, LiveError, Part, Post, Refusal
from dialer.live_link.client import LinkedNode, NodeGoneError, RefusedError
from dialer.live_link.messages import BringIn, Command, GarbledError, Listen, SetStation, Simple, Switch
from dialer.live_link.places import sockets
from dialer.live_link.wire import WireError

LOOK_S = 0.5
"""How often it is looked for nodes that have come."""
_BUSIEST = ("talking", "ringing", "resting", "ready", "break", "away")

_log = structlog.get_logger(__name__)


class LinkedNodes:
    """Finds the nodes whose sockets lie in a folder, and keeps linked with them while it is entered.

    A command goes to the node that carries the call; where somebody stands is told to all. With no node in reach,
    `state` is of none: its ``node`` is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changes = Changes()
        self._nodes: dict[Path, LinkedNode] = {}
        self._tasks: dict[Path, asyncio.Task[None]] = {}
        self._complaints: dict[Path, str] = {}
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to look for nodes."""
        self._looking = asyncio.create_task(self._look(), name="look for nodes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave all nodes."""
        tasks = [*self._tasks.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            for path in sockets(self._folder):
                if path not in self._tasks:
                    task = self._tasks[path] = asyncio.create_task(self._keep(path), name="link to a node")
                    task.add_done_callback(lambda _, path=path: self._tasks.pop(path, None))  # type: ignore[misc]
            await asyncio.sleep(LOOK_S)

    async def _keep(self, path: Path) -> None:
        node = self._nodes[path] = LinkedNode(path, self._changes)
        try:
            await node.run()
        except (RefusedError, GarbledError) as error:
            self._complain(path, str(error))
        except (OSError, WireError, TimeoutError):
            return  # it is tried again
        except Exception as error:
            _log.exception("the link to a node failed by our own fault", socket=path.name, error=repr(error))
        finally:
            self._nodes.pop(path, None)

    def _complain(self, path: Path, why: str) -> None:
        """Say so, once."""
        if self._complaints.get(path) != why:
            self._complaints[path] = why
            _log.warning("a node cannot be linked with the desk", socket=path.name, reason=why)

    # ---- what there is

    def state(self) -> FloorState:
        """See `LiveDesk`; what is said of several nodes as one is the worst of it, and each is in ``parts``."""
        parts = tuple(state for node in self._nodes.values() if (state := node.state()) is not None)
        if len(parts) == 1:
            return parts[0]
        brokers = [each.broker_up for each in parts if each.broker_up is not None]
        return FloorState(
            node=", ".join(each.node for each in parts),
            at=max((each.at for each in parts), default=time.time()),
            lines=sum(each.lines for each in parts),
            paused=any(each.paused for each in parts),
            breaker_open=any(each.breaker_open for each in parts),
            trunk_up=all(each.trunk_up for each in parts),
            calls=tuple(call for each in parts for call in each.calls),
            posts=_merged(post for each in parts for post in each.posts),
            broker_up=all(brokers) if brokers else None,
            pressure=max((each.pressure for each in parts), key=PRESSURES.index, default=PRESSURES[0]),
            parts=parts,
        )

    def call(self, attempt_id: int) -> LiveCall | None:
        """See `LiveDesk`."""
        return next((call for node in self._nodes.values() if (call := node.call(attempt_id)) is not None), None)

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Changed]]:
        """See `LiveDesk`."""
        return self._changes.follow()

    def _carrier(self, attempt_id: int) -> LinkedNode:
        for node in self._nodes.values():
            if node.call(attempt_id) is not None:
                return node
        raise LiveError(Refusal.OVER)

    # ---- what is done

    async def set_station(self, login: str, *, ready: bool, phone: str) -> None:
        """See `LiveDesk`. All nodes are told; one that comes later, or goes meanwhile, learns it from the store."""
        command = SetStation(login, ready, phone)
        there = [node for node in self._nodes.values() if node.state() is not None]
        answers = await asyncio.gather(*(node.ask(command) for node in there), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, NodeGoneError):
                raise answer

    async def accept(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("accept", attempt_id, login))

    async def decline(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("decline", attempt_id, login))

    @asynccontextmanager
    async def audio(self, attempt_id: int, login: str) -> AsyncIterator[AudioLink]:
        """See `LiveDesk`."""
        async with self._carrier(attempt_id).audio(attempt_id, login) as link:
            yield link

    async def listen(self, attempt_id: int, login: str, part: Part) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Listen(attempt_id, login, part))

    async def take_over(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("take_over", attempt_id, login))

    async def mute(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Switch("mute", attempt_id, login, on))

    async def hold(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Switch("hold", attempt_id, login, on))

    async def bring_in(self, attempt_id: int, login: str, *, dissuader: str = "", number: str = "") -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, BringIn(attempt_id, login, dissuader, number))

    async def leave(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("leave", attempt_id, login))

    async def hand_back(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("hand_back", attempt_id, login))

    async def hang_up(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._ask(attempt_id, Simple("hang_up", attempt_id, login))

    async def _ask(self, attempt_id: int, command: Command) -> None:
        await self._carrier(attempt_id).ask(command)


def _merged(posts: Iterable[Post]) -> tuple[Post, ...]:
    """One post of each person: where they are busiest, for a node does not know what they do on another."""
    found: dict[str, Post] = {}
    for post in posts:
        known = found.get(post.name)
        if known is None or _rank(post) < _rank(known):
            found[post.name] = post
    return tuple(found.values())


def _rank(post: Post) -> tuple[bool, int]:
    return post.attempt_id is None, _BUSIEST.index(post.readiness) if post.readiness in _BUSIEST else len(_BUSIEST)
