"""Keeps who takes calls on this node in step with where the store says they stand, whichever process wrote it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from campaigns.async_store import AsyncStore
from campaigns.staff import Presence, Station
from campaigns.store import NotFoundError
from dialer.dissuaders import Dissuaders, Readiness

_log = structlog.get_logger(__name__)


class Stations:
    """The real `dialer.dissuaders.Keeper`. `run` goes on until it is cancelled."""

    def __init__(
        self,
        store: AsyncStore,
        dissuaders: Dissuaders,
        node: str,
        *,
        clock: Callable[[], float] = time.time,
        lease_s: float = 30.0,
        poll_s: float = 1.0,
    ) -> None:
        """``lease_s``: other nodes may have somebody again this long after this node was last heard of."""
        self._store = store
        self._dissuaders = dissuaders
        self._node = node
        self._clock = clock
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._held: set[str] = set()
        self._phones: dict[str, str] = {}
        """The phones that the store knew last."""
        self._told = 0
        self._freeing: set[asyncio.Task[None]] = set()
        self._clashes: set[str] = set()

    def set_station(self, name: str, *, ready: bool, phone: str) -> None:
        """Somebody says where they stand, in this process. Raises `ValueError` for a configured phone's name."""
        self._told += 1
        self._dissuaders.set_station(name, ready=ready, uri=phone, here=True)

    async def run(self) -> None:
        """Look at the store every so often, and keep those who are on this node's calls."""
        renewing = asyncio.create_task(self._keep(), name="keep-dissuaders")
        try:
            while True:
                await self.refresh()
                await asyncio.sleep(self._poll_s)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, *self._freeing, return_exceptions=True)

    async def refresh(self) -> None:
        """Look at the store once."""
        told = self._told
        try:
            presences = await self._store.call(lambda s: s.presences(), wake=False)
        except Exception as error:
            _log.warning("where the dissuaders stand could not be read; trying again", error=repr(error))
            return
        if told != self._told:
            return  # what was read may be older than what was said meanwhile
        for presence in presences:
            self._follow(presence)
        for name in self._phones.keys() - {each.user.login for each in presences}:
            del self._phones[name]
            self._dissuaders.forget(name)

    def _follow(self, presence: Presence) -> None:
        name, phone = presence.user.login, presence.user.phone
        place = self._dissuaders.place(name)
        if place is not None and place.fixed:
            if name not in self._clashes:
                self._clashes.add(name)
                _log.warning("a configured phone has the name of a user, who gets no calls at the page", name=name)
            return
        ready = presence.station is Station.READY
        known = self._phones.get(name)
        self._phones[name] = phone
        if place is None or (known is not None and known != phone):
            self._dissuaders.set_station(name, ready=ready, uri=phone)
        elif ready != (place.readiness is not Readiness.AWAY and not place.leaving):
            self._dissuaders.set_station(name, ready=ready, uri=place.dissuader.uri)
        self._dissuaders.set_elsewhere(name, presence.holder(self._clock()) not in ("", self._node))

    async def hold(self, name: str) -> bool:
        """Keep somebody for this node; False when another node has them, or it cannot be known."""
        try:
            held = await self._hold(name)
        except NotFoundError:
            return False
        except Exception as error:
            _log.warning("somebody could not be kept for a call", error=repr(error))
            return False
        if held:
            self._held.add(name)
        return held

    def free(self, name: str) -> None:
        """Keep somebody no longer."""
        self._held.discard(name)
        task = asyncio.get_running_loop().create_task(self._free(name), name="free-dissuader")
        self._freeing.add(task)
        task.add_done_callback(self._freeing.discard)

    async def _hold(self, name: str) -> bool:
        now = self._clock()
        return await self._store.call(lambda s: s.hold_user(name, self._node, now=now, lease_s=self._lease_s))

    async def _free(self, name: str) -> None:
        try:
            await self._store.call(lambda s: s.free_user(name, self._node))
        except Exception as error:
            _log.warning("somebody could not be given back; their lease will end", error=repr(error))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            for name in list(self._held):
                try:
                    await self._hold(name)
                except Exception as error:
                    _log.warning("somebody's lease could not be renewed; trying again", error=repr(error))
