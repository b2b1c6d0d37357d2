"""A browser's WebSocket to the desk, in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.console.at_desk import AtDesk, Browser

WAIT_S = 20.0


class Socket:
    """One connection. ``code`` is how the server closed it, ``None`` while it is open."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.accepted = False
        self.code: int | None = None

    async def send(self, frame: bytes | str) -> None:
        """What the page sends."""
        kind = "bytes" if isinstance(frame, bytes) else "text"
        await self.to_server.put({"type": "websocket.receive", kind: frame})

    async def leave(self) -> None:
        """The network drops."""
        await self.to_server.put({"type": "websocket.disconnect", "code": 1006})

    async def frame(self) -> bytes:
        """The next one from the server."""
        async with asyncio.timeout(WAIT_S):
            message = await self.from_server.get()
        assert message["type"] == "websocket.send", message
        found: bytes = message["bytes"]
        return found

    async def closed(self) -> int:
        """How the server closes it, after what it still sends."""
        async with asyncio.timeout(WAIT_S):
            while self.code is None:
                self._take(await self.from_server.get())
            return self.code

    async def opened(self) -> bool:
        """Whether the server lets it in."""
        async with asyncio.timeout(WAIT_S):
            self._take(await self.from_server.get())
        return self.accepted

    def _take(self, message: dict[str, Any]) -> None:
        self.accepted |= message["type"] == "websocket.accept"
        if message["type"] == "websocket.close":
            self.code = message.get("code", 1000)


@asynccontextmanager
async def socket(
    desk: AtDesk, path: str, browser: Browser, *, origin: str = "http://localhost"
) -> AsyncIterator[Socket]:
    """Open one with a browser's cookies; it is gone in the end."""
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.client.cookies.jar)
    headers = {"host": "localhost", "origin": origin, "cookie": cookies, "upgrade": "websocket"}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        "client": ("192.0.2.7", 50_000),
        "server": ("localhost", 80),
        "subprotocols": [],
        "state": {},
    }
    found = Socket()
    await found.to_server.put({"type": "websocket.connect"})
    serving = asyncio.create_task(desk.app(scope, found.to_server.get, found.from_server.put))
    try:
        yield found
    finally:
        await found.leave()
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(serving)
