"""Who may take a live call: readiness, the queue of calls that wait, and who gets whom."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dialer.place import Dissuader, Place, Readiness

__all__ = ["Dissuader", "Dissuaders", "Keeper", "NotFreeError", "Place", "Readiness"]


class NotFreeError(Exception):
    """Somebody cannot be asked now, or is not at this desk."""


class Keeper(Protocol):
    """Sees to it that other nodes leave a user of the desk alone while this one asks, or has, them."""

    async def hold(self, name: str) -> bool:
        """Keep them for this node; False when another node has them."""
        ...

    def free(self, name: str) -> None:
        """Keep them no longer."""
        ...


class _Alone:
    """There is no other node."""

    async def hold(self, name: str) -> bool:
        return True

    def free(self, name: str) -> None:
        return


@dataclass(slots=True, eq=False)
class _Waiting:
    """One call that waits for a dissuader."""

    urgency: int
    order: int
    unsuitable: frozenset[str]
    taken: asyncio.Future[Dissuader] = field(repr=False)


class Dissuaders:
    """Gives calls that wait a dissuader: most urgent first, then first come; of the ready, the one longest idle, but
    before others those who can surely be reached from here.
    """

    def __init__(self, dissuaders: Sequence[Dissuader]) -> None:
        """``dissuaders`` have configured phones. Raises `ValueError` when two have one name."""
        self._places = {d.name: Place(d, order, fixed=True) for order, d in enumerate(dissuaders)}
        if len(self._places) != len(dissuaders):
            raise ValueError("two dissuaders have the same name; give each a name of its own")
        self._waiting: list[_Waiting] = []
        self._arrivals = 0
        self.keeper: Keeper = _Alone()
        self.on_change: Callable[[], None] = lambda: None
        """Called when what somebody is doing has changed."""

    def readiness(self) -> dict[str, Readiness]:
        """What each dissuader is doing now."""
        return {name: place.readiness for name, place in self._places.items()}

    def places(self) -> list[Place]:
        """Everybody at the desk, in order of coming."""
        return list(self._places.values())

    def place(self, name: str) -> Place | None:
        """Where somebody stands; ``None`` for one who is not at this desk."""
        return self._places.get(name)

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    def any_hope(self, unsuitable: frozenset[str] = frozenset()) -> bool:
        """Whether somebody is ready, or may become so, who is not ``unsuitable``."""
        return any(
            place.readiness is not Readiness.AWAY and name not in unsuitable for name, place in self._places.items()
        )

    def set_away(self, name: str, away: bool) -> None:
        """Take a dissuader out of service, or back; during a call it counts from its end. Raises `KeyError`."""
        place = self._places[name]
        if place.engaged:
            place.leaving = away
        elif away:
            self._set(place, Readiness.AWAY)
        elif place.readiness is Readiness.AWAY:
            self._make_ready(place)

    def set_station(self, name: str, *, ready: bool, uri: str, here: bool = False) -> None:
        """A user of the desk comes, with a phone or the page as one, or goes; ``here``: says so on a page of this
        process. Raises `ValueError` for the name of a configured phone.
        """
        place = self._places.get(name)
        if place is not None and place.fixed:
            raise ValueError(f"a configured phone is called {name!r} too; give one of them another name")
        if place is None:
            self._arrivals += 1
            place = Place(Dissuader(name, uri), self._arrivals, fixed=False, readiness=Readiness.AWAY)
            self._places[name] = place
        place.forgotten, place.here = False, here
        place.dissuader = Dissuader(name, uri)
        if ready and place.readiness is Readiness.RESTING:
            self._make_ready(place)
        self.set_away(name, not ready)
        self.on_change()

    def forget(self, name: str) -> None:
        """A user takes no calls any more; during a call it counts from its end."""
        place = self._places.get(name)
        if place is None or place.fixed:
            return
        if place.engaged and not place.elsewhere:
            place.forgotten = True
        else:
            self._remove(place)

    def set_elsewhere(self, name: str, elsewhere: bool) -> None:
        """Another node has somebody on a call, or has them no more."""
        place = self._places.get(name)
        if place is None or place.elsewhere == elsewhere:
            return
        if elsewhere and place.readiness in (Readiness.READY, Readiness.RESTING):
            self._lend(place)
        elif not elsewhere:
            self.rest(place.dissuader, 0)

    async def take(self, *, urgency: int, unsuitable: frozenset[str], wait_s: float) -> Dissuader | None:
        """A dissuader who may be asked now, and who is then `Readiness.RINGING`.

        ``unsuitable`` names those who have already declined this call. Waits up to ``wait_s`` for one to become
        ready; ``None`` when none did, or when nobody is left who could.
        """
        self._arrivals += 1
        order = self._arrivals
        until = asyncio.get_running_loop().time() + wait_s
        while True:
            left_s = max(0.0, until - asyncio.get_running_loop().time())
            dissuader = await self._next(_Waiting(urgency, order, unsuitable, asyncio.Future()), left_s)
            if dissuader is None or await self._hold(dissuader):
                return dissuader

    async def take_named(self, name: str) -> Dissuader:
        """Somebody in particular, who is then `Readiness.RINGING`. Raises `NotFreeError`."""
        place = self._places.get(name)
        if place is None:
            raise NotFreeError(f"{name} is not at this desk")
        if place.readiness is not Readiness.READY:
            raise NotFreeError(f"{name} is not free: {place.readiness.value}")
        self._set(place, Readiness.RINGING)
        if not await self._hold(place.dissuader):
            raise NotFreeError(f"{name} is on another call")
        return place.dissuader

    async def engage(self, name: str) -> Dissuader | None:
        """Somebody goes onto a call by themself and is offered none meanwhile; ``None`` for one who takes no calls.

        Raises `NotFreeError` when another call has them.
        """
        place = self._places.get(name)
        if place is None or place.readiness is Readiness.AWAY:
            return None
        if place.engaged:
            raise NotFreeError(f"{name} is on another call")
        self._set(place, Readiness.TALKING)
        if not await self._hold(place.dissuader):
            raise NotFreeError(f"{name} is on another call")
        return place.dissuader

    def talks(self, dissuader: Dissuader) -> None:
        """The dissuader has the subject on the line."""
        self._set(self._places[dissuader.name], Readiness.TALKING)

    def rest(self, dissuader: Dissuader, for_s: float) -> None:
        """Leave the dissuader alone for ``for_s`` seconds; with 0 ready at once."""
        place = self._places[dissuader.name]
        place.elsewhere = False
        if place.forgotten:
            self._remove(place)
        elif place.leaving:
            self._set(place, Readiness.AWAY)
        elif for_s > 0:
            if place.readiness is Readiness.RINGING:
                self._free(place)  # whom this node could not reach another one may
            self._set(place, Readiness.RESTING)
            place.rest = asyncio.get_running_loop().call_later(for_s, self._make_ready, place)
        else:
            self._make_ready(place)

    def _set(self, place: Place, readiness: Readiness) -> None:
        if place.rest is not None:
            place.rest.cancel()
            place.rest = None
        if readiness in (Readiness.READY, Readiness.AWAY):
            place.leaving = False
            self._free(place)
        if place.readiness is not readiness:
            with contextlib.suppress(RuntimeError):  # before the loop runs: from the beginning
                place.since_s = asyncio.get_running_loop().time()
        place.readiness = readiness
        self.on_change()

    def _make_ready(self, place: Place) -> None:
        self._set(place, Readiness.READY)
        place.ready_since = asyncio.get_running_loop().time()
        self._match()

    def _lend(self, place: Place) -> None:
        self._set(place, Readiness.TALKING)
        place.elsewhere = True

    def _remove(self, place: Place) -> None:
        self._set(place, Readiness.AWAY)
        self._places.pop(place.dissuader.name, None)

    async def _hold(self, dissuader: Dissuader) -> bool:
        """Whether no other node has them; they count as busy there from now on if one has."""
        place = self._places[dissuader.name]
        if place.fixed:
            return True
        try:
            place.held = await self.keeper.hold(dissuader.name)
        except BaseException:
            place.held = True  # it may have been written
            self.rest(dissuader, 0)
            raise
        if not place.held:
            self._lend(place)
        return place.held

    def _free(self, place: Place) -> None:
        if place.held:
            place.held = False
            self.keeper.free(place.dissuader.name)

    async def _next(self, waiting: _Waiting, wait_s: float) -> Dissuader | None:
        self._waiting.append(waiting)
        self._match()
        try:
            async with asyncio.timeout(wait_s if self.any_hope(waiting.unsuitable) else 0):
                return await waiting.taken
        except TimeoutError:
            # Somebody may have become ready in the very moment in which the time ran out.
            return waiting.taken.result() if _is_given(waiting.taken) else None
        except asyncio.CancelledError:
            if _is_given(waiting.taken):
                self.rest(waiting.taken.result(), 0)
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiting)

    def _match(self) -> None:
        idle = sorted(
            (place for place in self._places.values() if place.readiness is Readiness.READY),
            key=lambda place: (not place.reachable, place.ready_since, place.order),
        )
        for waiting in sorted(self._waiting, key=lambda w: (-w.urgency, w.order)):
            if waiting.taken.done():
                continue
            place = next((p for p in idle if p.dissuader.name not in waiting.unsuitable), None)
            if place is not None:
                idle.remove(place)
                self._set(place, Readiness.RINGING)
                waiting.taken.set_result(place.dissuader)


def _is_given(taken: asyncio.Future[Dissuader]) -> bool:
    return taken.done() and not taken.cancelled()
