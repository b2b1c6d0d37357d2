"""One call on its way to a human: ask one dissuader after the other, keep the subject company, join."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from campaigns.model import EscalationState
from dialer.asking import Refusal, ask
from dialer.company import Company
from dialer.dissuaders import Dissuader, Dissuaders
from dialer.exchange import Exchange
from dialer.joined import Joined
from dialer.live import Part, Phase
from dialer.offer import EscalationResult, EscalationSettings, Mode, Offer
from dialer.party import Member, Party

_T = TypeVar("_T")


class HandOver:
    """Made for one call; `run` returns when the subject is with the robot again, or has gone."""

    def __init__(
        self, dissuaders: Dissuaders, settings: EscalationSettings, exchange: Exchange, party: Party, offer: Offer
    ) -> None:
        self._dissuaders = dissuaders
        self._settings = settings
        self._exchange = exchange
        self._party = party
        self._offer = offer
        self._company = Company(
            exchange,
            still_holding=offer.still_holding,
            every_s=settings.still_holding_every_s,
            courtesy_s=settings.courtesy_s,
        )
        self._tried: list[str] = []
        self._declined: set[str] = set()
        self._first_ring_s: float | None = None
        self._offer_anew()

    async def run(self) -> EscalationResult:
        """Find somebody, and again if they are lost."""
        preparing = asyncio.create_task(self._exchange.call.prepare(self._offer.whisper), name="whisper")
        try:
            while True:
                result = await self._find()
                if (joined := self._party.joined) is None:
                    return result
                try:
                    await joined.run()
                finally:
                    self._party.joined = None
                if self._exchange.gone.is_set() or not self._party.lost:
                    return result
                self._offer_anew()
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)
            await self._company.stop()

    def _offer_anew(self) -> None:
        journal = self._exchange.journal
        self._record = journal.offered(self._offer.reason, self._offer.words)
        self._offered_at = asyncio.get_running_loop().time()
        journal.watch.wanted(self._offer.reason, self._offer.words)
        journal.watch.phase(Phase.OFFERED)

    async def _find(self) -> EscalationResult:
        """Go from one dissuader to the next until one is joined."""
        settings = self._settings
        wait_s = settings.wait_s
        if self._party.taker is None and self._dissuaders.any_hope():
            self._company.start(*self._offer.hold)
        while not self._exchange.gone.is_set():
            if self._party.taker is not None:
                result = await self._join(self._party.taker)
            else:
                began_s = self._since_offer()
                if began_s >= settings.hold_limit_s:
                    return await self._nobody()
                dissuader = await self._unless_moot(
                    self._dissuaders.take(
                        urgency=self._offer.urgency, unsuitable=frozenset(self._declined), wait_s=max(wait_s, 0)
                    )
                )
                wait_s -= self._since_offer() - began_s
                if dissuader is None and not self._moot:
                    return await self._nobody()
                result = await self._try(dissuader) if dissuader is not None else None
            if result is not None:
                return result
        return self._ended(EscalationState.SUBJECT_LEFT)

    async def _nobody(self) -> EscalationResult:
        result = self._ended(EscalationState.NOBODY_FREE)
        # The subject hears the sentence out before the robot says the opposite.
        self._company.enough()
        await self._unless_moot(self._company.wait())
        return result

    async def _try(self, dissuader: Dissuader) -> EscalationResult | None:
        """Offer the call to one dissuader; ``None`` sends it to the next."""
        self._tried.append(dissuader.name)
        answer: Member | Refusal | EscalationResult | None = None
        try:
            if self._moot:
                return None
            answer = await self._answer(dissuader)
        finally:
            if not isinstance(answer, Member):
                self._dissuaders.rest(dissuader, self._rest_s(answer))
        match answer:
            case Member():
                answer.dissuader = dissuader
                return await self._join(answer)
            case EscalationResult():
                return answer
            case Refusal(declined=True):
                self._declined.add(dissuader.name)
        return None

    async def _answer(self, dissuader: Dissuader) -> Member | Refusal | EscalationResult | None:
        """What one dissuader says to it; ``None`` when it does not matter any more."""
        if dissuader.uri and self._settings.mode is Mode.TRANSFER:
            return await self._transfer(dissuader)
        return await self._unless_moot(
            ask(self._party, dissuader, self._offer.whisper, self._settings, lambda: self._rang(dissuader))
        )

    def _rest_s(self, answer: Refusal | EscalationResult | None) -> float:
        match answer:
            case Refusal(rest_s):
                return rest_s
            case EscalationResult():
                return self._settings.wrap_up_s
        return 0.0

    async def _join(self, member: Member) -> EscalationResult | None:
        """Let somebody have the subject; ``None`` when one of the two has gone."""
        party = self._party
        await self._company.stop()
        if self._exchange.gone.is_set():
            await party.dismiss(member)
            return None
        taker = party.taker
        party.robot_left(Joined(party, self._dissuaders, self._settings, self._offer, self._company))
        for each in (member, taker):
            if each is not None:
                await party.connect(each, Part.SPEAKS)
        if not party.speakers:
            party.joined = None
            return None
        if member.dissuader is not None:
            self._dissuaders.talks(member.dissuader)
        party.watch.phase(Phase.JOINED)
        return self._ended(EscalationState.JOINED, member.name)

    async def _transfer(self, dissuader: Dissuader) -> EscalationResult | Refusal:
        try:
            # Not raced against the end of the call: an accepted transfer ends it.
            async with asyncio.timeout(self._settings.ring_timeout_s):
                accepted = await self._exchange.call.transfer(dissuader.uri)
        except TimeoutError:
            accepted = False
        if not accepted:
            return Refusal(declined=True)
        return self._ended(EscalationState.TRANSFERRED, dissuader.name)

    async def _unless_moot(self, work: Coroutine[object, object, _T]) -> _T | None:
        """The result of ``work``, which is cancelled when the subject hangs up, or somebody takes the call."""
        task = asyncio.create_task(work)
        ends = [asyncio.create_task(each.wait()) for each in (self._exchange.gone, self._party.taken)]
        try:
            await asyncio.wait({task, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (task, *ends):
                each.cancel()
            await asyncio.wait({task, *ends})
        return None if task.cancelled() else task.result()

    @property
    def _moot(self) -> bool:
        """Whether nobody need be asked any more."""
        return self._exchange.gone.is_set() or self._party.taker is not None

    def _rang(self, dissuader: Dissuader) -> None:
        if self._first_ring_s is None:
            self._first_ring_s = self._since_offer()
        self._record.rang(dissuader.name)

    def _since_offer(self) -> float:
        return asyncio.get_running_loop().time() - self._offered_at

    def _ended(self, state: EscalationState, dissuader: str = "") -> EscalationResult:
        self._record.ended(state, dissuader)
        human = state in (EscalationState.JOINED, EscalationState.TRANSFERRED)
        return EscalationResult(
            state=state,
            dissuader=dissuader,
            tried=tuple(self._tried),
            first_ring_s=self._first_ring_s,
            joined_s=self._since_offer() if human else None,
        )
