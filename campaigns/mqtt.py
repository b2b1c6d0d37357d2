"""MQTT v5: events out, in order, from the events table; commands in; the node's status with a last will.

Topics, under ``dissuade/<site>``: ``events/<kind>`` (``/`` for ``.``), ``nodes/<node>`` (retained), ``commands/<node>``
and ``commands/all``, ``leads``, ``replies``. `docs/integrator.md` tells receivers what to expect.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict
from typing import Any

import aiomqtt
import structlog

from campaigns.async_store import AsyncStore
from campaigns.commands import Command, CommandError, parse_command
from campaigns.intake.errors import SourceError
from campaigns.intake.taking import Taken
from campaigns.model import Event
from campaigns.mqtt_client import LEAVE_S, MAX_IN_FLIGHT, Connection, MqttSettings, connect, to_json
from campaigns.numbers import mask
from campaigns.store import StoreError

__all__ = ["BATCH", "CURSOR", "MqttLink", "MqttSettings"]

CURSOR = "mqtt"
"""Name of the store's cursor of what the broker has acknowledged."""
BATCH = MAX_IN_FLIGHT
"""Events between two writes of the cursor: as many may be published again after a killed node."""
_WAITING_LEADS = 10
"""Messages with leads that wait for those before them."""
LOOK_S = 1.0
"""Seconds after which the store is looked at for what other processes wrote."""

_log = structlog.get_logger(__name__)


class MqttLink:
    """Keeps a node in touch with its broker until it is cancelled: ``await link.run()``."""

    def __init__(
        self,
        store: AsyncStore,
        settings: MqttSettings,
        on_command: Callable[[Command], Awaitable[str | None]],
        on_leads: Callable[[bytes], Awaitable[Taken]] | None = None,
    ) -> None:
        """``on_command`` carries out a checked command and returns what to tell the sender; it may raise `CommandError`
        or `StoreError`. ``on_leads`` takes over the leads in a message; it may raise `SourceError` or `StoreError`.
        """
        self._on_leads = on_leads
        self._leads: asyncio.Queue[aiomqtt.Message] = asyncio.Queue(_WAITING_LEADS)
        self._store = store
        self._settings = settings
        self._on_command = on_command
        self._acknowledged = 0
        self._broker: Connection | None = None
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Publish, listen and reconnect for ever; cancel to leave (the status is then ``offline``)."""
        delay_s = self._settings.back_off_s
        self._acknowledged = await self._store.call(lambda s: s.cursor(CURSOR), wake=False)
        while True:
            before = self._acknowledged
            try:
                await self._session()
            except (aiomqtt.MqttError, OSError, StoreError) as error:
                if self._acknowledged > before:
                    delay_s = self._settings.back_off_s
                _log.warning("no connection to the broker, trying again", error=str(error), after_s=delay_s)
            finally:
                self._broker = None
                self.connected.clear()
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, self._settings.back_off_limit_s)

    async def publish(self, topic: str, payload: str) -> bool:
        """Publish to a topic under the site's, beside the events; whether the broker has anybody to pass it to.

        Raises `aiomqtt.MqttError` when there is no connection, or when it breaks.
        """
        if self._broker is None:
            raise aiomqtt.MqttError("there is no connection to the broker")
        return await self._broker.publish_to_somebody(f"{self._settings.root}/{topic}", payload)

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
        async with connect(settings) as broker:
            for receiver in (settings.node, "all"):
                topic = f"{settings.root}/commands/{receiver}"
                if refusal := await broker.subscribe(topic):
                    _log.warning("the broker lets this node receive no commands", topic=topic, reason=refusal)
            if self._on_leads is not None and (refusal := await broker.subscribe(self._shared_leads_topic)):
                _log.warning("the broker lets this node receive no leads", topic=self._leads_topic, reason=refusal)
            await broker.publish(settings.status_topic, settings.status("online"), retain=True)
            self._broker = broker
            self.connected.set()
            _log.info("connected to the broker", host=settings.host, port=settings.port)
            try:
                await _first_to_end(self._publish_events(broker), self._obey(broker), self._take_leads(broker))
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await broker.publish(settings.status_topic, settings.status("offline"), retain=True)
                raise

    async def _publish_events(self, broker: Connection) -> None:
        """Everything after the cursor, then what is written next, one batch after the other."""
        listener = self._store.listen()
        try:
            while True:
                events = await self._next_events(limit=BATCH)
                if not events:
                    await listener.wait(timeout_s=LOOK_S)
                    continue
                sending = asyncio.ensure_future(self._publish_batch(broker, events))
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

    async def _publish_batch(self, broker: Connection, events: Sequence[Event]) -> None:
        """Publish in order; whatever breaks, the cursor then says how far they came."""
        before = self._acknowledged
        try:
            for start in range(0, len(events), self._settings.in_flight):
                await self._publish_together(broker, events[start : start + self._settings.in_flight])
        finally:
            if (acknowledged := self._acknowledged) > before:
                await self._store.call(lambda s: s.set_cursor(CURSOR, acknowledged), wake=False)

    async def _publish_together(self, broker: Connection, events: Sequence[Event]) -> None:
        """Publish in order without waiting for each acknowledgment; note how far they came without a gap."""
        sent = [asyncio.ensure_future(self._publish(broker, event)) for event in events]
        await asyncio.gather(*sent, return_exceptions=True)
        for event, publishing in zip(events, sent, strict=True):
            publishing.result()
            self._acknowledged = event.seq

    async def _publish(self, broker: Connection, event: Event) -> None:
        topic = f"{self._settings.root}/events/{event.kind.replace('.', '/')}"
        await broker.publish(topic, self._event_json(event))

    def _event_json(self, event: Event) -> str:
        data = dict(event.data)
        if not self._settings.full_numbers and isinstance(number := data.get("number"), str):
            data["number"] = mask(number)
        return to_json(
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

    @property
    def _leads_topic(self) -> str:
        return f"{self._settings.root}/leads"

    @property
    def _shared_leads_topic(self) -> str:
        """Of several nodes, one gets each message."""
        return f"$share/dissuade/{self._leads_topic}"

    async def _obey(self, broker: Connection) -> None:
        async for message in broker.messages:
            if message.topic.value == self._leads_topic:
                await self._leads.put(message)
            else:
                await self._reply(broker, message, await self._carry_out(message))

    async def _take_leads(self, broker: Connection) -> None:
        """Apart from commands, which do not wait for thousands of leads."""
        while True:
            message = await self._leads.get()
            await self._reply(broker, message, await self._take(message))

    async def _take(self, message: aiomqtt.Message) -> dict[str, object]:
        """Take over the leads in a message; the reply, whatever happens."""
        node = self._settings.node
        assert self._on_leads is not None
        try:
            if message.retain:
                raise CommandError("retained leads are not taken; publish them without retain")
            payload = message.payload
            taken = await self._on_leads(payload if isinstance(payload, bytes) else str(payload).encode())
        except (CommandError, SourceError, StoreError) as error:
            return {"ok": False, "node": node, "error": str(error)}
        except Exception:
            _log.exception("leads were not taken by our own fault")
            return {"ok": False, "node": node, "error": "internal error; see the node's log"}
        return {"ok": True, "node": node, **asdict(taken)}

    async def _reply(self, broker: Connection, message: aiomqtt.Message, reply: dict[str, object]) -> None:
        asked = str(getattr(message.properties, "ResponseTopic", ""))
        correlation = getattr(message.properties, "CorrelationData", None)
        await broker.publish(self._reply_topic(asked), to_json(reply), correlation=correlation)

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

    def _reply_topic(self, asked: str) -> str:
        """Where the sender wants its reply, unless that would pass for one of our own events or commands."""
        replies = f"{self._settings.root}/replies"
        ours = asked.startswith("dissuade/") and asked != replies and not asked.startswith(f"{replies}/")
        if not asked or ours or set(asked) & set("+#\0") or asked.startswith("$"):
            return replies
        return asked


async def _first_to_end(*works: Coroutine[Any, Any, None]) -> None:
    """Run works together until one ends; raises what that one raised.

    Not a task group: in Python 3.11 one whose task fails in the moment of a cancellation forgets the cancellation.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    failures = [error for task in (*done, *tasks) if not task.cancelled() and (error := task.exception())]
    if failures:
        raise failures[0]
