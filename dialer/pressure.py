"""Whether the machine keeps up with its calls: from how busy recognition is, and how late the callees are heard."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

_KEPT = 4
"""Readings in a row that must agree that the machine is late: a single one is a model being loaded, or an import."""
_AVERAGED = 8
"""Readings over which is averaged how busy recognition is: people speak by turns."""
_WELL_BELOW = 0.1
"""So much less busy it must be than what made the machine tight, or short, before that is over."""


class Level(StrEnum):
    """How many calls may be started."""

    FREE = "free"
    TIGHT = "tight"
    """Fewer: `PressureSettings.slower` times as far apart."""
    SHORT = "short"
    """None; those in progress go on."""


_RANK = {Level.FREE: 0, Level.TIGHT: 1, Level.SHORT: 2}


@dataclass(frozen=True, slots=True)
class PressureSettings:
    """From when on fewer calls are started. Spans in seconds."""

    tight_s: float = 0.2
    """The machine is tight when it hears, or acts, so late for a second on end."""
    short_s: float = 0.5
    tight_busy: float = 0.75
    """It is tight, too, when so much of the recognisers' time is taken: the last moment before callees wait."""
    short_busy: float = 0.9
    slower: float = 4.0
    calm_s: float = 3.0
    """So long it must have been better by half than what made it tight, or short, before that is over."""
    look_s: float = 0.25


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured at one moment."""

    unheard_s: float = 0.0
    """Audio of the call that is worst off which waits to be heard."""
    queue_s: float = 0.0
    """How long the oldest piece of work waits for a recogniser."""
    loop_s: float = 0.0
    """How late the event loop did what was due."""
    lost_frames: int = 0
    """Frames of callees' audio that were lost since the reading before."""
    busy: float = 0.0
    """Share of the recognisers' time that was taken since then, or will be when those who are rung answer."""

    @property
    def late_s(self) -> float:
        """The longest of the three waits."""
        return max(self.unheard_s, self.queue_s, self.loop_s)


@dataclass(frozen=True, slots=True)
class Turned:
    """The level changed."""

    before: Level
    level: Level
    late_s: float
    busy: float
    """As in `Reading`, averaged."""
    lost_frames: int
    lasted_s: float
    """How long the level before had lasted."""

    @property
    def rose(self) -> bool:
        """Whether it became worse."""
        return _RANK[self.level] > _RANK[self.before]


class Gauge:
    """From readings to a level. Pure; any clock in seconds.

    It rises when recognition has been busy for two seconds, when readings agree for one second that callees are heard
    late, or at once when frames were lost. It falls by one level after `PressureSettings.calm_s` of good readings.
    """

    def __init__(self, settings: PressureSettings | None = None) -> None:
        """Raises `ValueError` when a machine would be short before it is tight."""
        self._settings = own = settings or PressureSettings()
        if own.short_s < own.tight_s or own.short_busy < own.tight_busy:
            raise ValueError("a machine is tight before it is short: give the latter the higher bounds")
        self._late: deque[float] = deque(maxlen=_KEPT)
        self._busy: deque[float] = deque(maxlen=_AVERAGED)
        self._since: float | None = None
        self._calm_since: float | None = None
        self.level = Level.FREE

    def look(self, reading: Reading, now: float) -> Turned | None:
        """Take a reading; what that changes."""
        if self._since is None:
            self._since = now
        self._late.append(reading.late_s)
        self._busy.append(reading.busy)
        wanted = self._wanted(reading)
        if _RANK[wanted] > _RANK[self.level]:
            return self._turn(wanted, reading, now)
        if self.level is Level.FREE or not self._is_good(reading):
            self._calm_since = None
            return None
        if self._calm_since is None:
            self._calm_since = now
        if now - self._calm_since < self._settings.calm_s:
            return None
        return self._turn(Level.TIGHT if self.level is Level.SHORT else Level.FREE, reading, now)

    @property
    def _averaged(self) -> float:
        return sum(self._busy) / _AVERAGED

    def _wanted(self, reading: Reading) -> Level:
        own = self._settings
        lasting_s = min(self._late) if len(self._late) == _KEPT else 0.0
        if lasting_s >= own.short_s or self._averaged >= own.short_busy:
            return Level.SHORT
        tight = reading.lost_frames or lasting_s >= own.tight_s or self._averaged >= own.tight_busy
        return Level.TIGHT if tight else Level.FREE

    def _is_good(self, reading: Reading) -> bool:
        own = self._settings
        late_s, busy = (own.short_s, own.short_busy) if self.level is Level.SHORT else (own.tight_s, own.tight_busy)
        return not reading.lost_frames and reading.late_s <= late_s / 2 and self._averaged <= busy - _WELL_BELOW

    def _turn(self, level: Level, reading: Reading, now: float) -> Turned:
        assert self._since is not None
        lasted_s = now - self._since
        turned = Turned(self.level, level, reading.late_s, self._averaged, reading.lost_frames, lasted_s)
        self.level, self._since, self._calm_since = level, now, None
        return turned


class Pressure:
    """Takes readings while a node runs, and keeps what turned until the floor tells of it."""

    def __init__(self, measure: Callable[[], Reading], settings: PressureSettings | None = None) -> None:
        """``measure`` tells all of a reading but the lateness of the loop, which is found here."""
        self.settings = settings or PressureSettings()
        self._measure = measure
        self._gauge = Gauge(self.settings)
        self._turned: list[Turned] = []
        self.on_change: Callable[[], None] = lambda: None
        """Called when the level has changed."""

    @property
    def level(self) -> Level:
        """The machine keeps up so well now."""
        return self._gauge.level

    def turned(self) -> list[Turned]:
        """What changed since this was asked last."""
        turned, self._turned = self._turned, []
        return turned

    def look(self, loop_s: float) -> None:
        """Take a reading; the event loop was so late."""
        found = self._measure()
        reading = replace(found, loop_s=max(found.loop_s, loop_s))
        turned = self._gauge.look(reading, asyncio.get_running_loop().time())
        if turned is not None:
            self._turned.append(turned)
            self.on_change()

    async def run(self) -> None:
        """Take readings until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_at = loop.time() + self.settings.look_s
            await asyncio.sleep(self.settings.look_s)
            self.look(max(0.0, loop.time() - due_at))
