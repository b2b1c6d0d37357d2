"""Pages from templates, in the reader's language and time zone."""

from __future__ import annotations

import functools
from datetime import datetime
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from campaigns.delivery.wording import language_of
from campaigns.delivery.wording import word as wording
from campaigns.numbers import mask
from console.desk.said import gravity
from console.desk.words import WORDS

TEMPLATES = Path(__file__).parent / "templates"
OWN_NAMES = {"zh-CN": "中文", "en": "English"}
"""Languages as they call themselves."""


@functools.cache
def environment() -> Environment:
    """How templates are read. They see ``texts``, ``zone`` and what a page hands in."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(own_names=OWN_NAMES)
    made.filters.update(figure=figure, gravity=gravity, iso=_iso, named=_named)
    made.filters.update(word=_word, moment=_moment, clock=_clock, span=span, money=money, masked=mask)
    return made


@pass_context
def _gettext(context: Context, text: str) -> str:
    return str(context["texts"].gettext(text))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return str(context["texts"].ngettext(one, many, count))


@pass_context
def _word(context: Context, value: Enum | None) -> str:
    """The name of an enumeration's member, as people say it."""
    return "" if value is None else str(context["texts"].gettext(WORDS[type(value)][value]))


@pass_context
def _named(context: Context, name: str, what: str) -> str:
    """A signal, a result or the like as sheets and bulletins call it; see ``campaigns/delivery/wording.yaml``."""
    return wording(language_of(context["language"]), what, name)


@pass_context
def _iso(context: Context, at: float | None) -> str:
    """A moment for ``<time datetime>``."""
    return "" if at is None else _local(context, at).isoformat(timespec="seconds")


@pass_context
def _moment(context: Context, at: float | None) -> str:
    """Date and time."""
    return "" if at is None else _local(context, at).strftime("%Y-%m-%d %H:%M")


@pass_context
def _clock(context: Context, at: float | None) -> str:
    """Time of day, with seconds."""
    return "" if at is None else _local(context, at).strftime("%H:%M:%S")


def _local(context: Context, at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(context["zone"]))


def span(seconds: float | None) -> str:
    """Seconds as ``1:05`` or ``1:02:03``."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def figure(count: float) -> str:
    """A number with separators."""
    return f"{count:,.0f}"


def money(amount: float | None) -> str:
    """A sum with separators; empty if unknown."""
    return "" if amount is None else f"{amount:,.0f}"
