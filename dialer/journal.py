"""Writing down what happens on a call without keeping the call waiting for the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from campaigns.model import Act, EscalationState, HeardSignal, Mention, Turn
from dialer.watch import Unwatched, Watch

_log = structlog.get_logger(__name__)

_Write = Callable[[], Awaitable[None]]


class ConversationLog(Protocol):
    """Where a call is recorded. Turns arrive when they end, so a turn may begin before the one recorded earlier."""

    async def answered(self) -> None:
        """The far end picked up."""
        ...

    async def turn(self, turn: Turn) -> None:
        """Somebody said something."""
        ...

    async def signal(self, signal: HeardSignal) -> None:
        """A signal was heard for the first time in this call."""
        ...

    async def mention(self, mention: Mention) -> None:
        """A number, sum, app or site was spoken of for the first time in this call."""
        ...

    async def act(self, act: Act, by: str) -> None:
        """Somebody at the desk, by log-in, did something on the call."""
        ...

    async def escalation_offered(self, reason: str, words: str, beside: bool) -> int:
        """The live call is offered to the dissuaders, ``beside`` one who speaks or not; returns the escalation's id."""
        ...

    async def escalation_rang(self, escalation_id: int, dissuader: str) -> None:
        """A dissuader's phone rings."""
        ...

    async def escalation_ended(self, escalation_id: int, state: EscalationState, dissuader: str) -> None:
        """The legs were joined, or nobody took the call."""
        ...


class Journal:
    """Writes to a `ConversationLog` in order and in the background; tells who follows the call at once.

    A commit can take longer than a reply may. A write that fails is reported in the program's log and the next ones go
    on: a locked database must not end a call with somebody who is being defrauded.
    """

    def __init__(self, log: ConversationLog, watch: Watch | None = None) -> None:
        self.watch: Watch = watch or Unwatched()
        self._log = log
        self._writes: asyncio.Queue[_Write | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    def answered(self) -> None:
        """The far end picked up."""
        self._put(self._log.answered)

    def turn(self, turn: Turn, *, name: str = "") -> None:
        """Somebody said something; ``name`` is a human's beside the subject."""
        self.watch.said(turn.speaker, turn.text, turn.start_s, final=True, name=name)
        self._put(lambda: self._log.turn(turn))

    def signal(self, signal: HeardSignal) -> None:
        """A signal was heard."""
        self.watch.signal(signal)
        self._put(lambda: self._log.signal(signal))

    def mention(self, mention: Mention) -> None:
        """A number, sum, app or site was spoken of."""
        self.watch.mention(mention)
        self._put(lambda: self._log.mention(mention))

    def act(self, act: Act, *, by: str) -> None:
        """Somebody at the desk, by log-in, did something on the call."""
        self._put(lambda: self._log.act(act, by))

    def offered(self, reason: str, words: str, *, beside: bool = False) -> OfferRecord:
        """The live call is offered to the dissuaders; ``beside`` one who speaks with the subject already."""
        return OfferRecord(self._log, self._put, reason, words, beside=beside)

    async def close(self) -> None:
        """Return when everything is written."""
        if self._writer is not None:
            self._writes.put_nowait(None)
            await self._writer
            self._writer = None

    def _put(self, write: _Write) -> None:
        self._writes.put_nowait(write)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="journal")

    async def _write(self) -> None:
        while (write := await self._writes.get()) is not None:
            try:
                await write()
            except Exception as error:
                _log.error("part of a call could not be recorded", error=type(error).__name__)


class OfferRecord:
    """The record of one escalation, whose id is known once it is written."""

    def __init__(
        self, log: ConversationLog, put: Callable[[_Write], None], reason: str, words: str, *, beside: bool
    ) -> None:
        self._log = log
        self._put = put
        self._id: int | None = None

        async def offer() -> None:
            self._id = await log.escalation_offered(reason, words, beside)

        put(offer)

    def rang(self, dissuader: str) -> None:
        """A dissuader's phone rings."""

        async def write() -> None:
            if self._id is not None:
                await self._log.escalation_rang(self._id, dissuader)

        self._put(write)

    def ended(self, state: EscalationState, dissuader: str = "") -> None:
        """The legs were joined, or nobody took the call."""

        async def write() -> None:
            if self._id is not None:
                await self._log.escalation_ended(self._id, state, dissuader)

        self._put(write)
