"""Leads over a real mosquitto: taken once, answered row by row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from campaigns.async_store import AsyncStore
from campaigns.commands import Command
from campaigns.intake.taking import Intake, Taken, take_message
from campaigns.mqtt import MqttLink, MqttSettings
from campaigns.sqlite_store import SqliteStore
from tests.campaigns.broker import WAIT_S, Broker
from tests.campaigns.store_contract import T0

pytestmark = pytest.mark.wire

TOPIC = "dissuade/gz/leads"
LEADS = [{"number": "11100000011", "等级": "高"}, {"number": "110"}]


@pytest.fixture
def broker(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Broker]:
    broker = Broker(tmp_path, free_port())
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=T0))
        await store.call(lambda s: s.create_campaign("usual", now=T0))
        yield store


async def pause(command: Command) -> str:
    return command.command


@asynccontextmanager
async def node(broker: Broker, store: AsyncStore, name: str = "n1", **more: object) -> AsyncIterator[None]:
    async def take(message: bytes) -> Taken:
        return await take_message(store, message, Intake(campaign="usual"), now=T0)

    settings = MqttSettings("127.0.0.1", "gz", name, port=broker.port, back_off_s=0.05)
    link = MqttLink(store, settings, pause, more.get("take", take))  # type: ignore[arg-type]
    running = asyncio.create_task(link.run())
    try:
        await asyncio.wait_for(link.connected.wait(), WAIT_S)
        yield
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=WAIT_S)


async def numbers(store: AsyncStore, campaign: str) -> list[str]:
    return [case.lead.number for case in await store.call(lambda s: s.cases(campaign=campaign))]


@pytest.mark.parametrize(
    ("message", "campaign"),
    [
        (LEADS, "usual"),
        ({"campaign": "spring", "leads": LEADS}, "spring"),
        ({"leads": LEADS}, "usual"),
    ],
)
async def test_leads_are_taken_and_each_row_is_answered_for(
    broker: Broker, store: AsyncStore, message: object, campaign: str
) -> None:
    async with broker.subscriber("dissuade/gz/replies") as replies, node(broker, store):
        await broker.publish(TOPIC, json.dumps(message))
        said = (await replies.next()).json
    assert (said["ok"], said["node"], said["campaign"]) == (True, "n1", campaign)
    assert (said["read"], said["accepted"], said["merged"], said["rejected"]) == (2, 1, 0, 1)
    assert [(row["line"], row["result"]) for row in said["rows"]] == [(1, "accepted"), (2, "rejected")]
    assert said["rows"][1]["code"] == "number.service"
    assert said["ignored_keys"] == []
    assert await numbers(store, campaign) == ["+8611100000011"]


async def test_one_lead_may_name_its_campaign_and_the_answer_goes_where_the_sender_asks(
    broker: Broker, store: AsyncStore
) -> None:
    asking = ("-D", "publish", "correlation-data", "abc-1", "-D", "publish", "response-topic", "platform/answers")
    async with broker.subscriber("platform/answers") as answers, node(broker, store):
        await broker.publish(TOPIC, json.dumps({**LEADS[0], "campaign": "spring"}), *asking)
        answer = await answers.next()
    assert (answer.correlation, answer.json["accepted"], answer.json["ignored_keys"]) == ("abc-1", 1, [])
    assert await numbers(store, "spring") == ["+8611100000011"]


async def test_of_several_nodes_one_takes_each_message(broker: Broker, store: AsyncStore) -> None:
    async with (
        broker.subscriber("dissuade/gz/replies") as replies,
        node(broker, store, "n1"),
        node(broker, store, "n2"),
    ):
        for n in range(6):
            await broker.publish(TOPIC, json.dumps([{"number": f"1110000010{n}"}]))
        said = [message.json for message in await replies.take(6)]
        await broker.publish("dissuade/gz/commands/n1", json.dumps({"command": "pause", "by": "Li"}))
        assert (await replies.next()).json["answer"] == "pause"
    assert [each["accepted"] for each in said] == [1] * 6
    assert len(await numbers(store, "usual")) == 6


@pytest.mark.parametrize(
    ("payload", "reason"),
    [("", "JSON"), ("number\n1", "JSON"), ("[1", "JSON"), ('{"campaign": "winter", "leads": []}', "winter")],
)
async def test_what_is_no_message_of_leads_is_answered_with_what_is_wrong_and_the_link_goes_on(
    broker: Broker, store: AsyncStore, payload: str, reason: str
) -> None:
    async with broker.subscriber("dissuade/gz/replies") as replies, node(broker, store):
        await broker.publish(TOPIC, payload)
        said = (await replies.next()).json
        assert (said["ok"], reason in said["error"]) == (False, True), said
        await broker.publish(TOPIC, json.dumps(LEADS))
        assert (await replies.next()).json["accepted"] == 1


async def test_retained_leads_are_not_taken_again_by_a_node_that_starts(broker: Broker, store: AsyncStore) -> None:
    await broker.publish(TOPIC, json.dumps(LEADS), "-r")
    async with broker.subscriber("dissuade/gz/replies") as replies, node(broker, store):
        await broker.publish(TOPIC, json.dumps([{"number": "11100000012"}]))
        said = (await replies.next()).json
        if not said["ok"]:  # not every broker hands retained messages to a shared subscription
            assert "retained" in said["error"]
            said = (await replies.next()).json
        assert said["accepted"] == 1
    assert await numbers(store, "usual") == ["+8611100000012"]


async def test_commands_do_not_wait_for_leads_and_a_fault_of_ours_is_answered(
    broker: Broker, store: AsyncStore
) -> None:
    go_on = asyncio.Event()

    async def slow(_: bytes) -> Taken:
        await go_on.wait()
        raise RuntimeError("secret")

    async with broker.subscriber("dissuade/gz/replies") as replies, node(broker, store, take=slow):
        await broker.publish(TOPIC, json.dumps(LEADS))
        await broker.publish("dissuade/gz/commands/n1", json.dumps({"command": "pause", "by": "Li"}))
        assert (await replies.next()).json["answer"] == "pause"
        go_on.set()
        said = (await replies.next()).json
    assert (said["ok"], "log" in said["error"], "secret" in said["error"]) == (False, True, False)
