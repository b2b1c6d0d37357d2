"""Async tests on a clock that jumps to the next timer, so that a call of minutes takes milliseconds.

A `conftest.py` imports `pytest_asyncio_loop_factories` from here; then every test of the tier ``virtual`` runs on such
a loop. Waiting for something that can never happen raises `async_solipsism.SleepForeverError` instead of hanging.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TypeVar

import async_solipsism
import pytest

T = TypeVar("T")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Virtual time for the tier ``virtual``, the usual loop for the others."""
    if item.get_closest_marker("virtual"):
        return {"virtual": async_solipsism.EventLoop}
    return {"real": asyncio.new_event_loop}


def run_virtual(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine on a virtual clock of its own, for tests that hypothesis repeats."""
    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        return runner.run(main)
