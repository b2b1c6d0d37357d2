"""The humans on one call beside the subject: who they are, what they do, how they come and go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from campaigns.model import Act, EscalationState, Speaker, Turn
from dialer.dissuaders import Dissuader
from dialer.exchange import Exchange
from dialer.live import LiveError, Part, Refusal
from dialer.seam import Leg, PageLeg
from speech.heard import Partial, Utterance

if TYPE_CHECKING:
    from dialer.joined import Joined

_log = structlog.get_logger(__name__)

_ACTS = {Part.LISTENS: Act.LISTENED, Part.WHISPERS: Act.WHISPERED}


@dataclass(eq=False, slots=True)
class Member:
    """Somebody who is on the call, or has said that they come."""

    name: str
    leg: Leg
    part: Part
    page: PageLeg | None = None
    """Their leg, if the page is their phone."""
    staff: bool = True
    """Whether they work here; else a relative."""
    joined_s: float = 0.0
    """On the loop's clock."""
    muted: bool = False
    dissuader: Dissuader | None = None
    """Their place at the desk, which is theirs again when they have left."""
    spoke: bool = False
    """Whether they have been heard by the subject."""
    linked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when their sound is there."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Asked:
    """The call is offered to somebody."""

    name: str
    phone: bool
    at_s: float
    until_s: float
    """Both on the loop's clock."""
    answer: asyncio.Future[Member | None]
    """A member who came by the page; ``None`` when they declined."""


class Party:
    """All humans of one call. Commands raise `LiveError` when they cannot be carried out now."""

    def __init__(self, exchange: Exchange, left: Callable[[Member, bool], None]) -> None:
        """``left`` is told who has left, and whether they were lost."""
        self.exchange = exchange
        self.call = exchange.call
        self.watch = exchange.journal.watch
        self.members: dict[str, Member] = {}
        self.asked: dict[str, Asked] = {}
        self.held = False
        """Whether the subject is parted from the members."""
        self.joined: Joined | None = None
        """Humans speak with the subject instead of the robot."""
        self.lost = False
        """Whether the last who spoke is gone without having left: their page dropped."""
        self.taker: Member | None = None
        """Who takes the call from the robot and can be heard."""
        self.taken = asyncio.Event()
        """Set while there is a `taker`."""
        self.stirred = asyncio.Event()
        """Set whenever somebody came or went; who waits for it clears it."""
        self.closed = False
        """Whether nobody comes any more: the conversation is over."""
        self._left = left
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def speakers(self) -> list[Member]:
        """Those who speak with the subject, or are about to."""
        return [member for member in self.members.values() if member.part is Part.SPEAKS]

    def member(self, name: str) -> Member:
        """Raises `LiveError` for somebody who is not on the call."""
        if (member := self.members.get(name)) is None:
            raise LiveError(Refusal.NOT_ON_CALL, name=name)
        return member

    # ---- asking

    @contextlib.contextmanager
    def asking(self, name: str, *, phone: bool, within_s: float) -> Iterator[Asked]:
        """Somebody is asked to come for as long as this lasts."""
        now_s = self._now
        asked = self.asked[name] = Asked(name, phone, now_s, now_s + within_s, asyncio.Future())
        self._changed()
        try:
            yield asked
        finally:
            del self.asked[name]
            asked.answer.cancel()
            self._changed()

    def accept(self, name: str) -> Member:
        """Somebody who is asked comes by the page: once, and nobody else."""
        asked = self._open(name)
        if asked.phone:
            raise LiveError(Refusal.PICK_UP, name=name)
        member = self.new_page(name, Part.SPEAKS)
        asked.answer.set_result(member)
        return member

    def decline(self, name: str) -> None:
        """Somebody who is asked does not come."""
        self._open(name).answer.set_result(None)

    def _open(self, name: str) -> Asked:
        asked = self.asked.get(name)
        if asked is None or asked.answer.done():
            raise LiveError(Refusal.NOT_OFFERED, name=name)
        return asked

    # ---- coming and going

    def new_page(self, name: str, part: Part) -> Member:
        """Somebody comes by the page."""
        page = self.call.page()
        return self.admit(Member(name, page, part, page=page))

    def admit(self, member: Member) -> Member:
        """Somebody is there, but not joined to the others yet."""
        member.joined_s = self._now
        self.members[member.name] = member
        if member.page is None:
            member.linked.set()
        member.tasks = [_beside(self._until_gone(member))]
        self._changed()
        return member

    async def linked(self, member: Member) -> bool:
        """Whether somebody's sound has come; returns when it has, or they have gone."""
        ways = [asyncio.create_task(each) for each in (member.linked.wait(), member.leg.wait_ended())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
        return member.linked.is_set() and not member.leg.ended

    async def connect(self, member: Member, part: Part | None = None) -> bool:
        """Join somebody to the others, or give them another part; whether that could be done. Else they leave."""
        if self.members.get(member.name) is not member or member.leg.ended:
            return False
        member.part = part or member.part
        try:
            if member.part is Part.SPEAKS and self.joined is not None:
                await self.joined.make_room()
            await self.call.bridge(member.leg, member.part, staff=member.staff)
        except Exception as error:
            _log.error("somebody could not be joined", error=repr(error))
            await self.dismiss(member)
            return False
        if act := _ACTS.get(member.part):
            self.exchange.journal.act(act, by=member.name)
        if member.part is Part.SPEAKS and not member.spoke:
            member.spoke = True
            member.tasks.append(_beside(self._hear(member)))
        self._changed()
        return True

    async def dismiss(self, member: Member, *, lost: bool = False) -> None:
        """Somebody leaves, or has gone."""
        if self.members.get(member.name) is not member:
            return
        del self.members[member.name]
        if member is self.taker:
            self._forget_taker()
        if member.part is Part.SPEAKS:
            self.lost = lost
        self._left(member, lost)
        self._changed()
        for task in member.tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await member.leg.hang_up()

    async def dismiss_all(self, *, listeners: bool) -> None:
        """All who speak leave; ``listeners`` too."""
        for member in list(self.members.values()):
            if listeners or member.part is Part.SPEAKS:
                await self.dismiss(member)

    def robot_left(self, joined: Joined) -> None:
        """Humans have the subject from now on."""
        self.joined = joined
        self._forget_taker()

    def _forget_taker(self) -> None:
        self.taker = None
        self.taken.clear()
        self.exchange.yields = False

    async def close(self) -> None:
        """The call is over."""
        self.closed = True
        for task in self._tasks:
            task.cancel()
        await self.dismiss_all(listeners=True)

    async def _until_gone(self, member: Member) -> None:
        await member.leg.wait_ended()
        await self.dismiss(member, lost=member.leg.lost)

    # ---- while they are there

    async def speak(self, name: str, *, relieve: bool) -> Member:
        """Somebody comes by the page to speak with the subject, as soon as their sound is there.

        They take the call from the robot, or join those who speak; with ``relieve`` the other dissuaders then leave.
        """
        member = self.members.get(name) or self.new_page(name, Part.SPEAKS)
        self.start(self._speak(member, relieve=relieve))
        return member

    async def _speak(self, member: Member, *, relieve: bool) -> None:
        if not await self.linked(member):
            return
        if self.joined is None:
            self.taker = member
            self.taken.set()
            await self.exchange.give_way()
            return
        joined = self.joined
        if not await self.connect(member, Part.SPEAKS):
            return
        joined.record().ended(EscalationState.JOINED, member.name)
        if relieve:
            self.exchange.journal.act(Act.TAKEN_OVER, by=member.name)
            for other in self.speakers:
                if other is not member and other.staff:
                    await self.dismiss(other)

    async def mute(self, member: Member, *, on: bool) -> None:
        """Nobody hears somebody, or all do again."""
        await member.leg.mute(on)
        member.muted = on
        self._changed()

    async def part_subject(self, *, on: bool) -> None:
        """Part the subject from the members, or join them again."""
        if self.held != on:
            if not self.exchange.gone.is_set():
                await self.call.hold(on)
            self.held = on
            self._changed()

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Let something go on beside the call, at the latest until it is over."""
        task = _beside(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _hear(self, member: Member) -> None:
        """What somebody says to the subject is shown and written down."""
        journal = self.exchange.journal
        speaker, stored = (Speaker.DISSUADER, member.name) if member.staff else (Speaker.RELATIVE, "")
        async for heard in member.leg.heard():
            if member.part is not Part.SPEAKS or member.muted:
                continue
            match heard:
                case Partial(text, at_s) if text.strip():
                    self.watch.said(speaker, text.strip(), at_s, final=False, name=member.name)
                case Utterance(text, start_s, end_s) if text.strip():
                    journal.turn(Turn(speaker, text.strip(), start_s, end_s, name=stored), name=member.name)
                case Utterance(_, start_s):
                    self.watch.said(speaker, "", start_s, final=True, name=member.name)

    def _changed(self) -> None:
        self.stirred.set()
        self.watch.party_changed()

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _beside(work: Coroutine[object, object, None]) -> asyncio.Task[None]:
    """Let something go on beside the call, which does not end when it fails."""
    task = asyncio.create_task(work, name="party")
    task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("something beside a call failed", error=repr(error))
