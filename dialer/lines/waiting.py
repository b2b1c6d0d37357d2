"""Waiting for what may never come."""

from __future__ import annotations

import asyncio


async def came(event: asyncio.Event, ended: asyncio.Event, timeout_s: float) -> bool:
    """Wait for an event; False when all ended before or the time is over."""
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(ended.wait())]
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return event.is_set()
