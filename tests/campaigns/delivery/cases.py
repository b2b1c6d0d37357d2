"""A store with one campaign, orders in it, and what delivers them: what the tests of this room share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.dispatcher import Dispatcher, DispatchSettings
from campaigns.delivery.document import Writer
from campaigns.delivery.routes import Routes, Served
from campaigns.delivery.sms_texts import SmsTexts
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import Grade, History, Lead, NextStep, Relative
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Decide

WAIT_S = 30.0
QUICK = DispatchSettings(back_off=BackOff(first_s=0.05, limit_s=0.2, asked_limit_s=2.0), timeout_s=5.0, leave_s=2.0)


def lead(last: int = 1, **more: Any) -> Lead:
    known: dict[str, Any] = {
        "name": "林小青",
        "scam_type": "冒充公检法",
        "grade": Grade.HIGH,
        "address": "示例路 8 号 2 栋 501",
        "precinct": "广州市/天河区/示例派出所/第三社区",
        "amount": 300_000.0,
        "accounts": ("6222000000000001",),
        "relatives": (Relative("+8611100000099", "女儿", "林小白"),),
    }
    return Lead(f"+86111{last:08d}", **{**known, **more})


def waits(history: History) -> NextStep:
    return NextStep(waits=True)


def decide_at(now: float) -> Decide:
    return waits


def writer(site: str = "gz") -> Writer:
    texts = SmsTexts(centre="示例市反诈中心", callback_number="96110")
    return Writer(site, "示例市反诈中心", "96110", texts)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[AsyncStore]:
    async with AsyncStore(lambda: SqliteStore(path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=time.time()))
        yield store


async def order(
    store: AsyncStore, kind: FollowUpKind, last: int = 1, *, data: dict[str, object] | None = None, **more: Any
) -> FollowUp:
    """Order something for the case of a lead."""
    now = time.time()
    wanted = lead(last, **more)

    def make(s: Any) -> FollowUp:
        s.add_leads("spring", [wanted], now=now, decide=waits)
        case = next(each for each in s.cases() if each.lead.number == wanted.number)
        return s.order(case.id, Order(kind, now + 3600, data or {}), now=now, by="officer Li")

    return await store.call(make)


@asynccontextmanager
async def delivering(
    store: AsyncStore, channels: Sequence[Served], *, settings: DispatchSettings = QUICK, printer: Any = None
) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(
        store, Routes(channels), writer(), decide_at=decide_at, settings=replace(settings), printer=printer
    )
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=WAIT_S)
        assert running.cancelled()


async def until(store: AsyncStore, id_: int, told: Callable[[FollowUp], bool]) -> FollowUp:
    """Wait until an order is as wanted."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await store.call(lambda s: s.follow_up(id_), wake=False)
            if told(found):
                return found
            await asyncio.sleep(0.02)


async def until_state(store: AsyncStore, id_: int, state: FollowUpState) -> FollowUp:
    return await until(store, id_, lambda found: found.state is state)


async def event_kinds(store: AsyncStore) -> list[str]:
    return [each.kind for each in await store.call(lambda s: s.events(limit=10_000), wake=False)]
