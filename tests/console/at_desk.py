"""A desk over a real store, and browsers of people who are logged in, in process."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from campaigns.async_store import AsyncStore
from campaigns.sqlite_store import SqliteStore
from campaigns.staff import Role
from console.api import ApiSettings, make_app
from console.desk import Desk, DeskSettings, make_desk
from console.desk.library import LibraryError, ScriptEntry
from console.desk.session import cookie_name, start_session

NOON = 1_795_147_200.0
"""12:00 in Shanghai."""
HTML = "text/html,application/xhtml+xml"
ADDRESS = "192.0.2.7"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""Makes hashes for tests."""


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


class NoScripts:
    """A library without scripts. The real `console.desk.library.Library` is `dissuade.desk_library.DeskLibrary`."""

    def scripts(self) -> tuple[ScriptEntry, ...]:
        return ()

    def script(self, name: str) -> None:
        return None

    async def speak(self, name: str, step: str, *, again: bool = False) -> bytes:
        raise LibraryError(f"there is no script {name}")


@dataclass
class Browser:
    """Somebody's browser. `post` sends the session's token, as the page's forms do."""

    client: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **more)


@dataclass
class AtDesk:
    desk: Desk
    clock: Clock
    parts: AsyncExitStack
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        self.app = make_desk(self.desk)

    @property
    def store(self) -> AsyncStore:
        return self.desk.store

    async def user(self, login: str, *roles: Role, password: str = "", **more: Any) -> None:
        await self.store.call(
            lambda s: s.add_user(
                login, name=login.title(), roles=roles, password=password, now=self.clock(), by="test", **more
            )
        )

    async def browser(self, *, language: str = "en", address: str = ADDRESS, **headers: str) -> Browser:
        """Of somebody who is not logged in."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 50_000))
        client = httpx.AsyncClient(
            transport=transport,
            base_url=f"{'https' if self.desk.settings.https else 'http'}://localhost",
            headers={"Accept": HTML, "Accept-Language": language, **headers},
        )
        return Browser(await self.parts.enter_async_context(client))

    async def signed_in(self, login: str, *roles: Role, language: str = "en") -> Browser:
        """Of somebody who is; they are made a user with these roles unless they are one."""
        if await self.store.call(lambda s: s.user(login)) is None:
            await self.user(login, *roles)
        found = await self.browser(language=language)
        secret, session = await start_session(self.desk, login)
        found.client.cookies.set(cookie_name(self.desk), secret, domain="localhost.local")
        found.csrf = session.csrf
        return found

    async def audited(self, action: str) -> list[dict[str, Any]]:
        """What was written down, newest first."""
        trail = await self.store.call(lambda s: s.audit_trail(action=action))
        return [{"by": e.by, "address": e.address, "case_id": e.case_id, **e.detail} for e in trail]


@asynccontextmanager
async def at_desk(folder: Path, *, settings: DeskSettings | None = None, **more: Any) -> AsyncIterator[AtDesk]:
    """A desk whose store and home are below a folder; ``more`` goes to `Desk`."""
    async with AsyncExitStack() as parts:
        store = await parts.enter_async_context(AsyncStore(functools.partial(SqliteStore, folder / "store.db")))
        clock = Clock()
        desk = Desk(
            store,
            settings or DeskSettings(centre="Test centre", language="en"),
            api=make_app(store, ApiSettings(clock=clock)),
            home=folder,
            clock=clock,
            **{"library": NoScripts(), **more},
        )
        parts.push_async_callback(desk.stream.close)
        yield AtDesk(desk, clock, parts)
