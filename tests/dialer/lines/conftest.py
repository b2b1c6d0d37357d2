"""Pools and SIPp peers that are gone after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dialer.lines import LinePool, LineSettings
from tests.dialer.lines.peers import Sipp

StartSipp = Callable[..., Sipp]
StartPool = Callable[..., Awaitable[LinePool]]


@pytest.fixture
def sipp(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[StartSipp]:
    """A function that starts SIPp: scenario, more arguments, keys as keywords."""
    peers: list[Sipp] = []

    def start(scenario: str, *arguments: str, **keys: str) -> Sipp:
        peer = Sipp(scenario, free_port(), free_port(), tmp_path, arguments, keys)
        peers.append(peer)
        peer.wait_bound()
        return peer

    yield start
    for peer in peers:
        peer.close()


@pytest.fixture
async def start_pool() -> AsyncIterator[StartPool]:
    """A function that starts a pool of one process; settings as keywords."""
    pools: list[LinePool] = []

    async def start(*, incoming: bool = False, **settings: Any) -> LinePool:
        pool = LinePool(LineSettings(**({"processes": 1} | settings)), incoming=incoming)
        pools.append(pool)
        await pool.start()
        return pool

    yield start
    for pool in pools:
        await pool.stop()


@pytest.fixture
async def lines(start_pool: StartPool) -> LinePool:
    """One process that calls."""
    return await start_pool()


@pytest.fixture
async def phones(start_pool: StartPool) -> LinePool:
    """One process that is called."""
    return await start_pool(incoming=True)
