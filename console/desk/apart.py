"""Work that takes long, by a process of its own over a connection of its own: calls in progress do not feel it."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from campaigns.async_store import AsyncStore
from campaigns.store import Store, StoreError

T = TypeVar("T")

_NICENESS = 5
_AT_ONCE = 2
# Such a process is forked from one that has all modules and holds nothing else: the first costs a second or two.
_FROM = multiprocessing.get_context("forkserver")
_FROM.set_forkserver_preload(["console.desk.leads_work", "console.desk.bulletins", "campaigns.sqlite_store"])


class Apart:
    """Does such work, two pieces at once at most."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def do(self, work: Callable[[Store], T]) -> T:
        """Do it with the store open; ``work``, its result and what it raises can be pickled. Raises what it raises,
        and `StoreError` when the process dies.
        """
        async with self._turn:
            processes = ProcessPoolExecutor(1, mp_context=_FROM, initializer=os.nice, initargs=(_NICENESS,))
            try:
                given = functools.partial(_do, self._store.opener, work)
                return await asyncio.get_running_loop().run_in_executor(processes, given)
            except BrokenProcessPool as error:
                raise StoreError("the work was broken off from outside; there may be too little memory") from error
            finally:
                processes.shutdown(wait=False)


def _do(opener: Callable[[], Store], work: Callable[[Store], T]) -> T:
    store = opener()
    try:
        return work(store)
    finally:
        store.close()
