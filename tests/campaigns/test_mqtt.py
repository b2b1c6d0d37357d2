"""Events and commands over a real mosquitto, which is stopped, started and killed."""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from campaigns.async_store import AsyncStore
from campaigns.commands import Command, CommandError, HangUp, Pause, Resume
from campaigns.event_schema import KINDS
from campaigns.model import NextStep
from campaigns.mqtt import BATCH, CURSOR, MqttLink, MqttSettings
from campaigns.mqtt_client import _BadDescriptorFilter
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Decide, NotFoundError
from tests.campaigns.broker import WAIT_S, Broker
from tests.campaigns.every_event import tell_every_event
from tests.campaigns.store_contract import T0, lead, number

pytestmark = pytest.mark.wire


def called_at(at: float) -> Decide:
    """Two events a lead, accepted and queued: no policy that orders something beside the call."""
    return lambda history: NextStep(due_at=at)


EVENTS = "dissuade/gz/events/#"


@pytest.fixture
def broker(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Broker]:
    broker = Broker(tmp_path, free_port())
    yield broker
    broker.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=T0))
        yield store


async def no_command(command: Command) -> str:
    raise CommandError(f"not expected: {command}")


def settings(broker: Broker, **more: Any) -> MqttSettings:
    return MqttSettings("127.0.0.1", "gz", "n1", port=broker.port, back_off_s=0.05, back_off_limit_s=0.2, **more)


@asynccontextmanager
async def linked(
    store: AsyncStore,
    settings: MqttSettings,
    on_command: Callable[[Command], Awaitable[str | None]] = no_command,
    *,
    connected: bool = True,
) -> AsyncIterator[MqttLink]:
    link = MqttLink(store, settings, on_command)
    running = asyncio.create_task(link.run())
    try:
        if connected:
            await asyncio.wait_for(link.connected.wait(), WAIT_S)
        yield link
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=WAIT_S)
        assert running.cancelled()


async def add(store: AsyncStore, *lasts: int) -> None:
    await store.call(lambda s: s.add_leads("spring", [lead(n) for n in lasts], now=T0, decide=called_at(T0)))


async def test_every_kind_of_event_is_published_in_order_and_fits_the_schema(
    broker: Broker, store: AsyncStore, repository: Path
) -> None:
    schema = json.loads((repository / "docs" / "events.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    broker.start()
    await store.call(tell_every_event)
    stored = await store.call(lambda s: s.events(limit=10_000))
    async with broker.subscriber(EVENTS) as subscriber, linked(store, settings(broker)) as link:
        received = await subscriber.take(len(stored))
        assert await link.caught_up(timeout_s=WAIT_S)
    assert [message.json["seq"] for message in received] == [event.seq for event in stored]
    for message, event in zip(received, stored, strict=True):
        validator.validate(message.json)
        assert message.topic == f"dissuade/gz/events/{event.kind.replace('.', '/')}"
        assert (message.json["site"], message.json["at"], message.json["kind"]) == ("gz", event.at, event.kind)
    assert {event.kind for event in stored} == set(KINDS)
    assert await store.call(lambda s: s.cursor(CURSOR)) == stored[-1].seq


@pytest.mark.parametrize(("full", "shown"), [(False, "+86111****0007"), (True, number(7))])
async def test_numbers_are_masked_unless_configured(broker: Broker, store: AsyncStore, full: bool, shown: str) -> None:
    broker.start()
    async with broker.subscriber(EVENTS) as subscriber, linked(store, settings(broker, full_numbers=full)):
        await add(store, 7)
        _, accepted = await subscriber.take(2)
    assert accepted.json["data"]["number"] == shown
    assert full or number(7) not in accepted.payload


async def test_a_new_event_is_out_at_once_and_one_of_another_process_soon(
    broker: Broker, store: AsyncStore, tmp_path: Path
) -> None:
    broker.start()
    async with broker.subscriber(EVENTS) as subscriber, linked(store, settings(broker)):
        await subscriber.take(1)
        await add(store, 1)
        assert [each.json["kind"] for each in await subscriber.take(2)] == ["lead.accepted", "case.queued"]
        other = SqliteStore(tmp_path / "store.db")
        other.add_leads("spring", [lead(2)], now=T0, decide=called_at(T0))
        other.close()
        assert (await subscriber.next()).json["kind"] == "lead.accepted"


async def test_a_broker_that_was_down_gets_everything_in_order_and_once(broker: Broker, store: AsyncStore) -> None:
    broker.start()
    async with broker.subscriber(EVENTS) as subscriber:
        broker.stop()
        async with linked(store, settings(broker), connected=False) as link:
            await add(store, *range(50))
            assert not await link.caught_up(timeout_s=0.2)
            broker.start()
            received = await subscriber.take(101)
            assert await link.caught_up(timeout_s=WAIT_S)
            await broker.publish("dissuade/gz/events/end", "{}")
            assert (await subscriber.next()).topic == "dissuade/gz/events/end"
    assert [message.json["seq"] for message in received] == list(range(1, 102))


async def test_a_broker_stopped_and_started_in_mid_flow_gets_each_event_once(broker: Broker, store: AsyncStore) -> None:
    broker.start()
    count = 300
    async with broker.subscriber(EVENTS) as subscriber, linked(store, settings(broker)) as link:
        for restart in range(3):
            await add(store, *range(restart * count // 3, (restart + 1) * count // 3))
            received_before = await store.call(lambda s: s.cursor(CURSOR), wake=False)
            while await store.call(lambda s: s.cursor(CURSOR), wake=False) < received_before + 30:
                await asyncio.sleep(0.002)
            await asyncio.to_thread(broker.stop)
            await asyncio.to_thread(broker.start)
        assert await link.caught_up(timeout_s=WAIT_S)
        await broker.publish("dissuade/gz/events/end", "{}")
        seqs = []
        while (message := await subscriber.next()).topic != "dissuade/gz/events/end":
            seqs.append(message.json["seq"])
    # What the broker delivered and was not thanked for when it stopped, it delivers again: that is its QoS 1, not ours.
    published = broker.log.read_text().count("Received PUBLISH from dissuade-gz-n1 (d0, q1, r0")
    assert published == 2 * count + 1
    assert list(dict.fromkeys(seqs)) == list(range(1, 2 * count + 2))


def _node(path: str, port: int) -> None:
    async def run() -> None:
        async with AsyncStore(lambda: SqliteStore(path)) as store:
            await MqttLink(store, MqttSettings("127.0.0.1", "gz", "n1", port=port, in_flight=5), no_command).run()

    asyncio.run(run())


async def test_a_killed_node_repeats_at_most_one_batch_and_its_will_says_offline(
    broker: Broker, store: AsyncStore, tmp_path: Path
) -> None:
    broker.start()
    await add(store, *range(1500))
    context = multiprocessing.get_context("spawn")
    async with broker.subscriber(EVENTS) as subscriber, broker.subscriber("dissuade/gz/nodes/+") as nodes:
        node = context.Process(target=_node, args=(str(tmp_path / "store.db"), broker.port))
        node.start()
        seqs = [message.json["seq"] for message in await subscriber.take(200)]
        assert node.pid is not None
        os.kill(node.pid, signal.SIGKILL)
        node.join(WAIT_S)
        states = [message.json["state"] for message in await nodes.take(2)]
        assert states == ["online", "offline"]
        async with linked(store, settings(broker)) as link:
            assert await link.caught_up(timeout_s=WAIT_S)
            await broker.publish("dissuade/gz/events/end", "{}")
            while (message := await subscriber.next()).topic != "dissuade/gz/events/end":
                seqs.append(message.json["seq"])
    assert sorted(set(seqs)) == list(range(1, 3002))
    repeated = len(seqs) - len(set(seqs))
    assert repeated <= BATCH
    fresh = [seq for place, seq in enumerate(seqs) if seq not in set(seqs[:place][-2 * BATCH :])]
    assert fresh == sorted(fresh)


async def test_a_node_left_in_order_repeats_nothing(broker: Broker, store: AsyncStore) -> None:
    broker.start()
    await add(store, *range(200))
    seqs: list[int] = []
    async with broker.subscriber(EVENTS) as subscriber:
        for _ in range(3):
            async with linked(store, settings(broker, in_flight=7)):
                seqs += [message.json["seq"] for message in await subscriber.take(20)]
        async with linked(store, settings(broker)) as link:
            assert await link.caught_up(timeout_s=WAIT_S)
        await broker.publish("dissuade/gz/events/end", "{}")
        while (message := await subscriber.next()).topic != "dissuade/gz/events/end":
            seqs.append(message.json["seq"])
    assert seqs == list(range(1, 402))


async def test_the_status_is_retained(broker: Broker, store: AsyncStore) -> None:
    broker.start()
    topic = "dissuade/gz/nodes/n1"
    async with linked(store, settings(broker)), broker.subscriber(topic) as late:
        (online,) = await late.take(1)
    assert online.retained
    assert online.json == {"state": "online", "node": "n1"}
    async with broker.subscriber(topic, "-i", "later") as later:
        (offline,) = await later.take(1)
    assert offline.json == {"state": "offline", "node": "n1"}


async def test_a_broker_that_refuses_events_does_not_lose_them(
    broker: Broker, store: AsyncStore, caplog: pytest.LogCaptureFixture
) -> None:
    broker.start()
    await add(store, 1)
    async with broker.subscriber(EVENTS) as subscriber:
        broker.stop()
        broker.allow("topic read #", "topic write up", "topic write dissuade/gz/nodes/#")
        broker.start()
        async with linked(store, settings(broker)) as link:
            assert not await link.caught_up(timeout_s=0.5)
            assert await store.call(lambda s: s.cursor(CURSOR)) == 0
            broker.stop()
            broker.allow()
            broker.start()
            assert [message.json["seq"] for message in await subscriber.take(2)] == [1, 2]


GOOD_COMMANDS: list[tuple[dict[str, object], Command]] = [
    ({"command": "pause", "campaign": "spring", "by": "Li"}, Pause(by="Li", command="pause", campaign="spring")),
    ({"command": "pause", "by": "Li"}, Pause(by="Li", command="pause", campaign=None)),
    ({"command": "resume", "campaign": "spring", "by": "Li"}, Resume(by="Li", command="resume", campaign="spring")),
    ({"command": "hang_up", "attempt": 7, "by": "Li"}, HangUp(by="Li", command="hang_up", attempt=7)),
]


async def test_commands_are_carried_out_and_answered(broker: Broker, store: AsyncStore) -> None:
    broker.start()
    obeyed: list[Command] = []

    async def obey(command: Command) -> str:
        obeyed.append(command)
        return f"done {len(obeyed)}"

    async with broker.subscriber("dissuade/gz/replies") as replies, linked(store, settings(broker), obey):
        for place, (payload, command) in enumerate(GOOD_COMMANDS):
            receiver = "all" if place % 2 else "n1"
            await broker.publish(f"dissuade/gz/commands/{receiver}", json.dumps(payload))
            assert (await replies.next()).json == {
                "ok": True,
                "node": "n1",
                "command": payload["command"],
                "answer": f"done {place + 1}",
            }
            assert obeyed[-1] == command


async def test_a_reply_goes_where_the_sender_asks_with_its_correlation(broker: Broker, store: AsyncStore) -> None:
    broker.start()

    async def obey(command: Command) -> None:
        return None

    asking = ("-D", "publish", "correlation-data", "abc-1", "-D", "publish", "response-topic")
    payload = json.dumps(GOOD_COMMANDS[0][0])
    async with (
        broker.subscriber("desk/answers") as answers,
        broker.subscriber("dissuade/gz/#") as ours,
        linked(store, settings(broker), obey),
    ):
        await broker.publish("dissuade/gz/commands/n1", payload, *asking, "desk/answers")
        answer = await answers.next()
        assert (answer.correlation, answer.json["ok"]) == ("abc-1", True)
        await broker.publish("dissuade/gz/commands/n1", payload, *asking, "dissuade/gz/commands/n1")
        while (message := await ours.next()).topic != "dissuade/gz/replies":
            assert not message.topic.endswith("answers")
        assert message.correlation == "abc-1"


BAD_COMMANDS = [
    ("", "Invalid JSON"),
    ("pause", "Invalid JSON"),
    ("[]", "object"),
    ('{"by":"Li"}', "command"),
    ('{"command":"explode","by":"Li"}', "command"),
    ('{"command":"pause"}', "by: Field required"),
    ('{"command":"pause","by":""}', "by:"),
    ('{"command":"pause","by":"Li","campain":"spring"}', "campain: Extra inputs"),
    ('{"command":"hang_up","by":"Li"}', "attempt: Field required"),
    ('{"command":"hang_up","by":"Li","attempt":"all"}', "attempt:"),
    ("x" * 70_000, "at most"),
    ('{"command":"pause","by":"Li","campaign":"winter"}', "no campaign winter"),
    ('{"command":"resume","by":"Li"}', "nothing to resume"),
    ('{"command":"hang_up","by":"Li","attempt":1}', "internal error"),
]


async def test_a_bad_command_is_answered_with_what_is_wrong_and_the_link_goes_on(
    broker: Broker, store: AsyncStore
) -> None:
    broker.start()

    async def obey(command: Command) -> str:
        if isinstance(command, Pause):
            raise NotFoundError("no campaign winter")
        if isinstance(command, Resume):
            raise CommandError("nothing to resume")
        raise ZeroDivisionError

    async with broker.subscriber("dissuade/gz/replies") as replies, linked(store, settings(broker), obey):
        for payload, error in BAD_COMMANDS:
            await broker.publish("dissuade/gz/commands/n1", payload)
            reply = (await replies.next()).json
            assert (reply["ok"], reply["node"]) == (False, "n1"), payload
            assert error in reply["error"], payload


async def test_a_command_sent_while_the_node_was_away_or_retained_is_not_carried_out(
    broker: Broker, store: AsyncStore
) -> None:
    broker.start()
    obeyed: list[Command] = []

    async def obey(command: Command) -> None:
        obeyed.append(command)

    payload = json.dumps(GOOD_COMMANDS[0][0])
    async with linked(store, settings(broker), obey):
        pass
    await broker.publish("dissuade/gz/commands/n1", payload)
    await broker.publish("dissuade/gz/commands/all", payload, "-r")
    async with broker.subscriber("dissuade/gz/replies") as replies, linked(store, settings(broker), obey):
        assert "retained" in (await replies.next()).json["error"]
        await broker.publish("dissuade/gz/commands/n1", payload)
        assert (await replies.next()).json["ok"] is True
    assert len(obeyed) == 1


async def test_a_broken_connection_leaves_no_traceback(
    broker: Broker, store: AsyncStore, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="asyncio"):
        broker.start()
        async with linked(store, settings(broker)) as link:
            for _ in range(3):
                await add(store, *range(100))
                await asyncio.to_thread(broker.stop)
                await asyncio.to_thread(broker.start)
                await asyncio.wait_for(link.connected.wait(), WAIT_S)
            assert await link.caught_up(timeout_s=WAIT_S)
    assert caplog.records == []


def test_only_the_harmless_traceback_is_silenced() -> None:
    def record(message: str, error: Exception) -> logging.LogRecord:
        return logging.LogRecord("asyncio", logging.ERROR, "", 0, message, (), (type(error), error, None))

    quiet = _BadDescriptorFilter()
    callback = "Exception in callback _UnixSelectorEventLoop.add_writer(12, ...)"
    assert not quiet.filter(record(callback, OSError(9, "Bad file descriptor")))
    assert quiet.filter(record(callback, OSError(28, "No space left on device")))
    assert quiet.filter(record("Exception in callback somebody_else()", OSError(9, "Bad file descriptor")))
    assert quiet.filter(record(callback, RuntimeError("x")))


@pytest.mark.parametrize("site", ["", "a/b", "a+", "#"])
def test_a_site_that_is_no_word_is_refused(site: str) -> None:
    with pytest.raises(ValueError, match="words without"):
        MqttSettings("h", site, "n1")
