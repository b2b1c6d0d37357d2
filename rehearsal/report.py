"""A rehearsal's report for people (a table of 100 to 120 columns) and for programs (JSON)."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from campaigns.numbers import mask
from rehearsal.measures import Spread
from rehearsal.summary import RehearsalReport, Row

_OUTCOME_STYLES = {
    "escalated": "bold red",
    "callback_due": "bold red",
    "denies": "yellow",
    "busy": "yellow",
    "acknowledged": "green",
    "warned": "green",
}


def to_json(report: RehearsalReport) -> str:
    """The whole report, numbers unmask: it is about invented people."""
    data = {**asdict(report), "folder": str(report.folder), "good": report.good}
    return json.dumps(data, ensure_ascii=False, indent=2)


def render(report: RehearsalReport) -> RenderableType:
    """The table, the three measurements, and what is not as it should be."""
    parts: list[RenderableType] = [_table(report), Text(), _measures(report)]
    if not report.good:
        parts += [Text(), _complaints(report)]
    return Group(*parts)


def _table(report: RehearsalReport) -> Table:
    table = Table(title=report.title or report.name, title_justify="left", header_style="bold", pad_edge=False)
    table.add_column("", width=1)
    table.add_column("Number", no_wrap=True)
    table.add_column("The person", overflow="fold")
    table.add_column("Heard", overflow="fold", ratio=3, min_width=14)
    table.add_column("Signals", overflow="fold", ratio=3, min_width=14)
    table.add_column("Outcome", overflow="fold", min_width=10)
    table.add_column("Human on the line", overflow="fold", min_width=12)
    table.add_column("What follows", overflow="fold", ratio=2, min_width=12)
    for row in report.rows:
        table.add_row(
            Text("✓", "green") if row.good else Text("✗", "bold red"),
            mask(row.number),
            row.behaviour.replace("_", " "),
            row.heard,
            _signals(row),
            Text(row.outcome.replace("_", " "), _OUTCOME_STYLES.get(row.outcome, "")),
            _human(row),
            _follows(row),
        )
    return table


def _signals(row: Row) -> Text:
    text = Text()
    for index, sign in enumerate(row.signals):
        text.append("\n" if index else "").append(sign.name.replace("_", " "), "bold")
        text.append(f" “{sign.words}”" if sign.words else "", "dim")
    return text


def _human(row: Row) -> str:
    if row.human is None:
        return ""
    rang_s, joined_s = row.human.rang_s, row.human.joined_s
    told = [row.human.name]
    if rang_s is not None:
        told.append(f"rang after {rang_s:.1f} s" if rang_s >= 0 else f"rang {-rang_s:.1f} s before the word was out")
    if joined_s is not None:
        told.append(f"spoke after {joined_s:.1f} s")
    return "\n".join(told)


def _follows(row: Row) -> str:
    parts = [each.replace("_", " ") for each in row.follow_ups]
    if row.next_call_s is not None:
        minutes = max(round(row.next_call_s / 60), 1)
        parts.insert(0, f"called again in {minutes} min")
    elif row.closed_reason:
        parts.insert(0, "closed")
    return ", ".join(parts)


def _measures(report: RehearsalReport) -> Table:
    table = Table(title="Measured on the wire by the phones", title_justify="left", header_style="bold", pad_edge=False)
    table.add_column("")
    for heading in ("Median", "95 % within", "Longest", "Count"):
        table.add_column(heading, justify="right")
    rows = {
        "End of the person's speech to the robot's first sound": report.measures.reply,
        "Critical word to the dissuader's phone ringing": report.measures.critical_to_ring,
        "… where all dissuaders were in other calls": report.measures.critical_to_ring_waited,
        "The dissuader's phone ringing to the first sound between the two": report.measures.ring_to_joined,
    }
    if report.measures.critical_to_ring_waited is None:
        del rows["… where all dissuaders were in other calls"]
    for what, spread in rows.items():
        table.add_row(what, *_figures(spread))
    return table


def _figures(spread: Spread | None) -> tuple[str, str, str, str]:
    if spread is None:
        return "-", "-", "-", "0"
    return f"{spread.median_s:.2f} s", f"{spread.p95_s:.2f} s", f"{spread.longest_s:.2f} s", str(spread.count)


def _complaints(report: RehearsalReport) -> Text:
    text = Text("Not as it really was:", "bold red")
    for failure in report.failures:
        text.append(f"\n  {failure}", "red")
    for mismatch in report.mismatches:
        text.append(f"\n  {mask(mismatch.number)} {mismatch.reason}", "red")
    return text
