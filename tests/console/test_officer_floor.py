"""The floor, as the duty officer, the auditor and dissuaders see it."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from campaigns.follow_up import FollowUpKind
from campaigns.model import Claim, EscalationState, Grade, HeardSignal, Speaker, Turn
from campaigns.policy import decider
from campaigns.sqlite_store import SqliteStore
from campaigns.staff import Role, Station
from campaigns.store import Store
from console.desk import watch
from dialer.live import OnCall, Part, Phase, Post, Said
from tests.console.at_desk import NOON, AtDesk, Browser
from tests.console.live_double import LiveDouble, a_call, offered
from tests.console.officer import add_leads, an_order, auditor, lead, officer, officers_desk, plain, tile

pytestmark = pytest.mark.unit

WAIT_S = 60


AtWork = tuple[AtDesk, LiveDouble]


@pytest.fixture
async def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtWork]:
    monkeypatch.setattr(watch, "SPACING_S", 0.0)
    async with officers_desk(tmp_path) as found:
        yield found


async def alarms(browser: Browser) -> str:
    return plain((await browser.get("/floor/alarms")).text)


async def test_the_officer_sees_lines_calls_people_and_queue(at_work: AtWork) -> None:
    desk, live = at_work
    await add_leads(desk, lead(1), lead(2, Grade.LOW), lead(3, Grade.LOW))
    live.put(a_call(7, phase_since_at=NOON - 55))
    live.put(offered(a_call(8), NOON - 12))
    live.post(Post("front desk", "ready", NOON - 5, phone=True))
    page = (await (await officer(desk)).get("/floor")).text
    assert (tile(page, "Lines in use"), tile(page, "Waiting for a human")) == ("2 / 8", "1")
    assert (tile(page, "Due now"), tile(page, "Dissuaders ready")) == ("3", "1")
    said = plain(page)
    assert "6 lines free" in said
    assert "王芳" in said
    assert "有，他让我马上去银行转账" in said
    assert said.index("Offered to dissuaders") < said.index("With the robot")
    assert f'data-since="{NOON - 12}"' in page
    assert "front desk" in said


async def test_dissuaders_see_the_floor_in_short_and_nobody_by_name(at_work: AtWork) -> None:
    desk, live = at_work
    live.put(a_call(7))
    browser = await desk.signed_in("chen", Role.DISSUADER)
    page = (await browser.get("/floor")).text
    assert tile(page, "Lines in use") == "1 / 8"
    assert "王芳" not in page
    assert "银行" not in page
    assert "/hang-up" not in page
    for piece in ("calls", "alarms"):
        assert (await browser.get(f"/floor/{piece}")).status_code == 403
    assert (await browser.get("/floor/queue")).status_code == 200
    assert await desk.audited("floor.viewed") == []


async def test_a_look_at_the_floor_is_written_down_once_as_long_as_it_goes_on(at_work: AtWork) -> None:
    desk, _ = at_work
    browser = await auditor(desk)
    await browser.get("/floor")
    for _ in range(3):
        await browser.get("/floor/calls")
    assert len(await desk.audited("floor.viewed")) == 1
    other = await officer(desk)
    await other.get("/floor/calls")
    assert [each["by"] for each in await desk.audited("floor.viewed")] == ["qian", "shen"]


async def test_the_auditor_reads_the_floor_and_changes_nothing(at_work: AtWork) -> None:
    desk, live = at_work
    live.put(a_call(7))
    browser = await auditor(desk)
    page = (await browser.get("/floor")).text
    assert "王芳" in page
    assert "/floor/calls/7/" not in page
    for act in ("join", "take-over", "hang-up"):
        assert (await browser.post(f"/floor/calls/7/{act}", {"part": "listens"})).status_code == 403
    assert live.asked == []


async def test_the_officer_listens_whispers_takes_over_and_hangs_up(at_work: AtWork) -> None:
    desk, live = at_work
    live.put(a_call(7, case_id=3, phase=Phase.JOINED, on_call=(OnCall("chen", Part.SPEAKS, False, NOON),)))
    browser = await officer(desk)
    for part in (Part.LISTENS, Part.WHISPERS):
        answer = await browser.post("/floor/calls/7/join", {"part": part.value})
        assert (answer.status_code, answer.headers["location"]) == (303, "/calls/7")
    assert (await browser.post("/floor/calls/7/join", {"part": "speaks"})).status_code == 422
    assert (await browser.post("/floor/calls/7/take-over")).headers["location"] == "/calls/7"
    assert (await browser.post("/floor/calls/7/hang-up")).headers["location"] == "/floor"
    assert live.asked == [
        ("listen", 7, "qian", Part.LISTENS),
        ("listen", 7, "qian", Part.WHISPERS),
        ("take_over", 7, "qian"),
        ("hang_up", 7, "qian"),
    ]
    assert [each["part"] for each in await desk.audited("call.heard")] == ["whispers", "listens"]
    assert len(await desk.audited("call.taken_over")) == 1
    assert [(each["by"], each["case_id"]) for each in await desk.audited("call.hung_up")] == [("qian", 3)]
    gone = await browser.post("/floor/calls/7/hang-up")
    assert (gone.status_code, "This call is over." in gone.text) == (409, True)


async def test_a_first_call_that_is_late_is_an_alarm_until_it_was_made(at_work: AtWork) -> None:
    desk, _ = at_work
    await add_leads(desk, lead(1), at=NOON - 600)
    browser = await officer(desk)
    page = (await browser.get("/floor/alarms")).text
    assert "1 first calls of spring are late" in plain(page)
    assert f'data-since="{NOON - 480}"' in page
    assert "/campaigns/1" in page
    await desk.store.call(lambda s: s.claim("n1", now=NOON, lease_s=60, limit=1))
    assert "late" not in await alarms(browser)


async def test_orders_that_are_late_or_do_not_leave_are_alarms(at_work: AtWork) -> None:
    desk, _ = at_work
    (case,) = await add_leads(desk, lead(1))
    order = await an_order(desk, case, FollowUpKind.VISIT, NOON + 60)
    browser = await officer(desk)
    assert "orders" not in await alarms(browser)
    desk.clock.now = NOON + 400
    said = await alarms(browser)
    assert "1 orders are beyond their deadline" in said
    assert "1 orders could not be delivered" in said
    await desk.store.call(lambda s: s.delivered(order.id, channel="sheet", reference="1", now=NOON + 401))
    assert "delivered" not in await alarms(browser)


async def test_trunk_broker_pause_and_missing_dissuaders_are_alarms_with_since_when(at_work: AtWork) -> None:
    desk, live = at_work
    browser = await officer(desk)
    assert await alarms(browser) == ""
    live.put(a_call(7))
    live.change(trunk_up=False, broker_up=False, paused=True)
    page = (await browser.get("/floor/alarms")).text
    said = plain(page)
    assert said.index("The trunk of node n1 is down") < said.index("No dissuader is ready")
    assert "The connection to the message broker is down" in said
    assert "Node n1 starts no calls: it is paused" in said
    desk.clock.now = NOON + 90
    assert f'data-since="{NOON}"' in (await browser.get("/floor/alarms")).text
    live.change(trunk_up=True, broker_up=True, paused=False)
    live.post(Post("front desk", "ready", NOON, phone=True))
    assert await alarms(browser) == ""


async def test_a_machine_that_does_not_keep_up_is_an_alarm_and_a_grave_one_when_no_calls_are_started(
    at_work: AtWork,
) -> None:
    desk, live = at_work
    live.post(Post("front desk", "ready", NOON, phone=True))
    browser = await officer(desk)
    live.change(pressure="tight")
    page = (await browser.get("/floor/alarms")).text
    assert "Node n1 starts fewer calls" in plain(page)
    assert "data-grave" not in page
    live.change(pressure="short")
    page = (await browser.get("/floor/alarms")).text
    assert "Node n1 starts no calls: the machine does not keep up" in plain(page)
    assert "data-grave" in page
    live.change(pressure="free")
    assert await alarms(browser) == ""


async def test_a_subject_who_waits_long_for_a_human_is_an_alarm(at_work: AtWork) -> None:
    desk, live = at_work
    live.post(Post("front desk", "ready", NOON, phone=True))
    browser = await officer(desk)
    live.put(offered(a_call(7), NOON - 10))
    live.put(offered(a_call(8), NOON - 14))
    assert await alarms(browser) == ""
    desk.clock.now = NOON + 2
    page = (await browser.get("/floor/alarms")).text
    assert "1 subjects in danger wait for a human" in plain(page)
    assert f'data-since="{NOON - 14}"' in page
    assert "data-grave" in page
    live.put(a_call(8, phase=Phase.JOINED))
    assert await alarms(browser) == ""


async def test_an_open_breaker_of_any_node_is_an_alarm_until_it_is_closed(at_work: AtWork) -> None:
    desk, live = at_work
    browser = await officer(desk)
    told = {"node": "n2", "failed": 6, "of": 6, "probe_at": NOON}
    await desk.store.call(lambda s: s.note("breaker.opened", told, now=NOON - 30))
    page = (await browser.get("/floor/alarms")).text
    assert "Node n2 holds calls back" in plain(page)
    assert f'data-since="{NOON - 30}"' in page
    await desk.store.call(lambda s: s.note("breaker.closed", {"node": "n2", "open_s": 9.0, "probes": 1}, now=NOON))
    live.change(breaker_open=True)
    said = await alarms(browser)
    assert "n2" not in said
    assert "Node n1 holds calls back" in said


class Usage(NamedTuple):
    total: int
    used: int
    free: int


async def test_a_disk_that_is_nearly_full_is_an_alarm(at_work: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _ = at_work
    browser = await officer(desk)
    monkeypatch.setattr(watch.shutil, "disk_usage", lambda _: Usage(100 * 2**30, 99 * 2**30, 2**30))
    assert "The disk is nearly full: 1,024 MB are left" in await alarms(browser)
    monkeypatch.setattr(watch.shutil, "disk_usage", lambda _: Usage(100 * 2**30, 2**30, 99 * 2**30))
    assert await alarms(browser) == ""


async def test_calls_of_other_nodes_are_seen_as_far_as_the_store_knows_them(at_work: AtWork) -> None:
    desk, live = at_work
    (case,) = await add_leads(desk, lead(1, name="李强"))

    def call(store: Store) -> Claim:
        (claim,) = store.claim("n2", now=NOON, lease_s=600, limit=1)
        store.dialled(claim.attempt_id, now=NOON)
        store.answered(claim.attempt_id, now=NOON + 5)
        store.add_turn(claim.attempt_id, Turn(Speaker.SUBJECT, "我正要转账", 8, 9), now=NOON + 9)
        store.add_signal(claim.attempt_id, HeardSignal("about_to_send", "转账", "r", 8.5), now=NOON + 9)
        store.offer_escalation(claim.attempt_id, reason="about_to_send", words="正要转账", now=NOON + 9)
        return claim

    claim = await desk.store.call(call)
    browser = await officer(desk)
    page = (await browser.get("/floor/calls")).text
    said = plain(page)
    assert case.lead.name in said
    assert "Offered to dissuaders" in said
    assert "我正要转账" in said
    assert "n2" in said
    assert f"/floor/calls/{claim.attempt_id}/" not in page
    live.put(a_call(claim.attempt_id, node="n1"))
    assert plain((await browser.get("/floor/calls")).text).count("Offered to dissuaders") == 0


async def test_a_call_of_another_node_on_which_somebody_speaks_is_not_offered_while_a_second_is_asked(
    at_work: AtWork,
) -> None:
    desk, _ = at_work
    await add_leads(desk, lead(1, name="李强"))

    def call(store: Store) -> tuple[int, int]:
        (claim,) = store.claim("n2", now=NOON, lease_s=600, limit=1)
        store.dialled(claim.attempt_id, now=NOON)
        store.answered(claim.attempt_id, now=NOON + 5)
        first = store.offer_escalation(claim.attempt_id, reason="money_sent", words="", now=NOON + 9)
        store.end_escalation(first, EscalationState.JOINED, dissuader="chen", now=NOON + 12)
        second = store.offer_escalation(claim.attempt_id, reason="money_sent", words="", now=NOON + 40, beside=True)
        return claim.attempt_id, second

    attempt_id, second = await desk.store.call(call)
    browser = await officer(desk)

    async def shown() -> str:
        return plain((await browser.get("/floor/calls")).text)

    assert "Offered to dissuaders" not in await shown()
    assert "chen · Speaks" in await shown()
    await desk.store.call(lambda s: s.end_escalation(second, EscalationState.NOBODY_FREE, dissuader="", now=NOON + 60))
    assert "chen · Speaks" in await shown()
    third = await desk.store.call(
        lambda s: s.offer_escalation(attempt_id, reason="money_sent", words="", now=NOON + 70, beside=True)
    )
    await desk.store.call(lambda s: s.end_escalation(third, EscalationState.JOINED, dissuader="li", now=NOON + 75))
    assert "chen · Speaks li · Speaks" in await shown()
    await desk.store.call(lambda s: s.offer_escalation(attempt_id, reason="money_sent", words="", now=NOON + 90))
    assert "Offered to dissuaders" in await shown()


async def test_a_relative_on_a_call_is_shown_without_their_number(at_work: AtWork) -> None:
    desk, live = at_work
    said = Said(Speaker.RELATIVE, "妈，别转", 20.0, name="+8611100000042")
    there = OnCall("+8611100000042", Part.SPEAKS, phone=True, joined_at=desk.clock())
    live.put(a_call(1, transcript=(said,), on_call=(there,)))
    page = (await (await officer(desk)).get("/floor/calls")).text
    assert "Relative 妈，别转" in plain(page)
    assert "+8611100000042" not in page
    assert "0042" in page


async def test_people_are_where_calls_and_they_themselves_say(at_work: AtWork) -> None:
    desk, live = at_work
    for login in ("chen", "li", "zhao", "sun"):
        await desk.user(login, Role.DISSUADER)
    now = desk.clock()
    await desk.store.call(lambda s: s.set_station("li", Station.BREAK, now=now - 60))
    await desk.store.call(lambda s: s.set_station("zhao", Station.READY, now=now))
    await desk.store.call(lambda s: s.hold_user("zhao", "n2", now=now, lease_s=60))
    live.post(Post("chen", "talking", now - 300, phone=False, attempt_id=7))
    said = plain((await (await officer(desk)).get("/floor/people")).text)
    assert said.index("Chen In a call") < said.index("Zhao In a call · n2") < said.index("Li On a break")
    assert "Sun Away" in said
    assert "call 7" in said


async def test_a_desk_apart_from_a_node_shows_the_floor_and_offers_nothing(tmp_path: Path) -> None:
    async with officers_desk(tmp_path) as (desk, _):
        desk.desk.live = None
        await add_leads(desk, lead(1, name="李强"))
        await desk.store.call(lambda s: s.claim("n2", now=NOON, lease_s=600, limit=1))
        browser = await officer(desk)
        page = (await browser.get("/floor")).text
        assert "over all nodes" in plain(page)
        assert "李强" in page
        assert "/hang-up" not in page
        refused = await browser.post("/floor/calls/1/hang-up")
        assert (refused.status_code, "in another process" in refused.text) == (409, True)


def _import(path: Path) -> None:
    """Another process takes over leads."""
    store = SqliteStore(path)
    store.add_leads("spring", [lead(n) for n in range(10, 22)], now=NOON, decide=decider(NOON))
    store.close()


async def test_what_another_process_writes_is_told_and_shown(at_work: AtWork, tmp_path: Path) -> None:
    desk, _ = at_work
    await add_leads(desk, lead(1))
    browser = await officer(desk)
    assert tile((await browser.get("/floor/tiles")).text, "Due now") == "1"
    with desk.desk.stream.subscribe({"case"}) as told:
        await told.take(timeout_s=WAIT_S)  # at first all names are told
        other = multiprocessing.get_context("spawn").Process(target=_import, args=(tmp_path / "store.db",))
        other.start()
        assert await told.take(timeout_s=WAIT_S) == ["case"]
        await asyncio.to_thread(functools.partial(other.join, WAIT_S))
    assert tile((await browser.get("/floor/tiles")).text, "Due now") == "13"


async def test_a_live_call_that_changes_is_told(at_work: AtWork) -> None:
    desk, live = at_work
    browser = await officer(desk)
    with desk.desk.stream.subscribe({"floor"}) as told:
        await told.take(timeout_s=WAIT_S)
        call = a_call(7)
        while not live._readers:
            await asyncio.sleep(0.01)
        live.put(call)
        assert await told.take(timeout_s=WAIT_S) == ["floor"]
        live.put(replace(call, lead=replace(call.lead, name="张敏")))
        assert await told.take(timeout_s=WAIT_S) == ["floor"]
    assert "张敏" in (await browser.get("/floor/calls")).text
