"""A rehearsal that is watched: what came of it, what it cost, and what it left."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.live.floors import Spoken
from benchmarks.live.machine import Watch, part_of
from benchmarks.live.told import told
from campaigns.model import Attempt, Outcome, Speaker
from campaigns.sqlite_store import open_store
from campaigns.store import Store
from dissuade.rehearsed import NodeProcess, start_node
from rehearsal.calls import PhoneCall
from rehearsal.run import rehearse
from rehearsal.scenario import Scenario
from rehearsal.summary import RehearsalReport

FAILED = frozenset({Outcome.LINE_FAILURE, Outcome.TRUNK_FAILURE})
"""Outcomes of calls that we failed."""
BEFORE_S, BEHIND_S = 0.3, 0.5
"""What an ear gives the recogniser beside a turn."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    report: RehearsalReport
    calls: list[PhoneCall]
    watch: Watch
    failures: Mapping[str, int]
    """Calls that we failed, by outcome and reason."""
    attempts: int
    turns: list[tuple[str, tuple[Path, float, float]]]
    """Phone; recording, from, to: with what the ear hears before and behind a turn."""
    dissuaders: frozenset[str]

    @property
    def failed(self) -> int:
        """Calls that we failed."""
        return sum(self.failures.values())

    def spoken(self, names: Collection[str]) -> list[Spoken]:
        """What was recognised of these."""
        answered = {call.key.phone: call.answered.at for call in self.calls if call.answered is not None}
        return [
            Spoken(path, start_s, end_s, answered[name] + start_s)
            for name, (path, start_s, end_s) in self.turns
            if name in names and name in answered
        ]

    @property
    def spoken_s(self) -> Mapping[str, float]:
        """Seconds of each phone that were recognised."""
        sums: Counter[str] = Counter()
        for name, (_, start_s, end_s) in self.turns:
            sums[name] += end_s - start_s  # type: ignore[assignment]
        return sums


class _Counter:
    """Says how far it is, now and then."""

    def __init__(self) -> None:
        self._told = -1

    def stage(self, text: str) -> None:
        """What is being done now."""
        print(f"  {text} ...", flush=True)

    def advance(self, finished: int, calling: int, total: int) -> None:
        """How many are done."""
        if finished // 100 != self._told:
            self._told = finished // 100
            print(f"  {finished} of {total} done, {calling} calls in progress", flush=True)


async def watched(scenario: Path, home: Path) -> Run:
    """Rehearse a scenario and look at its processes all the while; raises `RehearsalError`.

    SIGTERM ends it as Ctrl-C does: with everything that it started.
    """
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    watch = Watch(part_of)
    watching = asyncio.create_task(watch.run())

    async def start(config: Path, leads: Path, campaign: str) -> NodeProcess:
        return await start_node(config, leads, campaign)

    try:
        report = await rehearse(scenario, home, start_dialer=start, progress=_Counter())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        watching.cancel()
    dissuaders = frozenset(each.user for each in Scenario.load(scenario).dissuaders)
    with contextlib.closing(open_store(report.folder / "store" / "dissuade.db")) as store:
        attempts = store.attempts(campaign=report.name, limit=1_000_000)
        turns = _turns(store, report, attempts)
    ends = (attempt.result for attempt in attempts)
    failures = Counter(f"{end.outcome}: {end.reason}" for end in ends if end is not None and end.outcome in FAILED)
    return Run(report, told(report.folder), watch, failures, len(attempts), turns, dissuaders)


def _turns(
    store: Store, report: RehearsalReport, attempts: list[Attempt]
) -> list[tuple[str, tuple[Path, float, float]]]:
    numbers = {case.id: case.lead.number for case in store.cases(campaign=report.name)}
    found = []
    for listed in attempts:
        attempt = store.attempt(listed.id)
        if attempt.result is None or not attempt.result.recording:
            continue
        path = report.folder / attempt.result.recording
        found += [
            (numbers[attempt.case_id], (path, max(0.0, turn.start_s - BEFORE_S), turn.end_s + BEHIND_S))
            for turn in attempt.turns
            if turn.speaker is Speaker.SUBJECT
        ]
    return found
