"""A rehearsal from end to end: carrier, phones, the ordinary dialer, and what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

from campaigns.model import Attempt, CaseState
from campaigns.sqlite_store import open_store
from campaigns.store import Store
from rehearsal.broker import Broker
from rehearsal.calls import by_call
from rehearsal.carrier import Carrier
from rehearsal.crossing import crossings
from rehearsal.dialer_config import POLICY, STORE, configuration, write_config, write_leads, write_policy
from rehearsal.facts import Fact
from rehearsal.measures import measure, meetings
from rehearsal.phones_process import PhonesProcess
from rehearsal.ports import free_port
from rehearsal.scenario import Scenario
from rehearsal.summary import RehearsalReport, Stored, summarise
from rehearsal.verdict import judge

_LOOK_EVERY_S = 0.25
_LAST_CALLS_S = 30.0
"""Calls that the dialer transferred go on without it; so long are they waited for."""


class RunningDialer(Protocol):
    """The node under test, working through one campaign in a process of its own."""

    async def wait(self) -> int:
        """Its exit status, once nothing is left to be done."""
        ...

    async def stop(self) -> None:
        """End it, whatever it is doing."""
        ...


StartDialer = Callable[[Path, Path, str], Awaitable[RunningDialer]]
"""Configuration file, leads file, name of the campaign."""


class Progress(Protocol):
    """Whoever shows how far it is."""

    def stage(self, text: str) -> None:
        """What is being done now."""
        ...

    def advance(self, finished: int, calling: int, total: int) -> None:
        """Leads whose first call is over, calls now going on, leads in all."""
        ...


async def rehearse(
    file: Path, home: Path, *, start_dialer: StartDialer, progress: Progress, mqtt: bool = False, desk: bool = False
) -> RehearsalReport:
    """Rehearse a scenario file in a new folder below ``home``; with ``desk`` the dialer serves its desk, too.

    Raises `RehearsalError` when it cannot be done at all; what went wrong in it is in the report.
    """
    scenario = Scenario.load(file)
    folder = _new_folder(home, scenario.name)
    started_at = time.monotonic()
    async with AsyncExitStack() as running:
        progress.stage("phones")
        phones = PhonesProcess(file, folder, home / "voices")
        running.push_async_callback(phones.stop)
        ready = await phones.start()
        progress.stage("carrier")
        carrier = Carrier(folder, ready.contacts)
        running.push_async_callback(carrier.stop)
        await carrier.start()
        broker = Broker(folder) if mqtt else None
        if broker:
            running.push_async_callback(broker.stop)
            await broker.start()
        config, leads = folder / "dissuade.toml", folder / "leads.csv"
        desk_port = free_port() if desk else 0
        write_config(config, configuration(scenario, folder, carrier, broker, desk_port=desk_port))
        write_policy(folder / POLICY, scenario)
        write_leads(leads, scenario)
        (folder / STORE).parent.mkdir(mode=0o700)
        store = open_store(folder / STORE)
        running.callback(store.close)

        progress.stage("dialer")
        dialer_started_at = time.monotonic()
        dialer = await start_dialer(config, leads, scenario.name)
        running.push_async_callback(dialer.stop)
        failures = await _campaign(dialer, phones, store, scenario, progress)
        campaign_s = time.monotonic() - dialer_started_at
        progress.stage("verdict")
        await dialer.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_CALLS_S):
                await phones.idle()
        facts = await phones.stop()
        return _report(
            scenario,
            folder,
            facts,
            store,
            failures=failures,
            campaign_s=round(campaign_s, 1),
            total_s=round(time.monotonic() - started_at, 1),
        )


async def _campaign(
    dialer: RunningDialer, phones: PhonesProcess, store: Store, scenario: Scenario, progress: Progress
) -> list[str]:
    """Wait until the dialer is done, its time is up or the phones are gone; returns what failed."""
    done = asyncio.create_task(dialer.wait(), name="dialer")
    ends_at = time.monotonic() + scenario.time_limit_s
    called: set[int] = set()
    seen = 0
    try:
        while True:
            await asyncio.wait((done,), timeout=_LOOK_EVERY_S)
            for event in store.events(after=seen):
                seen = event.seq
                if event.kind == "attempt.finished" and event.case_id is not None:
                    called.add(event.case_id)
            progress.advance(len(called), store.in_progress(), len(scenario.people))
            if done.done():
                status = done.result()
                return [f"the dialer ended with exit status {status}"] if status else []
            if phones.died:
                return [f"the phones died; see {phones.log}"]
            if time.monotonic() > ends_at:
                return [f"the campaign was not over after {scenario.time_limit_s:g} s"]
    finally:
        done.cancel()


def _report(
    scenario: Scenario,
    folder: Path,
    facts: list[Fact],
    store: Store,
    *,
    failures: list[str],
    campaign_s: float,
    total_s: float,
) -> RehearsalReport:
    calls = by_call(facts)
    users = {each.user for each in scenario.dissuaders}
    # Of a crowd, only those who are to meet somebody keep what they hear, and each pair takes a while to compare.
    heard = {key: call for key, call in calls.items() if not scenario.crowd or (call.ended and call.ended.recording)}
    crossed = crossings(heard, users)
    met = meetings(calls, crossed, users)
    cases = store.cases(campaign=scenario.name)
    attempts: dict[str, list[Attempt]] = {person.number: [] for person in scenario.people}
    for case in cases:
        listed = store.attempts(campaign=scenario.name, case_id=case.id)
        attempts.setdefault(case.lead.number, []).extend(store.attempt(each.id) for each in reversed(listed))
        if case.state is CaseState.CALLING:
            failures = [*failures, f"case {case.id} was left in a call"]
    phones = {each.name or each.user for each in scenario.dissuaders}
    mismatches = judge(scenario.people, attempts, calls, met, phones=phones)
    stored = Stored(cases, attempts, store.follow_ups())
    return RehearsalReport(
        name=scenario.name,
        title=scenario.title,
        folder=folder,
        rows=summarise(scenario, stored, met, mismatches, now=time.time()),
        measures=measure(calls, crossed, users),
        mismatches=mismatches,
        failures=failures,
        campaign_s=campaign_s,
        total_s=total_s,
    )


def _new_folder(home: Path, name: str) -> Path:
    stem = time.strftime(f"{name}-%Y%m%d-%H%M%S")
    for suffix in ("", *(f"-{count}" for count in range(2, 100))):
        folder = home / f"{stem}{suffix}"
        try:
            folder.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            continue
        return folder.absolute()
    raise FileExistsError(stem)
