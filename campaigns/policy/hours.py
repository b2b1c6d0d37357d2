"""Calling hours by the subject's clock, exact on the days when clocks are changed, too.

``always``; ``08:30-21:00``; ``mon-fri 09:00-12:00, 14:00-20:00; sat,sun 10:00-18:00``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_DAY = 1440
_LOOK_AHEAD_DAYS = 16
"""Two weeks: hours of one weekday that a change of clocks swallows open a week later."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When calls may be made, minute by minute of each weekday."""

    text: str
    """As written."""
    days: tuple[tuple[tuple[int, int], ...], ...] | None
    """Monday first: from and until, in minutes since midnight by the clock on the wall; ``None``: always."""

    def open_at(self, wall: datetime) -> bool:
        """Whether calls may be made when clocks show this."""
        if self.days is None:
            return True
        minute = wall.hour * 60 + wall.minute
        return any(start <= minute < end for start, end in self.days[wall.weekday()])


ALWAYS = Hours("always", None)


def parse_hours(text: object) -> Hours:
    """Hours as written; raises `ValueError` with the mend."""
    if isinstance(text, Hours):
        return text
    if not isinstance(text, str):
        raise ValueError(f'{text!r} are no calling hours; write always, or "08:30-21:00"')
    if text.strip().lower() == "always":
        return ALWAYS
    days: list[set[tuple[int, int]]] = [set() for _ in _DAYS]
    for part in text.lower().split(";"):
        names, _, ranges = part.strip().partition(" ") if part.strip()[:1].isalpha() else ("", "", part)
        for day in _weekdays(names):
            for start, end in map(_range, ranges.split(",")):
                days[day].add((start, min(end, _DAY)))
                if end > _DAY:
                    days[(day + 1) % 7].add((0, end - _DAY))
    return Hours(text.strip(), tuple(tuple(sorted(day)) for day in days))


def _weekdays(names: str) -> list[int]:
    if not names:
        return list(range(7))
    found = []
    for name in names.split(","):
        first, dash, last = name.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise ValueError(f"{name!r} is no weekday; write {', '.join(_DAYS)}, or mon-fri")
        start, end = _DAYS.index(first), _DAYS.index(last if dash else first)
        found += [(start + step) % 7 for step in range((end - start) % 7 + 1)]
    return found


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} are no calling hours; write always, "08:30-21:00" or "mon-fri 09:00-20:00"')
    hour, minute, last_hour, last_minute = map(int, match.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    if max(minute, last_minute) > 59 or start >= _DAY or end > _DAY:
        raise ValueError(f"{text!r} is no time of day; it ends at 24:00 at the latest")
    if start == end:
        raise ValueError(f"{text!r} begins when it ends; write always for the whole day")
    return start, end if end > start else end + _DAY


@cache
def zone(name: str) -> ZoneInfo | None:
    """A time zone by its IANA name; ``None`` if there is none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError):
        return None


def next_open(hours: Hours, at: float, where: ZoneInfo) -> tuple[float, float | None]:
    """From when, at ``at`` or later, calls may be made, and until when; until ``None``: for ever."""
    if hours.days is None:
        return at, None
    today = datetime.fromtimestamp(at, where).date()
    start: float | None = None
    end = 0.0
    for offset in range(_LOOK_AHEAD_DAYS):
        for opens, closes in _spans(hours, where, today + timedelta(days=offset)):
            if closes <= at:
                continue
            if start is None:
                start, end = max(at, opens), closes
            elif opens <= end:
                end = max(end, closes)
            else:
                return start, end
    if start is None:
        raise ValueError(f"calling hours {hours.text!r} never open in {where.key}")
    return start, end


@lru_cache(maxsize=4096)
def _spans(hours: Hours, where: ZoneInfo, day: date) -> tuple[tuple[float, float], ...]:
    """When calls may be made on a day, in UTC.

    Between two neighbouring moments at which the clock on the wall may cross a border nothing changes: so each piece is
    asked in its middle, whatever clocks were changed to.
    """
    assert hours.days is not None
    marks = sorted(set(_marks(hours, where, day)))
    found: list[tuple[float, float]] = []
    for left, right in pairwise(marks):
        wall = datetime.fromtimestamp((left + right) / 2, where)
        if wall.date() != day or not hours.open_at(wall):
            continue
        if found and found[-1][1] == left:
            found[-1] = (found[-1][0], right)
        else:
            found.append((left, right))
    return tuple(found)


def _marks(hours: Hours, where: ZoneInfo, day: date) -> Iterator[float]:
    """Moments at which calling may begin or end that day: borders by both readings, and changes of clocks."""
    assert hours.days is not None
    for minute in {0, _DAY, *(border for each in hours.days[day.weekday()] for border in each)}:
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        for fold in (0, 1):
            yield wall.replace(tzinfo=where, fold=fold).timestamp()
    yield from _changes(where, day)


def _changes(where: ZoneInfo, day: date) -> Iterator[float]:
    """When clocks are changed that day, to the second."""
    low = datetime.combine(day, time(), tzinfo=UTC).timestamp() - 86_400
    for begin in range(int(low), int(low) + 3 * 86_400, 21_600):
        left, right = begin, begin + 21_600
        if _offset(where, left) == _offset(where, right):
            continue
        while right - left > 1:
            middle = (left + right) // 2
            left, right = (left, middle) if _offset(where, middle) != _offset(where, left) else (middle, right)
        yield float(right)


def _offset(where: ZoneInfo, at: float) -> timedelta | None:
    return datetime.fromtimestamp(at, where).utcoffset()
