"""The store for asyncio: every call runs in one thread of its own, in the order it was made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from campaigns.store import Store, StoreError

T = TypeVar("T")


class Listener:
    """Wakes when the store was used by this process; what other processes wrote must be looked for now and then."""

    def __init__(self) -> None:
        self._written = asyncio.Event()

    def wake(self) -> None:
        """Something may have been written."""
        self._written.set()

    async def wait(self, *, timeout_s: float) -> bool:
        """Return True when something was written since the last wait, False after ``timeout_s`` seconds without."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._written.wait()
        except TimeoutError:
            return False
        self._written.clear()
        return True


class AsyncStore:
    """A `Store` behind one thread.

    ```python
    async with AsyncStore(lambda: SqliteStore(path)) as store:
        claims = await store.call(lambda s: s.claim("node-1", now=now, lease_s=30, limit=1))
    ```

    A call that has begun is carried out even if its caller is cancelled.
    """

    def __init__(self, opener: Callable[[], Store]) -> None:
        self._opener = opener
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._store: Store | None = None
        self._listeners: set[Listener] = set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the store in its thread; raises what the opener raises."""
        self._store = await asyncio.get_running_loop().run_in_executor(self._thread, self._opener)

    async def close(self) -> None:
        """Wait for the calls made so far and close the store; nothing happens if it is closed."""
        store, self._store = self._store, None
        if store is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, store.close)
        self._thread.shutdown(wait=False)

    async def call(self, use: Callable[[Store], T], *, wake: bool = True) -> T:
        """Use the store in its thread; raises what the use raises. ``wake=False`` for a use that writes no event."""
        if self._store is None:
            raise StoreError("the store is closed; open it first")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, use, self._store)
        finally:
            for listener in self._listeners if wake else ():
                listener.wake()

    async def apart(self, use: Callable[[Store], T], *, wake: bool = True) -> T:
        """Use the store over a connection and in a thread of its own: for what takes long, so that no `call` waits.

        Raises what the use raises, and what the opener does.
        """
        if self._store is None:
            raise StoreError("the store is closed; open it first")
        try:
            return await asyncio.to_thread(self._used_apart, use)
        finally:
            for listener in self._listeners if wake else ():
                listener.wake()

    @property
    def opener(self) -> Callable[[], Store]:
        """What opens the store once more."""
        return self._opener

    def _used_apart(self, use: Callable[[Store], T]) -> T:
        store = self._opener()
        try:
            return use(store)
        finally:
            store.close()

    def listen(self) -> Listener:
        """A listener that is woken after every waking `call`; give it to `stop_listening` in the end."""
        listener = Listener()
        self._listeners.add(listener)
        return listener

    def stop_listening(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)
