"""The floor of a desk that is served apart: several nodes at once, or none in reach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.staff import Role
from campaigns.store import Store
from console.desk import watch
from dialer.live import FloorState
from tests.console.at_desk import NOON, AtDesk
from tests.console.live_double import LiveDouble, a_call
from tests.console.officer import add_leads, lead, officer, officers_desk, plain, tile

pytestmark = pytest.mark.unit

ELSEWHERE = "Calls go on in another process."


@pytest.fixture
async def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[AtDesk, LiveDouble]]:
    monkeypatch.setattr(watch, "SPACING_S", 0.0)
    async with officers_desk(tmp_path) as found:
        yield found


def a_node(name: str, **more: bool) -> FloorState:
    given = {"paused": False, "breaker_open": False, "trunk_up": True, **more}
    return FloorState(name, NOON, 4, **given)


def claim(store: Store, node: str) -> int:
    return store.claim(node, now=NOON, lease_s=60, limit=1)[0].attempt_id


async def test_on_several_nodes_at_once_each_call_can_be_acted_on_but_those_of_nodes_out_of_reach(
    linked: tuple[AtDesk, LiveDouble],
) -> None:
    desk, live = linked
    await add_leads(desk, lead(1))
    far = await desk.store.call(lambda s: claim(s, "n3"))
    live.put(a_call(17, node="n1"))
    live.put(a_call(18, node="n2"))
    live.change(node="n1, n2", lines=8, parts=(a_node("n1"), a_node("n2")))
    page = (await (await officer(desk)).get("/floor")).text
    assert tile(page, "Lines in use") == "3 / 8"
    assert "/floor/calls/17/hang-up" in page
    assert "/floor/calls/18/hang-up" in page
    assert f"/floor/calls/{far}/hang-up" not in page


async def test_what_a_node_has_just_ended_is_not_shown_as_if_another_had_it(linked: tuple[AtDesk, LiveDouble]) -> None:
    desk, live = linked
    await add_leads(desk, lead(1))
    await desk.store.call(lambda s: claim(s, "n2"))
    live.change(node="n1, n2", parts=(a_node("n1"), a_node("n2")))
    assert tile((await (await officer(desk)).get("/floor")).text, "Lines in use") == "0 / 8"


async def test_an_alarm_names_the_node_that_it_is_about(linked: tuple[AtDesk, LiveDouble]) -> None:
    desk, live = linked
    parts = (a_node("n1", trunk_up=False), a_node("n2", paused=True, breaker_open=True))
    live.change(node="n1, n2", trunk_up=False, paused=True, breaker_open=True, parts=parts)
    said = plain((await (await officer(desk)).get("/floor/alarms")).text)
    assert "The trunk of node n1 is down" in said
    assert "Node n2 starts no calls" in said
    assert "Node n2 holds calls back" in said
    assert "n1, n2" not in said


async def test_with_no_node_in_reach_the_desk_shows_what_the_store_knows(linked: tuple[AtDesk, LiveDouble]) -> None:
    desk, live = linked
    await add_leads(desk, lead(1))
    await desk.store.call(lambda s: claim(s, "n1"))
    live.change(node="", lines=0)
    page = (await (await officer(desk)).get("/floor")).text
    assert tile(page, "Lines in use") == "1"
    assert "/hang-up" not in page
    chen = await desk.signed_in("chen", Role.DISSUADER)
    assert ELSEWHERE in plain((await chen.get("/desk")).text)
    live.change(node="n1", lines=8)
    assert ELSEWHERE not in plain((await chen.get("/desk")).text)
