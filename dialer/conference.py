"""Everybody on one call: their parts, and their voices carried to those who are to hear them.

Phones of one line process are carried to each other by its bridge. All else goes through here: what a phone says comes
from its tap, what a phone hears goes to its feed, and pages are given what they hear.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from contextlib import aclosing

import structlog

from dialer import lines
from dialer.live import Part
from dialer.page import Page
from dialer.phone import PhoneLeg
from dialer.routing import Seat, hearing

_log = structlog.get_logger(__name__)

_Party = lines.Leg | Page
"""Whose voice is carried; the subject is a leg like the others."""


class Conference:
    """The parties beside one subject. A party that has gone leaves its seat by itself."""

    def __init__(self, subject: lines.Leg) -> None:
        self.held = False
        """Whether the subject is apart from all others."""
        self._subject = subject
        self._seats: dict[PhoneLeg | Page, tuple[Part, bool]] = {}
        """What each does, and whether they work here."""
        self._watching: dict[PhoneLeg | Page, asyncio.Task[None]] = {}
        self._listeners: dict[_Party, list[_Party]] = {}
        """Who hears whom through here."""
        self._bridged: dict[frozenset[lines.Leg], tuple[bool, bool]] = {}
        self._taps: dict[lines.Leg, asyncio.Task[None]] = {}
        self._numbers: dict[_Party, int] = {}
        self._next_number = itertools.count(1)
        self._changing = asyncio.Lock()

    @property
    def speaks(self) -> bool:
        """Whether somebody is here to speak with the subject."""
        return any(part is Part.SPEAKS for part, _ in self._seats.values())

    async def seat(self, party: PhoneLeg | Page, part: Part, *, staff: bool = True) -> None:
        """Let somebody take a part, or another one; without ``staff`` they hear no whisper.

        Raises LineError when the line process refuses.
        """
        if party.ended:
            return
        self._seats[party] = (part, staff)
        if party not in self._watching:
            party.on_muted = self._carry
            if isinstance(party, Page):
                party.on_voice = functools.partial(self._spread, party)
            self._watching[party] = asyncio.create_task(self._watch(party), name="party")
        await self._carry()

    async def unseat(self, party: PhoneLeg | Page) -> None:
        """Let somebody hear nobody and be heard by nobody."""
        if watching := self._watching.pop(party, None):
            watching.cancel()
        party.on_muted = None
        if self._seats.pop(party, None) is not None:
            await self._carry()

    async def hold(self, on: bool) -> None:
        """Part the subject from all others, or join them again."""
        self.held = on
        await self._carry()

    async def close(self) -> None:
        """The call is over: nobody's voice is carried any more."""
        for party in tuple(self._seats):
            await self.unseat(party)
        await asyncio.gather(*self._taps.values(), return_exceptions=True)

    async def _watch(self, party: PhoneLeg | Page) -> None:
        await party.wait_ended()
        self._watching.pop(party, None)
        await self.unseat(party)

    async def _carry(self) -> None:
        """Make what is carried what it is to be."""
        async with self._changing:
            seats = {_voice_of(party): Seat(part, party.muted, staff) for party, (part, staff) in self._seats.items()}
            pairs = hearing(self._subject, seats, held=self.held)
            before, self._listeners = self._listeners, {}
            for speaker, listener in pairs:
                if not _share_bridge(speaker, listener):
                    self._listeners.setdefault(speaker, []).append(listener)
            for speaker, listeners in before.items():
                for listener in listeners:
                    if isinstance(listener, Page) and (speaker, listener) not in pairs:
                        listener.forget(self._number(speaker))
            self._tap()
            await self._bridge(pairs)

    async def _bridge(self, pairs: frozenset[tuple[_Party, _Party]]) -> None:
        """Connect the phones of each line process."""
        phones = {party for pair in pairs for party in pair if isinstance(party, lines.Leg)}
        together = {frozenset(two): two for two in itertools.combinations(phones, 2) if _share_bridge(*two)}
        for both in {*together, *self._bridged}:
            one, two = together.get(both) or tuple(both)
            if one is self._subject:
                one, two = two, one
            hears, speaks = (two, one) in pairs, (one, two) in pairs
            if self._bridged.get(both, (False, False)) == (hears, speaks):
                continue
            try:
                await one.connect(two, hears=hears, speaks=speaks, prompts=two is self._subject)
            except lines.LineError:
                if not one.ended.is_set() and not two.ended.is_set():
                    raise
            self._bridged[both] = (hears, speaks)
            if not hears and not speaks:
                del self._bridged[both]

    def _tap(self) -> None:
        """Tap the phones that are heard through here."""
        heard = {speaker for speaker in self._listeners if isinstance(speaker, lines.Leg)}
        for leg in self._taps.keys() - heard:
            self._taps.pop(leg).cancel()
        for leg in heard - self._taps.keys():
            self._taps[leg] = asyncio.create_task(self._follow(leg), name="tap")

    async def _follow(self, leg: lines.Leg) -> None:
        try:
            async with aclosing(leg.tap(prompts=leg is self._subject)) as frames:
                async for pcm in frames:
                    self._spread(leg, pcm)
        except lines.LineError as error:
            if not leg.ended.is_set():
                _log.error("a phone is not heard by those on other lines", error=str(error))

    def _spread(self, speaker: _Party, pcm: bytes) -> None:
        """Carry sound to all who hear it through here."""
        number = self._number(speaker)
        for listener in self._listeners.get(speaker, ()):
            if isinstance(listener, Page):
                listener.play(number, pcm)
            else:
                listener.feed(pcm, number)

    def _number(self, speaker: _Party) -> int:
        if speaker not in self._numbers:
            self._numbers[speaker] = next(self._next_number)
        return self._numbers[speaker]


def _share_bridge(one: _Party, two: _Party) -> bool:
    return isinstance(one, lines.Leg) and isinstance(two, lines.Leg) and one.together(two)


def _voice_of(party: PhoneLeg | Page) -> _Party:
    return party.leg if isinstance(party, PhoneLeg) else party
