"""What every answer says to browsers, and which requests are not for us or too large."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would send `Origin: null` with our own forms then.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "/static/"
API = "/api/"
_LOG_IN_BYTES = 16 * 1024


class LimitedBodies:
    """Takes no more of a request than it may hold; of somebody without a session only what a log-in needs."""

    def __init__(self, app: ASGIApp, *, most: int, cookie: str) -> None:
        self._app = app
        self._most = most
        self._cookie = f"{cookie}=".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        known = any(key == b"cookie" and self._cookie in value for key, value in scope["headers"])
        left = self._most if known else _LOG_IN_BYTES
        declared = next((value for key, value in scope["headers"] if key == b"content-length"), b"")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > left):
            left = -1

        async def receive_some() -> Message:
            nonlocal left
            message = await receive() if left >= 0 else {}
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_some, send)


class SecureHeaders:
    """Adds the headers, and answers only to names by which the desk may be asked for."""

    def __init__(self, app: ASGIApp, *, https: bool, names: Collection[str]) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"
        own = socket.gethostname().lower()
        self._names = {"localhost", own, own.partition(".")[0], *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        static = scope["path"].startswith(STATIC)

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
            await send(message)

        if not self._is_ours(scope):
            refusal = PlainTextResponse("This name is not served here; see desk.names.\n", 421)
            await refusal(scope, receive, send_with)
            return
        await self._app(scope, receive, send_with)

    def _is_ours(self, scope: Scope) -> bool:
        """Whether the host that was asked for is known; an address cannot be pointed elsewhere by a name server."""
        asked = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), "").lower()
        host = asked[1:].partition("]")[0] if asked.startswith("[") else asked.partition(":")[0]
        if host in self._names:
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
