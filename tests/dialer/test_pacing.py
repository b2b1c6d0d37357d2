"""How many calls are started, and which: lines, the trunk's rate, and dissuaders for what is to be expected."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.model import Grade, Lead, Outcome
from campaigns.policy import decider, standard
from campaigns.sqlite_store import open_store
from dialer.dissuaders import Dissuader
from dialer.pacing import Pacer, PacingSettings, Reserve
from dialer.place import Place, Readiness
from dialer.seam import Ended
from tests.dialer.centre import InlineStore, new_store, now
from tests.dialer.people import Behaviour, Person, Phone
from tests.dialer.town import BUSY, CAMPAIGN, Town, listener, number, queue
from tests.virtual_time import run_virtual

pytestmark = pytest.mark.virtual

READY, TALKING, RESTING, AWAY = Readiness.READY, Readiness.TALKING, Readiness.RESTING, Readiness.AWAY
MEDIUM_WAITS_S = standard().goes_before_new_high_after_s[Grade.MEDIUM]


class Desk:
    """Dissuaders who are just now so."""

    def __init__(self, *readiness: Readiness, waiting: int = 0) -> None:
        self.waiting = waiting
        self._places = [
            Place(Dissuader(f"d{n}", ""), n, fixed=False, readiness=each) for n, each in enumerate(readiness)
        ]

    def places(self) -> Sequence[Place]:
        return self._places


def most(desk: Desk, **more: float) -> int:
    """Calls beside which one to anybody is still started."""
    reserve = Reserve(desk, PacingSettings(**more))  # type: ignore[arg-type]
    return next((calls for calls in range(1000) if reserve.only_urgent(calls)), 1000)


def test_as_many_calls_as_bring_no_more_than_the_dissuaders_could_take() -> None:
    assert most(Desk(READY, READY), expected=0.125) == 16
    assert most(Desk(READY, READY, waiting=1), expected=0.125) == 9  # one of them is the one that waits


def test_of_three_or_more_one_is_kept_for_high_grades() -> None:
    assert most(Desk(READY, READY, READY), expected=0.125) == 16
    assert most(Desk(READY, TALKING, TALKING)) == 0
    assert most(Desk(READY, TALKING)) > 0


def test_more_are_kept_if_so_configured_but_never_the_last_two() -> None:
    assert most(Desk(*[READY] * 6), expected=0.125, reserve=3) == 24
    assert most(Desk(*[READY] * 3), expected=0.125, reserve=3) == 16
    assert most(Desk(*[READY] * 3), expected=0.125, reserve=0) == 24


def test_whoever_rests_will_be_ready_for_a_call_that_begins_now() -> None:
    assert most(Desk(READY, RESTING), expected=0.125) == 16


@pytest.mark.parametrize("desk", [Desk(), Desk(TALKING), Desk(AWAY, AWAY), Desk(TALKING, AWAY)])
def test_with_nobody_there_or_one_alone_everybody_is_called(desk: Desk) -> None:
    assert most(desk) == 1000
    assert not Reserve(None).only_urgent(1000)


def test_a_dissuader_on_a_call_of_another_node_takes_none_of_ours() -> None:
    desk = Desk(READY, TALKING)
    own = most(desk, expected=0.125)
    desk.places()[1].elsewhere = True
    assert most(desk, expected=0.125) == own - 1


def test_the_share_that_needs_a_human_is_learnt() -> None:
    reserve = Reserve(Desk(READY, READY))
    assert reserve.share == 0.05
    for _ in range(300):
        reserve.ended(Outcome.ACKNOWLEDGED)
        reserve.ended(Outcome.TRUNK_FAILURE)
    assert reserve.share < 0.001
    for _ in range(100):
        reserve.ended(Outcome.ESCALATED)
        reserve.ended(Outcome.CALLBACK_DUE)
    assert reserve.share > 0.95


def test_a_share_is_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Reserve(None, PacingSettings(expected=1.5))


async def test_starts_are_evenly_spaced_and_slower_when_asked() -> None:
    loop = asyncio.get_running_loop()
    pacer, started = Pacer(2.0), []
    for slower in (1.0, 1.0, 4.0, 1.0):
        await pacer.wait(slower)
        pacer.count()
        started.append(loop.time())
    assert [at - started[0] for at in started] == pytest.approx([0, 0.5, 2.5, 3.0])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[InlineStore]:
    async with InlineStore(lambda: open_store(tmp_path / "test.db")) as opened:
        yield opened


async def victim(me: Person) -> None:
    await me.says("喂")
    await me.hears("")
    await me.says("我已经转了五万块")
    await me.waits(600)


async def called_within(town: Town, seconds: float) -> list[str]:
    """The numbers that were dialled until then."""
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(seconds)
    called = list(town.called)
    town.floor.stop()
    await town.floor.end_calls()
    await working
    return called


async def test_high_grades_are_called_while_all_others_wait_for_a_dissuader(store: InlineStore, tmp_path: Path) -> None:
    victims, high, low = [number(0), number(1)], number(2), number(3)
    people: dict[str, Behaviour | Ended] = {**dict.fromkeys(victims, victim), high: BUSY, low: BUSY}
    phones = {"Chen": Phone(talks_s=300), "Li": Phone(talks_s=300)}
    town = Town(store, tmp_path, people, 4, phones=phones, paced=PacingSettings())
    await queue(store, *(Lead(each, grade=Grade.HIGH) for each in victims))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(60)
    assert [each.readiness for each in town.dissuaders.places()] == [TALKING, TALKING]
    leads = [Lead(low, grade=Grade.LOW), Lead(high, grade=Grade.HIGH)]
    await store.call(lambda s: s.add_leads(CAMPAIGN, leads, now=now(), decide=decider(now())))
    await asyncio.sleep(60)
    assert town.called == [*victims, high]
    await asyncio.sleep(300)
    assert low in town.called
    town.floor.stop()
    await town.floor.end_calls()
    await working


async def test_one_dissuader_who_talks_keeps_nobody_waiting(store: InlineStore, tmp_path: Path) -> None:
    people: dict[str, Behaviour | Ended] = {number(0): victim, **{number(n): BUSY for n in range(1, 9)}}
    town = Town(store, tmp_path, people, 2, phones={"Chen": Phone(talks_s=300)}, paced=PacingSettings())
    await queue(store, Lead(number(0), grade=Grade.HIGH), *(Lead(number(n), grade=Grade.LOW) for n in range(1, 9)))
    assert set(await called_within(town, 60)) == set(people)


async def test_with_no_dissuader_at_all_the_campaign_goes_on(store: InlineStore, tmp_path: Path) -> None:
    people = {number(n): victim if n < 2 else BUSY for n in range(9)}
    town = Town(store, tmp_path, people, 3, phones={}, paced=PacingSettings())
    await queue(store, *(Lead(each, grade=Grade.LOW) for each in people))
    assert set(await called_within(town, 120)) == set(people)


async def test_dissuaders_who_went_away_keep_nobody_waiting(store: InlineStore, tmp_path: Path) -> None:
    people = dict.fromkeys((number(n) for n in range(9)), BUSY)
    town = Town(store, tmp_path, people, 3, phones={"Chen": Phone(), "Li": Phone()}, paced=PacingSettings())
    for name in ("Chen", "Li"):
        town.dissuaders.set_away(name, away=True)
    await queue(store, *(Lead(each, grade=Grade.LOW) for each in people))
    assert set(await called_within(town, 60)) == set(people)


async def taken(town: Town, count: int) -> None:
    """So many of the dissuaders have a call that is none of this floor's."""
    for place in town.dissuaders.places()[:count]:
        await town.dissuaders.engage(place.dissuader.name)


async def test_the_last_dissuader_is_kept_for_high_grades(store: InlineStore, tmp_path: Path) -> None:
    high, others = [number(n) for n in range(3)], [number(n) for n in range(10, 20)]
    phones = {name: Phone() for name in ("Chen", "Li", "Wu")}
    town = Town(store, tmp_path, dict.fromkeys(high + others, BUSY), 4, phones=phones, paced=PacingSettings())
    await taken(town, 2)
    await queue(
        store,
        *(Lead(n, grade=Grade.HIGH) for n in high),
        *(Lead(n, grade=grade) for n, grade in zip(others, [Grade.MEDIUM, Grade.LOW] * 5, strict=True)),
    )
    assert sorted(await called_within(town, 60)) == high


async def test_all_are_called_as_soon_as_dissuaders_are_ready_again(store: InlineStore, tmp_path: Path) -> None:
    people = dict.fromkeys((number(n) for n in range(9)), BUSY)
    town = Town(store, tmp_path, people, 3, phones={"Chen": Phone(), "Li": Phone()}, paced=PacingSettings())
    await taken(town, 2)
    await queue(store, *(Lead(each, grade=Grade.LOW) for each in people))
    working = asyncio.create_task(town.floor.run(until_idle=True))
    await asyncio.sleep(60)
    assert town.called == []
    for place in town.dissuaders.places():
        town.dissuaders.rest(place.dissuader, 0)
    await asyncio.sleep(10)
    assert set(town.called) == set(people)
    town.floor.stop()
    await working


async def test_who_has_waited_long_enough_is_called_though_dissuaders_are_few(
    store: InlineStore, tmp_path: Path
) -> None:
    town = Town(store, tmp_path, {number(1): BUSY}, 1, phones={"Chen": Phone(), "Li": Phone()}, paced=PacingSettings())
    await taken(town, 2)
    came_at = now() - MEDIUM_WAITS_S + 60
    await store.call(lambda s: s.create_campaign(CAMPAIGN, now=came_at))
    lead = Lead(number(1), grade=Grade.MEDIUM)
    await store.call(lambda s: s.add_leads(CAMPAIGN, [lead], now=came_at, decide=decider(came_at)))
    working = asyncio.create_task(town.floor.run())
    await asyncio.sleep(55)
    assert town.called == []
    await asyncio.sleep(10)
    assert town.called == [number(1)]
    town.floor.stop()
    await working


behaviour = st.sampled_from([BUSY, listener, victim])
lead = st.tuples(behaviour, st.sampled_from(list(Grade)))


@given(
    leads=st.lists(lead, min_size=1, max_size=12),
    lines=st.integers(1, 4),
    dissuaders=st.integers(0, 4),
    reserve=st.integers(0, 3),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_never_more_than_the_lines_nor_than_the_rate_and_everybody_is_called_in_the_end(
    leads: list[tuple[Behaviour, Grade]], lines: int, dissuaders: int, reserve: int
) -> None:
    async def act(folder: Path) -> None:
        store = await new_store(folder)
        people: Mapping[str, Behaviour] = {number(n): each for n, (each, _) in enumerate(leads)}
        phones = {f"d{n}": Phone(talks_s=40) for n in range(dissuaders)}
        town = Town(store, folder, people, lines, phones=phones, paced=PacingSettings(reserve=reserve))
        await queue(store, *(Lead(number(n), grade=grade) for n, (_, grade) in enumerate(leads)))
        working = asyncio.create_task(town.floor.run())
        async with asyncio.timeout(1800):
            while set(town.called) != set(people):
                await asyncio.sleep(1)
        assert town.most_at_once <= lines
        times = sorted(at for _, at in town.dialled)
        for nth in range(len(times) - 5):
            assert times[nth + 5] - times[nth] >= 0.999  # 5 a second
        assert max(Counter(int(at) for at in times).values()) <= 6
        town.floor.stop()
        await town.floor.end_calls()
        await working
        await store.close()

    with tempfile.TemporaryDirectory() as name:
        run_virtual(act(Path(name)))


async def test_what_a_start_takes_is_not_added_to_the_spacing() -> None:
    loop = asyncio.get_running_loop()
    pacer, began = Pacer(10.0), loop.time()
    for _ in range(51):
        await pacer.wait()
        await asyncio.sleep(0.03)
        pacer.count()
    assert loop.time() - began == pytest.approx(5.0, abs=0.1)


async def test_a_start_that_comes_late_delays_none_behind_it() -> None:
    loop = asyncio.get_running_loop()
    pacer, began, started = Pacer(10.0), loop.time(), []
    for turn in range(51):
        await pacer.wait()
        await asyncio.sleep(0.09 if turn % 3 == 0 else 0.0)
        pacer.count()
        started.append(loop.time() - began)
    assert started[-1] == pytest.approx(5.0, abs=0.1)
    assert min(after - before for before, after in pairwise(started)) >= 0.05 - 1e-9


async def test_what_was_missed_is_not_made_up_for() -> None:
    loop = asyncio.get_running_loop()
    pacer = Pacer(2.0)
    await pacer.wait()
    pacer.count()
    await asyncio.sleep(60)
    began = loop.time()
    for _ in range(5):
        await pacer.wait()
        pacer.count()
    assert loop.time() - began >= 1.5
