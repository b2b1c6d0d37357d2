"""A simulated day as text."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.bulletin.figures import Counts
from campaigns.simulation.measures import Waits
from campaigns.simulation.result import Result

HOUR_COLUMNS = (
    "hour",
    "leads",
    "calls",
    "lines max",
    "lines p95",
    "queue max",
    "on duty",
    "busy max",
    "busy p95",
    "offered",
    "nobody free",
)


def span(span_s: float | None) -> str:
    """A span as people say it; ``never`` for one without end."""
    if span_s is None:
        return "never"
    if span_s < 120:
        return f"{span_s:.0f} s"
    return f"{span_s / 60:.0f} min" if span_s < 7200 else f"{span_s / 3600:.1f} h"


def waits(found: Waits) -> str:
    """``median 4 s, p95 48 s``."""
    return f"median {span(found.median_s)}, p95 {span(found.p95_s)}" if found.cases else "none"


def summary(result: Result, counts: Counts) -> Iterator[str]:
    """The day in a few lines; ``counts`` are those of its bulletin."""
    city = f"{result.leads:,} leads, {result.lines} lines, {result.dissuaders} dissuaders"
    yield f"{result.day}: {city}, seed {result.seed}"
    yield (
        f"calls              {result.calls:,}; lines in use: most {result.lines_max}, "
        f"p95 of the busiest hour {result.lines_p95}, mean {result.lines_mean}"
    )
    yield (
        f"queue              at most {result.queue_max:,} waited for a line, "
        f"{result.put_off:,} of them until their calling hours ended"
    )
    for grade, first in result.first_calls.items():
        yield (
            f"first call, {grade:7}{first.from_warning.cases:,}; from when it was permitted: "
            f"{waits(first.from_permitted)}; {first.late} after the deadline"
        )
    yield (
        f"waits for human    {result.offered:,} live calls handed over: {waits(result.waits_for_dissuader)}; "
        f"nobody free {result.nobody_free}, hung up {result.left_waiting}"
    )
    yield (
        f"dissuaders         busy at most {result.dissuaders_max}, "
        f"p95 of the busiest hour {result.dissuaders_p95} of {result.dissuaders}"
    )
    yield (
        f"reached            {counts.reached:,} calls: {counts.warned:,} heard the warning, {counts.acknowledged:,} "
        f"acknowledged, {counts.denied:,} denied, {counts.escalated:,} spoke with a dissuader"
    )
    yield (
        f"ordered            {counts.sms:,} SMS sent, {counts.visits_ordered:,} visits ({counts.visits_met:,} met), "
        f"{counts.stop_payments_ordered:,} stop-payments ({counts.stop_payments_held:,} held), "
        f"{counts.relative_calls:,} calls to relatives"
    )
    saved = result.saved
    yield (
        f"in danger          {saved.in_danger:,}: {saved.stopped_in_time:,} stopped in time, money went from "
        f"{saved.money_went:,} (the bank still caught {saved.caught_by_bank:,}), {saved.still_open:,} still open"
    )
    states = ", ".join(f"{count:,} {state}" for state, count in result.cases.items())
    yield f"cases at the end   {states} (the evening before and {result.linked:,} calls to relatives included)"


def hour_rows(result: Result) -> Iterator[tuple[int, ...]]:
    """A row for each hour; see `HOUR_COLUMNS`."""
    for each in result.hours:
        yield (
            each.hour,
            each.leads,
            each.calls,
            each.lines_max,
            each.lines_p95,
            each.queue_max,
            each.dissuaders_on_duty,
            each.dissuaders_max,
            each.dissuaders_p95,
            each.offered,
            each.nobody_free,
        )
