"""How fast calls may be started."""

from __future__ import annotations

import asyncio

_WORTH_SLEEPING_S = 0.001


class Pacer:
    """Keeps call starts at or under a rate, evenly spaced."""

    def __init__(self, per_second: float) -> None:
        """``per_second``: calls started a second, more than 0."""
        if per_second <= 0:
            raise ValueError("calls per second must be more than 0")
        self._spacing_s = 1.0 / per_second
        self._free_at = 0.0

    async def wait(self) -> None:
        """Return when the next call may be started."""
        delay_s = self._free_at - asyncio.get_running_loop().time()
        if delay_s > _WORTH_SLEEPING_S:
            await asyncio.sleep(delay_s)

    def count(self) -> None:
        """A call was started now."""
        self._free_at = asyncio.get_running_loop().time() + self._spacing_s
