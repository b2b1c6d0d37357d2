"""The robot keeps a subject company for whom no human is there just now."""

from __future__ import annotations

import asyncio

import structlog

from dialer.exchange import Exchange

_log = structlog.get_logger(__name__)


class Company:
    """Asks the subject for patience, now and then. `stop` when a human speaks."""

    def __init__(self, exchange: Exchange, *, still_holding: str, every_s: float, courtesy_s: float) -> None:
        """``courtesy_s``: how long the subject may finish speaking first."""
        self._exchange = exchange
        self._still_holding = still_holding
        self._every_s = every_s
        self._courtesy_s = courtesy_s
        self._enough = asyncio.Event()
        self._talking: asyncio.Task[None] | None = None

    def start(self, *first: str) -> None:
        """Stop what the robot was saying, say this, and then that it still takes a while; nothing if it does so now."""
        if self._talking is None:
            self._enough.clear()
            self._talking = asyncio.create_task(self._talk(first), name="company")

    def enough(self) -> None:
        """Say nothing new."""
        self._enough.set()

    async def wait(self) -> None:
        """Return when the sentence is said after which there was `enough`."""
        if self._talking is not None:
            await asyncio.wait({self._talking})

    async def stop(self) -> None:
        """Fall silent towards the subject, company or not."""
        talking, self._talking = self._talking, None
        if talking is not None:
            talking.cancel()
            await asyncio.wait({talking})
            if not talking.cancelled() and (error := talking.exception()) is not None:
                _log.error("the subject could not be asked to hold", error=repr(error))
        await self._exchange.hush()

    async def _talk(self, first: tuple[str, ...]) -> None:
        await self._exchange.hush()
        for text in first:
            await self._reassure(text)
        while not self._enough.is_set():
            try:
                async with asyncio.timeout(self._every_s):
                    await self._enough.wait()
            except TimeoutError:
                await self._reassure(self._still_holding)

    async def _reassure(self, text: str) -> None:
        await self._exchange.quiet(within_s=self._courtesy_s)
        if not self._enough.is_set():
            await self._exchange.say(text)
