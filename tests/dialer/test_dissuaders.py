"""Who stands at the desk: users who come and go, by this process or another, and who is kept by which node."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from campaigns.staff import Role, Station
from dialer.dissuaders import Dissuader, Dissuaders, NotFreeError, Readiness
from dialer.live import LiveError, Phase
from dialer.stations import Stations
from tests.dialer.centre import SUBJECT, add_user, centre, listener, names, new_store, now, on_call, until, victim
from tests.dialer.people import Phone

pytestmark = pytest.mark.virtual

OTHER = "+8611100000005"


class Elsewhere:
    """A keeper who finds everybody on another node's call."""

    async def hold(self, name: str) -> bool:
        return False

    def free(self, name: str) -> None:
        return


def at_the_desk(*names: str) -> Dissuaders:
    dissuaders = Dissuaders([])
    for name in names:
        dissuaders.set_station(name, ready=True, uri="")
    return dissuaders


async def take(dissuaders: Dissuaders, *, wait_s: float = 0) -> Dissuader | None:
    return await dissuaders.take(urgency=0, unsuitable=frozenset(), wait_s=wait_s)


async def test_a_user_who_is_ready_takes_calls_and_one_who_is_not_takes_none() -> None:
    dissuaders = at_the_desk("chen")
    assert await take(dissuaders) == Dissuader("chen", "")
    dissuaders.rest(Dissuader("chen", ""), 0)
    dissuaders.set_station("chen", ready=False, uri="")
    assert not dissuaders.any_hope()
    assert await take(dissuaders) is None


async def test_who_comes_gets_the_call_that_waits() -> None:
    dissuaders = at_the_desk("chen")
    assert await take(dissuaders) is not None
    waiting = asyncio.create_task(take(dissuaders, wait_s=30))
    await asyncio.sleep(1)
    dissuaders.set_station("li", ready=True, uri="sip:li@desk")
    assert await waiting == Dissuader("li", "sip:li@desk")


async def test_a_break_during_a_call_counts_from_its_end_and_can_be_taken_back() -> None:
    dissuaders = at_the_desk("chen")
    chen = await take(dissuaders)
    assert chen is not None
    dissuaders.talks(chen)
    dissuaders.set_station("chen", ready=False, uri="")
    assert dissuaders.readiness() == {"chen": Readiness.TALKING}
    dissuaders.set_station("chen", ready=True, uri="")
    dissuaders.set_station("chen", ready=False, uri="")
    dissuaders.rest(chen, 20)
    assert dissuaders.readiness() == {"chen": Readiness.AWAY}


async def test_who_says_ready_again_need_not_rest() -> None:
    dissuaders = at_the_desk("chen")
    chen = await take(dissuaders)
    assert chen is not None
    dissuaders.rest(chen, 60)
    dissuaders.set_station("chen", ready=True, uri="")
    assert dissuaders.readiness() == {"chen": Readiness.READY}


async def test_who_is_no_dissuader_any_more_goes_when_the_call_is_over() -> None:
    dissuaders = at_the_desk("chen", "li")
    chen = await take(dissuaders)
    assert chen is not None
    dissuaders.forget("chen")
    dissuaders.forget("li")
    assert dissuaders.readiness() == {"chen": Readiness.RINGING}
    dissuaders.rest(chen, 20)
    assert dissuaders.readiness() == {}


async def test_whose_page_may_be_at_another_node_is_asked_last_and_free_for_it_when_not_reached() -> None:
    dissuaders, freed = at_the_desk("chen"), []

    class Keeps(Elsewhere):
        async def hold(self, name: str) -> bool:
            return True

        def free(self, name: str) -> None:
            freed.append(name)

    dissuaders.keeper = Keeps()
    await asyncio.sleep(5)
    dissuaders.set_station("li", ready=True, uri="", here=True)
    li, chen = await take(dissuaders), await take(dissuaders)
    assert li is not None
    assert chen is not None
    assert (li.name, chen.name) == ("li", "chen")
    dissuaders.talks(li)
    for each in (li, chen):
        dissuaders.rest(each, 60)
    assert freed == ["chen"], "a node keeps whom it spoke with until their rest is over"


async def test_who_is_on_another_nodes_call_is_asked_again_when_that_is_over() -> None:
    dissuaders = at_the_desk("chen")
    dissuaders.set_elsewhere("chen", True)
    assert dissuaders.readiness() == {"chen": Readiness.TALKING}
    waiting = asyncio.create_task(take(dissuaders, wait_s=30))
    await asyncio.sleep(5)
    assert not waiting.done()
    dissuaders.set_elsewhere("chen", False)
    assert await waiting == Dissuader("chen", "")


async def test_who_cannot_be_kept_is_not_asked_and_a_phone_need_not_be() -> None:
    dissuaders = Dissuaders([Dissuader("wang", "sip:wang@desk")])
    dissuaders.set_station("chen", ready=True, uri="")
    dissuaders.keeper = Elsewhere()
    assert await take(dissuaders, wait_s=1) == Dissuader("wang", "sip:wang@desk")
    assert await take(dissuaders, wait_s=1) is None
    assert dissuaders.readiness()["chen"] is Readiness.TALKING
    with pytest.raises(NotFreeError, match="talking"):
        await dissuaders.take_named("chen")


async def test_a_user_with_the_name_of_a_configured_phone_is_refused_and_the_phone_stays(tmp_path: Path) -> None:
    async with centre(tmp_path, people={}, users=["wang"], phones={"wang": Phone()}) as here:
        await asyncio.sleep(3)
        assert here.dissuaders.readiness() == {"wang": Readiness.READY}
        with pytest.raises(LiveError, match="configured phone"):
            await here.live.set_station("wang", ready=False, phone="")
        assert here.dissuaders.readiness() == {"wang": Readiness.READY}


async def test_a_station_that_another_process_wrote_counts_within_a_second_or_two(tmp_path: Path) -> None:
    async with centre(tmp_path, people={}, users=["chen"], away=["li"]) as here:
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.READY, "li": Readiness.AWAY})
        await here.store.call(lambda s: s.set_station("chen", Station.BREAK, now=now()))
        await here.store.call(lambda s: s.set_station("li", Station.READY, now=now()))
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.AWAY, "li": Readiness.READY}, within_s=2)
        await here.store.call(lambda s: s.change_user("li", roles=[Role.AUDITOR], now=now(), by="test"))
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.AWAY}, within_s=2)


async def test_what_was_read_before_somebody_spoke_does_not_count(tmp_path: Path) -> None:
    store = await new_store(tmp_path)
    await add_user(store, "chen", ready=False)
    dissuaders = Dissuaders([])
    stations = Stations(store, dissuaders, "node", clock=now)
    reading = asyncio.create_task(stations.refresh())
    await asyncio.sleep(0)
    stations.set_station("chen", ready=True, phone="")
    await reading
    assert dissuaders.readiness() == {"chen": Readiness.READY}
    await stations.refresh()
    assert dissuaders.readiness() == {"chen": Readiness.AWAY}, "the store is told first, and rules"
    await store.close()


async def test_a_phone_chosen_at_log_in_stays_until_the_users_own_changes(tmp_path: Path) -> None:
    async with centre(tmp_path, people={}, users=["chen"]) as here:
        await here.live.set_station("chen", ready=True, phone="sip:55@desk")
        await asyncio.sleep(5)
        assert here.dissuaders.places()[0].dissuader.uri == "sip:55@desk"
        await here.store.call(lambda s: s.change_user("chen", phone="sip:66@desk", now=now(), by="test"))
        await until(lambda: here.dissuaders.places()[0].dissuader.uri == "sip:66@desk", within_s=2)


async def test_a_floor_that_starts_again_finds_everybody_where_they_stood(tmp_path: Path) -> None:
    async with centre(tmp_path, people={}, users=["chen"], away=["li"]) as here:
        await until(here.dissuaders.readiness)
    async with centre(tmp_path, people={}) as here:
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.READY, "li": Readiness.AWAY}, within_s=2)


async def test_who_is_kept_for_a_call_is_kept_until_the_rest_is_over(tmp_path: Path) -> None:
    async def kept() -> str:
        return (await new.read(lambda s: s.presences()))[0].holder(now())

    new = await new_store(tmp_path)
    async with centre(tmp_path, users=["chen"], wrap_up_s=20) as here:
        assert await kept() == ""
        async with here.speaking("chen") as attempt_id:
            assert await kept() == "node"
            await asyncio.sleep(90)
            assert await kept() == "node", "longer than one lease"
            await here.live.hang_up(attempt_id, "chen")
        await here.over()
        await asyncio.sleep(15)
        assert await kept() == "node"
        await asyncio.sleep(10)
        assert await kept() == ""
    await new.close()


async def test_two_nodes_never_offer_one_dissuader_two_calls(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    people = {SUBJECT: victim, OTHER: victim}  # either node may have either
    async with (
        centre(tmp_path, people=people, users=["chen"], node="one", lines=1, wrap_up_s=3) as one,
        centre(tmp_path, people=people, node="two", lines=1, wait_s=100, wrap_up_s=3) as two,
    ):
        both = (one, two)

        def engaged() -> list[str]:
            calls = [call for here in both for call in here.live.state().calls]
            return [name for call in calls for name in (*names(call), *on_call(call))]

        async def watch() -> None:
            while True:
                seen.append(engaged())
                await asyncio.sleep(0.01)

        watching = asyncio.create_task(watch())
        await until(lambda: engaged() == ["chen"])
        await until(lambda: sum(call.phase is Phase.OFFERED for h in both for call in h.live.state().calls) == 2)
        first = next(here for here in both if any(names(call) for call in here.live.state().calls))
        async with first.speaking("chen") as attempt_id:
            await asyncio.sleep(10)
            await first.live.hang_up(attempt_id, "chen")
        await until(lambda: not engaged())
        await until(lambda: engaged() == ["chen"], within_s=10)
        watching.cancel()
    assert max(map(len, seen)) == 1


async def test_a_node_that_died_keeps_nobody_for_longer_than_its_lease(tmp_path: Path) -> None:
    store = await new_store(tmp_path)
    await add_user(store, "chen")
    await store.call(lambda s: s.hold_user("chen", "dead", now=now(), lease_s=30))
    async with centre(tmp_path, people={SUBJECT: listener}) as here:
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.TALKING}, within_s=2)
        await until(lambda: here.dissuaders.readiness() == {"chen": Readiness.READY}, within_s=32)
    await store.close()
