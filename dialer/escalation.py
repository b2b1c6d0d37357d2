"""Handing a live call to a human: ring a dissuader at once, keep the subject company, whisper, join."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import structlog

from campaigns.model import EscalationState, Outcome
from dialer.dissuaders import Dissuader, Dissuaders
from dialer.exchange import Exchange
from dialer.seam import Ended, Leg

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Mode(StrEnum):
    """How the subject comes to the dissuader."""

    BRIDGE = "bridge"
    """The dissuader's phone is called and joined; we listen and record on."""
    TRANSFER = "transfer"
    """Blind transfer (REFER); the call leaves us."""


@dataclass(frozen=True, slots=True)
class EscalationSettings:
    """Patience of the desk. All spans in seconds."""

    mode: Mode = Mode.BRIDGE
    ring_timeout_s: float = 20.0
    """How long a phone rings before the next one is tried."""
    wait_s: float = 30.0
    """How long, in all, a call waits for somebody to become ready."""
    hold_limit_s: float = 120.0
    """After this no further phone is rung; the subject has waited long enough."""
    still_holding_every_s: float = 8.0
    courtesy_s: float = 2.0
    """How long the robot lets the subject finish speaking before it asks for patience."""
    whisper_s: float = 6.0
    """Longest whisper; then the legs are joined."""
    wrap_up_s: float = 20.0
    """A dissuader's rest after a call."""
    set_aside_s: float = 60.0
    """Rest of a dissuader who did not answer or could not be reached."""
    busy_again_s: float = 15.0
    """When a busy phone is tried again."""
    talk_limit_s: float = 3600.0
    """A joined call that is still up after this is taken for one whose end got lost."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A live call to be handed over."""

    reason: str
    """Name of the signal that caused it."""
    words: str
    whisper: str
    """Told to the dissuader alone."""
    hold: Sequence[str]
    """Said to the subject, one after the other, as soon as the phone rings."""
    still_holding: str
    urgency: int = 0


@dataclass(frozen=True, slots=True)
class EscalationResult:
    """How the offer went. Spans are seconds since the offer; ``None`` if it never happened."""

    state: EscalationState
    dissuader: str = ""
    tried: tuple[str, ...] = ()
    first_ring_s: float | None = None
    joined_s: float | None = None


class EscalationDesk:
    """What all calls of a node share: the dissuaders and the settings."""

    def __init__(self, dissuaders: Sequence[Dissuader], settings: EscalationSettings | None = None) -> None:
        """Raises `ValueError` when two dissuaders have one name."""
        self.dissuaders = Dissuaders(dissuaders)
        self.settings = settings or EscalationSettings()

    async def hand_over(self, exchange: Exchange, offer: Offer) -> EscalationResult:
        """Offer a live call to one ready dissuader after another, and stay until a joined call is over.

        The phone of the first rings before anything else happens; then the robot's present prompt is stopped and the
        subject is asked to hold. Raises nothing for what subject, dissuader or network do.
        """
        return await _HandOver(self, exchange, offer).run()


class _HandOver:
    """One call on its way to a human."""

    def __init__(self, desk: EscalationDesk, exchange: Exchange, offer: Offer) -> None:
        self._dissuaders = desk.dissuaders
        self._settings = desk.settings
        self._exchange = exchange
        self._call = exchange.call
        self._offer = offer
        self._record = exchange.journal.offered(offer.reason, offer.words)
        self._offered_at = asyncio.get_running_loop().time()
        self._tried: list[str] = []
        self._declined: set[str] = set()
        self._first_ring_s: float | None = None
        self._company: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    async def run(self) -> EscalationResult:
        preparing = asyncio.create_task(self._call.prepare(self._offer.whisper), name="whisper")
        try:
            if self._dissuaders.any_hope():
                self._company = asyncio.create_task(self._keep_company(), name="company")
            return await self._find()
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)
            await self._leave_subject()

    async def _find(self) -> EscalationResult:
        settings = self._settings
        wait_s = settings.wait_s
        while not self._exchange.gone.is_set():
            began_s = self._since_offer()
            if began_s >= settings.hold_limit_s:
                return await self._nobody()
            dissuader = await self._unless_gone(
                self._dissuaders.take(
                    urgency=self._offer.urgency, unsuitable=frozenset(self._declined), wait_s=max(wait_s, 0)
                )
            )
            wait_s -= self._since_offer() - began_s
            if dissuader is None:
                if self._exchange.gone.is_set():
                    break
                return await self._nobody()
            result = await self._try(dissuader)
            if result is not None:
                return result
        self._record.ended(EscalationState.SUBJECT_LEFT)
        return self._result(EscalationState.SUBJECT_LEFT)

    async def _nobody(self) -> EscalationResult:
        self._record.ended(EscalationState.NOBODY_FREE)
        if self._company is not None:
            # The subject hears the sentence out before the robot says the opposite.
            self._enough.set()
            await self._unless_gone(self._wait_for_company())
        return self._result(EscalationState.NOBODY_FREE)

    async def _try(self, dissuader: Dissuader) -> EscalationResult | None:
        """Offer the call to one dissuader; ``None`` sends it to the next."""
        self._tried.append(dissuader.name)
        rest_s = 0.0
        try:
            if self._exchange.gone.is_set():
                return None
            if self._settings.mode is Mode.TRANSFER:
                rest_s, result = await self._transfer(dissuader)
            else:
                rest_s, result = await self._ring(dissuader)
            return result
        finally:
            self._dissuaders.rest(dissuader, rest_s)

    async def _ring(self, dissuader: Dissuader) -> tuple[float, EscalationResult | None]:
        settings = self._settings
        answer = await self._unless_gone(
            self._call.ring(dissuader.uri, timeout_s=settings.ring_timeout_s, on_ringing=lambda: self._rang(dissuader))
        )
        match answer:
            case None:
                return 0.0, None
            case Ended(outcome=Outcome.REJECTED | Outcome.LINE_FAILURE):
                self._declined.add(dissuader.name)
                return 0.0, None
            case Ended(outcome=Outcome.BUSY):
                return settings.busy_again_s, None
            case Ended():
                return settings.set_aside_s, None
        leg: Leg = answer
        try:
            return await self._join(dissuader, leg)
        finally:
            await leg.hang_up()

    async def _join(self, dissuader: Dissuader, leg: Leg) -> tuple[float, EscalationResult | None]:
        settings = self._settings
        if self._first_ring_s is None:
            self._rang(dissuader)
        await self._unless_gone(self._whisper(leg))
        if self._exchange.gone.is_set():
            return 0.0, None
        if leg.ended:
            return settings.set_aside_s, None
        await self._leave_subject()
        await self._call.bridge(leg)
        joined_s = self._since_offer()
        self._dissuaders.talks(dissuader)
        self._record.ended(EscalationState.JOINED, dissuader.name)
        try:
            async with asyncio.timeout(settings.talk_limit_s):
                await self._unless_gone(leg.wait_ended())
        except TimeoutError:
            _log.warning("a joined call was ended after its longest time", limit_s=settings.talk_limit_s)
        return settings.wrap_up_s, self._result(EscalationState.JOINED, dissuader, joined_s)

    async def _transfer(self, dissuader: Dissuader) -> tuple[float, EscalationResult | None]:
        try:
            # Not raced against the end of the call: an accepted transfer ends it.
            async with asyncio.timeout(self._settings.ring_timeout_s):
                accepted = await self._call.transfer(dissuader.uri)
        except TimeoutError:
            accepted = False
        if not accepted:
            self._declined.add(dissuader.name)
            return 0.0, None
        self._record.ended(EscalationState.TRANSFERRED, dissuader.name)
        return self._settings.wrap_up_s, self._result(
            EscalationState.TRANSFERRED, dissuader, joined_s=self._since_offer()
        )

    async def _whisper(self, leg: Leg) -> None:
        try:
            async with asyncio.timeout(self._settings.whisper_s):
                await leg.say(self._offer.whisper)
        except TimeoutError:
            return

    async def _keep_company(self) -> None:
        """Stop what the robot was saying and keep the subject on the line."""
        await self._exchange.hush()
        for text in self._offer.hold:
            await self._reassure(text)
        while not self._enough.is_set():
            try:
                async with asyncio.timeout(self._settings.still_holding_every_s):
                    await self._enough.wait()
            except TimeoutError:
                await self._reassure(self._offer.still_holding)

    async def _reassure(self, text: str) -> None:
        await self._exchange.quiet(within_s=self._settings.courtesy_s)
        if not self._enough.is_set():
            await self._exchange.say(text)

    async def _leave_subject(self) -> None:
        """Fall silent towards the subject."""
        if self._company is not None:
            self._company.cancel()
            await self._wait_for_company()
            self._company = None
        await self._exchange.hush()

    async def _wait_for_company(self) -> None:
        assert self._company is not None
        await asyncio.wait({self._company})
        if not self._company.cancelled() and (error := self._company.exception()) is not None:
            _log.error("the subject could not be asked to hold", error=repr(error))

    async def _unless_gone(self, work: Coroutine[object, object, _T]) -> _T | None:
        """The result of ``work``, which is cancelled when the subject hangs up."""
        task = asyncio.create_task(work)
        gone = asyncio.create_task(self._exchange.gone.wait())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
            gone.cancel()
            await asyncio.wait({task, gone})
        return None if task.cancelled() else task.result()

    def _rang(self, dissuader: Dissuader) -> None:
        if self._first_ring_s is None:
            self._first_ring_s = self._since_offer()
        self._record.rang(dissuader.name)

    def _since_offer(self) -> float:
        return asyncio.get_running_loop().time() - self._offered_at

    def _result(
        self,
        state: EscalationState,
        dissuader: Dissuader | None = None,
        joined_s: float | None = None,
    ) -> EscalationResult:
        return EscalationResult(
            state=state,
            dissuader=dissuader.name if dissuader else "",
            tried=tuple(self._tried),
            first_ring_s=self._first_ring_s,
            joined_s=joined_s,
        )
