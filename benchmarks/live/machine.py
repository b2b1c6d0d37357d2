"""What the processes of a run cost: processor time by part, memory, open files; looked at once a second."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """All of them at one moment."""

    at: float
    """Monotonic."""
    cpu_s: Mapping[str, float]
    """Processor seconds since their start, by part."""
    memory: Mapping[str, int]
    """Proportional set size in bytes, by part; looked at more seldom, so it may be that of some seconds before."""
    files: Mapping[str, int]
    """Open file descriptors, by part."""
    processes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time over a span, by part, as a share of one core."""

    span_s: float
    cores: Mapping[str, float]

    def of(self, *parts: str) -> float:
        """The sum of some parts."""
        return sum(self.cores.get(part, 0.0) for part in parts)


@dataclass(slots=True)
class Watch:
    """Looks at this process's children until it is stopped."""

    part_of: Callable[[psutil.Process], str]
    """The part that a process belongs to; empty: none."""
    looks: list[Look] = field(default_factory=list)
    _gone: Counter[str] = field(default_factory=Counter)
    _last: dict[int, tuple[str, float]] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        turn = 0
        while True:
            self.looks.append(self._look(memory=turn % 5 == 0))
            turn += 1
            await asyncio.sleep(LOOK_EVERY_S)

    def between(self, start: float, end: float) -> Cost:
        """The cost of a span; raises `ValueError` where nobody looked."""
        within = [look for look in self.looks if start <= look.at <= end]
        if len(within) < 2:
            raise ValueError("the span is too short: nobody looked twice")
        first, last = within[0], within[-1]
        span_s = last.at - first.at
        parts = {part: (last.cpu_s[part] - first.cpu_s.get(part, 0.0)) / span_s for part in last.cpu_s}
        return Cost(span_s, parts)

    def _look(self, *, memory: bool) -> Look:
        cpu, processes, files = Counter[str](), Counter[str](), Counter[str]()
        sizes: Counter[str] = Counter()
        seen: dict[int, tuple[str, float]] = {}
        for process in psutil.Process().children(recursive=True):
            try:
                part = self.part_of(process)
                if not part:
                    continue
                for name, spent_s in _spent(process, part).items():
                    cpu[name] += spent_s
                    seen[hash((process.pid, name))] = name, spent_s
                processes[part] += 1
                files[part] += process.num_fds()
                if memory:
                    sizes[part] += process.memory_full_info().pss
            except psutil.Error:
                continue
        for key in self._last.keys() - seen.keys():
            name, spent_s = self._last[key]
            self._gone[name] += spent_s  # type: ignore[assignment]
        self._last = seen
        cpu.update(self._gone)
        known = dict(sizes) if memory or not self.looks else self.looks[-1].memory
        return Look(time.monotonic(), dict(cpu), known, dict(files), dict(processes))


def _spent(process: psutil.Process, part: str) -> dict[str, float]:
    """Seconds of a process, its recognisers' threads apart."""
    times = process.cpu_times()
    whole = times.user + times.system
    if part != "floor":
        return {part: whole}
    hearing = 0.0
    for thread in process.threads():
        try:
            name = Path(f"/proc/{process.pid}/task/{thread.id}/comm").read_text(encoding="utf-8")
        except OSError:
            continue
        if name.startswith("ear"):
            hearing += thread.user_time + thread.system_time
    return {"floor": whole - hearing, "recognition": hearing}


def part_of(process: psutil.Process) -> str:
    """The part of a rehearsal that a process is: floor, lines, voice, phones or carrier."""
    line = " ".join(process.cmdline())
    for mark, part in (
        ("-m rehearsal", "phones"),
        ("kamailio", "carrier"),
        ("benchmarks.live.bare", "bare"),
        ("dialer.lines", "lines"),
        ("espeak", "voice"),
        ("pyttsx3", "voice"),
        (" run --until-idle", "floor"),
    ):
        if mark in line:
            return part
    return ""


def described() -> str:
    """The machine, in a line."""
    memory = psutil.virtual_memory().total / 2**30
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {platform.release()}, Python "
        f"{platform.python_version()}"
    )


def stolen_share(before: Iterable[float], after: Iterable[float]) -> float:
    """Share of the processors' time that the host gave to others between two `psutil.cpu_times`."""
    first, last = tuple(before), tuple(after)
    spent = sum(last[:8]) - sum(first[:8])
    return (last[7] - first[7]) / spent if spent > 0 else 0.0
