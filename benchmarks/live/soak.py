"""Thousands of calls one after the other: whether memory, open files and processes stay where they were.

`python -m benchmarks.live.soak` places 10,000 calls, ten a second, of some eight seconds each (17 minutes), prints what
each quarter of that time held, and writes `var/soak.json`. `--calls 600` does the same in a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.live.machine import Look, described, stolen_share
from benchmarks.live.runs import Run, watched
from benchmarks.live.table import OURS
from benchmarks.live.told import gaps, started_a_second
from benchmarks.live.town import encounters
from dissuade.cli.guard import guarded
from rehearsal.errors import RehearsalError

QUARTERS = 4


def quarters(looks: Sequence[Look]) -> list[dict[str, float]]:
    """Averages over each quarter of the looks: memory in MiB, open files, processes; of our parts alone."""
    size = len(looks) // QUARTERS
    pieces = [looks[at * size : (at + 1) * size] for at in range(QUARTERS)]
    return [
        {
            "memory_mib": round(mean(sum(each.memory.get(part, 0) for part in OURS) for each in piece) / 2**20, 1),
            **{f"of it {part}": round(mean(each.memory.get(part, 0) for each in piece) / 2**20, 1) for part in OURS},
            "files": round(mean(sum(each.files.get(part, 0) for part in OURS) for each in piece), 1),
            "processes": round(mean(sum(each.processes.get(part, 0) for part in OURS) for each in piece), 1),
        }
        for piece in pieces
    ]


def in_the_middle(run: Run) -> list[Look]:
    """The looks from the first tenth of the calls on to their last: coming up and ending are left out."""
    rang = sorted(call.rang.at for call in run.calls)
    return [look for look in run.watch.looks if rang[len(rang) // 10] <= look.at <= rang[-1]]


def main() -> int:
    """Call, print, write. Exit status 1 when a call was failed by us or the run could not be made."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--per-s", type=float, default=10.0)
    parser.add_argument("--json", type=Path, default=Path("var/soak.json"))
    parser.add_argument("--keep", type=Path, help="keep what the run wrote in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        home = (options.keep or Path(temporary)).absolute()
        home.mkdir(parents=True, exist_ok=True)
        scenario = encounters(options.calls, options.lines, home, per_s=options.per_s, leave_after_s=8.0)
        before = psutil.cpu_times()
        try:
            run = asyncio.run(watched(scenario, home))
        except RehearsalError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    took = stolen_share(before, psutil.cpu_times())
    whole_sound, held = gaps(run.calls), quarters(in_the_middle(run))
    figures: dict[str, Any] = {
        "machine": described(),
        "calls": len(run.calls),
        "started_a_second": round(started_a_second(run.calls), 2),
        "failed_by_us": dict(run.failures),
        "host_took": round(took, 4),
        "gaps_over_60_ms": whole_sound.over,
        "gaps_at_moments": whole_sound.moments,
        "longest_gap_s": whole_sound.longest_s,
        "phones_late_s": whole_sound.phones_late_s,
        "packets_lost": whole_sound.lost,
        "quarters": held,
    }
    table = Table("", *(f"quarter {number}" for number in range(1, QUARTERS + 1)), title=figures["machine"])
    for name in held[0]:
        table.add_row(name, *(f"{quarter[name]:g}" for quarter in held))
    console = Console()
    console.print(table)
    console.print(
        f"{figures['calls']} calls, {figures['started_a_second']:.1f} a second; {run.failed} failed by us; "
        f"{whole_sound.over} with a gap over 60 ms, at {whole_sound.moments} moments, the longest "
        f"{1000 * whole_sound.longest_s:.0f} ms; the phones' own latest {1000 * whole_sound.phones_late_s:.0f} ms "
        f"late; the host took {took:.1%} of the processors' time"
    )
    for failure, times in run.failures.items():
        console.print(f"failed {times} times: {failure}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=2) + os.linesep, encoding="utf-8")
    return 1 if run.failed else 0


if __name__ == "__main__":
    guarded(lambda: sys.exit(main()))
