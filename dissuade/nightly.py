"""What a running node does once a day: it writes the bulletin, and takes away what is older than it may be kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from campaigns import retention
from campaigns.bulletin.review import review
from campaigns.bulletin.saving import Format, save
from campaigns.bulletin.spans import day_of, today, week_of
from campaigns.store import Store
from dissuade.retention import kept, places
from dissuade.storage import opened

if TYPE_CHECKING:
    from dissuade.config import Config

log = structlog.get_logger(__name__)

MONDAY = 0


class Nightly:
    """The daily work of a node, in a thread with a store of its own: calls do not wait for it.

    Several nodes on one store may each do it: a bulletin is written anew, and a purge finds nothing left.
    """

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._zone = ZoneInfo(config.centre.time_zone)
        self._works: list[tuple[str, Callable[[float], None]]] = [
            (config.bulletin.at, self.write_bulletins),
            (config.retention.at, self.purge),
        ]

    async def run(self) -> None:
        """Go on until cancelled; work that fails is logged and tried again the day after."""
        async with asyncio.TaskGroup() as group:
            for at, work in self._works:
                if at:
                    group.create_task(self._daily(at, work))

    async def _daily(self, at: str, work: Callable[[float], None]) -> None:
        while True:
            now = self._clock()
            await asyncio.sleep(next_at(at, now, self._zone) - now)
            try:
                await asyncio.to_thread(work, self._clock())
            except Exception:
                log.exception("the nightly work failed; it is tried again tomorrow", work=work.__name__)

    def write_bulletins(self, now: float) -> None:
        """The bulletin of the day before and, on Mondays, the review of the week before."""
        yesterday = today(now, self._zone) - timedelta(days=1)
        spans = [day_of(yesterday, self._zone)]
        if today(now, self._zone).weekday() == MONDAY:
            spans.append(week_of(yesterday, self._zone))
        centre, section = self._config.centre.name, self._config.bulletin
        with self._store() as store:
            for span in spans:
                bulletin = review(store, span, now=now, centre=centre)
                files = save(bulletin, self._config.home.bulletins, tuple(Format), language=section.language)
                log.info("bulletin written", file=str(files[0]))

    def purge(self, now: float) -> None:
        """What is old goes."""
        with self._store() as store:
            report = retention.purge(store, kept(self._config), places(self._config), now=now)
        log.info(
            "purged",
            recordings=report.recordings,
            turns=report.turns,
            cases=report.cases,
            files=report.files,
            wiped=report.wiped,
        )
        for refused in report.refused:
            log.warning("a recording could not be deleted", recording=refused)

    def _store(self) -> AbstractContextManager[Store]:
        return opened(self._config)


def next_at(at: str, now: float, zone: ZoneInfo) -> float:
    """When it is next ``at`` (``06:00``) there; a moment later if that time of day does not exist on the day."""
    hour, minute = (int(part) for part in at.split(":"))
    day: date = today(now, zone)
    while True:
        due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()
        if due > now:
            return due
        day += timedelta(days=1)
