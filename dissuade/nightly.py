"""What a running node does once a day: it writes the bulletin, and takes away what is older than it may be kept.

Each is done by a process of its own (``python -m dissuade.nightly``), so that calls have the node's for themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from campaigns import retention
from campaigns.bulletin.review import review
from campaigns.bulletin.saving import Format, save
from campaigns.bulletin.spans import day_of, today, week_of
from console.desk.uploads import FOLDER, Uploads
from dissuade.errors import DissuadeError
from dissuade.retention import kept, places
from dissuade.storage import opened

if TYPE_CHECKING:
    from dissuade.config import Config

log = structlog.get_logger(__name__)

Told = dict[str, object]

MONDAY = 0
_NICENESS = 10


def write_bulletins(config: Config, now: float) -> Told:
    """The bulletin of the day before and, on Mondays, the review of the week before; says which files."""
    zone = ZoneInfo(config.centre.time_zone)
    yesterday = today(now, zone) - timedelta(days=1)
    spans = [day_of(yesterday, zone)]
    if today(now, zone).weekday() == MONDAY:
        spans.append(week_of(yesterday, zone))
    files = []
    with opened(config) as store:
        for span in spans:
            bulletin = review(store, span, now=now, centre=config.centre.name)
            files += save(bulletin, config.home.bulletins, tuple(Format), language=config.bulletin.language)
    return {"files": [str(file) for file in files]}


def purge(config: Config, now: float) -> Told:
    """What is old goes, files that wait to be imported too; says how much."""
    Uploads(config.home.root / FOLDER).sweep(now)
    with opened(config) as store:
        report = retention.purge(store, kept(config), places(config), now=now)
    return {
        "recordings": report.recordings,
        "turns": report.turns,
        "cases": report.cases,
        "files": report.files,
        "wiped": report.wiped,
        "refused": list(report.refused),
    }


WORKS: Mapping[str, Callable[[Config, float], Told]] = {"bulletin": write_bulletins, "purge": purge}


class Nightly:
    """The daily work of a node.

    Several nodes on one store may each do it: a bulletin is written anew, and a purge finds nothing left.
    """

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._zone = ZoneInfo(config.centre.time_zone)

    async def run(self) -> None:
        """Go on until cancelled; work that fails is logged and done again the day after."""
        times = {"bulletin": self._config.bulletin.at, "purge": self._config.retention.at}
        async with asyncio.TaskGroup() as group:
            for name, at in times.items():
                if at:
                    group.create_task(self._daily(name, at))

    async def _daily(self, name: str, at: str) -> None:
        while True:
            now = self._clock()
            await asyncio.sleep(next_at(at, now, self._zone) - now)
            try:
                told = await in_a_process(name, self._config, self._clock())
            except (DissuadeError, OSError, ValueError) as error:
                log.error("the nightly work failed; it is done again tomorrow", work=name, error=str(error))
            else:
                tell = log.warning if told.get("refused") else log.info
                tell("nightly work done", work=name, **told)


async def in_a_process(name: str, config: Config, now: float) -> Told:
    """Do a day's work in a process of its own; raises `DissuadeError` with its last words if it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dissuade.nightly",
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, error = await process.communicate(pickle.dumps((config, now)))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        words = error.decode(errors="replace").strip().splitlines()
        raise DissuadeError(words[-1] if words else f"it ended with {process.returncode}")
    told: Told = json.loads(out.splitlines()[-1])
    return told


def next_at(at: str, now: float, zone: ZoneInfo) -> float:
    """When it is next ``at`` (``06:00``) there; a moment later if that time of day does not exist on the day."""
    hour, minute = (int(part) for part in at.split(":"))
    day: date = today(now, zone)
    while True:
        due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()
        if due > now:
            return due
        day += timedelta(days=1)


if __name__ == "__main__":
    os.nice(_NICENESS)
    given, at_now = pickle.load(sys.stdin.buffer)  # noqa: S301 (from `in_a_process`)
    sys.stdout.write(json.dumps(WORKS[sys.argv[1]](given, at_now)) + "\n")
