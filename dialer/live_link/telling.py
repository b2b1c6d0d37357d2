"""A node tells one desk what goes on, and does what it asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace

import structlog

from dialer.live import FloorState, LiveCall, LiveDesk, LiveError, Post, Refusal
from dialer.live_link.messages import (
    MOST_ASKED,
    MOST_TOLD,
    Ask,
    BringIn,
    CallOver,
    CallSaid,
    Command,
    Done,
    FloorSaid,
    Listen,
    No,
    SetStation,
    Settled,
    Simple,
    Switch,
    asks,
    tellings,
)
from dialer.live_link.wire import Wire

SPACING_S = 0.1
"""A desk is told of changes no more often than this."""
BEAT_S = 1.0
"""A desk is told that all is as it was at least so often."""
_SAME_S = 0.5
_AT_ONCE = 32
"""Commands of one desk that are under way at most; it waits with further ones."""

_log = structlog.get_logger(__name__)

Start = Callable[[Coroutine[object, object, None]], object]


class Telling:
    """One desk's view of the floor. What it was told is remembered, and it is told what differs."""

    def __init__(self, live: LiveDesk, wire: Wire, start: Start) -> None:
        """``start`` sets off work that goes on when the desk is gone."""
        self._live = live
        self._wire = wire
        self._start = start
        self._floor: FloorState | None = None
        self._calls: dict[int, LiveCall] = {}
        self._done: list[Done] = []
        self._something = asyncio.Event()
        self._urgent = asyncio.Event()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Until the connection ends; raises `WireError`, and `GarbledError` when the desk is not understood."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(), name="link follows")
            tasks.create_task(self._tell(), name="link tells")
            tasks.create_task(self._obey(), name="link obeys")

    async def _follow(self) -> None:
        async with self._live.changes() as changes:
            async for _ in changes:
                self._something.set()

    async def _tell(self) -> None:
        while True:
            # What is done is told after what it changed, so that whoever asked sees it at once.
            self._something.clear()
            self._urgent.clear()
            done, self._done = self._done, []
            for message in self._news():
                await self._wire.write(message)
                await asyncio.sleep(0)  # sound goes before
            for each in done:
                await self._wire.write(tellings.encode(each))
                self._free.release()
            await self._pause()

    async def _pause(self) -> None:
        for event, most_s in ((self._urgent, SPACING_S), (self._something, BEAT_S - SPACING_S)):
            try:
                async with asyncio.timeout(most_s):
                    await event.wait()
            except TimeoutError:
                continue
            return

    def _news(self) -> Iterator[bytes]:
        state = self._live.state()
        floor = replace(state, calls=(), at=0.0, posts=self._steady(state.posts))
        calls = {each.attempt_id: each for each in state.calls}
        for attempt_id in self._calls.keys() - calls.keys():
            yield tellings.encode(CallOver(attempt_id))
        if floor != self._floor:
            yield tellings.encode(FloorSaid(floor))
        for attempt_id, call in calls.items():
            before = self._calls.get(attempt_id)
            if before is call or before == call:
                continue
            message = tellings.encode(CallSaid(call))
            if len(message) <= MOST_TOLD:
                yield message
            else:
                _log.warning("a call is too long for a desk in another process", attempt=attempt_id)
        self._floor, self._calls = floor, calls
        yield tellings.encode(Settled(state.at))

    def _steady(self, posts: tuple[Post, ...]) -> tuple[Post, ...]:
        """The same posts; one that is only reckoned anew to have begun a moment earlier or later is told as before."""
        before = {each.name: each for each in self._floor.posts} if self._floor is not None else {}
        steady = []
        for post in posts:
            known = before.get(post.name)
            same = known is not None and abs(known.since_at - post.since_at) < _SAME_S
            steady.append(replace(post, since_at=known.since_at) if known is not None and same else post)
        return tuple(steady)

    async def _obey(self) -> None:
        while True:
            await self._free.acquire()
            ask = asks.decode(await self._wire.read(MOST_ASKED))
            self._start(self._carry_out(ask))

    async def _carry_out(self, ask: Ask) -> None:
        refused: No | None = None
        try:
            await carry_out(self._live, ask.command)
        except LiveError as error:
            refused = No.of(error)
        except Exception:
            _log.exception("what a desk asked failed by our own fault", command=ask.command.do)
            refused = No(Refusal.NODE_FAILED)
        self._done.append(Done(ask.id, refused))
        self._something.set()
        self._urgent.set()


async def carry_out(live: LiveDesk, command: Command) -> None:
    """Do what a desk asked; raises `LiveError`."""
    match command:
        case SetStation(login=login, ready=ready, phone=phone):
            await live.set_station(login, ready=ready, phone=phone)
        case Listen(attempt_id=attempt_id, login=login, part=part):
            await live.listen(attempt_id, login, part)
        case Switch(do="mute", attempt_id=attempt_id, login=login, on=on):
            await live.mute(attempt_id, login, on=on)
        case Switch(attempt_id=attempt_id, login=login, on=on):
            await live.hold(attempt_id, login, on=on)
        case BringIn(attempt_id=attempt_id, login=login, dissuader=dissuader, number=number):
            await live.bring_in(attempt_id, login, dissuader=dissuader, number=number)
        case Simple(do=do, attempt_id=attempt_id, login=login):
            simple = {
                "accept": live.accept,
                "decline": live.decline,
                "take_over": live.take_over,
                "leave": live.leave,
                "hand_back": live.hand_back,
                "hang_up": live.hang_up,
            }
            await simple[do](attempt_id, login)
