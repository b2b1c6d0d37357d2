"""What a crash may cost: never a case, never a second call within the cool-down."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from campaigns.model import Attempt, Outcome
from campaigns.sqlite_store import open_store
from campaigns.store import Store
from dissuade.rehearsed import NodeProcess, import_leads, start_program
from rehearsal.carrier import Carrier
from rehearsal.dialer_config import POLICY, STORE, configuration, write_config, write_leads, write_policy
from rehearsal.facts import Rang
from rehearsal.phones_process import PhonesProcess
from rehearsal.scenario import Scenario

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(240)]

COOL_DOWN_S = 8
WAIT_S = 90

SCENARIO = f"""
rehearsal: crash
language: zh-CN
lines: 2
time_limit_s: 200
dialer:
  lines: {{slots_per_process: 2}}
  policy:
    cool_down_s: {COOL_DOWN_S}
policy: {{after: {{line_failure: {{delay: 1s}}}}}}
phones:
  - number: "+8611100000017"
    lead: {{name: 黄海, scam_type: 冒充公检法, grade: high}}
  - number: "+8611100000027"
    lead: {{name: 周涛, scam_type: 冒充公检法, grade: high}}
  - number: "+8611100000013"
    lead: {{name: 刘洋, grade: low}}
  - number: "+8611100000023"
    lead: {{name: 徐亮, grade: low}}
"""


class Town:
    """Phones and carrier, and the node under test, which can be killed."""

    def __init__(self, folder: Path, store: Store, phones: PhonesProcess) -> None:
        self.folder = folder
        self.store = store
        self.phones = phones
        self.node: NodeProcess | None = None

    async def start_node(self) -> NodeProcess:
        self.node = await start_program(self.folder / "dissuade.toml", "run")
        return self.node

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for something to be written in the store."""
        async with asyncio.timeout(WAIT_S):
            while not what():
                await asyncio.sleep(0.05)

    def attempts(self) -> list[Attempt]:
        return self.store.attempts()

    def answered(self) -> int:
        """Calls that were answered and have not ended."""
        kinds = Counter(event.kind for event in self.store.events(limit=10_000) if event.kind.startswith("attempt."))
        calls_over = [a for a in self.attempts() if a.result is not None and a.result.answered_at is not None]
        return kinds["attempt.answered"] - len(calls_over)

    def settled(self) -> bool:
        """Whether every case had a call that did not fail by our own fault."""
        good = {a.case_id for a in self.attempts() if a.result and a.result.outcome is not Outcome.LINE_FAILURE}
        return good == {case.id for case in self.store.cases()} and self.store.in_progress() == 0

    def outcomes(self) -> Counter[Outcome]:
        return Counter(a.result.outcome for a in self.attempts() if a.result is not None)

    def rings(self) -> dict[str, list[float]]:
        """When each phone rang, seconds."""
        rang: dict[str, list[float]] = {}
        for fact in self.phones.facts:
            if isinstance(fact, Rang):
                rang.setdefault(fact.phone, []).append(fact.at)
        return rang


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    scenario = Scenario.load(file)
    async with AsyncExitStack() as running:
        phones = PhonesProcess(file, tmp_path, tmp_path / "voices")
        running.push_async_callback(phones.stop)
        ready = await phones.start()
        carrier = Carrier(tmp_path, ready.contacts)
        running.push_async_callback(carrier.stop)
        await carrier.start()
        config, leads = tmp_path / "dissuade.toml", tmp_path / "leads.csv"
        write_config(config, configuration(scenario, tmp_path, carrier, None))
        write_policy(tmp_path / POLICY, scenario)
        write_leads(leads, scenario)
        await import_leads(config, leads, "crash")
        store = open_store(tmp_path / STORE)
        running.callback(store.close)
        here = Town(tmp_path, store, phones)
        yield here
        if here.node is not None:
            await here.node.stop()


def line_processes(node: NodeProcess) -> list[int]:
    """Process ids of a node's line processes."""
    children = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == node.pid and b"dialer.lines" in (entry / "cmdline").read_bytes():
                    children.append(int(entry.name))
    return sorted(children)


def assert_cooled_down(town: Town) -> None:
    for times in town.rings().values():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert all(gap >= COOL_DOWN_S - 0.5 for gap in gaps)  # dialled_at is written just before the INVITE leaves


async def test_a_node_killed_in_mid_campaign_loses_no_case_and_calls_nobody_twice_within_the_cool_down(
    town: Town,
) -> None:
    node = await town.start_node()
    await town.until(lambda: town.answered() == 2)
    os.kill(node.pid, signal.SIGKILL)
    await node.wait()
    await town.start_node()
    await town.until(town.settled)
    assert town.outcomes() == {Outcome.LINE_FAILURE: 2, Outcome.WRONG_PERSON: 2, Outcome.BUSY: 2}
    assert sorted(map(len, town.rings().values())) == [1, 1, 2, 2]
    assert_cooled_down(town)


async def test_a_line_process_killed_in_mid_call_fails_its_call_alone_and_the_case_is_called_again(town: Town) -> None:
    node = await town.start_node()
    await town.until(lambda: town.answered() == 2)
    victim, *others = line_processes(node)
    os.kill(victim, signal.SIGKILL)
    await town.until(town.settled)
    assert others
    assert set(others) < set(line_processes(node))
    # Nobody told the far end of the killed process that its call is over: called again, it may still be engaged.
    again = Outcome.WRONG_PERSON if town.outcomes()[Outcome.BUSY] == 2 else Outcome.BUSY
    assert town.outcomes() == Counter([Outcome.LINE_FAILURE, Outcome.WRONG_PERSON, Outcome.BUSY, Outcome.BUSY, again])
    assert_cooled_down(town)
    dialled = [a.dialled_at for a in town.attempts() if a.case_id == failed_case(town) and a.dialled_at]
    assert dialled[0] - dialled[1] >= COOL_DOWN_S  # newest first; a phone that is engaged does not ring
    assert node.running


def failed_case(town: Town) -> int:
    """The case whose call the killed process carried."""
    return next(a.case_id for a in town.attempts() if a.result and a.result.outcome is Outcome.LINE_FAILURE)
