"""Whether the machine kept time: tests with real calls are about real time, and a machine that stands still fails them.

A thread notes every wake-up that came late and how much of the processor the host took away. A test of the tiers
``wire`` and ``acceptance`` that failed while the machine stood still is run again, with all its fixtures made anew; one
that failed on a machine that kept time has failed. The end of the run says what was run again, and why.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

TRIES = 3
LONGEST_AGAIN_S = 900.0
"""After so long spent on second tries there are no more: a run must end, also on a machine that never keeps time."""
TIERS = ("wire", "acceptance")

LATE_S = 0.15
"""A wake-up that is later is a standstill: sound is sent every 20 ms, and jitter buffers hold some 100-200 ms of it."""

STOLEN = 0.2
"""Share of the processor's time in `WINDOW_S` that the host gave to others, from which the machine is too slow."""

WINDOW_S = 2.0
_LOOK_EVERY_S = 0.02
_QUIET_S = 4.0
_LONGEST_WAIT_S = 60.0
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Standstill:
    """The machine did not do what it was asked to in time."""

    at: float
    """Monotonic."""
    what: str


class Watch(threading.Thread):
    """Looks at the clock all the time."""

    def __init__(self, *, stat: Path = Path("/proc/stat")) -> None:
        super().__init__(name="keeping-time", daemon=True)
        self._stat = stat
        self._seen: deque[Standstill] = deque(maxlen=_KEPT)

    def run(self) -> None:
        """Until the process ends."""
        woke_at = window_at = time.monotonic()
        stolen, spent = self._times()
        while True:
            time.sleep(_LOOK_EVERY_S)
            now = time.monotonic()
            late_s = now - woke_at - _LOOK_EVERY_S
            if late_s > LATE_S:
                self._seen.append(Standstill(now, f"woke up {late_s:.2f} s late"))
            if now - window_at >= WINDOW_S:
                stolen_before, spent_before = stolen, spent
                stolen, spent = self._times()
                share = (stolen - stolen_before) / max(spent - spent_before, 1)
                if share > STOLEN:
                    self._seen.append(Standstill(now, f"{share:.0%} of the processor was taken away"))
                window_at = now
            woke_at = time.monotonic()

    def since(self, at: float) -> list[Standstill]:
        """Standstills from then on, in order."""
        return [each for each in list(self._seen) if each.at >= at]

    def wait_until_quiet(self) -> None:
        """Until the machine has kept time for a while, but not for ever."""
        gives_up_at = time.monotonic() + _LONGEST_WAIT_S
        while self.since(time.monotonic() - _QUIET_S) and time.monotonic() < gives_up_at:
            time.sleep(0.5)

    def _times(self) -> tuple[int, int]:
        """Ticks that the host took away, and all ticks, of all cores since boot; 0 and 0 where nobody counts them."""
        try:
            fields = [int(field) for field in self._stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        except (OSError, ValueError):
            return 0, 0
        return (fields[7] if len(fields) == 8 else 0), sum(fields)


class KeepingTime:
    """The plug-in: see the module."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._timeout: object = None
        self._module = ""
        self._began_at = 0.0
        self._again: list[str] = []
        self._spent_again_s = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a test with real calls, again if need be."""
        if not any(item.get_closest_marker(tier) for tier in TIERS):
            return None
        watch = self._watching()
        module = item.nodeid.partition("::")[0]
        if module != self._module:
            self._module, self._began_at = module, time.monotonic()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._run(item, nextitem, watch):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None, watch: Watch) -> list[pytest.TestReport]:
        again_at: float | None = None
        for left in reversed(range(TRIES)):
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
            failed = next((report for report in reports if report.failed), None)
            # What a module's fixture did is judged by all of its tests, so all of the module's time counts.
            stood_still = watch.since(self._began_at)
            if again_at is not None:
                self._spent_again_s += time.monotonic() - again_at
            if failed is None or not stood_still:
                break
            failed.sections.append(("The machine did not keep time", _told(stood_still)))
            if not left or self._spent_again_s > LONGEST_AGAIN_S:
                break
            self._again.append(f"{item.nodeid} ({failed.when} failed): {_told(stood_still)}")
            again_at = time.monotonic()
            item.session._setupstate.teardown_exact(None)
            self._pause(item, watch)
            self._began_at = time.monotonic()
        return reports

    def _watching(self) -> Watch:
        if self._watch is None:
            self._watch = Watch()
            self._watch.start()
        return self._watch

    def _pause(self, item: pytest.Item, watch: Watch) -> None:
        """Each try has the whole time of pytest-timeout, whose timer runs around all of them."""
        hook = item.config.hook
        if self._timeout is not None:
            hook.pytest_timeout_cancel_timer(item=item)
        watch.wait_until_quiet()
        if self._timeout is not None:
            hook.pytest_timeout_set_timer(item=item, settings=self._timeout)

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self, settings: object) -> None:
        """Remember how long a try may take."""
        self._timeout = settings

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was run again."""
        for again in self._again:
            terminalreporter.write_line(f"RUN AGAIN {again}", yellow=True)


def _told(stood_still: list[Standstill]) -> str:
    return f"{stood_still[-1].what}; standstills in all: {len(stood_still)}"
