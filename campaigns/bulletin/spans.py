"""Days and weeks as the calendar of the centre's time zone has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class SpanKind(StrEnum):
    """What a bulletin is about."""

    DAY = "day"
    WEEK = "week"
    """Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Span:
    """One calendar day or week; on a day when clocks are changed it has 23 or 25 hours."""

    kind: SpanKind
    first: date
    zone: ZoneInfo

    @property
    def days(self) -> tuple[date, ...]:
        """Its days, in order."""
        return tuple(self.first + timedelta(days=n) for n in range(1 if self.kind is SpanKind.DAY else 7))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.days[-1]

    @property
    def from_at(self) -> float:
        """When it begins, seconds since 1970."""
        return _midnight(self.first, self.zone)

    @property
    def until_at(self) -> float:
        """When it ends; that second is not part of it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def before(self) -> Span:
        """The day, or the week, before."""
        return Span(self.kind, self.first - timedelta(days=len(self.days)), self.zone)

    @property
    def week_before(self) -> Span | None:
        """The same day a week earlier; ``None`` for a week."""
        return Span(self.kind, self.first - timedelta(days=7), self.zone) if self.kind is SpanKind.DAY else None


def day_of(day: date, zone: ZoneInfo) -> Span:
    """That day."""
    return Span(SpanKind.DAY, day, zone)


def week_of(day: date, zone: ZoneInfo) -> Span:
    """The week that holds that day."""
    return Span(SpanKind.WEEK, day - timedelta(days=day.weekday()), zone)


def today(now: float, zone: ZoneInfo) -> date:
    """The day that it is there."""
    return datetime.fromtimestamp(now, zone).date()


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
