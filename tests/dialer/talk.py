"""A robot that says one prompt on a real call, and a subject who makes a sound into it; all times are the subject's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.answering_sounds import Sound, silence, spoken
from dialer.call import Call, Target
from dialer.exchange import Exchange, ExchangeEvent
from dialer.journal import Journal
from dialer.lines import Leg, LinePool, LineSettings
from dialer.seam import Answered
from dialer.turns import ConversationSettings, TurnTaking
from dialer.understanding import Understanding
from rehearsal.hearing import AUDIBLE, FRAME_S, rms
from scripts.model import Step
from speech.ear import Ear, EarSettings
from speech.heard import Partial, Utterance
from speech.prompts import Prompts
from speech.recognition import Recogniser
from speech.synthesis import VoiceSettings
from speech.telephone import Speech, write_wav
from tests.dialer.lines.peers import WAIT_S
from tests.dialer.people import Notes

PROMPT = (
    "this is the fraud prevention centre and we call you because somebody may have told you that your money is not "
    "safe at your bank any more and that you should send it somewhere else at once which is never true"
)
STOPPED_S = 0.3
"""The robot's voice pauses for less between its words."""
_INTO_S = 1.0
_BEHIND_S = 1.0
_FRAME_BYTES = 320


@dataclass(frozen=True, slots=True)
class Talked:
    """What the subject heard. Seconds on the subject's clock."""

    began_s: float
    """When the sound that the subject made began, by its file."""
    heard: tuple[bool, ...]
    """Of each 20 ms, whether the robot could be heard."""
    turns: tuple[str, ...]
    """What the subject was understood to say into the prompt."""

    @property
    def silences(self) -> list[tuple[float, float]]:
        """When the robot fell silent after that, and for how long; its end is none."""
        sounding = [at for at, audible in enumerate(self.heard) if audible]
        gaps = [((first + 1) * FRAME_S, (then - first - 1) * FRAME_S) for first, then in pairwise(sounding)]
        return [(at_s, lasts_s) for at_s, lasts_s in gaps if at_s > self.began_s and lasts_s >= STOPPED_S]

    @property
    def stopped_after_s(self) -> float | None:
        """From the beginning of the sound to the last that was heard of the robot before it fell silent."""
        return self.silences[0][0] - self.began_s if self.silences else None


class Listener:
    """The robot and the subject of an answered call."""

    def __init__(self, call: Call, phone: Leg, folder: Path) -> None:
        journal = Journal(Notes())
        self._understood = Understanding("en", {}, journal)
        self._exchange = Exchange(call, journal, self._take_in)
        self._turns = TurnTaking(self._exchange, self._understood, ConversationSettings())
        self._phone = phone
        self._folder = folder
        self._heard: list[bool] = []
        self._said: list[str] = []
        self._came = asyncio.Event()
        self._exchange.start()
        self._listening = asyncio.create_task(self._listen())

    async def interrupted_by(self, sound: Sound, *, interruptible: bool = True) -> Talked:
        """Have the robot say a prompt, the sound made into it, and the prompt said to its end."""
        self._said.clear()
        began_at = len(self._heard)
        speaking = asyncio.create_task(
            self._turns.speak(PROMPT, "prompt", Step(say=PROMPT, interruptible=interruptible))
        )
        await self._until(lambda: sum(self._heard[began_at:]) * FRAME_S >= _INTO_S)
        played = await self._play("sound", sound)
        await speaking
        ended_at = len(self._heard)
        await self._until(lambda: len(self._heard) >= ended_at + _BEHIND_S / FRAME_S)
        return Talked(played, tuple(self._heard), tuple(self._said))

    async def greeted(self) -> None:
        """The subject says hello, which tells how loudly they speak."""
        greeting = asyncio.create_task(self._turns.greet())
        await self._play("hello", spoken("hello who is this", "en", "m5", 160, 50))
        await greeting

    async def close(self) -> None:
        """Wait for what was heard last."""
        await self._listening
        await self._exchange.close()

    def _take_in(self, event: ExchangeEvent) -> None:
        match event:
            case Utterance(text):
                self._said.append(text)
                self._turns.put(self._understood.utterance(event))
                return
            case Partial():
                self._understood.partial(event)
        self._turns.put(event)

    async def _play(self, name: str, sound: Sound) -> float:
        """Returns when it began, where the first sample is not silence."""
        path = self._folder / f"{name}.wav"
        write_wav(path, Speech((sound * 32767).astype("<i2").tobytes()))
        return (await self._phone.play(path)).started_s

    async def _listen(self) -> None:
        async for pcm in self._phone.frames():
            frames = (pcm[at : at + _FRAME_BYTES] for at in range(0, len(pcm), _FRAME_BYTES))
            self._heard += [rms(frame) >= AUDIBLE for frame in frames]
            self._came.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[Listener]:
    """An answered call, the subject having greeted."""
    lines, phones = LinePool(LineSettings(processes=1)), LinePool(LineSettings(processes=1, frame_ms=20), incoming=True)
    await asyncio.gather(lines.start(), phones.start())
    prompts = Prompts(folder / "prompts", VoiceSettings(engine="espeak-ng", language="en"))
    with ThreadPoolExecutor(2) as executor:
        leg = lines.take()
        call = Call(
            leg,
            Target(phones.contacts[0].replace("sip:", "sip:12025550101@"), "<sip:96110@carrier.test>", "", None),
            beside=partial(lines.beside, leg),
            language="en",
            ear=lambda: Ear(Recogniser("en"), EarSettings(language="en")),
            prompts=prompts,
            executor=executor,
        )
        await call.prepare(PROMPT)
        dialling = asyncio.create_task(call.dial())
        phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
        await phone.answer()
        assert isinstance(await dialling, Answered)
        listener = Listener(call, phone, folder)
        try:
            await listener.greeted()
            yield listener
        finally:
            await call.hang_up()
            await listener.close()
            await asyncio.gather(lines.stop(), phones.stop())
            await prompts.close()


def words(text: str, voice: str = "m5") -> Sound:
    """What the subject says."""
    return spoken(text, "en", voice, 160, 50)


def pause(seconds: float) -> Sound:
    """Nothing."""
    return silence(seconds)
