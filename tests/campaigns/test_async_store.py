"""The store behind one thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.async_store import AsyncStore
from campaigns.policy import decider
from campaigns.sqlite_store import SqliteStore
from campaigns.store import NotFoundError, Store, StoreError
from tests.campaigns.store_contract import T0, lead

pytestmark = pytest.mark.unit


async def test_every_call_runs_in_one_thread_in_order(tmp_path: Path) -> None:
    threads = set()

    def use(place: int) -> Callable[[Store], int]:
        def work(store: Store) -> int:
            threads.add(threading.current_thread())
            store.add_leads("spring", [lead(place)], now=T0, decide=decider(T0))
            return place

        return work

    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=T0))
        places = await asyncio.gather(*(store.call(use(n)) for n in range(20)))
        cases = await store.call(lambda s: s.cases())
    assert places == list(range(20))
    assert [case.lead.number for case in cases] == [lead(n).number for n in range(20)]
    assert len(threads) == 1
    assert threads != {threading.current_thread()}


async def test_errors_reach_the_caller(tmp_path: Path) -> None:
    store = AsyncStore(lambda: SqliteStore(tmp_path / "store.db"))
    with pytest.raises(StoreError, match="open it first"):
        await store.call(lambda s: s.cases())
    async with store:
        with pytest.raises(NotFoundError):
            await store.call(lambda s: s.case(1))
    with pytest.raises(StoreError, match="open it first"):
        await store.call(lambda s: s.cases())
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        await AsyncStore(lambda: SqliteStore(tmp_path / "file" / "store.db")).open()


async def test_listeners_wake_after_a_call_and_lose_none(tmp_path: Path) -> None:
    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        listener = store.listen()
        assert not await listener.wait(timeout_s=0.01)
        await store.call(lambda s: s.create_campaign("spring", now=T0))
        assert await listener.wait(timeout_s=30)
        await store.call(lambda s: s.campaigns(), wake=False)
        assert not await listener.wait(timeout_s=0.01)
        store.stop_listening(listener)
        await store.call(lambda s: s.create_campaign("autumn", now=T0))
        assert not await listener.wait(timeout_s=0.01)


async def test_a_call_that_has_begun_is_carried_out_though_its_caller_left(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(store: Store) -> None:
        begun.set()
        assert go_on.wait(30)
        store.create_campaign("spring", now=T0)

    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        caller = asyncio.create_task(store.call(slow))
        assert await asyncio.to_thread(begun.wait, 30)
        caller.cancel()
        await asyncio.wait([caller])
        go_on.set()
        assert [campaign.name for campaign in await store.call(lambda s: s.campaigns())] == ["spring"]


async def test_a_long_use_apart_keeps_no_call_waiting(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def long(store: Store) -> int:
        entered.set()
        assert go_on.wait(30)
        return len(store.campaigns())

    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        listener = store.listen()
        apart = asyncio.create_task(store.apart(long))
        assert await asyncio.to_thread(entered.wait, 30)
        await store.call(lambda s: s.create_campaign("spring", now=T0), wake=False)
        go_on.set()
        assert await apart == 1
        assert await listener.wait(timeout_s=30)
        with pytest.raises(NotFoundError):
            await store.apart(lambda s: s.case(1))
    with pytest.raises(StoreError, match="open it first"):
        await store.apart(lambda s: s.cases())
