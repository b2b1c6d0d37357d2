"""What changes reaches every open page, whichever process changed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from campaigns.async_store import AsyncStore
from campaigns.model import CampaignState
from campaigns.sqlite_store import SqliteStore
from campaigns.staff import Role, Station
from console.desk.session import cookie_name, start_session
from console.desk.stream import Subscription, last_seq
from console.server import WebServer
from tests.console.at_desk import NOON, AtDesk, Browser

pytestmark = pytest.mark.wire

PLENTY_S = 30.0


async def until(subscription: Subscription, name: str) -> None:
    async with asyncio.timeout(PLENTY_S):
        while name not in await subscription.take(timeout_s=PLENTY_S):
            assert not subscription.over


@pytest.fixture
async def served(desk: AtDesk) -> AsyncIterator[str]:
    server = await WebServer(desk.app, section="desk", host="127.0.0.1", port=0).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await desk.desk.stream.close()
        await server.stop()


@asynccontextmanager
async def page(desk: AtDesk, served: str, login: str, path: str) -> AsyncIterator[tuple[Browser, AsyncIterator[str]]]:
    """A browser, and the lines that its open page receives."""
    secret, session = await start_session(desk.desk, login)
    cookies = {cookie_name(desk.desk): secret}
    async with (
        httpx.AsyncClient(base_url=served, cookies=cookies, timeout=PLENTY_S, trust_env=False) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Browser(client, session.csrf), answer.aiter_lines()


async def receives(lines: AsyncIterator[str], wanted: str) -> None:
    async with asyncio.timeout(PLENTY_S):
        async for line in lines:
            if line == wanted:
                return
    raise AssertionError(f"the stream ended before {wanted}")


async def test_another_process_changes_something_and_the_page_hears_of_it(
    desk: AtDesk, served: str, tmp_path: Path
) -> None:
    await desk.user("wang", Role.DISSUADER)
    async with page(desk, served, "wang", "/stream?on=station&on=campaign") as (_, lines):
        await receives(lines, "event: station")
        await receives(lines, "event: campaign")
        async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as elsewhere:
            await elsewhere.call(lambda s: s.set_station("wang", Station.READY, now=NOON))
            await receives(lines, "event: station")
            await elsewhere.call(lambda s: s.create_campaign("spring", now=NOON))
            await receives(lines, "event: campaign")


async def test_a_stream_ends_when_its_user_logs_out_or_is_shut_out(desk: AtDesk, served: str) -> None:
    await desk.user("root", Role.ADMINISTRATOR)
    await desk.user("wang", Role.DISSUADER)
    for end in ("log out", "shut out"):
        async with page(desk, served, "wang", "/stream?on=case") as (browser, lines):
            await receives(lines, "event: case")
            if end == "log out":
                assert (await browser.post("/log-out")).status_code == 303
            else:
                await desk.store.call(lambda s: s.change_user("wang", disabled=True, now=NOON, by="root"))
            async with asyncio.timeout(PLENTY_S):
                assert [line async for line in lines if line.startswith("event: ")] == []


async def test_a_server_stops_although_pages_are_open(desk: AtDesk, served: str) -> None:
    await desk.user("wang", Role.DISSUADER)
    async with page(desk, served, "wang", "/stream?on=case") as (_, lines):
        await receives(lines, "event: case")
        await desk.desk.stream.close()
        async with asyncio.timeout(PLENTY_S):
            assert [line async for line in lines if line.startswith("event: ")] == []


@pytest.mark.parametrize("query", ["", "on=", "on=case;x", "on=" + "x" * 31, "&".join(["on=case"] * 51)])
async def test_a_stream_of_nothing_or_of_strange_names_is_refused(desk: AtDesk, query: str) -> None:
    browser = await desk.signed_in("wang", Role.DISSUADER)
    assert (await browser.get(f"/stream?{query}")).status_code == 422


@pytest.mark.parametrize("events", [0, 1, 2, 3, 7, 600])
async def test_looking_begins_after_the_newest_event_however_long_the_log(desk: AtDesk, events: int) -> None:
    if events:
        await desk.store.call(lambda s: s.create_campaign("spring", now=NOON))
    for each in range(events - 1):
        state = (CampaignState.PAUSED, CampaignState.RUNNING)[each % 2]
        await desk.store.call(lambda s, state=state: s.set_campaign_state("spring", state, now=NOON, by="test"))
    found = await desk.store.call(lambda s: s.events(limit=10_000))
    assert len(found) == events
    assert await last_seq(desk.store) == (found[-1].seq if found else 0)


async def test_changes_that_come_faster_than_they_are_read_are_told_once(desk: AtDesk) -> None:
    await desk.store.call(lambda s: s.create_campaign("spring", now=NOON))
    with desk.desk.stream.subscribe(["campaign"]) as subscription:
        await until(subscription, "campaign")
        for each in range(100):
            subscription.tell(["campaign", f"case-{each}"])
        assert await subscription.take(timeout_s=PLENTY_S) == ["campaign"]
