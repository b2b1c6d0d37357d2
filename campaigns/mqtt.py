"""MQTT v5: events out, in order, from the events table; commands in; the node's status with a last will.

Topics, under ``dissuade/<site>``: ``events/<kind>`` (``/`` for ``.``), ``nodes/<node>`` (retained), ``commands/<node>``
and ``commands/all``, ``replies``. `docs/integrator.md` tells receivers what to expect.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiomqtt
import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from campaigns.async_store import AsyncStore
from campaigns.commands import Command, CommandError, parse_command
from campaigns.model import Event
from campaigns.numbers import mask
from campaigns.store import StoreError

CURSOR = "mqtt"
"""Name of the store's cursor of what the broker has acknowledged."""
BATCH = 10
"""Events between two writes of the cursor: as many may be published again after a killed node."""
LOOK_S = 1.0
"""Seconds after which the store is looked at for what other processes wrote."""
LEAVE_S = 2.0
"""How long a link that is cancelled waits for the acknowledgments under way."""
QUEUED_COMMANDS = 100

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Where the broker is, and who we are."""

    host: str
    site: str
    node: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str = ""
    """PEM file of the authorities trusted; empty: the system's."""
    cert_file: str = ""
    key_file: str = ""
    full_numbers: bool = False
    """Publish numbers unmasked."""
    in_flight: int = 1
    """Events sent before the first is acknowledged. With 1 a broker that is stopped and started gets none twice; a
    broker that is far away (over 10 ms) needs up to 10 to keep up."""
    keepalive_s: int = 30
    timeout_s: float = 10.0
    """For one acknowledgment, and for connecting."""
    back_off_s: float = 0.5
    """Before the first try to connect again; doubles with each."""
    back_off_limit_s: float = 15.0

    def __post_init__(self) -> None:
        for name in (self.site, self.node):
            if not name or set(name) & set("/+#\0"):
                raise ValueError(f"site and node are words without / + #: {name!r}")
        if not 1 <= self.in_flight <= BATCH:
            raise ValueError(f"in_flight must be 1 to {BATCH}")

    @property
    def root(self) -> str:
        """First part of all topics."""
        return f"dissuade/{self.site}"


class MqttLink:
    """Keeps a node in touch with its broker until it is cancelled: ``await link.run()``."""

    def __init__(
        self, store: AsyncStore, settings: MqttSettings, on_command: Callable[[Command], Awaitable[str | None]]
    ) -> None:
        """``on_command`` carries out a checked command and returns what to tell the sender; it may raise `CommandError`
        or `StoreError`.
        """
        self._store = store
        self._settings = settings
        self._on_command = on_command
        self._acknowledged = 0
        self._silence = _BadDescriptorFilter()
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Publish, listen and reconnect for ever; cancel to leave (the status is then ``offline``)."""
        logging.getLogger("asyncio").addFilter(self._silence)
        delay_s = self._settings.back_off_s
        try:
            self._acknowledged = await self._store.call(lambda s: s.cursor(CURSOR), wake=False)
            while True:
                try:
                    await self._session()
                except* (aiomqtt.MqttError, OSError, StoreError) as errors:
                    if self.connected.is_set():
                        delay_s = self._settings.back_off_s
                    _log.warning("broker out of reach, trying again", error=_first(errors), after_s=delay_s)
                finally:
                    self.connected.clear()
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, self._settings.back_off_limit_s)
        finally:
            logging.getLogger("asyncio").removeFilter(self._silence)

    async def caught_up(self, *, timeout_s: float) -> bool:
        """Wait until the broker has acknowledged all events that are stored; False after ``timeout_s`` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while await self._next_events(limit=1):  # noqa: ASYNC110 (other processes write, too)
                    await asyncio.sleep(0.05)
                return True
        return False

    async def _session(self) -> None:
        """One connection to the broker, until it breaks."""
        settings = self._settings
        async with self._client() as client:
            await self._subscribe(client)
            await self._status(client, "online")
            self.connected.set()
            _log.info("connected to the broker", host=settings.host, port=settings.port)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._publish_events(client))
                    tasks.create_task(self._obey(client))
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await self._status(client, "offline")
                raise

    def _client(self) -> _Client:
        settings = self._settings
        tls = None
        if settings.tls:
            tls = aiomqtt.TLSParameters(
                ca_certs=settings.ca_file or None,
                certfile=settings.cert_file or None,
                keyfile=settings.key_file or None,
            )
        return _Client(
            settings.host,
            settings.port,
            identifier=f"dissuade-{settings.site}-{settings.node}",
            protocol=aiomqtt.ProtocolVersion.V5,
            username=settings.username or None,
            password=settings.password or None,
            will=aiomqtt.Will(self._status_topic, _json({"state": "offline", "node": settings.node}), 1, True),
            # Commands that were sent while the node was away are not carried out later: no session is kept.
            clean_start=True,
            keepalive=settings.keepalive_s,
            timeout=settings.timeout_s,
            tls_params=tls,
            max_queued_incoming_messages=QUEUED_COMMANDS,
        )

    @property
    def _status_topic(self) -> str:
        return f"{self._settings.root}/nodes/{self._settings.node}"

    async def _status(self, client: aiomqtt.Client, state: str) -> None:
        status = {"state": state, "node": self._settings.node}
        await client.publish(self._status_topic, _json(status), qos=1, retain=True)

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for receiver in (self._settings.node, "all"):
            topic = f"{self._settings.root}/commands/{receiver}"
            for code in await client.subscribe(topic, qos=1):
                if getattr(code, "is_failure", False):
                    _log.warning("the broker lets this node receive no commands", topic=topic, reason=str(code))

    async def _publish_events(self, client: _Client) -> None:
        """Everything after the cursor, then what is written next, one batch after the other."""
        listener = self._store.listen()
        try:
            while True:
                events = await self._next_events(limit=BATCH)
                if not events:
                    await listener.wait(timeout_s=LOOK_S)
                    continue
                sending = asyncio.ensure_future(self._publish_batch(client, events))
                try:
                    await asyncio.shield(sending)
                except asyncio.CancelledError:
                    # What is under way is not left half acknowledged: it would be published again at the next start.
                    await asyncio.wait([sending], timeout=LEAVE_S)
                    sending.cancel()
                    raise
        finally:
            self._store.stop_listening(listener)

    async def _next_events(self, *, limit: int) -> list[Event]:
        after = self._acknowledged
        return await self._store.call(lambda s: s.events(after=after, limit=limit), wake=False)

    async def _publish_batch(self, client: _Client, events: Sequence[Event]) -> None:
        """Publish in order; whatever breaks, the cursor then says how far they came."""
        before = self._acknowledged
        try:
            for start in range(0, len(events), self._settings.in_flight):
                await self._publish_together(client, events[start : start + self._settings.in_flight])
        finally:
            if (acknowledged := self._acknowledged) > before:
                await self._store.call(lambda s: s.set_cursor(CURSOR, acknowledged), wake=False)

    async def _publish_together(self, client: _Client, events: Sequence[Event]) -> None:
        """Publish in order without waiting for each acknowledgment; note how far they came without a gap."""
        sent = [asyncio.ensure_future(self._publish(client, event)) for event in events]
        await asyncio.gather(*sent, return_exceptions=True)
        for event, publishing in zip(events, sent, strict=True):
            publishing.result()
            self._acknowledged = event.seq

    async def _publish(self, client: _Client, event: Event) -> None:
        topic = f"{self._settings.root}/events/{event.kind.replace('.', '/')}"
        await client.publish(topic, self._event_json(event), qos=1, properties=_json_properties())
        if client.refusal:
            raise aiomqtt.MqttError(f"the broker refuses {topic}: {client.refusal}; see its access rules")

    def _event_json(self, event: Event) -> str:
        data = dict(event.data)
        if not self._settings.full_numbers and isinstance(number := data.get("number"), str):
            data["number"] = mask(number)
        return _json(
            {
                "seq": event.seq,
                "at": event.at,
                "site": self._settings.site,
                "kind": event.kind,
                "campaign_id": event.campaign_id,
                "case_id": event.case_id,
                "attempt_id": event.attempt_id,
                "data": data,
            }
        )

    async def _obey(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            await self._reply(client, message, await self._carry_out(message))

    async def _carry_out(self, message: aiomqtt.Message) -> dict[str, object]:
        """Carry out one command; the reply, whatever happens."""
        try:
            if message.retain:
                raise CommandError("a retained command is not carried out; publish it without retain")
            payload = message.payload
            command = parse_command(payload if isinstance(payload, bytes) else str(payload).encode())
            _log.info("command", command=command.command, by=command.by)
            answer = await self._on_command(command)
        except (CommandError, StoreError) as error:
            return {"ok": False, "node": self._settings.node, "error": str(error)}
        except Exception:
            _log.exception("a command failed by our own fault")
            return {"ok": False, "node": self._settings.node, "error": "internal error; see the node's log"}
        return {"ok": True, "node": self._settings.node, "command": command.command, "answer": answer or ""}

    async def _reply(self, client: aiomqtt.Client, message: aiomqtt.Message, reply: dict[str, object]) -> None:
        asked = getattr(message.properties, "ResponseTopic", "")
        correlation = getattr(message.properties, "CorrelationData", None)
        properties = _json_properties()
        if correlation is not None:
            properties.CorrelationData = correlation
        await client.publish(self._reply_topic(asked), _json(reply), qos=1, properties=properties)

    def _reply_topic(self, asked: str) -> str:
        """Where the sender wants its reply, unless that would pass for one of our own events or commands."""
        root = self._settings.root
        ours = asked.startswith(f"{root}/") and not asked.startswith(f"{root}/replies")
        if not asked or ours or set(asked) & set("+#\0") or asked.startswith("$"):
            return f"{root}/replies"
        return asked


class _Client(aiomqtt.Client):
    """Notices a message that the broker acknowledged by refusing it, which aiomqtt takes for delivered."""

    refusal: str = ""

    def _on_publish(
        self, client: mqtt.Client, userdata: object, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure:
            self.refusal = str(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


class _BadDescriptorFilter(logging.Filter):
    """Drops one harmless traceback: aiomqtt registers the socket of a connection that broke in the same moment."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        harmless = isinstance(error, OSError | ValueError) and "descriptor" in str(error)
        return not (harmless and ("add_writer" in record.getMessage() or "add_reader" in record.getMessage()))


def _json_properties() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = "application/json"
    return properties


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _first(errors: BaseExceptionGroup[BaseException]) -> str:
    """The first plain error of a group, in words."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
