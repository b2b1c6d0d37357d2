"""Folder, disk and database."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from typing import TYPE_CHECKING

from dissuade.doctor.finding import Finding, fail, ok, warn
from dissuade.errors import DissuadeError

if TYPE_CHECKING:
    from dissuade.config import Config

GIGABYTE = 1_000_000_000
LITTLE_BYTES = 5 * GIGABYTE
TOO_LITTLE_BYTES = GIGABYTE // 5
RECORDED_BYTES_PER_HOUR = 8000 * 2 * 2 * 3600
"""Two channels of 16-bit samples at 8 kHz."""


async def home(config: Config) -> list[Finding]:
    """The folder can be written and the disk has room for recordings."""
    root = config.home.root
    try:
        config.home.make()
        with tempfile.TemporaryFile(dir=root) as probe:
            probe.write(b"1")
    except DissuadeError as error:
        return [fail("home", str(error), error.mend)]
    except OSError as error:
        return [fail("home", f"{root} cannot be written: {error.strerror}", "correct its owner, or set $DISSUADE_HOME")]
    free = shutil.disk_usage(root).free
    hours = free // RECORDED_BYTES_PER_HOUR
    said = f"{root}, {free / GIGABYTE:.1f} GB free: {hours} hours of recorded talk"
    mend = "free some room, or set $DISSUADE_HOME to another disk"
    if free < TOO_LITTLE_BYTES:
        return [fail("home", said, mend)]
    return [warn("home", said, mend)] if free < LITTLE_BYTES else [ok("home", said)]


async def store(config: Config) -> list[Finding]:
    """The database opens, is brought up to date, and takes a write to disk."""
    return [await asyncio.to_thread(_store, config)]


def _store(config: Config) -> Finding:
    from dissuade.storage import opened

    with opened(config) as store:
        began = time.perf_counter()
        store.set_cursor("doctor", store.cursor("doctor"))
        took_ms = (time.perf_counter() - began) * 1000
        campaigns = len(store.campaigns())
    return ok("store", f"{config.store_path}, a write takes {took_ms:.0f} ms, {campaigns} campaigns")


async def retention(config: Config) -> list[Finding]:
    """Data is not kept for ever."""
    section = config.retention
    days = {
        "recordings": section.recordings_days,
        "transcripts": section.transcripts_days,
        "personal data": section.personal_days,
    }
    said = ", ".join(f"{what} {f'{kept} days' if kept else 'for ever'}" for what, kept in days.items())
    if not all(days.values()):
        return [warn("retention", f"kept: {said}", "give each of [retention] a number of days")]
    if not section.at:
        return [warn("retention", f"kept: {said}, by hand", "set retention.at, or run `dissuade purge` every day")]
    return [ok("retention", f"kept: {said}")]
