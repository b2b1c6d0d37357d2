"""An application on a port, beside a running node."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import uvicorn
from fastapi import FastAPI

_START_S = 30.0
_END_S = 10.0


class ServeError(Exception):
    """An application cannot be served; the message says why."""


class _Server(uvicorn.Server):
    """Leaves the signals to the node."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves an application until it is stopped."""

    def __init__(
        self,
        app: FastAPI,
        *,
        section: str,
        host: str,
        port: int,
        certificate: Path | None = None,
        key: Path | None = None,
        most: int = 200,
    ) -> None:
        """``section`` of the configuration is what complaints name. ``port`` 0 takes any that is free; with
        ``certificate`` and ``key`` (PEM) it is served over HTTPS. ``most`` connections are open at once.
        """
        self._section = section
        self._host = host
        self._port = port
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=int(_END_S),
                h11_max_incomplete_event_size=64 * 1024,
                limit_concurrency=most,
                lifespan="off",
                ws_max_size=64 * 1024,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )
        self._task: asyncio.Task[None] | None = None
        self.port = 0
        """Where it listens."""

    async def start(self) -> Self:
        """Listen; raises `ServeError`."""
        try:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            listening = socket.socket(family, socket.SOCK_STREAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((self._host, self._port))
        except OSError as error:
            why = error.strerror or error
            place = f"{self._section} cannot listen on {self._host}:{self._port}"
            raise ServeError(f"the {place}: {why}; choose another {self._section}.port") from error
        self.port = int(listening.getsockname()[1])
        try:
            self._server.config.load()
        except OSError as error:  # ssl.SSLError is one
            listening.close()
            raise ServeError(f"{self._section}.certificate or {self._section}.key cannot be used: {error}") from error
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]), name=self._section)
        async with asyncio.timeout(_START_S):
            while not self._server.started and not self._task.done():  # noqa: ASYNC110 (uvicorn tells by a flag alone)
                await asyncio.sleep(0.01)
        return self

    async def stop(self) -> None:
        """Answer what is under way, and end."""
        if self._task is None:
            return
        self._server.should_exit = True
        await asyncio.wait([self._task], timeout=_END_S + 5)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
