"""The network between a browser and the desk, which can fail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Network:
    """Hands on what it gets, both ways, until it is cut."""

    def __init__(self, address: str) -> None:
        self._port = urlsplit(address).port
        self._open: set[asyncio.StreamWriter] = set()
        self._up = True
        self.address = ""
        """By which the desk is reached."""

    def cut(self) -> None:
        """All connections break, and there are no new ones."""
        self._up = False
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """There are connections again."""
        self._up = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self._up:
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            there, out = await asyncio.open_connection("127.0.0.1", self._port)
            await asyncio.gather(self._carry(reader, out), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def network(address: str) -> AsyncIterator[Network]:
    """A network to that address."""
    found = Network(address)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        found.cut()
        server.close()
