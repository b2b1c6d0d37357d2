"""The machine that hardly keeps up starts fewer calls before a live one suffers, says so, and recovers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.model import Event, Lead
from campaigns.sqlite_store import open_store
from dialer.pressure import Gauge, Level, Pressure, PressureSettings, Reading, Turned
from tests.dialer.centre import InlineStore
from tests.dialer.people import Person
from tests.dialer.town import Town, listener, number, queue

pytestmark = pytest.mark.virtual

LOOK_S = PressureSettings().look_s
LATE_S = 0.5
"""A callee who is heard so late waits for the robot's reply longer than a person would."""


def levels(readings: Iterable[Reading]) -> list[Level]:
    """What the gauge shows after each reading."""
    gauge = Gauge()
    found = []
    for nth, reading in enumerate(readings):
        gauge.look(reading, nth * LOOK_S)
        found.append(gauge.level)
    return found


def test_a_machine_that_is_late_for_a_second_is_tight_and_later_still_is_short() -> None:
    found = levels([Reading(unheard_s=0.3)] * 4 + [Reading(queue_s=0.6)] * 4)
    assert found == [Level.FREE] * 3 + [Level.TIGHT] * 4 + [Level.SHORT]


def test_being_late_for_a_moment_is_nothing() -> None:
    assert set(levels([Reading(loop_s=2.0)] * 3 + [Reading()] * 9)) == {Level.FREE}


def test_recognition_that_is_busy_is_tight_before_anybody_is_heard_late() -> None:
    assert levels([Reading(busy=0.8)] * 8)[-1] is Level.TIGHT
    assert levels([Reading(busy=0.95)] * 8)[-1] is Level.SHORT
    assert set(levels([Reading(busy=1.0), Reading(busy=0.3)] * 20)) == {Level.FREE}


def test_a_lost_frame_is_tight_at_once() -> None:
    assert levels([Reading(lost_frames=1)]) == [Level.TIGHT]


def test_it_is_over_level_by_level_after_three_good_seconds_each() -> None:
    gauge = Gauge()
    for nth in range(4):
        gauge.look(Reading(unheard_s=0.6), nth * LOOK_S)
    turned = [gauge.look(Reading(), 1 + nth * LOOK_S) for nth in range(40)]
    first, second = [each for each in turned if each is not None]
    assert (first.before, first.level, first.lasted_s) == (Level.SHORT, Level.TIGHT, 3.25)
    assert (second.before, second.level, second.lasted_s) == (Level.TIGHT, Level.FREE, 3.25)
    assert not first.rose


def test_hardly_below_the_bound_is_not_yet_good() -> None:
    assert set(levels([Reading(unheard_s=0.3)] * 4 + [Reading(unheard_s=0.15)] * 40)[4:]) == {Level.TIGHT}
    assert set(levels([Reading(busy=0.8)] * 8 + [Reading(busy=0.7)] * 40)[8:]) == {Level.TIGHT}


@given(
    st.lists(st.builds(Reading, *[st.floats(0, 2)] * 3, st.sampled_from([0, 0, 0, 5]), st.floats(0, 1.2)), max_size=80)
)
def test_whatever_came_before_a_machine_that_keeps_up_is_free_in_the_end(readings: list[Reading]) -> None:
    assert levels([*readings, *[Reading()] * 40])[-1] is Level.FREE


def test_short_before_tight_is_refused() -> None:
    with pytest.raises(ValueError, match="tight before it is short"):
        Gauge(PressureSettings(tight_s=1.0, short_s=0.5))


async def test_the_lateness_of_the_loop_is_part_of_every_reading() -> None:
    pressure = Pressure(Reading)
    for _ in range(4):
        pressure.look(loop_s=0.3)
    assert pressure.level is Level.TIGHT
    (turned,) = pressure.turned()
    assert isinstance(turned, Turned)
    assert (turned.rose, turned.late_s) == (True, 0.3)
    assert pressure.turned() == []


class Machine:
    """Recognition that bears so many calls: more of them wait longer and longer."""

    def __init__(self, bears: int) -> None:
        self.bears = bears
        self.calls = 0
        self.waits_s = self.worst_s = 0.0

    def read(self) -> Reading:
        if self.calls:
            self.waits_s = max(0.0, self.waits_s + LOOK_S * (self.calls - self.bears) / self.calls)
        else:
            self.waits_s = 0.0
        self.worst_s = max(self.worst_s, self.waits_s)
        return Reading(unheard_s=self.waits_s, busy=min(1.0, self.calls / self.bears))


class Centre:
    """A town of 300 who listen for a minute each, called by a floor with 100 lines on a machine that bears fewer."""

    def __init__(self, store: InlineStore, folder: Path, bears: int, *, heeds: bool) -> None:
        self.machine = Machine(bears)
        self.pressure = Pressure(self._read)
        self.numbers = [number(n) for n in range(300)]
        people = dict.fromkeys(self.numbers, listener)
        self.town = Town(store, folder, people, 100, pressure=self.pressure if heeds else None)
        self.pressure.on_change = self.town.floor.wake
        self.store = store

    def _read(self) -> Reading:
        self.machine.calls = self.town.floor.calls_in_progress
        return self.machine.read()

    async def work(self, for_s: float) -> None:
        """Call people for so long, then hang up."""
        await queue(self.store, *(Lead(each) for each in self.numbers))
        tasks = [asyncio.create_task(each) for each in (self.pressure.run(), self.town.floor.run())]
        await asyncio.sleep(for_s)
        for task in reversed(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def told(self) -> list[Event]:
        """Events about pressure."""
        return [e for e in await self.store.read(lambda s: s.events(limit=100_000)) if e.kind.startswith("pressure.")]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[InlineStore]:
    async with InlineStore(lambda: open_store(tmp_path / "test.db")) as opened:
        yield opened


async def test_a_slow_recogniser_leads_to_fewer_calls_before_any_is_heard_late(
    store: InlineStore, tmp_path: Path
) -> None:
    centre = Centre(store, tmp_path, 40, heeds=True)
    await centre.work(50)
    assert centre.machine.worst_s < LATE_S
    assert 30 <= centre.town.most_at_once <= 42


async def test_without_heeding_the_machine_the_same_calls_are_heard_late(store: InlineStore, tmp_path: Path) -> None:
    centre = Centre(store, tmp_path, 40, heeds=False)
    await centre.work(50)
    assert centre.machine.worst_s > LATE_S


async def test_it_says_so_and_starts_calls_again_when_others_have_ended(store: InlineStore, tmp_path: Path) -> None:
    centre = Centre(store, tmp_path, 40, heeds=True)
    await centre.work(150)
    told = await centre.told()
    assert [(e.kind, e.data["level"]) for e in told[:2]] == [("pressure.rose", "tight"), ("pressure.rose", "short")]
    assert ("pressure.fell", "free") in [(e.kind, e.data["level"]) for e in told]
    assert len(centre.town.called) > 60
    assert centre.machine.worst_s < LATE_S


async def test_while_tight_calls_are_started_a_quarter_as_fast(store: InlineStore, tmp_path: Path) -> None:
    reading = Reading(unheard_s=0.3)
    pressure = Pressure(lambda: reading)
    people = {number(n): listener for n in range(20)}
    town = Town(store, tmp_path, people, 20, pressure=pressure)
    for _ in range(4):
        pressure.look(0.0)
    await queue(store, *(Lead(each) for each in people))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(8.5)
    apart = [later - earlier for (_, earlier), (_, later) in pairwise(town.dialled)]
    assert len(apart) >= 9
    assert min(apart) >= 0.799
    town.floor.stop()
    await town.floor.end_calls()
    await working


async def test_calls_in_progress_are_not_touched_while_short(store: InlineStore, tmp_path: Path) -> None:
    reading = Reading()
    pressure = Pressure(lambda: reading)

    async def patient(me: Person) -> None:
        await me.says("喂")
        await me.waits(30)
        me.hangs_up()

    people = {number(n): patient for n in range(4)}
    town = Town(store, tmp_path, people, 2, pressure=pressure)
    await queue(store, *(Lead(each) for each in people))
    tasks = [asyncio.create_task(each) for each in (pressure.run(), town.floor.run())]
    await asyncio.sleep(3)
    reading = Reading(unheard_s=5.0)
    await asyncio.sleep(100)
    assert town.floor.pressure is Level.SHORT
    assert (len(town.called), town.floor.calls_in_progress) == (2, 0)
    ends = [a.result for a in await store.read(lambda s: s.attempts())]
    assert all(end is not None and not end.reason.startswith("internal") for end in ends)
    reading = Reading()
    await asyncio.sleep(20)
    assert len(town.called) == 4
    for task in reversed(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
