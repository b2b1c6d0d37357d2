"""Orders over HTTP to a receiver that fails, hangs, repeats and restarts: each takes effect once."""

from __future__ import annotations

import asyncio
import email.utils
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.async_store import AsyncStore
from campaigns.delivery.dispatcher import DispatchSettings
from campaigns.delivery.document import key
from campaigns.delivery.routes import Served
from campaigns.delivery.webhook import Webhook, WebhookError, WebhookSettings, _seconds
from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.sqlite_store import SqliteStore
from tests.campaigns.delivery.cases import WAIT_S, delivering, event_kinds, opened, order, until, until_state
from tests.campaigns.delivery.receiver import KEY_ID, SECRET, Answer, Receiver

pytestmark = pytest.mark.wire

LEASE_S = 1.5
KINDS = frozenset({FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with opened(tmp_path) as store:
        yield store


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver(time.time)
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def webhook(receiver: Receiver) -> AsyncIterator[Webhook]:
    async with Webhook(settings(receiver)) as webhook:
        yield webhook


def settings(receiver: Receiver, **more: Any) -> WebhookSettings:
    known: dict[str, Any] = {"name": "desk", "kinds": KINDS, "timeout_s": 1.0}
    return WebhookSettings(url=receiver.url, key_id=KEY_ID, secret=SECRET, **{**known, **more})


async def test_an_order_is_delivered_with_all_that_is_known(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.behaviour = lambda request: Answer(
        body=b'{"reference": "WO-17", "state": "acknowledged", "note": "team 3"}'
    )
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        told = await until_state(store, ordered.id, FollowUpState.ACKNOWLEDGED)
    assert (told.channel, told.reference, told.note) == ("desk", "WO-17", "team 3")
    assert told.sent_at is not None
    (request,) = receiver.requests
    assert (request.method, request.path, request.key) == ("POST", "/orders", key("gz", ordered))
    assert request.json["subject"]["route"] == ["广州市", "天河区", "示例派出所", "第三社区"]


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500),
        Answer(503),
        Answer(429),
        Answer(408),
        Answer(409),
        Answer(425),
        Answer(401),
        Answer(404),
        Answer(302, headers={"Location": "http://127.0.0.1:1/"}),
        Answer(takes=False, then="hangs"),
        Answer(takes=True, then="hangs"),
        Answer(takes=True, then="breaks"),
        Answer(takes=False, then="breaks"),
        Answer(takes=True, then="babbles"),
        Answer(takes=True, then="drips"),
    ],
    ids=lambda answer: f"{answer.status}-{answer.then}-{answer.takes}",
)
async def test_a_receiver_in_trouble_gets_the_order_later_and_once(
    trouble: Answer, store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [trouble, trouble]
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        told = await until_state(store, ordered.id, FollowUpState.SENT)
    assert receiver.taken == {key("gz", ordered): 1}
    assert {request.key for request in receiver.requests} == {key("gz", ordered)}
    assert len(receiver.requests) == 3
    assert told.tries == 3
    assert (await event_kinds(store)).count("follow_up.delayed") == 2


@pytest.mark.parametrize("status", [400, 410, 413, 422, 451])
async def test_a_refused_order_has_failed_with_the_receivers_reason(
    status: int, store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [Answer(status, b"no such precinct\nand more")]
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        told = await until_state(store, ordered.id, FollowUpState.FAILED)
    assert told.result == f"HTTP {status}: no such precinct"
    assert len(receiver.requests) == 1


async def test_a_receiver_that_asks_for_patience_gets_it(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [Answer(503, headers={"Retry-After": "1"})]
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        await receiver.until(lambda: len(receiver.requests) == 1)
        refused_at = time.time()
        told = await until(store, ordered.id, lambda each: each.next_try_at is not None and each.tries == 1)
        assert told.next_try_at is not None
        await until_state(store, ordered.id, FollowUpState.SENT)
    assert time.time() - refused_at >= 0.9


def test_retry_after_is_seconds_or_a_date() -> None:
    now = 1_800_000_000.0
    assert _seconds("120", now=now) == 120
    assert _seconds(email.utils.formatdate(now + 30, usegmt=True), now=now) == 30
    assert _seconds(email.utils.formatdate(now - 30, usegmt=True), now=now) == 0
    for nothing in ("", "soon", "-5"):
        assert _seconds(nothing, now=now) is None


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe garbage", b'{"state": "gone fishing"}', b'{"reference": {"a": 1}}', b"[]"]
)
async def test_an_answer_that_says_nothing_useful_is_an_answer(
    body: bytes, store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [Answer(200, body)]
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        told = await until_state(store, ordered.id, FollowUpState.SENT)
    assert told.reference == ""


async def test_a_receiver_that_was_away_gets_everything_once_when_it_is_back(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    await receiver.stop()
    ordered = [await order(store, FollowUpKind.VISIT, n) for n in range(1, 13)]
    async with delivering(store, [Served(webhook)]):
        await until(store, ordered[0].id, lambda each: each.tries > 0)
        await receiver.start()
        for each in ordered:
            await until_state(store, each.id, FollowUpState.SENT)
    assert receiver.taken == {key("gz", each): 1 for each in ordered}


async def test_a_receiver_that_restarts_in_the_middle_takes_each_order_once(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [Answer(takes=True, then="breaks"), Answer(), Answer(takes=True, then="hangs")]
    ordered = [await order(store, FollowUpKind.VISIT, n) for n in range(1, 21)]
    async with delivering(store, [Served(webhook)]):
        await receiver.until(lambda: len(receiver.requests) >= 6)
        await receiver.stop()
        await receiver.start()
        for each in ordered:
            await until_state(store, each.id, FollowUpState.SENT)
    assert receiver.taken == {key("gz", each): 1 for each in ordered}


async def test_a_receiver_that_is_down_is_left_alone_but_for_one_probe_at_a_time(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.behaviour = lambda request: Answer(503, headers={"Retry-After": "600"})
    patient = DispatchSettings(timeout_s=5.0, leave_s=2.0)
    for n in range(1, 31):
        await order(store, FollowUpKind.VISIT, n)
    async with delivering(store, [Served(webhook)], settings=patient):
        async with asyncio.timeout(WAIT_S):
            while any(each.next_try_at < time.time() + 60 for each in await _open(store)):  # type: ignore[operator]
                await asyncio.sleep(0.02)
    assert len(receiver.requests) <= patient.per_channel


async def test_a_node_that_dies_between_delivery_and_record_delivers_again_under_the_same_key(
    store: AsyncStore, receiver: Receiver, webhook: Webhook, tmp_path: Path
) -> None:
    ordered = await order(store, FollowUpKind.STOP_PAYMENT)
    node = multiprocessing.get_context("spawn").Process(target=die_after_delivery, args=(tmp_path, receiver.url))
    node.start()
    await asyncio.to_thread(node.join, WAIT_S)
    assert node.exitcode == -signal.SIGKILL
    assert receiver.taken == {key("gz", ordered): 1}
    left = await store.call(lambda s: s.follow_up(ordered.id))
    assert left.state is FollowUpState.ORDERED
    async with delivering(store, [Served(webhook)]):
        await until_state(store, ordered.id, FollowUpState.SENT)
    assert receiver.taken == {key("gz", ordered): 1}
    assert len(receiver.requests) == 2


def die_after_delivery(folder: Path, url: str) -> None:
    """A node that is killed when its receiver has the order and the store has not heard of it."""

    class Dying(SqliteStore):
        def delivered(self, follow_up_id: int, **_: Any) -> Any:
            os.kill(os.getpid(), signal.SIGKILL)

    async def deliver() -> None:
        known = WebhookSettings("desk", url, KEY_ID, SECRET, KINDS)
        short = DispatchSettings(timeout_s=LEASE_S / 3)
        async with (
            AsyncStore(lambda: Dying(folder / "store.db")) as store,
            Webhook(known) as webhook,
            delivering(store, [Served(webhook)], settings=short),
        ):
            await asyncio.sleep(WAIT_S)

    asyncio.run(deliver())


async def test_feedback_that_was_quicker_than_the_answer_stays(
    store: AsyncStore, receiver: Receiver, webhook: Webhook
) -> None:
    receiver.plan = [Answer(takes=True, then="hangs")]
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(webhook)]):
        await receiver.until(lambda: bool(receiver.requests))
        await store.call(
            lambda s: s.feedback(ordered.id, FollowUpState.DONE, result="met", by="station", now=time.time())
        )
    told = await store.call(lambda s: s.follow_up(ordered.id))
    assert (told.state, told.result) == (FollowUpState.DONE, "met")


def test_authorities_that_cannot_be_read_are_named(receiver: Receiver, tmp_path: Path) -> None:
    with pytest.raises(WebhookError, match="give a PEM file"):
        Webhook(settings(receiver, ca_file=str(tmp_path / "none.pem")))


async def _open(store: AsyncStore) -> Any:
    return await store.call(lambda s: s.follow_ups(open_only=True), wake=False)
