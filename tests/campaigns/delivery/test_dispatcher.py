"""Orders that a node carries out itself, that nobody takes, that are late, or that a person answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.relative import RelativeCall
from campaigns.delivery.routes import Served
from campaigns.delivery.sheet import SheetFolder
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import CaseState, Relative
from campaigns.policy import decider
from tests.campaigns.delivery.cases import (
    WAIT_S,
    decide_at,
    delivering,
    event_kinds,
    lead,
    opened,
    order,
    until_state,
    waits,
)

pytestmark = pytest.mark.wire

VISIT = FollowUpKind.VISIT


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with opened(tmp_path) as store:
        yield store


async def file(path: Path) -> str:
    async with asyncio.timeout(WAIT_S):
        while not path.exists():
            await asyncio.sleep(0.02)
    return path.read_text(encoding="utf-8")


async def test_an_order_that_nobody_takes_stays_ordered_has_a_sheet_and_is_told_of_once(
    store: AsyncStore, tmp_path: Path
) -> None:
    visit = await order(store, VISIT)
    message = await order(store, FollowUpKind.SMS, 2)
    with capture_logs() as logged:
        async with delivering(store, [], printer=SheetFolder(tmp_path / "orders")):
            assert "林小青" in await file(tmp_path / "orders" / f"visit-{visit.id}.html")
            other = await order(store, VISIT, 3)
            await file(tmp_path / "orders" / f"visit-{other.id}.html")
    left = [await store.call(lambda s, id_=each.id: s.follow_up(id_)) for each in (visit, message)]  # type: ignore[misc]
    assert [(each.state, each.tries) for each in left] == [(FollowUpState.ORDERED, 0)] * 2
    assert "follow_up.delayed" not in await event_kinds(store)
    assert [each["kinds"] for each in logged] == ["sms, relative, visit, stop_payment, block"]


async def test_a_precinct_that_nobody_serves_is_told_of_once(store: AsyncStore, tmp_path: Path) -> None:
    elsewhere = Served(SheetFolder(tmp_path / "elsewhere", frozenset({VISIT})), ("深圳市",))
    ordered = [await order(store, VISIT, n) for n in (1, 2)]
    with capture_logs() as logged:
        async with delivering(store, [elsewhere], printer=SheetFolder(tmp_path / "orders")):
            for each in ordered:
                await file(tmp_path / "orders" / f"visit-{each.id}.html")
    assert [each.get("precinct") for each in logged] == [None, lead().precinct]


async def test_a_sheet_may_be_the_delivery(store: AsyncStore, tmp_path: Path) -> None:
    visit = await order(store, VISIT)
    folder = SheetFolder(tmp_path / "orders", frozenset({VISIT}))
    async with delivering(store, [Served(folder)]):
        told = await until_state(store, visit.id, FollowUpState.SENT)
    assert (told.channel, told.reference) == ("sheet", f"visit-{visit.id}.html")
    assert (tmp_path / "orders" / told.reference).exists()


async def test_a_folder_that_cannot_be_written_gets_its_sheets_later(store: AsyncStore, tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("a file is in the way")
    visit = await order(store, VISIT)
    async with delivering(store, [Served(SheetFolder(tmp_path / "orders", frozenset({VISIT})))]):
        async with asyncio.timeout(WAIT_S):
            while "follow_up.delayed" not in await event_kinds(store):
                await asyncio.sleep(0.02)
        (tmp_path / "orders").unlink()
        await until_state(store, visit.id, FollowUpState.SENT)


async def test_an_order_whose_deadline_has_passed_is_delivered_all_the_same(store: AsyncStore, tmp_path: Path) -> None:
    now = time.time()

    def late(s: Any) -> Any:
        s.add_leads("spring", [lead(1)], now=now, decide=waits)
        return s.order(1, Order(VISIT, now - 60), now=now - 120, by="officer Li")

    visit = await store.call(late)
    async with delivering(store, [Served(SheetFolder(tmp_path / "orders", frozenset({VISIT})))]):
        await until_state(store, visit.id, FollowUpState.SENT)


async def test_a_relative_is_called_by_a_linked_case_made_once(store: AsyncStore) -> None:
    asked = await order(store, FollowUpKind.RELATIVE)
    woken = asyncio.Event()
    channel = RelativeCall(store, decide_at=decider, on_case=woken.set)
    async with delivering(store, [Served(channel)]):
        told = await until_state(store, asked.id, FollowUpState.SENT)
    subject, relative = await store.call(lambda s: s.cases())
    assert (relative.lead.number, relative.lead.name, relative.relation) == ("+8611100000099", "林小白", "女儿")
    assert (relative.linked_case_id, relative.state) == (subject.id, CaseState.QUEUED)
    assert (relative.lead.address, relative.lead.accounts, relative.lead.relatives) == ("", (), ())
    assert told.reference == f"case {relative.id}"
    assert woken.is_set()


@pytest.mark.parametrize(
    ("relatives", "why"),
    [
        ((), "no relative is known"),
        ((Relative("+8611100000001"),), "the relative's number is the subject's own"),
    ],
)
async def test_a_relative_who_cannot_be_called_is_a_failed_order(
    relatives: tuple[Relative, ...], why: str, store: AsyncStore
) -> None:
    asked = await order(store, FollowUpKind.RELATIVE, relatives=relatives)
    async with delivering(store, [Served(RelativeCall(store, decide_at=decide_at))]):
        told = await until_state(store, asked.id, FollowUpState.FAILED)
    assert why in told.result


async def test_the_relative_that_the_policy_chose_is_the_one_who_is_called(store: AsyncStore) -> None:
    data: dict[str, object] = {"number": "+8611100000088", "relation": "儿子", "name": "林小黑"}
    asked = await order(store, FollowUpKind.RELATIVE, data=data)
    async with delivering(store, [Served(RelativeCall(store, decide_at=decide_at))]):
        await until_state(store, asked.id, FollowUpState.SENT)
    relative = (await store.call(lambda s: s.cases()))[-1]
    assert (relative.lead.number, relative.lead.name, relative.relation) == ("+8611100000088", "林小黑", "儿子")


@pytest.mark.parametrize("tries", [1, 2, 5, 50])
def test_each_delay_is_twice_the_last_up_to_a_limit_half_of_it_chance(tries: int) -> None:
    back_off = BackOff(first_s=5, limit_s=60)
    whole_s = min(60, 5 * 2 ** (tries - 1))
    assert back_off.delay_s(tries, chance=0) == whole_s / 2
    assert back_off.delay_s(tries, chance=1) == whole_s


def test_what_a_receiver_asks_for_is_kept_to_within_reason() -> None:
    back_off = BackOff(first_s=5, limit_s=60, asked_limit_s=3600)
    assert back_off.delay_s(1, asked_s=120, chance=0) == 120
    assert back_off.delay_s(1, asked_s=1e9, chance=0) == 3600
    assert back_off.delay_s(9, asked_s=0, chance=1) == 60
