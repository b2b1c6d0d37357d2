"""How many lines and dissuaders a city needs.

`python -m benchmarks.capacity docs/capacity.md` searches them (20 minutes on two idle cores) and writes the page; with
their numbers behind, `... docs/capacity.md 170 50`, it tries those (10 minutes).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from math import ceil, sqrt
from pathlib import Path

from campaigns.simulation.day import Plan
from campaigns.simulation.planning import Needed, Targets, search
from campaigns.simulation.profile import Profile, standard
from campaigns.simulation.result import Result
from campaigns.simulation.run import simulate
from campaigns.simulation.telling import HOUR_COLUMNS, hour_rows, span, summary

SAMPLE = 3_050
LEADS = 61_000


def changed(**sections: dict[str, object]) -> Profile:
    """The built-in profile with other figures in some sections."""
    profile = standard()
    return profile.model_copy(
        update={name: getattr(profile, name).model_copy(update=figures) for name, figures in sections.items()}
    )


def variants(base: Plan) -> dict[str, Plan]:
    """What else may be: the same people, if nothing is said of them."""

    def lines(share: float) -> Plan:
        return replace(base, lines=round(base.lines * share))

    def dissuaders(share: float) -> Plan:
        return replace(base, dissuaders=round(base.dissuaders * share))

    talk = standard().talk
    alarmed = {**talk.safe, "escalated": talk.safe["escalated"] * 2, "acknowledged": talk.safe["acknowledged"] - 0.03}
    held = {
        name: each.model_copy(update={"by_phone": min(1.0, each.by_phone * 2)})
        for name, each in standard().scam_types.items()
    }
    short = 'hours: {high: always, medium: "10:00-18:00", low: "10:00-18:00"}'
    once = "after: {no_answer: {limit: 2}, rejected: {limit: 1}, voicemail: {limit: 2}}"
    return {
        "as planned": base,
        "lines - 25 %": lines(0.75),
        "lines + 25 %": lines(1.25),
        "dissuaders - 25 %": dissuaders(0.75),
        "dissuaders + 25 %": dissuaders(1.25),
        "half as many leads again": replace(base, leads=base.leads * 3 // 2),
        "twice as many calls of the safe handed over": replace(base, profile=changed(talk={"safe": alarmed})),
        "twice as many held on the telephone": replace(
            base, profile=standard().model_copy(update={"scam_types": held})
        ),
        "medium and low called from 10:00 to 18:00": replace(base, policy=short),
        "two calls, not four, to who does not answer": replace(base, policy=once),
    }


def passed(plan: Plan) -> Result:
    """A day, in a process of its own."""
    return simulate(plan).result


def row(name: str, result: Result) -> str:
    """A line of the table."""
    first = result.first_calls
    late = sum(each.late for each in first.values())
    cells = (
        name,
        f"{result.lines}",
        f"{result.dissuaders}",
        f"{result.calls:,}",
        span(first["high"].from_warning.p95_s),
        span(first["low"].from_permitted.p95_s),
        f"{late:,}",
        f"{result.put_off:,}",
        span(result.waits_for_dissuader.p95_s),
        f"{result.nobody_free + result.left_waiting:,} of {result.offered:,}",
        f"{result.saved.stopped_in_time:,} of {result.saved.in_danger:,}",
    )
    return f"| {' | '.join(cells)} |"


def searched(needed: Needed) -> str:
    """How they were found."""
    return f"""Searched by bisection in a city of {needed.sample:,} leads ({needed.sample_lines} lines,
{needed.sample_dissuaders} dissuaders), scaled by square-root staffing, then tried on the whole city."""


def page(result: Result, how: str, told: list[str], table: list[str], took_s: float) -> Iterator[str]:
    """The document."""
    targets, leads = Targets(), result.leads
    kept = targets.calls(result) and targets.human(result)
    whole = f"{result.lines} lines and {result.dissuaders} dissuaders in the busiest hours"
    yield f"""# How many lines and dissuaders a city needs

Made by `python -m benchmarks.capacity`; `dissuade simulate --plan` does the same for your figures.
People, outcomes and times are **invented** by [the built-in profile](../campaigns/simulation/profile.yaml), which says
of each figure whether it was reported or is an assumption: put in those of your own centre before you buy anything.
What is real is the policy and the store: a day passes through the very code that decides and records in operation.

## The answer

**{leads:,} leads a day: {whole} {"keep" if kept else "do not keep"} the targets.**

The targets: 95 % of first calls to high grades within {targets.high_within_s / 60:g} min of the warning; 95 % of live
calls with a dissuader within {targets.human_within_s:g} s, those who waited in vain counted; at most
{targets.late_share:.0%} of first calls to medium and low grades after the policy's deadline; at most
{targets.put_off_share:.0%} of calls put off because no line was free before calling hours ended. {how}
The day:

```
{chr(10).join(told)}
```

A day took {took_s / 60:.0f} min on one of two shared cores. Repeat it:

    .venv/bin/dissuade simulate --leads {leads} --lines {result.lines} --dissuaders {result.dissuaders} --seed 1

## What it depends on

A smaller city of {SAMPLE:,} leads, same people, one thing changed at a time."""
    yield "late: first calls after the policy's deadline. put off: no line was free before calling hours ended."
    yield "in vain: nobody was free, or the subject hung up waiting."
    yield ""
    head = "day, lines, dissuaders, calls, high p95, low p95, late, put off, human p95, in vain, stopped in time"
    yield f"| {head.replace(', ', ' | ')} |"
    yield f"|{' --- |' * (head.count(',') + 1)}"
    yield from table
    yield f"""
## The day, hour by hour

The whole city of {leads:,} leads. p95: exceeded for 3 minutes of the hour.

| {" | ".join(HOUR_COLUMNS)} |
|{" --- |" * len(HOUR_COLUMNS)}"""
    for figures in hour_rows(result):
        yield f"| {' | '.join(f'{figure:,}' for figure in figures)} |"


def main() -> None:
    """Write the page."""
    whole, took_s, told = Plan.of(standard(), leads=LEADS), 0.0, [""]

    def timed(plan: Plan) -> Result:
        nonlocal took_s
        began = time.perf_counter()
        found = simulate(plan)
        took_s = time.perf_counter() - began
        told[:] = summary(found.result, found.bulletin.now.whole.counts)
        print(f"{took_s:6.0f} s  {told[0]}", file=sys.stderr)
        return found.result

    if given := [int(each) for each in sys.argv[2:]]:
        result, how = timed(replace(whole, lines=given[0], dissuaders=given[1])), "Tried, not searched for."
        share = given[1] * SAMPLE / LEADS
        few = ceil(given[0] * SAMPLE / LEADS), ceil(share + sqrt(share))  # a small city must keep more free
    else:
        needed = search(whole, timed, sample=SAMPLE)
        result, how, few = needed.result, searched(needed), (needed.sample_lines, needed.sample_dissuaders)
    asked = variants(Plan.of(standard(), leads=SAMPLE, lines=few[0], dissuaders=few[1]))
    with ProcessPoolExecutor(2) as pool:
        table = [row(name, found) for name, found in zip(asked, pool.map(passed, asked.values()), strict=True)]
    Path(sys.argv[1]).write_text("\n".join(page(result, how, told, table, took_s)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
