"""Days and weeks of the centre's calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.bulletin.spans import day_of, today, week_of

pytestmark = pytest.mark.unit

CHINA = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
CAIRO = ZoneInfo("Africa/Cairo")


def test_a_day_begins_and_ends_at_midnight_in_the_centre() -> None:
    day = day_of(date(2026, 11, 20), CHINA)
    assert day.from_at == datetime.fromisoformat("2026-11-20T00:00:00+08:00").timestamp()
    assert day.until_at == datetime.fromisoformat("2026-11-21T00:00:00+08:00").timestamp()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)])
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    span = day_of(day, NEW_YORK)
    assert span.until_at - span.from_at == hours * 3600


def test_a_day_without_midnight_follows_the_day_before_at_once() -> None:
    without = day_of(date(2026, 4, 24), CAIRO)
    assert without.from_at == without.before.until_at
    assert without.until_at - without.from_at == 23 * 3600


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 22)])
def test_a_week_goes_from_monday_to_sunday(day: date) -> None:
    week = week_of(day, CHINA)
    assert (week.first, week.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert week.until_at - week.from_at == 7 * 86_400


def test_a_day_is_compared_with_the_day_and_the_week_before_and_a_week_with_the_week_before() -> None:
    day, week = day_of(date(2026, 3, 1), CHINA), week_of(date(2026, 3, 1), CHINA)
    assert day.before.first == date(2026, 2, 28)
    assert day.week_before is not None
    assert day.week_before.first == date(2026, 2, 22)
    assert week.before.first == date(2026, 2, 16)
    assert week.week_before is None


def test_today_is_the_day_of_the_centre_not_of_the_machine() -> None:
    at = datetime.fromisoformat("2026-11-20T23:30:00+00:00").timestamp()
    assert today(at, CHINA) == date(2026, 11, 21)
    assert today(at, NEW_YORK) == date(2026, 11, 20)
