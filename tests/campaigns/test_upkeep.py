"""What time overtakes is planned anew and what is late is told, without a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from campaigns.async_store import AsyncStore
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import CaseState, Conviction, Disposition, Grade, History, Lead, NextStep, Suppression
from campaigns.policy import decider
from campaigns.sqlite_store import open_store
from campaigns.upkeep import Upkeep, UpkeepSettings
from tests.campaigns.policy.cases import DAY, HOUR, NOON, at
from tests.campaigns.store_contract import follows, number

pytestmark = pytest.mark.unit

EVENING = at("2027-01-13 20:30")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with AsyncStore(partial(open_store, tmp_path / "store.db")) as opened:
        await opened.call(lambda s: s.create_campaign("spring", now=NOON))
        yield opened


async def add(store: AsyncStore, *leads: Lead) -> list[int]:
    await store.call(lambda s: s.add_leads("spring", leads, now=NOON, decide=decider(NOON)))
    return [case.id for case in await store.call(lambda s: s.cases())]


def upkeep(store: AsyncStore, clock: Clock, **more: object) -> Upkeep:
    return Upkeep(store, decide_at=decider, clock=clock, **more)  # type: ignore[arg-type]


async def test_cases_whose_hours_have_ended_are_planned_for_the_next_day(store: AsyncStore, clock: Clock) -> None:
    leads = [Lead(number(n), grade=Grade.LOW) for n in range(12)]
    ids = await add(store, *leads)
    woken: list[bool] = []
    keep = upkeep(store, clock, settings=UpkeepSettings(at_once=5, batch=2), on_change=lambda: woken.append(True))
    assert await keep.once() == 0
    clock.now = EVENING
    assert await keep.once() == len(ids)
    assert woken
    assert {case.due_at for case in await store.call(lambda s: s.cases())} == {at("2027-01-14 09:00")}
    assert await keep.once() == 0


async def test_a_visit_that_has_ended_leads_on(store: AsyncStore, clock: Clock) -> None:
    (case_id,) = await add(store, Lead(number(1)))
    order = Order(FollowUpKind.VISIT, NOON + HOUR)
    visit = await store.call(lambda s: s.order(case_id, order, now=NOON, by="Li"))
    await store.call(lambda s: s.revise(case_id, follows(NextStep(waits=True)), now=NOON))
    assert await upkeep(store, clock).once() == 0
    await store.call(lambda s: s.feedback(visit.id, FollowUpState.DONE, result="met", by="station", now=NOON + 60))
    clock.now = NOON + 61
    assert await upkeep(store, clock).once() == 1
    assert (await store.call(lambda s: s.case(case_id))).closed_reason == "met"


async def test_a_judgement_and_a_suppression_take_effect(store: AsyncStore, clock: Clock) -> None:
    judged, suppressed = await add(store, Lead(number(1)), Lead(number(2)))
    said = Disposition(judged, None, Conviction.CONVINCED, "陈警官", NOON)
    await store.call(lambda s: s.record_disposition(said, now=NOON))
    await store.call(lambda s: s.suppress(Suppression(number(2), "asked", "Li", NOON, None), now=NOON))
    assert await upkeep(store, clock).once() == 2
    cases = {case.id: case for case in await store.call(lambda s: s.cases())}
    assert cases[judged].closed_reason == "convinced"
    assert cases[suppressed].state is CaseState.WAITING  # for the visit that follows at medium grade


async def test_a_relative_is_not_called_any_more_when_the_subjects_case_is_closed(
    store: AsyncStore, clock: Clock
) -> None:
    (case_id,) = await add(store, Lead(number(1), grade=Grade.HIGH))
    order = Order(FollowUpKind.RELATIVE, NOON + HOUR, {"number": number(2)})
    asked = await store.call(lambda s: s.order(case_id, order, now=NOON, by="Li"))
    relative = Lead(number(2), grade=Grade.HIGH)
    linked = await store.call(
        lambda s: s.add_linked_case(asked.id, relative, relation="女儿", now=NOON, decide=decider(NOON))
    )
    assert linked.state is CaseState.QUEUED
    assert await upkeep(store, clock).once() == 0
    await store.call(lambda s: s.revise(case_id, follows(NextStep(close_reason="acknowledged")), now=NOON))
    assert await upkeep(store, clock).once() == 1
    assert (await store.call(lambda s: s.case(linked.id))).state is CaseState.CLOSED
    assert (await store.call(lambda s: s.follow_up(asked.id))).result == "not_reached"


async def test_alarms_are_raised_once(store: AsyncStore, clock: Clock) -> None:
    await add(store, Lead(number(1), grade=Grade.HIGH))
    clock.now = NOON + DAY / 2
    await upkeep(store, clock).once()
    await upkeep(store, clock).once()
    events = await store.call(lambda s: s.events(limit=1000))
    assert [event.kind for event in events].count("case.overdue") == 1


async def test_one_case_that_cannot_be_decided_on_keeps_no_other_waiting(store: AsyncStore, clock: Clock) -> None:
    ids = await add(store, *(Lead(number(n), grade=Grade.LOW) for n in range(3)))
    clock.now = EVENING

    def stumbles(now: float) -> object:
        def decide(history: History) -> NextStep:
            if history.case.id == ids[0]:
                raise RuntimeError("a fault of ours")
            return decider(now)(history)

        return decide

    keep = Upkeep(store, decide_at=stumbles, clock=clock)  # type: ignore[arg-type]
    assert await keep.once() == 2


async def test_it_goes_on_after_a_failure_of_the_store(store: AsyncStore, clock: Clock) -> None:
    (case_id,) = await add(store, Lead(number(1), grade=Grade.LOW))
    clock.now = EVENING
    again = asyncio.Event()
    tried: list[float] = []

    def fails_first(now: float) -> object:
        tried.append(now)
        if len(tried) == 1:
            raise OSError("the disk is full")
        return decider(now)

    settings = UpkeepSettings(every_s=0.01)
    keep = Upkeep(store, decide_at=fails_first, clock=clock, settings=settings, on_change=again.set)  # type: ignore[arg-type]
    working = asyncio.create_task(keep.run())
    async with asyncio.timeout(20):
        await again.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert (await store.call(lambda s: s.case(case_id))).due_at == at("2027-01-14 09:00")
