"""Orders over a real mosquitto: to whoever is subscribed, later to whoever is not there yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from campaigns.async_store import AsyncStore
from campaigns.commands import Command, CommandError
from campaigns.delivery.document import key
from campaigns.delivery.mqtt import MqttOrders
from campaigns.delivery.routes import Served
from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.mqtt import MqttLink, MqttSettings
from tests.campaigns.broker import WAIT_S, Broker
from tests.campaigns.delivery.cases import delivering, event_kinds, opened, order, until_state

pytestmark = pytest.mark.wire

KINDS = frozenset({FollowUpKind.VISIT})


@pytest.fixture
def broker(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Broker]:
    broker = Broker(tmp_path, free_port())
    yield broker
    broker.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with opened(tmp_path) as store:
        yield store


@pytest.fixture
async def link(broker: Broker, store: AsyncStore) -> AsyncIterator[MqttLink]:
    async def no_command(command: Command) -> str:
        raise CommandError(f"not expected: {command}")

    settings = MqttSettings("127.0.0.1", "gz", "n1", port=broker.port, back_off_s=0.05, back_off_limit_s=0.2)
    link = MqttLink(store, settings, no_command)
    running = asyncio.create_task(link.run())
    yield link
    running.cancel()
    await asyncio.wait([running], timeout=WAIT_S)


async def test_an_order_reaches_its_subscriber_and_is_not_kept_by_the_broker(
    broker: Broker, store: AsyncStore, link: MqttLink
) -> None:
    broker.start()
    async with broker.subscriber("dissuade/gz/orders/#") as subscriber:
        ordered = await order(store, FollowUpKind.VISIT)
        async with delivering(store, [Served(MqttOrders(link, KINDS))]):
            message = await subscriber.next()
            told = await until_state(store, ordered.id, FollowUpState.SENT)
    assert (message.topic, message.retained) == ("dissuade/gz/orders/visit", False)
    assert (message.json["key"], message.json["subject"]["name"]) == (key("gz", ordered), "林小青")
    assert told.channel == "mqtt"


async def test_an_order_waits_for_the_broker_and_for_somebody_who_is_subscribed(
    broker: Broker, store: AsyncStore, link: MqttLink
) -> None:
    ordered = await order(store, FollowUpKind.VISIT)
    async with delivering(store, [Served(MqttOrders(link, KINDS))]):
        await delayed(store, "no connection")
        broker.start()
        await delayed(store, "nobody is subscribed")
        async with broker.subscriber("dissuade/gz/orders/#") as subscriber:
            message = await subscriber.next()
            await until_state(store, ordered.id, FollowUpState.SENT)
    assert message.json["order"] == ordered.id
    assert (await event_kinds(store)).count("follow_up.sent") == 1


async def delayed(store: AsyncStore, why: str) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            events = await store.call(lambda s: s.events(limit=10_000), wake=False)
            if any(why in str(each.data.get("error", "")) for each in events):
                return
            await asyncio.sleep(0.02)
