"""People and phones on virtual time: what stands in for a real call behind `dialer.seam`.

A person is a coroutine that speaks, waits for what the robot says, and hangs up::

    async def denier(me: Person) -> None:
        await me.says("喂")
        await me.hears("最近有没有")     # until the robot has begun a prompt with these words
        await me.says("没有")
        await me.hears_out("转账")       # until the robot has said such a prompt to its end
        me.hangs_up()
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from campaigns.model import Act, EscalationState, HeardSignal, Mention, Outcome, Turn
from dialer.live import AudioLink, Part
from dialer.page import GONE_S
from dialer.seam import Answered, CallEvent, Ended, HungUp, Leg, Said
from speech.heard import BrokeIn, Heard, Partial, SpeechStarted, SpeechStopped, Utterance

SYLLABLE_S = 0.2
"""How long one character takes to say, for both sides."""

FLUSH_S = 0.1
BREAKS_IN_S = 0.15
"""Voice after which somebody is known to break in."""
END_OF_TURN_S = 0.55
"""Silence that ends a turn."""

Behaviour = Callable[["Person"], Awaitable[None]]


@dataclass
class Line:
    """A prompt that the robot began."""

    text: str
    from_s: float
    started_s: float
    ended_s: float | None = None
    complete: bool = False


@dataclass
class Phone:
    """A dissuader's phone and what becomes of a call to it."""

    answers_after_s: float | None = 2.0
    """``None`` never answers."""
    refuses: Outcome | None = None
    """Busy or declined, after `refuses_after_s`."""
    refuses_after_s: float = 0.0
    leaves_whisper_after_s: float | None = None
    talks_s: float | None = None
    """Hangs up this long after the legs were joined; ``None`` stays."""
    line_dies: bool = False
    """It does not hang up then: our line to it dies."""
    rang_at: list[float] = field(default_factory=list)
    whispers: list[str] = field(default_factory=list)
    in_use: bool = False
    cancelled: int = 0
    """How often our side gave up while it rang."""


class ScriptedLeg:
    """Somebody beside the subject who has answered."""

    def __init__(self, call: ScriptedCall, phone: Phone) -> None:
        self.phone = phone
        self.muted = False
        self.lost = False
        self._call = call
        self._gone = asyncio.Event()
        self._heard: asyncio.Queue[Heard | None] = asyncio.Queue()

    @property
    def ended(self) -> bool:
        return self._gone.is_set()

    async def wait_ended(self) -> None:
        await self._gone.wait()

    async def say(self, text: str) -> Said:
        self.phone.whispers.append(text)
        spoken_s = len(text) * SYLLABLE_S
        leaves_s = self.phone.leaves_whisper_after_s
        if leaves_s is not None and leaves_s < spoken_s:
            await asyncio.sleep(leaves_s)
            self.end()
            return Said(0, leaves_s, leaves_s, complete=False)
        await asyncio.sleep(spoken_s)
        return Said(0, spoken_s, spoken_s, complete=True)

    async def heard(self) -> AsyncIterator[Heard]:
        while (heard := await self._heard.get()) is not None:
            yield heard

    async def mute(self, on: bool) -> None:
        self.muted = on

    async def hang_up(self) -> None:
        self.end()

    async def says(self, text: str) -> None:
        """Speak, as the test wants it."""
        started_s = self._call.clock_s
        for end in range(1, len(text) + 1):
            await asyncio.sleep(SYLLABLE_S)
            self._heard.put_nowait(Partial(text[:end], self._call.clock_s))
        await asyncio.sleep(END_OF_TURN_S)
        self._heard.put_nowait(Utterance(text, started_s, self._call.clock_s - END_OF_TURN_S))

    def end(self) -> None:
        self._gone.set()
        self._heard.put_nowait(None)
        self.phone.in_use = False
        self._call.connected.discard(self)


class ScriptedLink:
    """A page's sound: nothing is heard."""

    def send(self, pcm: bytes) -> None:
        raise NotImplementedError

    async def frames(self) -> AsyncIterator[bytes]:
        raise NotImplementedError
        yield b""


class ScriptedPage(ScriptedLeg):
    """Somebody whose phone is a page; it ends when it has been without a link for `GONE_S`."""

    def __init__(self, call: ScriptedCall) -> None:
        super().__init__(call, Phone())
        self._links = 0
        self._left_at = asyncio.get_running_loop().time()
        self._alone = asyncio.get_running_loop().call_later(GONE_S, self._lose)

    @property
    def silent_s(self) -> float:
        return 0.0 if self._links else asyncio.get_running_loop().time() - self._left_at

    @asynccontextmanager
    async def link(self) -> AsyncIterator[AudioLink]:
        self._alone.cancel()
        self._links += 1
        try:
            yield ScriptedLink()
        finally:
            self._links -= 1
            self._left_at = asyncio.get_running_loop().time()
            if not self._links:
                self._alone = asyncio.get_running_loop().call_later(GONE_S, self._lose)

    def _lose(self) -> None:
        self.lost = True
        self.end()

    def end(self) -> None:
        self._alone.cancel()
        super().end()


class ScriptedCall:
    """A `dialer.seam.LiveCall` with a person at the other end."""

    def __init__(
        self,
        person: Behaviour | None = None,
        *,
        dialled: Answered | Ended | None = None,
        phones: Mapping[str, Phone] | None = None,
        transfers: Mapping[str, bool] | None = None,
        ring_s: float = 3.0,
        render_s: float = 0.0,
    ) -> None:
        """``render_s``: from the order to say a prompt until it can be heard, or stopped."""
        self.lines: list[Line] = []
        self.events: list[CallEvent] = []
        self.phones = dict(phones or {})
        self.rung: list[str] = []
        self.bridged: list[ScriptedLeg] = []
        """All legs that ever were, in order."""
        self.connected: set[ScriptedLeg] = set()
        """Those joined now."""
        self.parts: dict[ScriptedLeg, Part] = {}
        self.outsiders: set[ScriptedLeg] = set()
        """Those who were joined as relatives."""
        self.held = False
        self.faults: list[str] = []
        """What must never happen on a call, and did."""
        self.bridged_at: float | None = None
        self.hung_up_at: float | None = None
        self.ended: Ended | None = None
        self.changed = asyncio.Condition()
        self._behaviour = person
        self._dialled = dialled or Answered()
        self._transfers = dict(transfers or {})
        self._ring_s = ring_s
        self._render_s = render_s
        self._queue: asyncio.Queue[CallEvent] = asyncio.Queue()
        self.answered_at = 0.0
        self._stop: asyncio.Event | None = None
        self._broken: Line | None = None
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def clock_s(self) -> float:
        return asyncio.get_running_loop().time() - self.answered_at

    async def dial(self) -> Answered | Ended:
        await asyncio.sleep(self._ring_s)
        if isinstance(self._dialled, Answered):
            self.answered_at = asyncio.get_running_loop().time()
            if self._behaviour is not None:
                self.spawn(self._behaviour(Person(self)))
        return self._dialled

    async def prepare(self, text: str) -> None:
        await asyncio.sleep(0.02)

    async def say(self, text: str, *, from_s: float = 0.0) -> Said:
        await asyncio.sleep(self._render_s)
        self._never(self._stop is not None, "two prompts at once")
        between = any(not isinstance(leg, ScriptedPage) or not leg.silent_s for leg in self.speaking_legs)
        self._never(not self.held and between, "the robot speaks between two people")
        started_s = self.clock_s
        if self.ended is not None:
            return Said(started_s, started_s, from_s, complete=False)
        line = Line(text, from_s, started_s)
        self.lines.append(line)
        self._stop = stop = asyncio.Event()
        self._tell()
        whole_s = len(text) * SYLLABLE_S
        ends = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._over.wait())]
        await asyncio.wait(ends, timeout=whole_s - from_s, return_when=asyncio.FIRST_COMPLETED)
        line.complete = not any(end.done() for end in ends)
        for end in ends:
            end.cancel()
        line.ended_s = self.clock_s
        self._stop = None
        self._tell()
        position_s = whole_s if line.complete else from_s + line.ended_s - started_s
        return Said(started_s, line.ended_s, position_s, line.complete)

    async def stop_saying(self) -> None:
        if self._stop is not None:
            self._stop.set()

    async def listen(self) -> AsyncIterator[CallEvent]:
        while True:
            event = await self._queue.get()
            yield event
            if isinstance(event, HungUp):
                return

    async def ring(
        self, uri: str, *, timeout_s: float, on_ringing: Callable[[], None] | None = None
    ) -> ScriptedLeg | Ended:
        phone = self.phones[uri]
        self._never(phone.in_use, "two calls for one dissuader")
        phone.in_use = True
        self.rung.append(uri)
        leg = ScriptedLeg(self, phone)
        try:
            if phone.refuses is Outcome.BUSY:
                leg.end()
                return Ended(Outcome.BUSY, by_far_end=True, sip_code=486)
            phone.rang_at.append(asyncio.get_running_loop().time())
            if on_ringing is not None:
                on_ringing()
            if phone.refuses is not None:
                await asyncio.sleep(phone.refuses_after_s)
                leg.end()
                return Ended(phone.refuses, by_far_end=True, sip_code=603)
            if phone.answers_after_s is None or phone.answers_after_s > timeout_s:
                await asyncio.sleep(timeout_s)
                leg.end()
                return Ended(Outcome.NO_ANSWER, by_far_end=False)
            await asyncio.sleep(phone.answers_after_s)
            return leg
        except asyncio.CancelledError:
            phone.cancelled += 1
            leg.end()
            raise

    def page(self) -> ScriptedPage:
        return ScriptedPage(self)

    @property
    def speaking_legs(self) -> list[ScriptedLeg]:
        """Those whom the subject can hear, or could if not held."""
        return [leg for leg in self.connected if self.parts[leg] is Part.SPEAKS]

    async def bridge(self, leg: Leg, part: Part = Part.SPEAKS, *, staff: bool = True) -> None:
        assert isinstance(leg, ScriptedLeg)
        self._never(
            part is Part.SPEAKS and not self.held and self._stop is not None, "somebody joins while the robot speaks"
        )
        if leg not in self.bridged:
            self.bridged.append(leg)
            if leg.phone.talks_s is not None:
                self.spawn(self._dissuader(leg, leg.phone.talks_s))
        self.connected.add(leg)
        self.parts[leg] = part
        if not staff:
            self.outsiders.add(leg)
        self.bridged_at = asyncio.get_running_loop().time()
        self._tell()

    async def unbridge(self, leg: Leg) -> None:
        assert isinstance(leg, ScriptedLeg)
        self.connected.discard(leg)

    async def hold(self, on: bool) -> None:
        self._never(not on and self._stop is not None and bool(self.speaking_legs), "joined while the robot speaks")
        self.held = on

    async def transfer(self, uri: str) -> bool:
        self.rung.append(uri)
        await asyncio.sleep(0.5)
        accepted = self._transfers.get(uri, False)
        if accepted:
            await self.hang_up()
        return accepted

    async def send_digits(self, digits: str) -> None:
        raise NotImplementedError

    async def hang_up(self) -> None:
        self.end(Ended(None, by_far_end=False, sip_code=200))
        if self.hung_up_at is None:
            self.hung_up_at = asyncio.get_running_loop().time()
        me = asyncio.current_task()
        for task in self._tasks - {me}:
            task.cancel()

    def end(self, ended: Ended) -> None:
        """The call is over for whatever reason."""
        if self.ended is None:
            self.ended = ended
            self._over.set()
            pages = [leg for leg in self.connected if isinstance(leg, ScriptedPage)]
            for page in pages:
                page.end()  # pages have no call without the subject's
            # The robot is told a little later: what was heard last is understood first.
            asyncio.get_running_loop().call_later(FLUSH_S if pages else 0, self.emit, HungUp(ended))
            self._tell()

    def emit(self, event: CallEvent) -> None:
        """Something is heard, unless the call is over."""
        if self.ended is None or isinstance(event, HungUp):
            self.events.append(event)
            self._queue.put_nowait(event)

    def spawn(self, behaviour: Awaitable[None]) -> None:
        """Let somebody act beside the robot for as long as the call lasts."""
        task = asyncio.ensure_future(behaviour)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def said(self, text: str) -> list[Line]:
        """The robot's prompts that contain ``text``."""
        return [line for line in self.lines if text in line.text]

    def _never(self, happens: bool, what: str) -> None:
        if happens:
            self.faults.append(what)
            raise AssertionError(what)

    async def _dissuader(self, leg: ScriptedLeg, talks_s: float) -> None:
        await asyncio.sleep(talks_s)
        leg.lost = leg.phone.line_dies
        leg.end()

    def broken_into(self) -> None:
        """Somebody speaks: an ear tells it once a prompt."""
        if self._stop is not None and self._broken is not self.lines[-1]:
            self._broken = self.lines[-1]
            self.emit(BrokeIn(self.clock_s))

    def _tell(self) -> None:
        self.spawn(self._notify())

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class Person:
    """What a subject can do on a call."""

    def __init__(self, call: ScriptedCall) -> None:
        self.call = call

    async def waits(self, span_s: float) -> None:
        """Say nothing for a while."""
        await asyncio.sleep(span_s)

    async def hears(self, words: str) -> None:
        """Until the robot has begun a prompt with these words."""
        async with self.call.changed:
            await self.call.changed.wait_for(lambda: bool(self.call.said(words)))

    async def hears_out(self, words: str) -> None:
        """Until the robot has said a prompt with these words to its end."""
        async with self.call.changed:
            await self.call.changed.wait_for(lambda: any(line.complete for line in self.call.said(words)))

    async def says(self, text: str, *, lasts_s: float | None = None) -> None:
        """Speak; returns when the turn was recognised."""
        whole_s = len(text) * SYLLABLE_S if lasts_s is None else lasts_s
        started_s = self.call.clock_s
        self.call.emit(SpeechStarted(started_s))
        asyncio.get_running_loop().call_later(BREAKS_IN_S, self.call.broken_into)
        for heard in range(1, len(text) + 1):
            await asyncio.sleep(whole_s / len(text))
            self.call.broken_into()
            self.call.emit(Partial(text[:heard], self.call.clock_s))
        await self._ends(text, started_s)

    async def makes_noise(self, lasts_s: float, *, like_speech: bool = False) -> None:
        """Sound without words."""
        started_s = self.call.clock_s
        self.call.emit(SpeechStarted(started_s))
        if like_speech:
            asyncio.get_running_loop().call_later(BREAKS_IN_S, self.call.broken_into)
        await asyncio.sleep(lasts_s)
        await self._ends("", started_s)

    async def _ends(self, text: str, started_s: float) -> None:
        ended_s = self.call.clock_s
        self.call.emit(SpeechStopped(ended_s))
        await asyncio.sleep(END_OF_TURN_S)
        self.call.emit(Utterance(text, started_s, ended_s))

    def hangs_up(self) -> None:
        """End the call."""
        self.call.end(Ended(None, by_far_end=True, sip_code=200))


@dataclass
class Notes:
    """A `dialer.journal.ConversationLog` that keeps everything."""

    answers: int = 0
    turns: list[Turn] = field(default_factory=list)
    signals: list[HeardSignal] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    acts: list[tuple[Act, str]] = field(default_factory=list)
    offers: list[tuple[str, str]] = field(default_factory=list)
    rang: list[tuple[int, str]] = field(default_factory=list)
    ended: list[tuple[int, EscalationState, str]] = field(default_factory=list)

    async def answered(self) -> None:
        self.answers += 1

    async def turn(self, turn: Turn) -> None:
        self.turns.append(turn)

    async def signal(self, signal: HeardSignal) -> None:
        self.signals.append(signal)

    async def mention(self, mention: Mention) -> None:
        self.mentions.append(mention)

    async def act(self, act: Act, by: str) -> None:
        self.acts.append((act, by))

    async def escalation_offered(self, reason: str, words: str, beside: bool) -> int:
        self.offers.append((reason, words))
        return len(self.offers)

    async def escalation_rang(self, escalation_id: int, dissuader: str) -> None:
        self.rang.append((escalation_id, dissuader))

    async def escalation_ended(self, escalation_id: int, state: EscalationState, dissuader: str) -> None:
        self.ended.append((escalation_id, state, dissuader))
