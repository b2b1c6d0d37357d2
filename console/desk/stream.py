"""Tells open pages what changed, whichever process changed it, by server-sent events that carry names alone.

A change in the store, or of a live call, has several names; a page subscribes to those it shows:

- the first part of an event's kind: ``case``, ``call``, ``escalation``, ``follow_up``, ``campaign``, ``station``, ...
- ``case-ID`` and ``attempt-ID`` when it belongs to one
- ``floor``: lines, posts or a live call changed, and ``live-ATTEMPT_ID`` for the call
- ``offer``: a live call began, ended, or has other people on it or asked for it

The page then fetches the fragment anew: what somebody may see is checked there, and changes that come faster than a
page takes them are told once.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager

import structlog

from campaigns.async_store import AsyncStore
from campaigns.model import Event
from dialer.live import Changed, LiveDesk

SPACING_S = 0.15
"""A subscriber is told no more often than this."""
HEARTBEAT_S = 15.0
"""So often a stream says something, so that proxies keep it open and a lost browser is noticed."""
_PAGE = 500
_PAUSE_S = 2.0

_log = structlog.get_logger(__name__)


class Subscription:
    """The changes that one page waits for."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = dict.fromkeys(names)
        self._pending: dict[str, None] = {}
        self._something = asyncio.Event()
        self.over = False
        # A page is made before its stream is opened: what changed in between is told by telling all.
        self.tell_all()

    def tell(self, names: Collection[str]) -> None:
        """Something of these names changed."""
        for name in names:
            if name in self._names:
                self._pending[name] = None
                self._something.set()

    def tell_all(self) -> None:
        """Something changed, and it is not known what."""
        self.tell(self._names)

    def end(self) -> None:
        """No more is told."""
        self.over = True
        self._something.set()

    async def take(self, *, timeout_s: float) -> list[str]:
        """Names that changed since the last time; empty after ``timeout_s`` seconds without any, or at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._something.wait()
        except TimeoutError:
            return []
        self._something.clear()
        taken = list(self._pending)
        self._pending.clear()
        return taken


class Broadcaster:
    """Looks for changes while at least one page is open, and tells all pages."""

    def __init__(self, store: AsyncStore, live: LiveDesk | None, *, poll_s: float) -> None:
        self._store = store
        self._live = live
        self._poll_s = poll_s
        self._open: dict[Subscription, str] = {}
        self._looking: list[asyncio.Task[None]] = []
        self._closed = False

    @contextmanager
    def subscribe(self, names: Collection[str], *, session: str = "") -> Iterator[Subscription]:
        """Hear of changes; ``session`` is the digest whose end ends it."""
        found = Subscription(names)
        if self._closed:
            found.end()
        self._open[found] = session
        if not self._looking and not self._closed:
            self._looking.append(asyncio.create_task(self._keep_up(self._look_in_store), name="desk store"))
            if (live := self._live) is not None:
                look = functools.partial(self._look_at_calls, live)
                self._looking.append(asyncio.create_task(self._keep_up(look), name="desk calls"))
        try:
            yield found
        finally:
            del self._open[found]
            if not self._open:
                self._stop_looking()

    def end_session(self, digest: str) -> None:
        """Somebody logged out: their pages are told no more."""
        for each, session in self._open.items():
            if session == digest:
                each.end()

    async def close(self) -> None:
        """End all streams, so that a server can stop."""
        self._closed = True
        for each in self._open:
            each.end()
        looking = list(self._looking)
        self._stop_looking()
        await asyncio.gather(*looking, return_exceptions=True)

    def _stop_looking(self) -> None:
        for each in self._looking:
            each.cancel()
        self._looking.clear()

    def _tell(self, names: Collection[str]) -> None:
        for each in self._open:
            each.tell(names)

    async def _keep_up(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look on, whatever goes wrong; what was missed meanwhile is told by telling all."""
        while True:
            try:
                await look()
            except Exception as error:
                _log.warning("changes cannot be followed", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(_PAUSE_S)
            for each in self._open:
                each.tell_all()

    async def _look_in_store(self) -> None:
        listener = self._store.listen()
        try:
            seq = await last_seq(self._store)
            while True:
                events = await events_after(self._store, seq, _PAGE)
                if events:
                    seq = events[-1].seq
                    self._tell({name for event in events for name in _names(event)})
                if len(events) < _PAGE:
                    await asyncio.sleep(SPACING_S)
                    await listener.wait(timeout_s=self._poll_s)
        finally:
            self._store.stop_listening(listener)

    async def _look_at_calls(self, live: LiveDesk) -> None:
        people: dict[int, object] = {}
        async with live.changes() as changes:
            async for change in changes:
                self._tell(_names_of_call(change))
                if change.attempt_id is not None and people.get(change.attempt_id) != (found := _people(live, change)):
                    people[change.attempt_id] = found
                    self._tell(("offer",))
                    if found is None:
                        del people[change.attempt_id]


async def events_after(store: AsyncStore, seq: int, limit: int) -> list[Event]:
    """The next events."""
    return await store.call(lambda s: s.events(after=seq, limit=limit), wake=False)


async def last_seq(store: AsyncStore) -> int:
    """The newest event's, found by halving: the log may be long, and each look is one step in an index."""
    upper = 1
    while await events_after(store, upper, 1):
        upper *= 2
    lower = upper // 2
    while lower < upper:
        middle = (lower + upper) // 2
        if found := await events_after(store, middle, 1):
            lower = found[0].seq
        else:
            upper = middle
    return lower


def _names(event: Event) -> Iterator[str]:
    yield event.kind.partition(".")[0]
    if event.case_id is not None:
        yield f"case-{event.case_id}"
    if event.attempt_id is not None:
        yield f"attempt-{event.attempt_id}"


def _names_of_call(change: Changed) -> tuple[str, ...]:
    return ("floor",) if change.attempt_id is None else ("floor", f"live-{change.attempt_id}")


def _people(live: LiveDesk, change: Changed) -> object:
    """Who is on a call or asked for it; ``None`` when it is over."""
    call = None if change.attempt_id is None else live.call(change.attempt_id)
    return None if call is None else (call.phase, call.offers, call.on_call)
