"""The figures of a run as a table, as JSON, and as a part of a document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.live.floors import Decoded
from benchmarks.live.machine import Cost, Look
from benchmarks.live.runs import Run
from benchmarks.live.told import Span, gaps, started_a_second
from rehearsal.measures import Spread
from speech.modelling.document import write

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
OURS = ("lines", "recognition", "floor", "voice")
"""The parts that are `dissuade`'s; phones and carrier are counted apart."""
_REASONS_TOLD = 3
_FIGURES = re.compile(r"\d+(?:\.\d+)?")
"""A number or a time in a reason: without them the same reason is counted as one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    what: str
    value: str
    floor: str = ""
    """The same without `dissuade`."""
    ratio: str = ""
    note: str = ""


@dataclass(slots=True)
class Figures:
    """All of them."""

    machine: str
    lines: int
    stolen: float = 0.0
    """Share of the processors' time that the host gave to others meanwhile."""
    rows: list[Row] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, number: float | None, row: Row) -> None:
        """Note a figure for programs and for readers."""
        self.values[name] = number
        self.rows.append(row)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"machine": self.machine, "lines": self.lines, "stolen_share": round(self.stolen, 4), **self.values}


@dataclass(frozen=True, slots=True)
class Costs:
    """Of a run in its fullest time, and the floors."""

    span: Span
    ours: Cost
    bare: Cost
    decoded: Decoded


def conversations(figures: Figures, run: Run, costs: Costs) -> None:
    """What the run with whole conversations says."""
    add, span, cost, decoded = figures.add, costs.span, costs.ours, costs.decoded
    add("live_calls", round(span.calls, 1), Row("live calls", f"{span.calls:.1f}", note=f"for {cost.span_s:.0f} s"))
    ours = cost.of(*OURS)
    add("cores", round(ours, 3), Row("processor, all of dissuade", f"{ours:.2f} cores"))
    each = 100 / span.calls
    lines, bare_each = cost.of("lines") * each, costs.bare.of("bare") * 100 / figures.lines
    add("lines_percent_a_call", round(lines, 3), _beside("lines", lines, bare_each, "bare pjsua2 calls"))
    spoken = _spoken_share(run, span)
    vosk = 100 * decoded.cpu_s / decoded.audio_s * spoken if decoded.audio_s else 0.0
    heard = cost.of("recognition") * each
    add("recognition_percent_a_call", round(heard, 3), _beside("recognition", heard, vosk, "Vosk alone"))
    floor = cost.of("floor", "voice") * each
    add("floor_percent_a_call", round(floor, 3), Row("  floor and voice", f"{floor:.2f} % of a core a call"))
    whole = lines + heard + floor
    add("percent_a_call", round(whole, 3), _beside("together", whole, bare_each + vosk, "sum of the floors"))
    figures.values["floors_percent_a_call"] = round(bare_each + vosk, 3)
    add("calls_a_core", round(100 / whole, 1), Row("live calls a core", f"{100 / whole:.0f}"))
    phones = cost.of("phones") * each
    add("phones_percent_a_call", round(phones, 3), Row("phones, counted apart", f"{phones:.2f} % of a core a call"))
    memory = max(_ours(look) for look in run.watch.looks) / 2**20
    figures.values["memory_mib"] = round(memory)
    note = f"{memory / 1024:.2f} GiB in all"
    per_call = memory / span.calls
    add("memory_mib_a_call", round(per_call, 1), Row("memory a call (PSS)", f"{per_call:.1f} MiB", note=note))
    whole_sound = gaps(run.calls, run.dissuaders)
    figures.values["gaps_at_moments"] = whole_sound.moments
    note = f"all of them at {whole_sound.moments} moments" if whole_sound.over else ""
    gap = Row("calls with a gap over 60 ms on the wire", f"{whole_sound.over}", note=note)
    add("gaps_over_60_ms", whole_sound.over, gap)
    note = (
        f"95 % of calls within {1000 * whole_sound.p95_s:.0f} ms; {whole_sound.packets:,} packets, "
        f"{whole_sound.lost} lost; the phones' own latest packet {1000 * whole_sound.phones_late_s:.0f} ms"
    )
    longest = round(whole_sound.longest_s, 4)
    add("longest_gap_s", longest, Row("longest gap in the robot's sound", f"{1000 * longest:.0f} ms", note=note))
    figures.values["packets_lost"] = whole_sound.lost
    add("calls_failed_by_us", run.failed, Row("calls failed by us", f"{run.failed} of {run.attempts}"))
    figures.values["outcomes_wrong"] = len(run.report.mismatches)
    reasons = Counter(_FIGURES.sub("…", mismatch.reason) for mismatch in run.report.mismatches)
    figures.values["outcomes_wrong_by_reason"] = dict(reasons)
    told = [f"{reason} ({count})" for reason, count in reasons.most_common(_REASONS_TOLD)]
    note = "; ".join([*run.report.failures, *told])
    wrong = len(run.report.mismatches)
    figures.rows.append(Row("outcomes that differ from what really happened", f"{wrong}", note=note))
    measures = run.report.measures
    _spread(figures, "reply", "end of speech to the robot's first sound", measures.reply)
    _spread(figures, "critical_to_ring", "critical word to ring, somebody free", measures.critical_to_ring)
    _spread(figures, "ring_to_joined", "ring to first sound across", measures.ring_to_joined)


def starts(figures: Figures, run: Run, wanted: float) -> None:
    """What the run with short calls says."""
    per_s = started_a_second(run.calls)
    note = f"{len(run.calls)} calls; {wanted:g} wanted"
    figures.add("started_a_second", round(per_s, 2), Row("calls started a second", f"{per_s:.1f}", note=note))
    failed = f"{run.failed} of {run.attempts}"
    figures.add("short_calls_failed_by_us", run.failed, Row("of them failed by us", failed))
    figures.values["short_calls_gaps_over_60_ms"] = gaps(run.calls).over


def printed(figures: Figures) -> None:
    """Show the table."""
    table = Table("", "dissuade", "floor", "ratio", "", title=figures.machine, title_justify="left")
    for row in figures.rows:
        table.add_row(row.what, row.value, row.floor, row.ratio, row.note)
    console = Console()
    console.print(table)
    console.print(f"The host gave {figures.stolen:.1%} of the processors' time to others meanwhile.")


def document(path: Path, figures: Figures) -> None:
    """Put the table between the marks of a document; raises `ModellingError` where there are none."""
    rows = [f"| {row.what.strip()} | {row.value} | {row.floor} | {row.ratio} | {row.note} |" for row in figures.rows]
    told = f"{figures.machine}; the host gave {figures.stolen:.1%} of the processors' time to others meanwhile."
    head = ["| | dissuade | floor | ratio | |", "| --- | ---: | ---: | ---: | --- |"]
    write(path, "\n".join([told, "", *head, *rows]), BEGIN, END)


def _beside(what: str, value: float, floor: float, of: str) -> Row:
    ratio = f"{value / floor:.2f}" if floor else ""
    return Row(f"  {what}", f"{value:.2f} % of a core a call", f"{floor:.2f} % ({of})", ratio)


def _spread(figures: Figures, name: str, what: str, found: Spread | None) -> None:
    if found is None:
        return
    figures.values[f"{name}_median_s"], figures.values[f"{name}_p95_s"] = found.median_s, found.p95_s
    note = f"longest {found.longest_s:.2f} s, of {found.count}"
    figures.rows.append(Row(what, f"median {found.median_s:.2f} s, p95 {found.p95_s:.2f} s", note=note))


def _spoken_share(run: Run, span: Span) -> float:
    """Part of the time of a call in which something was recognised, over the calls in a span."""
    spoken = audio = 0.0
    for call in run.calls:
        if call.answered is None or call.ended is None or call.key.phone in run.dissuaders:
            continue
        if call.answered.at < span.end and call.ended.at > span.start:
            audio += call.ended.at - call.answered.at
            spoken += run.spoken_s.get(call.key.phone, 0.0)
    return spoken / audio if audio else 0.0


def _ours(look: Look) -> int:
    return sum(size for part, size in look.memory.items() if part in OURS)
