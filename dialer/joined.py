"""The time in which humans speak with the subject: who else is brought in, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

from campaigns.model import Act, EscalationState
from dialer.asking import Refusal, ask, ring
from dialer.company import Company
from dialer.dissuaders import Dissuader, Dissuaders
from dialer.journal import OfferRecord
from dialer.live import Part
from dialer.offer import EscalationSettings, Offer
from dialer.party import Member, Party
from dialer.seam import Ended

_log = structlog.get_logger(__name__)

_AWAY_S = 2.0
"""A page from which no sound came for so long is away; its network may come back."""
_LOOK_S = 0.25
"""How often it is looked whether those who speak are away."""


class Joined:
    """Humans have the subject. `run` lasts until nobody does any more."""

    def __init__(
        self, party: Party, dissuaders: Dissuaders, settings: EscalationSettings, offer: Offer, company: Company
    ) -> None:
        self._party = party
        self._dissuaders = dissuaders
        self._settings = settings
        self._offer = offer
        self._company = company
        self._coming: set[asyncio.Task[None]] = set()
        self._holding = asyncio.Lock()
        self._deserted = False
        """Whether the robot keeps the subject company because all who speak are away."""

    async def run(self) -> None:
        """Return when no human speaks with the subject any more; see `Party.lost` for why."""
        party = self._party
        party.lost = False
        looking = asyncio.create_task(self._look(), name="away")
        try:
            async with asyncio.timeout(self._settings.talk_limit_s):
                await self._while_somebody_speaks()
        except TimeoutError:
            _log.warning("a joined call was ended after its longest time", limit_s=self._settings.talk_limit_s)
        finally:
            for task in (looking, *self._coming):
                task.cancel()
            await asyncio.wait({looking, *self._coming})
            try:
                await self.make_room()
                await self.hold(on=False)
            except Exception as error:
                _log.error("a held subject could not be joined again", error=repr(error))
            lost = party.lost
            await party.dismiss_all(listeners=False)
            party.lost = lost

    async def _while_somebody_speaks(self) -> None:
        party, gone = self._party, asyncio.create_task(self._party.exchange.gone.wait())
        try:
            while party.speakers and not gone.done():
                party.stirred.clear()
                stirred = asyncio.create_task(party.stirred.wait())
                await asyncio.wait({stirred, gone}, return_when=asyncio.FIRST_COMPLETED)
                stirred.cancel()
        finally:
            gone.cancel()

    async def hold(self, *, on: bool, by: str = "") -> None:
        """Part the subject from the humans and keep them company, or join them again; ``by`` whose order."""
        async with self._holding:
            if by and on is not self._party.held:
                self._party.exchange.journal.act(Act.HELD if on else Act.RESUMED, by=by)
            if on:
                self._deserted = False
                await self._party.part_subject(on=True)
                self._company.start()
            elif self._party.held:
                await self._company.stop()
                await self._party.part_subject(on=False)

    async def make_room(self) -> None:
        """Let the robot fall silent if it spoke for those who are away: somebody can be heard."""
        async with self._holding:
            await self._make_room()

    async def _make_room(self) -> None:
        if self._deserted:
            self._deserted = False
            await self._company.stop()

    async def _look(self) -> None:
        """Let the robot keep a subject company who hears nobody because a network failed."""
        while True:
            async with self._holding:
                if not self._all_away():
                    await self._make_room()
                elif not (self._deserted or self._party.held):
                    self._deserted = True
                    self._company.start(self._offer.still_holding)
            await asyncio.sleep(_LOOK_S)

    def _all_away(self) -> bool:
        speakers = self._party.speakers
        return bool(speakers) and all(each.page is not None and each.page.silent_s > _AWAY_S for each in speakers)

    def record(self) -> OfferRecord:
        """Write down that somebody else comes, or is asked to."""
        return self._party.exchange.journal.offered(self._offer.reason, self._offer.words, beside=True)

    def bring_in(self, dissuader: Dissuader) -> None:
        """Ask a second dissuader, who is `Readiness.RINGING`, and join them when they come."""
        self._start(self._bring_dissuader(dissuader))

    def bring_in_number(self, number: str, uri: str) -> None:
        """Ring somebody who does not work here, and join them when they answer."""
        self._start(self._bring_number(number, uri))

    async def _bring_dissuader(self, dissuader: Dissuader) -> None:
        record = self.record()
        state, rest_s = EscalationState.SUBJECT_LEFT, 0.0
        member: Member | None = None
        try:
            answer = await ask(
                self._party, dissuader, self._offer.whisper, self._settings, lambda: record.rang(dissuader.name)
            )
            if isinstance(answer, Refusal):
                state, rest_s = EscalationState.NOBODY_FREE, answer.rest_s
            else:
                member = answer
                state = EscalationState.JOINED
                member.dissuader = dissuader
                self._dissuaders.talks(dissuader)
        finally:
            record.ended(state, dissuader.name if member else "")
            if member is None:
                self._dissuaders.rest(dissuader, rest_s)
        if member is not None:
            await self._party.connect(member)

    async def _bring_number(self, number: str, uri: str) -> None:
        answer = await ring(self._party, number, uri, self._settings.relative_ring_s)
        if answer is not None and not isinstance(answer, Ended):
            await self._party.connect(self._party.admit(Member(number, answer, Part.SPEAKS, staff=False)))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = self._party.start(work)
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)
