"""Replies spoken by voices that no model learnt from, over real calls, and what an ear of the dialer made of them.

Two pools of lines call each other over SIP and G.711 on loopback. At one end a phone plays one reply after the other;
at the other an `Ear` with the bundled model listens, as it does in the dialer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from dialer.lines import Leg, LineError, LinePool, LineSettings
from rehearsal.scenario import Line, Voice
from rehearsal.voices import VoiceError, Voices
from speech.ear import Ear
from speech.heard import Heard, SpeechStarted, SpeechStopped, Utterance
from speech.modelling.lots import lot
from speech.modelling.voices import HELD_OUT
from speech.recognition import Recogniser
from tests.speech.corpus import Reply, corpus

_SLOTS = 4
"""Calls that one process of the pjsua2 wheel carries."""
_SETTLE_S = 0.8
"""Audio that is waited for after a reply: the way over the line, and the voice activity's decision."""
_WAIT_S = 30.0
_PACES = {"elderly": (125, 140), "student": (165, 190), "office": (155, 180)}
_PACE = (145, 175)
"""Words a minute, slowest and quickest."""
_PITCHES = (35, 65)


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reply and what the ear told while it was spoken."""

    reply: Reply
    events: tuple[Heard, ...]

    @property
    def turns(self) -> tuple[str, ...]:
        """The recognised text of every turn in which a word was recognised."""
        return tuple(e.text for e in self.events if isinstance(e, Utterance) and e.text.strip())

    @property
    def text(self) -> str:
        """All that was recognised."""
        return " ".join(self.turns)


@dataclass(frozen=True, slots=True)
class Session:
    """What came of all calls."""

    hearings: tuple[Hearing, ...]
    """In the order of the replies."""
    unspoken: int
    """Replies that have nothing to say, such as dots."""
    late_frames: int
    """Frames of 60 ms that the machine was too slow for; they were heard as silence."""


def sample(language: str, split: str, at_least: int) -> list[Reply]:
    """Every reply to escalate, and as many harmless ones, or more to make so many in all; half of them near-domain.

    The same of the same corpus, and nearly the same when replies are added. Left out: replies whose escalation is not
    scored, and those spelled as a recogniser mishears them, which nobody says.
    """
    fit = [reply for reply in corpus(language, split) if reply.escalation_scored and not reply.recogniser]
    urgent = [reply for reply in fit if reply.escalate]
    near = [reply for reply in fit if not reply.escalate and reply.near_domain]
    other = [reply for reply in fit if not reply.escalate and not reply.near_domain]
    wanted = min(len(near) + len(other), max(len(urgent), at_least - len(urgent)))
    nearly = min(len(near), max(wanted // 2, wanted - len(other)))
    return urgent + _draw(near, nearly) + _draw(other, wanted - nearly)


def voice_of(reply: Reply) -> Voice:
    """The held-out voice that says a reply; old people speak slowly."""
    number = lot(f"voice/{reply.id}")
    slowest, quickest = _PACES.get(reply.speaker or "", _PACE)
    return Voice(
        variant=HELD_OUT[number % len(HELD_OUT)],
        rate_wpm=slowest + number // 16 % (quickest - slowest + 1),
        pitch=_PITCHES[0] + number // 4096 % (_PITCHES[1] - _PITCHES[0] + 1),
    )


async def converse(replies: Sequence[Reply], language: str, folder: Path, *, calls: int = 16) -> Session:
    """Have every reply said in one of several calls at a time, and heard.

    Raises:
        LineError: the lines do not come up, or a call broke off.
    """
    sounds = await _render(replies, language, folder)
    waiting = deque((reply, sounds[reply.id]) for reply in replies if reply.id in sounds)
    found: dict[str, Hearing] = {}
    calls = min(calls, len(waiting))
    async with AsyncExitStack() as stack:
        settings = LineSettings(processes=-(-calls // _SLOTS) or 1, slots_per_process=_SLOTS, user_agent="chain")
        lines, phones = LinePool(settings), LinePool(settings, incoming=True)
        for pool in (lines, phones):
            stack.push_async_callback(pool.stop)
            await pool.start()
        made = await _connect(lines, phones, language, calls)
        await asyncio.gather(*(call.work_through(waiting, found) for call in made))
    late = sum(call.late_frames for call in made)
    return Session(tuple(found[reply.id] for reply in replies if reply.id in found), len(replies) - len(found), late)


class _Call:
    """One call: a phone that speaks and an ear at the other end."""

    def __init__(self, leg: Leg, phone: Leg, ear: Ear) -> None:
        self._leg = leg
        self._phone = phone
        self._ear = ear
        self._events: list[Heard] = []
        self._speaking = False
        self._turn_open = False
        self._tick = asyncio.Event()

    @property
    def late_frames(self) -> int:
        return self._leg.late_frames

    async def work_through(self, waiting: deque[tuple[Reply, Path]], found: dict[str, Hearing]) -> None:
        """Say replies until none waits."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._settled()
            while waiting:
                reply, sound = waiting.popleft()
                self._events = []
                played = await self._phone.play(sound)
                await self._settled()
                if not played.complete:
                    raise LineError("A call broke off while a reply was spoken; run it again.")
                found[reply.id] = Hearing(reply, tuple(self._events))
            await self._phone.hang_up()
            await listening
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        async for frame in self._leg.frames():
            for event in self._ear.feed(frame):
                self._note(event)
            self._tick.set()

    def _note(self, event: Heard) -> None:
        self._events.append(event)
        match event:
            case SpeechStarted():
                self._speaking = self._turn_open = True
            case SpeechStopped():
                self._speaking = False
            case Utterance():
                self._turn_open = self._speaking

    async def _settled(self) -> None:
        """Until what was said has come through and the ear has ended its turn."""
        until_s = self._ear.clock_s + _SETTLE_S
        while self._ear.clock_s < until_s or self._speaking or self._turn_open:
            self._tick.clear()
            try:
                await asyncio.wait_for(self._tick.wait(), _WAIT_S)
            except TimeoutError:
                raise LineError(f"No audio came for {_WAIT_S:g} s; run it again.") from None


async def _render(replies: Iterable[Reply], language: str, folder: Path) -> dict[str, Path]:
    voices, turn = Voices(folder), asyncio.Semaphore(4)

    async def one(reply: Reply) -> tuple[str, Path] | None:
        async with turn:
            try:
                return reply.id, (await voices.render(Line(say=reply.text), voice_of(reply), language)).path
            except VoiceError:
                return None

    return dict(filter(None, await asyncio.gather(*(one(reply) for reply in replies if reply.text.strip()))))


async def _connect(lines: LinePool, phones: LinePool, language: str, calls: int) -> list[_Call]:
    made: list[_Call] = []
    ringing = phones.incoming()
    for number in range(calls):
        leg = lines.take()
        await leg.invite(phones.contacts[number // _SLOTS].replace("sip:", f"sip:{number}@"))
        phone = await asyncio.wait_for(anext(ringing), _WAIT_S)
        await phone.answer()
        if not await leg.wait("answered", _WAIT_S):
            raise LineError(f"Call {number} was not answered; run it again.")
        made.append(_Call(leg, phone, Ear(Recogniser(language.partition("-")[0]))))
    return made


def _draw(replies: Sequence[Reply], number: int) -> list[Reply]:
    drawn = set(sorted((reply.id for reply in replies), key=lot)[:number])
    return [reply for reply in replies if reply.id in drawn]
