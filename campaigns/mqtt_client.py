"""One connection to an MQTT v5 broker: aiomqtt with its traps covered.

- Its own time-outs go through `asyncio.wait_for`, which in Python 3.11 can swallow a cancellation: they are replaced.
- A publication waits for its acknowledgment even when the connection is gone: here it fails at once.
- A message that the broker acknowledges by refusing it counts as delivered there: here it is an error.
- A connection that breaks logs a harmless traceback: just that is silenced.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiomqtt
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

T = TypeVar("T")

MAX_IN_FLIGHT = 10
LEAVE_S = 2.0
"""How long leaving may take."""
_LAST_WORD_S = 0.1
_QUEUED_COMMANDS = 100
_NO_SUBSCRIBER = 0x10
"""Reason code "No matching subscribers" of MQTT v5, 3.4.2.1."""


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
    """Events sent before the first is acknowledged, up to 10. One by one needs a broker that answers within 10 ms to
    keep up with 100 events a second; more in flight means more that may be repeated when the connection breaks."""
    keepalive_s: int = 30
    timeout_s: float = 10.0
    """For connecting, and for one acknowledgment."""
    back_off_s: float = 0.5
    """Before the first try to connect again; doubles with each."""
    back_off_limit_s: float = 15.0

    def __post_init__(self) -> None:
        for name in (self.site, self.node):
            if not name or set(name) & set("/+#\0"):
                raise ValueError(f"site and node are words without / + #: {name!r}")
        if not 1 <= self.in_flight <= MAX_IN_FLIGHT:
            raise ValueError(f"in_flight must be 1 to {MAX_IN_FLIGHT}")

    @property
    def root(self) -> str:
        """First part of all topics."""
        return f"dissuade/{self.site}"

    @property
    def status_topic(self) -> str:
        """Where the node's state is retained."""
        return f"{self.root}/nodes/{self.node}"

    def status(self, state: str) -> str:
        """The payload that goes there."""
        return to_json({"state": state, "node": self.node})


class Connection:
    """A connection that stands. Everything raises `aiomqtt.MqttError` when it breaks, is refused or takes too long."""

    def __init__(self, client: _Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    async def publish(
        self, topic: str, payload: str, *, retain: bool = False, correlation: bytes | None = None
    ) -> None:
        """Publish JSON with QoS 1 and wait for the acknowledgment."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = "application/json"
        if correlation is not None:
            properties.CorrelationData = correlation
        await self._acknowledged(self._client.publish(topic, payload, qos=1, retain=retain, properties=properties))
        if self._client.refusal:
            raise aiomqtt.MqttError(f"the broker refuses {topic}: {self._client.refusal}; see its access rules")

    async def publish_to_somebody(self, topic: str, payload: str) -> bool:
        """Publish JSON with QoS 1; whether the broker has anybody to pass it to, present or with a session kept."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = "application/json"
        reason = await self._acknowledged(self._client.publish_and_hear(topic, payload, properties))
        if reason.is_failure:
            raise aiomqtt.MqttError(f"the broker refuses {topic}: {reason}; see its access rules")
        return reason.value != _NO_SUBSCRIBER

    async def subscribe(self, topic: str) -> str:
        """Subscribe with QoS 1; returns why the broker refuses, or an empty text."""
        codes = await self._acknowledged(self._client.subscribe(topic, qos=1))
        return ", ".join(str(code) for code in codes if isinstance(code, ReasonCode) and code.is_failure)

    async def _acknowledged(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work until it is done or the connection has gone."""
        working = asyncio.ensure_future(work)
        waited_for: set[asyncio.Future[Any]] = {working, self._client.gone}
        try:
            await asyncio.wait(waited_for, timeout=self._timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if self._client.gone.done():
                # The acknowledgment may have been read together with the end of the connection.
                await asyncio.wait({working}, timeout=_LAST_WORD_S)
            if working.done():
                return working.result()
        finally:
            working.cancel()
        if self._client.gone.done():
            raise aiomqtt.MqttError("the connection to the broker broke")
        raise aiomqtt.MqttError(f"the broker did not answer within {self._timeout_s:.0f} s")

    @property
    def messages(self) -> AsyncIterator[aiomqtt.Message]:
        """What arrives, until the connection breaks."""
        return self._client.messages


@asynccontextmanager
async def connect(settings: MqttSettings) -> AsyncIterator[Connection]:
    """Connect, with the last will ``offline``; raises `aiomqtt.MqttError` or `OSError`."""
    silence = _BadDescriptorFilter()
    logging.getLogger("asyncio").addFilter(silence)
    try:
        client = _client(settings)
        await _within(settings.timeout_s, client.__aenter__())
        try:
            yield Connection(client, settings.timeout_s)
        finally:
            with contextlib.suppress(aiomqtt.MqttError):
                await _within(LEAVE_S, client.__aexit__(None, None, None))
    finally:
        logging.getLogger("asyncio").removeFilter(silence)


def to_json(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _within(timeout_s: float, work: Coroutine[Any, Any, T]) -> T:
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise aiomqtt.MqttError(f"the broker did not answer within {timeout_s:.0f} s") from None


class _Client(aiomqtt.Client):
    """Notices a message that the broker acknowledged by refusing it, which aiomqtt takes for delivered."""

    refusal: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listening: dict[int, asyncio.Future[ReasonCode]] = {}

    async def publish_and_hear(self, topic: str, payload: str, properties: Properties) -> ReasonCode:
        """Publish with QoS 1; returns what the broker says of just this message."""
        info = self._client.publish(topic, payload, 1, False, properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttError("the connection to the broker broke")
        heard: asyncio.Future[ReasonCode] = asyncio.get_running_loop().create_future()
        self._listening[info.mid] = heard
        try:
            return await heard
        finally:
            self._listening.pop(info.mid, None)

    @property
    def gone(self) -> asyncio.Future[None]:
        """Done when the connection has gone."""
        return self._disconnected

    def _on_publish(
        self, client: mqtt.Client, userdata: object, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if (heard := self._listening.get(mid)) is not None:
            if not heard.done():
                heard.set_result(reason_code)
            return
        if reason_code.is_failure:
            self.refusal = str(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


def _client(settings: MqttSettings) -> _Client:
    tls = None
    if settings.tls:
        tls = aiomqtt.TLSParameters(
            ca_certs=settings.ca_file or None,
            certfile=settings.cert_file or None,
            keyfile=settings.key_file or None,
        )
    logger = logging.getLogger("campaigns.mqtt_client.paho")
    logger.addFilter(_says_more_than_broken)
    return _Client(
        settings.host,
        settings.port,
        logger=logger,
        identifier=f"dissuade-{settings.site}-{settings.node}",
        protocol=aiomqtt.ProtocolVersion.V5,
        username=settings.username or None,
        password=settings.password or None,
        will=aiomqtt.Will(settings.status_topic, settings.status("offline"), 1, True),
        # Commands that were sent while the node was away are not carried out later: no session is kept.
        clean_start=True,
        keepalive=settings.keepalive_s,
        timeout=math.inf,
        tls_params=tls,
        max_queued_incoming_messages=_QUEUED_COMMANDS,
    )


def _says_more_than_broken(record: logging.LogRecord) -> bool:
    """A broken connection is told by whoever uses it."""
    return not record.getMessage().startswith("failed to receive on socket")


class _BadDescriptorFilter(logging.Filter):
    """Drops one harmless traceback: aiomqtt registers the socket of a connection that broke in the same moment."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        harmless = isinstance(error, OSError | ValueError) and "descriptor" in str(error)
        return not (harmless and ("add_writer" in record.getMessage() or "add_reader" in record.getMessage()))
