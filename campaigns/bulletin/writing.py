"""How a bulletin writes figures, changes, spans and moments."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.delivery.wording import Language

ABSENT = "–"
_WEEKDAYS_ZH = "一二三四五六日"


def figure(found: float | None) -> str:
    """``61,000``; minutes with one digit after the point; a dash where there is none."""
    if found is None:
        return ABSENT
    return f"{found:,.0f}" if found == int(found) else f"{found:,.1f}"


def money(amount: float, language: Language) -> str:
    """A large sum where room is scarce: ``1,792 万``, ``17.92 M``."""
    unit, name = (10_000, "万") if language == "zh" else (1_000_000, "M")
    if amount < 10 * unit:
        return figure(amount)
    return f"{amount / unit:,.2f}".rstrip("0").rstrip(".") + f" {name}"


def change(now: float | None, before: float | None) -> str:
    """``+12 %`` beside the span before; a dash where there is nothing to compare with."""
    if now is None or not before:
        return ABSENT
    percent = round(100 * (now - before) / before)
    return "±0 %" if percent == 0 else f"{percent:+d} %".replace("-", "−")


def share(part: float, whole: float) -> str:
    """``54 %``; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else ABSENT


def moment(at: float, zone: ZoneInfo) -> str:
    """Day and time of day there."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"


def delay(late_s: float, language: Language) -> str:
    """``3 h 20 min``; ``3 小时 20 分``."""
    minutes = max(1, round(late_s / 60))
    hours, rest = divmod(minutes, 60)
    if language == "zh":
        return f"{hours:,} 小时 {rest} 分" if hours else f"{rest} 分"
    return f"{hours:,} h {rest} min" if hours else f"{rest} min"


def day(of: date, language: Language) -> str:
    """``2026年11月20日（星期五）``; ``Friday, 20 November 2026``."""
    if language == "zh":
        return f"{of.year}年{of.month}月{of.day}日（星期{_WEEKDAYS_ZH[of.weekday()]}）"
    return f"{_WEEKDAYS[of.weekday()]}, {of.day} {_MONTHS[of.month - 1]} {of.year}"


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
