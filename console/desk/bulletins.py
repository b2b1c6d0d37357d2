"""Bulletins, counted apart and remembered for a while: counting a day of many cases takes seconds."""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from campaigns.bulletin.review import Bulletin, review
from campaigns.bulletin.spans import Span, SpanKind, day_of, week_of
from campaigns.store import Store

if TYPE_CHECKING:
    from console.desk.context import Desk

_MOST = 24
_PARTIAL_S = 60.0
"""A bulletin of a span that is not over is counted anew after so long."""


class Wanted(NamedTuple):
    """Which bulletin."""

    kind: SpanKind
    day: date
    campaign: str = ""

    def span(self, zone: ZoneInfo) -> Span:
        """The day, or the week that holds it."""
        return (day_of if self.kind is SpanKind.DAY else week_of)(self.day, zone)


class Bulletins:
    """Those of one process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: OrderedDict[Wanted, Bulletin] = OrderedDict()
        self._counting: dict[Wanted, asyncio.Task[Bulletin]] = {}

    async def get(self, wanted: Wanted) -> Bulletin:
        """One bulletin. Raises `NotFoundError` for an unknown campaign."""
        known = self._known.get(wanted)
        if known is not None and (known.now.is_whole or self._desk.clock() - known.made_at < _PARTIAL_S):
            self._known.move_to_end(wanted)
            return known
        task = self._counting.get(wanted)
        if task is None:
            task = self._counting[wanted] = asyncio.create_task(self._count(wanted))
            task.add_done_callback(lambda _: self._counting.pop(wanted, None))
        return await asyncio.shield(task)

    async def _count(self, wanted: Wanted) -> Bulletin:
        settings = self._desk.settings
        span = wanted.span(ZoneInfo(settings.time_zone))
        work = functools.partial(
            _review, span=span, now=self._desk.clock(), campaign=wanted.campaign, centre=settings.centre
        )
        found = await self._desk.apart.do(work)
        self._known[wanted] = found
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found


def _review(store: Store, *, span: Span, now: float, campaign: str, centre: str) -> Bulletin:
    return review(store, span, now=now, campaign=campaign, centre=centre)
