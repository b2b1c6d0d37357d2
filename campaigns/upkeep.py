"""What time brings about while nobody calls: cases overtaken are planned anew, and what is late is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from campaigns.async_store import AsyncStore
from campaigns.store import Decide, Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UpkeepSettings:
    """How often, and how much at a time."""

    every_s: float = 3.0
    batch: int = 5
    """Cases planned anew before a call in progress may use the store again: some 10 ms."""
    at_once: int = 500
    """Cases looked for at a time."""


class Upkeep:
    """One loop of a node; several nodes on one store may run it side by side."""

    def __init__(
        self,
        store: AsyncStore,
        *,
        decide_at: Callable[[float], Decide],
        settings: UpkeepSettings | None = None,
        clock: Callable[[], float] = time.time,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """``decide_at`` makes the decision of a moment, as `campaigns.policy.decider` does; ``on_change`` is told when
        a case was planned anew: it may be due.
        """
        self._store = store
        self._decide_at = decide_at
        self._settings = settings or UpkeepSettings()
        self._clock = clock
        self._on_change = on_change

    async def run(self) -> None:
        """Go on until cancelled; a store that fails for a moment does not end it."""
        while True:
            try:
                await self.once()
            except Exception:
                log.exception("upkeep failed; trying again")
            await asyncio.sleep(self._settings.every_s)

    async def once(self) -> int:
        """Plan anew what is overtaken, and raise alarms; returns how many cases were decided on."""
        revised, seen = 0, set[int]()
        while found := [each for each in await self._store.call(self._overtaken, wake=False) if each not in seen]:
            seen.update(found)
            for start in range(0, len(found), self._settings.batch):
                revised += await self._store.call(partial(self._revise, found[start : start + self._settings.batch]))
            self._on_change()
        now = self._clock()
        late = await self._store.call(lambda s: s.raise_overdue(now=now))
        for event in late:
            log.warning("late", kind=event.kind, case=event.case_id, deadline_at=event.data.get("deadline_at"))
        return revised

    def _overtaken(self, store: Store) -> list[int]:
        return store.to_revise(now=self._clock(), limit=self._settings.at_once)

    def _revise(self, case_ids: Sequence[int], store: Store) -> int:
        now = self._clock()
        decide = self._decide_at(now)
        return sum(self._revised(store, case_id, decide, now) for case_id in case_ids)

    def _revised(self, store: Store, case_id: int, decide: Decide, now: float) -> bool:
        try:
            return store.revise(case_id, decide, now=now) is not None
        except Exception:
            # One case that cannot be decided on must not keep the others waiting.
            log.exception("a case could not be planned anew", case=case_id)
            return False
