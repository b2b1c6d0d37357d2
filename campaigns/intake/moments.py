"""Points in time as people and systems write them, taken as seconds since 1970 in UTC."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

EARLIEST_AT = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST_AT = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
DAY_S = 86_400.0

_CLOCK = (
    r"(?:[t ,日号]*(?P<half>上午|下午|晚上|晚|凌晨|早上|中午|am|pm)?\s*"
    r"(?P<hour>[0-9]{1,2})(?:[:时点](?P<minute>[0-9]{1,2})?分?(?:[:分]?(?P<second>[0-9]{1,2})(?:[.,][0-9]{1,9})?秒?)?)"
    r"\s*(?P<half_after>am|pm)?\s*(?P<zone>z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_FORMS = tuple(
    re.compile(day + _CLOCK)
    for day in (
        r"(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})[日号]?",
        r"(?P<first>[0-9]{1,2})/(?P<other>[0-9]{1,2})/(?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})",
        r"(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号]?",
        r"(?P<name>[a-z]{3})[a-z]*\.? (?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{1,2})[ -](?P<name>[a-z]{3})[a-z]*\.?[ -](?P<year>[0-9]{4})",
    )
)
_COMPACT = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})(?:[t ]?([0-9]{2})([0-9]{2})([0-9]{2})?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPAN = re.compile(
    r"([0-9]{1,4}(?:\.[0-9])?)\s*(小时|个小时|时|天|日|h|hours?|d|days?|分钟|min|minutes?)(?:内|内有效)?"
)
_SPAN_S = {
    "小": 3600.0,
    "个": 3600.0,
    "时": 3600.0,
    "h": 3600.0,
    "天": DAY_S,
    "日": DAY_S,
    "d": DAY_S,
    "分": 60.0,
    "m": 60.0,
}
_ZONES = {
    "北京时间": "Asia/Shanghai", "东八区": "Asia/Shanghai", "北京": "Asia/Shanghai", "上海": "Asia/Shanghai",
    "utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai", "+08:00": "Asia/Shanghai", "+8": "Asia/Shanghai",
}  # fmt: skip


@lru_cache(maxsize=1)
def _known_zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()} | _ZONES


def parse_zone(text: str) -> str | None:
    """The IANA name of a time zone, ``None`` if it is none."""
    return _known_zones().get(unicodedata.normalize("NFKC", text).strip().lower())


def parse_moment(
    value: object, *, zone: str, now: float, month_first: bool = False, end_of_day: bool = False
) -> float | None:
    """The time in a cell, ``None`` if there is none between 2000 and 2100.

    ``zone`` (IANA) holds where the cell names none. ``month_first`` reads 11/12/2026 as in the USA; without, such a day
    must be plain from the figures. A day alone is its beginning, or with ``end_of_day`` its end. A day without a
    year is the last one of that date, or with ``end_of_day`` the nearest.
    """
    home = ZoneInfo(zone)
    try:
        at = _from_value(value, home, now, month_first, end_of_day)
    except (ValueError, OverflowError):
        return None
    return at if at is not None and EARLIEST_AT <= at < LATEST_AT else None


def parse_span(text: str) -> float | None:
    """Seconds of a span such as 24小时, 3天, 48h; ``None`` if it is none."""
    found = _SPAN.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    return float(found[1]) * _SPAN_S[found[2][0]] if found else None


def _from_value(value: object, home: tzinfo, now: float, month_first: bool, end_of_day: bool) -> float | None:
    if isinstance(value, datetime):
        if end_of_day and (value.hour, value.minute, value.second) == (0, 0, 0):
            return _day_end(value, home)
        return (value if value.tzinfo else value.replace(tzinfo=home)).timestamp()
    if isinstance(value, date):
        return _from_value(datetime(value.year, value.month, value.day), home, now, month_first, end_of_day)  # noqa: DTZ001
    if isinstance(value, int | float):
        return _from_number(float(value), home)
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip().lower()
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?|[0-9]{9,10}(\.[0-9]+)?|[0-9]{13}", text):
        return _from_number(float(text), home)
    if compact := _COMPACT.fullmatch(text):
        numbers = [int(part) for part in compact.groups(default="0")]
        return _point(numbers, home, day_alone=end_of_day and not compact[4])
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _from_parts(found.groupdict(), home, now, month_first, end_of_day)
    return None


def _from_number(number: float, home: tzinfo) -> float | None:
    """Seconds or milliseconds since 1970, or the days since 1900 that spreadsheets count."""
    if 10_000 <= number < 100_000:
        day = datetime(1899, 12, 30) + timedelta(days=number)  # noqa: DTZ001 (wall clock, given its zone below)
        return day.replace(tzinfo=home).timestamp()
    return number / 1000 if number > 1e11 else number


def _from_parts(
    parts: dict[str, str | None], home: tzinfo, now: float, month_first: bool, end_of_day: bool
) -> float | None:
    month, day = parts.get("month"), parts.get("day")
    if first := parts.get("first"):
        month, day = first, parts["other"]
        if int(first) > 12 or (not month_first and int(str(day)) <= 12):
            month, day = day, first
            if int(first) <= 12:
                return None
    elif name := parts.get("name"):
        if name not in _MONTHS:
            return None
        month = str(_MONTHS.index(name) + 1)
    hour, half = int(parts["hour"] or 0), parts["half"] or parts["half_after"]
    if half in {"下午", "晚上", "晚", "pm"} and hour < 12:
        hour += 12
    elif half in {"凌晨", "上午", "早上", "am"} and hour == 12:
        hour = 0
    clock = [hour, int(parts["minute"] or 0), int(parts["second"] or 0)]
    zone = _offset(parts["zone"]) or home
    day_alone = end_of_day and parts["hour"] is None
    if year := parts.get("year"):
        return _point([int(year), int(str(month)), int(str(day)), *clock], zone, day_alone=day_alone)
    this_year = datetime.fromtimestamp(now, zone).year
    near = []
    for year_near in (this_year - 1, this_year, this_year + 1):
        try:
            near.append(_point([year_near, int(str(month)), int(str(day)), *clock], zone, day_alone=day_alone))
        except ValueError:  # 29 February
            continue
    if end_of_day:
        return min(near, key=lambda at: abs(at - now), default=None)
    return max((at for at in near if at <= now + DAY_S), default=None)


def _point(numbers: list[int], zone: tzinfo, *, day_alone: bool) -> float:
    year, month, day, hour, minute, second = numbers
    if hour == 24 and minute == second == 0:
        return _day_end(datetime(year, month, day), zone)  # noqa: DTZ001
    point = datetime(year, month, day, hour, minute, min(second, 59) if second == 60 else second, tzinfo=zone)
    return _day_end(point, zone) if day_alone else point.timestamp()


def _day_end(day: datetime, zone: tzinfo) -> float:
    following = day.date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in {"z", "utc", "gmt"}:
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
