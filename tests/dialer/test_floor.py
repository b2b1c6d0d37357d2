"""The floor works through the queue: whole campaigns on virtual time over the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from campaigns.model import CampaignState, CaseState, Grade, Lead, Outcome
from campaigns.sqlite_store import open_store
from dialer.floor import Commands
from tests.dialer.centre import EPOCH, InlineStore, now
from tests.dialer.people import Person
from tests.dialer.town import BUSY, CAMPAIGN, Town, listener, number, queue, talker

pytestmark = pytest.mark.virtual

COOL_DOWN_S = 120.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[InlineStore]:
    async with InlineStore(lambda: open_store(tmp_path / "test.db", cool_down_s=COOL_DOWN_S)) as opened:
        yield opened


async def states(store: InlineStore) -> dict[str, CaseState]:
    return {case.lead.number: case.state for case in await store.read(lambda s: s.cases())}


async def test_every_lead_is_called_once_and_the_floor_rests_when_nothing_is_due(
    store: InlineStore, tmp_path: Path
) -> None:
    numbers = [number(index) for index in range(20)]
    town = Town(store, tmp_path, dict.fromkeys(numbers, BUSY), lines=4)
    await queue(store, *(Lead(each) for each in numbers))
    await town.floor.run(until_idle=True)
    assert sorted(town.called) == numbers
    assert town.free == 4


async def test_never_more_calls_than_lines(store: InlineStore, tmp_path: Path) -> None:
    numbers = [number(index) for index in range(12)]
    town = Town(store, tmp_path, dict.fromkeys(numbers, listener), lines=3)
    await queue(store, *(Lead(each) for each in numbers))
    await town.floor.run(until_idle=True)
    assert town.most_at_once == 3
    assert len(town.called) == 12


async def test_the_most_urgent_is_called_first(store: InlineStore, tmp_path: Path) -> None:
    grades = [Grade.LOW, Grade.HIGH, Grade.MEDIUM]
    town = Town(store, tmp_path, {number(i): BUSY for i in range(3)}, lines=1)
    await queue(store, *(Lead(number(i), grade=grade) for i, grade in enumerate(grades)))
    await town.floor.run(until_idle=True)
    assert town.called == [number(1), number(2), number(0)]


async def test_a_busy_number_is_called_again_after_its_delay(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(1): BUSY}, lines=1)
    await queue(store, Lead(number(1)))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(310)
    town.floor.stop()
    await working
    assert len(town.dialled) == 2
    assert town.dialled[1][1] - town.dialled[0][1] >= 300


async def test_a_paused_campaign_is_not_called_until_it_resumes(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(1): BUSY}, lines=1)
    await queue(store, Lead(number(1)))
    commands = Commands(town.floor, store, clock=now)
    await commands.pause(CAMPAIGN, by="officer")
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(30)
    assert town.called == []
    await commands.resume(CAMPAIGN, by="officer")
    await asyncio.sleep(10)
    assert town.called == [number(1)]
    town.floor.stop()
    await working
    campaign = (await store.read(lambda s: s.campaigns()))[0]
    assert campaign.state is CampaignState.RUNNING


async def test_a_paused_floor_starts_no_call(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(1): BUSY}, lines=1)
    await queue(store, Lead(number(1)))
    town.floor.pause()
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(30)
    assert town.called == []
    town.floor.stop()
    await working


async def test_a_floor_that_is_stopped_lets_its_calls_end(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(1): listener}, lines=1)
    await queue(store, Lead(number(1)))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(10)
    town.floor.stop()
    await working
    attempts = await store.read(lambda s: s.attempts())
    assert [a.result is not None for a in attempts] == [True]


async def test_a_call_can_be_hung_up_by_command(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(1): listener}, lines=1)
    await queue(store, Lead(number(1)))
    commands = Commands(town.floor, store, clock=now)
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(8)
    attempt_id = (await store.read(lambda s: s.attempts()))[0].id
    assert await commands.hang_up(attempt_id)
    assert not await commands.hang_up(attempt_id + 1)
    town.floor.stop()
    await working
    assert town.floor.calls_in_progress == 0


async def test_fraud_in_progress_reaches_a_human_whose_record_is_awaited(store: InlineStore, tmp_path: Path) -> None:
    async def victim(me: Person) -> None:
        await me.says("喂")
        await me.hears("")
        await me.says("我已经转了五万块")
        await me.waits(40)

    town = Town(store, tmp_path, {number(1): victim}, lines=1)
    await queue(store, Lead(number(1), grade=Grade.HIGH))
    await town.floor.run(until_idle=True)
    attempt = await store.read(lambda s: s.attempt(s.attempts()[0].id))
    assert attempt.result is not None
    assert attempt.result.outcome is Outcome.ESCALATED
    assert attempt.escalations[0].dissuader == "Chen"
    assert await states(store) == {number(1): CaseState.WAITING}


async def test_a_fault_of_ours_loses_neither_the_case_nor_the_floor(store: InlineStore, tmp_path: Path) -> None:
    town = Town(store, tmp_path, {number(2): BUSY}, lines=1)  # nobody knows number 1: a KeyError in mid-call
    await queue(store, Lead(number(1), grade=Grade.HIGH), Lead(number(2)))
    await town.floor.run(until_idle=True)
    outcomes = {a.case_id: a.result.outcome for a in await store.read(lambda s: s.attempts()) if a.result}
    assert outcomes == {1: Outcome.LINE_FAILURE, 2: Outcome.BUSY}
    assert (await states(store))[number(1)] is CaseState.QUEUED
    assert town.free == 1


async def test_what_a_killed_run_held_is_called_again_after_the_cool_down(store: InlineStore, tmp_path: Path) -> None:
    await queue(store, Lead(number(1)), Lead(number(2)))
    claims = await store.call(lambda s: s.claim("node", now=now(), lease_s=60, limit=2))
    await store.call(lambda s: s.dialled(claims[0].attempt_id, now=now()))
    # The process is killed here and started again at once: one number had been dialled, the other had not.
    town = Town(store, tmp_path, {number(1): BUSY, number(2): BUSY}, lines=2)
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(COOL_DOWN_S + 5)
    town.floor.stop()
    await working
    times = dict(town.dialled)
    dialled_before, not_dialled = claims[0].case.lead.number, claims[1].case.lead.number
    assert times[not_dialled] < 5
    assert times[dialled_before] >= COOL_DOWN_S


async def test_starts_keep_to_the_trunks_rate(store: InlineStore, tmp_path: Path) -> None:
    numbers = [number(index) for index in range(10)]
    town = Town(store, tmp_path, dict.fromkeys(numbers, BUSY), lines=10)
    await queue(store, *(Lead(each) for each in numbers))
    await town.floor.run(until_idle=True)
    starts = [at for _, at in town.dialled]
    assert all(later - earlier >= 0.199 for earlier, later in pairwise(starts))


async def test_a_failing_trunk_stops_the_floor_until_a_probe_gets_through(store: InlineStore, tmp_path: Path) -> None:
    numbers = [number(index) for index in range(40)]
    town = Town(store, tmp_path, dict.fromkeys(numbers, BUSY), lines=2)
    town.trunk_fails_until_s = 60.0
    await queue(store, *(Lead(each, grade=Grade.HIGH) for each in numbers))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(180)
    town.floor.stop()
    await working
    opened, closed = [each for each in await store.read(lambda s: s.events(limit=10_000)) if "breaker" in each.kind]
    assert (opened.kind, closed.kind) == ("breaker.opened", "breaker.closed")
    assert opened.data == {"node": "node", "failed": 6, "of": 6, "probe_at": opened.at + 30}
    assert closed.data["probes"] == 2
    opened_s, closed_s = opened.at - EPOCH, closed.at - EPOCH
    probes = [at - opened_s for _, at in town.dialled if opened_s < at < closed_s]
    assert len(probes) == 2
    assert 30 <= probes[0] < 32
    assert 90 <= probes[1] < 97
    assert {called for called, at in town.dialled if at > opened_s} == set(numbers)


async def test_a_probe_that_talks_for_minutes_keeps_nobody_waiting(store: InlineStore, tmp_path: Path) -> None:
    numbers = [number(index) for index in range(20)]
    town = Town(store, tmp_path, dict.fromkeys(numbers, talker), lines=2)
    town.trunk_fails_until_s = 20.0
    await queue(store, *(Lead(each, grade=Grade.HIGH) for each in numbers))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(100)
    probe, after = [at for _, at in town.dialled if at >= 20.0][:2]
    assert 39 <= after - probe <= 43
    town.floor.stop()
    await town.floor.end_calls()
    await working
