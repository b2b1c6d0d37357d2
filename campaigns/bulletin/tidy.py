"""A bulletin as a tidy table and as a JSON value, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from campaigns.bulletin.figures import Dimension, Figures, Part, Reach
from campaigns.bulletin.flat import values
from campaigns.bulletin.review import Bulletin
from campaigns.bulletin.spans import Span

COLUMNS = ("figure", "dimension", "part", "value", "before", "week_before")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | float | None
Row = tuple[Cell, ...]


def to_csv(bulletin: Bulletin) -> str:
    """One line for each figure of each part. ``before`` is the day or week before, ``week_before`` the same day a week
    earlier (empty in the review of a week). It begins with a byte order mark, so that spreadsheets read Chinese.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(bulletin):
        writer.writerow([_plain(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _rows(bulletin: Bulletin) -> Iterator[Row]:
    now, before, week_before = bulletin.now, bulletin.before, bulletin.week_before
    yield from _figures("all", "", now.whole, before.whole, week_before.whole if week_before else None)
    for dimension, parts in now.parts.items():
        for name, part in parts.items():
            earlier = before.parts.get(dimension, {}).get(name, Part())
            last_week = week_before.parts.get(dimension, {}).get(name, Part()) if week_before else None
            yield from _figures(dimension.value, name, part, earlier, last_week)
    for hour, reach in enumerate(now.hours):
        own = week_before.hours[hour] if week_before else None
        yield "calls", "hour", f"{hour:02}", reach.calls, before.hours[hour].calls, own.calls if own else None
        yield "reached", "hour", f"{hour:02}", reach.reached, before.hours[hour].reached, own.reached if own else None
    for outcome, calls in now.outcomes.items():
        own_calls = week_before.outcomes.get(outcome, 0) if week_before else None
        yield "calls", "outcome", outcome, calls, before.outcomes.get(outcome, 0), own_calls


def _figures(dimension: str, name: str, now: Part, before: Part, week_before: Part | None) -> Iterator[Row]:
    earlier, last_week = values(before), values(week_before) if week_before else {}
    for figure, found in values(now).items():
        yield figure, dimension, name, found, earlier[figure], last_week.get(figure)


def _plain(cell: Cell) -> Cell:
    """A name that came in with a lead must not be a formula to a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def to_json(bulletin: Bulletin) -> str:
    """The value that docs/bulletin.schema.json describes."""
    now = bulletin.now
    told = {
        "kind": now.span.kind.value,
        "span": _span(now.span),
        "before": _span(bulletin.before.span),
        "week_before": _span(bulletin.week_before.span) if bulletin.week_before else None,
        "centre": bulletin.centre,
        "campaign": bulletin.campaign or None,
        "made_at": bulletin.made_at,
        "as_of_at": now.as_of_at,
        "complete": now.is_whole,
        "figures": {
            "now": values(now.whole),
            "before": values(bulletin.before.whole),
            "week_before": values(bulletin.week_before.whole) if bulletin.week_before else None,
        },
        "by": {
            dimension.value: [_part(bulletin, dimension, name, part) for name, part in parts.items()]
            for dimension, parts in now.parts.items()
        },
        "hours": _hours(now),
        "days": [
            {"date": day.isoformat(), "figures": values(part)}
            for day, part in zip(now.span.days, now.days, strict=True)
        ],
        "outcomes": dict(now.outcomes),
        "missed": [
            {
                "case_id": each.case_id,
                "what": each.what,
                "grade": each.grade,
                "deadline_at": each.deadline_at,
                "late_s": round(each.late_s, 1),
                "still_open": each.still_open,
            }
            for each in now.missed
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _part(bulletin: Bulletin, dimension: Dimension, name: str, part: Part) -> dict[str, object]:
    def of(figures: Figures) -> dict[str, float | None]:
        return values(figures.parts.get(dimension, {}).get(name, Part()))

    return {
        "part": name,
        "now": values(part),
        "before": of(bulletin.before),
        "week_before": of(bulletin.week_before) if bulletin.week_before else None,
    }


def _hours(figures: Figures) -> list[dict[str, int]]:
    def told(hour: int, reach: Reach) -> dict[str, int]:
        return {"hour": hour, "calls": reach.calls, "reached": reach.reached}

    return [told(hour, reach) for hour, reach in enumerate(figures.hours)]


def _span(span: Span) -> dict[str, object]:
    return {
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "from_at": span.from_at,
        "until_at": span.until_at,
        "time_zone": span.zone.key,
    }
