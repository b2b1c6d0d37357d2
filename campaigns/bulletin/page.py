"""A bulletin as one HTML page that needs nothing beside itself: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import jinja2

from campaigns.bulletin import writing
from campaigns.bulletin.charts import Chart, columns
from campaigns.bulletin.figures import Dimension, Figures, Missed, Part, Reach
from campaigns.bulletin.flat import value
from campaigns.bulletin.review import Bulletin
from campaigns.bulletin.spans import Span, SpanKind
from campaigns.bulletin.words import DIMENSIONS, FIGURES, FIRST_CALL, NOT_SAID, PAGE, SHORT
from campaigns.delivery.wording import Language, word

TILES = (
    "leads",
    "calls",
    "reached",
    "acknowledged",
    "escalated",
    "visits_met",
    "stop_payments_held",
    "amount_saved",
    "first_call_median_min",
    "human_median_min",
)
TABLE = (
    "leads",
    "calls",
    "reached",
    "acknowledged",
    "denied",
    "escalated",
    "visits_ordered",
    "visits_met",
    "stop_payments_ordered",
    "stop_payments_held",
    "deadlines_missed",
    "first_call_median_min",
    "human_median_min",
    "amount_saved",
)
"""Columns of the tables by dimension."""
MOST_PARTS = 15
"""Rows of such a table; the CSV and JSON hold all."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A figure beside those before it, written out."""

    name: str
    label: str
    means: str
    now: str
    before: str
    change: str
    week_before: str
    week_change: str


@dataclass(frozen=True, slots=True)
class _Tile:
    row: _Row
    now: str
    beside: str


@dataclass(frozen=True, slots=True)
class _PartRow:
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    title_of: str
    means: str
    rows: tuple[_PartRow, ...]
    others: str


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    count: str
    share: str
    percent: float


@dataclass(frozen=True, slots=True)
class _MissedRow:
    case_id: int
    what: str
    grade: str
    deadline: str
    late: str


def to_html(bulletin: Bulletin, language: Language = "zh") -> str:
    """The page, in ``zh`` or ``en``."""
    return _template().render(_view(bulletin, language))


@cache
def _template() -> jinja2.Template:
    folder = files("campaigns.bulletin")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _view(bulletin: Bulletin, language: Language) -> Mapping[str, object]:
    now = bulletin.now
    kind = now.span.kind
    words = {name: own.text(language) for name, own in PAGE.items()}
    rows = {row.name: row for row in _rows(bulletin, language)}
    return {
        "css": files("campaigns.bulletin").joinpath("page.css").read_text(encoding="utf-8"),
        "language": "zh-CN" if language == "zh" else "en",
        "words": words,
        "title": words[kind.value],
        "when": _when(now.span, language),
        "before_word": words["before_day" if kind is SpanKind.DAY else "before_week"],
        "now_word": words["now_day" if kind is SpanKind.DAY else "now_week"],
        "is_day": kind is SpanKind.DAY,
        "bulletin": bulletin,
        "made": writing.moment(bulletin.made_at, now.span.zone),
        "partial": None if now.is_whole else words["partial"].format(at=writing.moment(now.as_of_at, now.span.zone)),
        "tiles": [_tile(rows[name], now, language) for name in TILES],
        "rows": list(rows.values()),
        "charts": _charts(now, language),
        "outcomes": _outcomes(now, language),
        "columns": [SHORT.get(name, FIGURES[name]).text(language) for name in TABLE],
        "tables": [_table(dimension, now.parts.get(dimension, {}), language) for dimension in Dimension],
        "missed": [_missed(each, now, language) for each in now.missed],
        "missed_shown": words["missed_shown"].format(
            all=writing.figure(now.whole.counts.deadlines_missed), shown=len(now.missed)
        ),
    }


def _tile(row: _Row, now: Figures, language: Language) -> _Tile:
    counts = now.whole.counts
    if row.name == "amount_saved":
        return _Tile(row, writing.money(counts.amount_saved, language), "")
    return _Tile(row, row.now, writing.share(counts.reached, counts.calls) if row.name == "reached" else "")


def _when(span: Span, language: Language) -> str:
    first = writing.day(span.first, language)
    return first if span.kind is SpanKind.DAY else f"{first} – {writing.day(span.last, language)}"


def _rows(bulletin: Bulletin, language: Language) -> Iterator[_Row]:
    for name, own in FIGURES.items():
        now, before = value(bulletin.now.whole, name), value(bulletin.before.whole, name)
        week = value(bulletin.week_before.whole, name) if bulletin.week_before else None
        yield _Row(
            name=name,
            label=own.text(language),
            means=own.meaning(language),
            now=writing.figure(now),
            before=writing.figure(before),
            change=writing.change(now, before),
            week_before=writing.figure(week),
            week_change=writing.change(now, week),
        )


def _charts(now: Figures, language: Language) -> list[tuple[str, Chart]]:
    if not now.whole.counts.calls:
        return []
    found = []
    if len(now.days) > 1:
        days = [Reach(part.counts.calls, part.counts.reached) for part in now.days]
        labels = [f"{day.month}-{day.day}" for day in now.span.days]
        found.append((PAGE["by_day"].text(language), columns(days, labels)))
    found.append((PAGE["by_hour"].text(language), columns(now.hours, [str(hour) for hour in range(24)])))
    return found


def _outcomes(now: Figures, language: Language) -> list[_Bar]:
    total, most = sum(now.outcomes.values()), max(now.outcomes.values(), default=0)
    return [
        _Bar(
            word(language, "outcomes", outcome),
            writing.figure(count),
            writing.share(count, total),
            round(100 * count / most, 1),
        )
        for outcome, count in now.outcomes.items()
    ]


def _table(dimension: Dimension, parts: Mapping[str, Part], language: Language) -> _Table:
    shown = list(parts.items())[:MOST_PARTS]
    own = DIMENSIONS[dimension.value]
    rest = len(parts) - len(shown)
    return _Table(
        title=PAGE["by"].text(language).format(dimension=own.text(language)),
        title_of=own.text(language),
        means=own.meaning(language),
        rows=tuple(
            _PartRow(
                _part_name(dimension, name, language),
                tuple(writing.figure(value(part, figure)) for figure in TABLE),
            )
            for name, part in shown
        ),
        others=PAGE["others"].text(language).format(count=rest) if rest else "",
    )


def _missed(missed: Missed, now: Figures, language: Language) -> _MissedRow:
    late = writing.delay(missed.late_s, language)
    if missed.still_open:
        late += f"，{PAGE['still_open'].zh}" if language == "zh" else f", {PAGE['still_open'].en}"
    return _MissedRow(
        case_id=missed.case_id,
        what=FIRST_CALL.text(language) if missed.what == "first_call" else word(language, "kinds", missed.what),
        grade=word(language, "grades", missed.grade),
        deadline=writing.moment(missed.deadline_at, now.span.zone),
        late=late,
    )


def _part_name(dimension: Dimension, name: str, language: Language) -> str:
    if dimension is Dimension.GRADE:
        return word(language, "grades", name)
    return name or NOT_SAID.text(language)
