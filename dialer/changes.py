"""Telling many readers what changed, each change once to each reader however slowly it reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dialer.live import Changed


class Changes:
    """Where changes are told, and read from the moment on in which somebody begins to `follow`."""

    def __init__(self) -> None:
        self._readers: set[_Reader] = set()

    def tell(self, attempt_id: int | None = None) -> None:
        """A call changed, or, without one, the floor."""
        for reader in self._readers:
            reader.put(attempt_id)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[AsyncIterator[Changed]]:
        """What changes from now on, without end."""
        reader = _Reader()
        self._readers.add(reader)
        try:
            yield reader.changes()
        finally:
            self._readers.discard(reader)


class _Reader:
    def __init__(self) -> None:
        self._waiting: dict[int | None, None] = {}
        """In order of the first change that was not read."""
        self._some = asyncio.Event()

    def put(self, attempt_id: int | None) -> None:
        self._waiting[attempt_id] = None
        self._some.set()

    async def changes(self) -> AsyncIterator[Changed]:
        while True:
            await self._some.wait()
            attempt_id = next(iter(self._waiting))
            del self._waiting[attempt_id]
            if not self._waiting:
                self._some.clear()
            yield Changed(attempt_id)
