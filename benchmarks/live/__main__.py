"""Live calls on one machine, each figure beside its floor from the same run.

`python -m benchmarks.live` (`make bench`) measures 100 live calls, then calls started a second, prints a table and
writes `var/bench.json`; `--lines 20 --people 60` does the same in small. `--write docs/performance.md` puts the table
into the document. About ten minutes; everything is on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks.live.floors import Spoken, bare, vosk_alone
from benchmarks.live.machine import Cost, described, stolen_share
from benchmarks.live.runs import Run, watched
from benchmarks.live.table import Costs, Figures, conversations, document, printed, starts
from benchmarks.live.told import fullest
from benchmarks.live.town import conversations as town_of_talkers
from benchmarks.live.town import encounters
from dissuade.cli.guard import guarded
from rehearsal.errors import RehearsalError
from rehearsal.phones_process import PhonesProcess
from rehearsal.scenario import Scenario

_FLOOR_S = 30.0


async def measured(options: argparse.Namespace, home: Path) -> Figures:
    """All runs, one after the other, in folders below ``home``."""
    figures = Figures(machine=described(), lines=options.lines)
    before = psutil.cpu_times()
    talkers = town_of_talkers(options.people, options.lines, home)
    print(f"{options.lines} conversations at once, {options.people} in all", flush=True)
    run = await watched(talkers, home)
    span = fullest(run.calls)
    cost = run.watch.between(span.start, span.end)
    heard = _spoken(run, span.start, span.end)
    print("floor: Vosk alone on the same audio", flush=True)
    decoded = await asyncio.to_thread(vosk_alone, "zh", heard)
    print("floor: bare pjsua2 calls to the same phones", flush=True)
    lines = await _bare(talkers, home, run, options.lines)
    conversations(figures, run, Costs(span, cost, lines, decoded))
    if options.starts:
        print(f"{options.per_s:g} calls a second for {options.starts / options.per_s:.0f} s", flush=True)
        soon_over = encounters(options.starts, options.lines, home, per_s=options.per_s, leave_after_s=3.0)
        starts(figures, await watched(soon_over, home), options.per_s)
    figures.stolen = stolen_share(before, psutil.cpu_times())
    return figures


def _spoken(run: Run, start: float, end: float) -> list[Spoken]:
    """Turns that were recognised in calls that went on in a span of time."""
    names = {call.key.phone for call in run.calls if call.ended and call.rang.at < end and call.ended.at > start}
    return run.spoken(names)


async def _bare(talkers: Path, home: Path, run: Run, lines: int) -> Cost:
    scenario = Scenario.load(talkers)
    numbers = [person.number for person in scenario.people][:lines]
    prompt = max((run.report.folder / "prompts").rglob("*.wav"), key=lambda path: path.stat().st_size)
    folder = home / "bare"
    folder.mkdir()
    return await bare(PhonesProcess(talkers, folder, home / "voices"), prompt, numbers, _FLOOR_S)


def main() -> int:
    """Measure, print, write. Exit status 1 when a run could not be made."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=100, help="conversations at once")
    parser.add_argument("--people", type=int, default=250, help="who is called in all")
    parser.add_argument("--starts", type=int, default=600, help="calls of the second run; 0: none")
    parser.add_argument("--per-s", type=float, default=10.0, help="calls started a second in it")
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"), help="where the figures go")
    parser.add_argument("--write", type=Path, help="document that gets the table between its marks")
    parser.add_argument("--keep", type=Path, help="keep what the runs wrote in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        home = (options.keep or Path(temporary)).absolute()
        home.mkdir(parents=True, exist_ok=True)
        try:
            figures = asyncio.run(measured(options, home))
        except (RehearsalError, RuntimeError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    printed(figures)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures.as_json(), ensure_ascii=False, indent=2) + os.linesep, encoding="utf-8")
    if options.write:
        document(options.write, figures)
    return 0


if __name__ == "__main__":
    guarded(lambda: sys.exit(main()))
