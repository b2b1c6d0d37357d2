"""Checks who wants to come in: by password, or by a ticket that is good once."""

from __future__ import annotations

import asyncio
import math

from starlette.requests import HTTPConnection

from campaigns.access import digest_of
from campaigns.passwords import rehashed, verify
from campaigns.staff import User, new_ticket
from console.desk.context import Desk
from console.desk.throttle import GrowingWait

LINK_S = 3600.0
"""How long a ticket that an administrator hands over is good."""
_AT_ONCE = 2
"""Passwords checked at the same time: each check takes 64 MiB and a processor."""


class MustWaitError(Exception):
    """Too many failures; ``wait_s`` says how long to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {math.ceil(wait_s)} s")
        self.wait_s = math.ceil(wait_s)


class Entrance:
    """One per desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_name = GrowingWait(free=5, longest_s=60.0)
        self._by_address = GrowingWait(free=20, longest_s=300.0)
        self._checks = asyncio.Semaphore(_AT_ONCE)

    async def by_password(self, login: str, password: str, address: str) -> User | None:
        """Who that is; ``None`` if name or password is wrong. Raises `MustWaitError`."""
        now, store = self._desk.clock(), self._desk.store
        self._unless_waiting(now, address, login)
        self._by_name.tried(login, now=now)
        self._by_address.tried(address, now=now)
        hashed = await store.call(lambda s: s.password(login), wake=False)
        async with self._checks:
            good = await asyncio.to_thread(verify, hashed, password)
            newer = await asyncio.to_thread(rehashed, hashed, password) if good and hashed else None
        user = await store.call(lambda s: s.user(login), wake=False) if good else None
        if user is None or user.disabled_at is not None:
            await self._refused(login, address)
            return None
        if newer and hashed:
            before, after = hashed, newer
            await store.call(lambda s: s.refresh_password(login, before, after), wake=False)
        self._by_name.succeeded(login, all_forgotten=True)
        self._by_address.succeeded(address, all_forgotten=False)
        return user

    async def by_ticket(self, ticket: str, address: str) -> User | None:
        """Whom it lets in; it is used up. Raises `MustWaitError`."""
        now = self._desk.clock()
        self._unless_waiting(now, address)
        digest = digest_of(ticket)
        user = await self._desk.store.call(lambda s: s.use_ticket(digest, now=now))
        if user is None:
            self._by_address.tried(address, now=now)
            await self._refused("", address)
        return user

    async def again(self, user: User, password: str) -> bool:
        """Whether somebody who is in knows their password. Raises `MustWaitError`."""
        now, login = self._desk.clock(), user.login
        self._unless_waiting(now, "", login)
        self._by_name.tried(login, now=now)
        hashed = await self._desk.store.call(lambda s: s.password(login), wake=False)
        async with self._checks:
            good = await asyncio.to_thread(verify, hashed, password)
        if good:
            self._by_name.succeeded(login, all_forgotten=True)
        return good

    def _unless_waiting(self, now: float, address: str, login: str = "") -> None:
        wait_s = max(self._by_address.wait_s(address, now=now), self._by_name.wait_s(login, now=now))
        if wait_s > 0:
            raise MustWaitError(wait_s)

    async def _refused(self, login: str, address: str) -> None:
        now = self._desk.clock()
        # What was typed as a name may be a password: only names that exist are written down.
        user = await self._desk.store.call(lambda s: s.user(login), wake=False)
        known = user.login if user else ""
        await self._desk.store.call(
            lambda s: s.audit("session.refused", by=known, now=now, address=address), wake=False
        )


def entrance_of(connection: HTTPConnection) -> Entrance:
    """The entrance of the desk that serves a request."""
    found = connection.app.state.entrance
    assert isinstance(found, Entrance)
    return found


async def make_ticket(desk: Desk, login: str, *, by: str) -> str:
    """A ticket for somebody: the path that lets them in once. Raises `campaigns.store.NotFoundError`."""
    text, digest = new_ticket()
    now = desk.clock()
    await desk.store.call(lambda s: s.add_ticket(login, digest, until_at=now + LINK_S, now=now, by=by))
    return f"/log-in/{text}"
