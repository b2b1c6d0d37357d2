"""The robot's mouth and ears on one call: prompts that can be stopped and resumed, and the subject's events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from campaigns.model import Speaker, Turn
from dialer.journal import Journal
from dialer.seam import CallEvent, Ended, HungUp, LiveCall
from speech.heard import SpeechStarted, SpeechStopped, Utterance

_STOP_AGAIN_S = 0.25
"""A prompt that was stopped while it was still being rendered must be told again once it plays."""

_LAST_EVENTS_S = 5.0
"""How long the events of an ended call are waited for."""


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """A prompt was heard, was stopped, or the call ended."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class GaveWay:
    """A human takes the call from the robot."""


class Prompt:
    """One thing that the robot says, with its interruptions. Made by `Exchange.begin`."""

    def __init__(self, call: LiveCall, text: str, step: str, on_end: Callable[[Prompt], None]) -> None:
        self.text = text
        self.step = step
        self.complete = False
        self._call = call
        self._on_end = on_end
        self._position_s = 0.0
        self._started_s: float | None = None
        self._ended_s = 0.0
        self._saying: asyncio.Task[None] | None = None

    @property
    def sounding(self) -> bool:
        """Whether it is being said now."""
        return self._saying is not None and not self._saying.done()

    def start(self) -> None:
        """Say it, or go on where it was stopped."""
        self._saying = asyncio.create_task(self._say(), name="prompt")

    async def wait(self) -> None:
        """Return when it was heard or stopped; raises what the call's `say` raised."""
        if self._saying is not None:
            await asyncio.wait({self._saying})
            self._saying.result()

    async def stop(self) -> None:
        """Fall silent."""
        while self.sounding:
            assert self._saying is not None
            await self._call.stop_saying()
            await asyncio.wait({self._saying}, timeout=_STOP_AGAIN_S)
        await self.wait()

    def turn(self) -> Turn | None:
        """What was said of it, for the record; ``None`` when nothing was. An ellipsis marks what was left unsaid."""
        if self._started_s is None:
            return None
        text = self.text if self.complete else f"{self.text}…"
        return Turn(Speaker.ROBOT, text, self._started_s, self._ended_s, self.step)

    async def _say(self) -> None:
        try:
            said = await self._call.say(self.text, from_s=self._position_s)
            if said.complete or said.ended_s > said.started_s:
                if self._started_s is None:
                    self._started_s = said.started_s
                self._ended_s = said.ended_s
            self._position_s = said.position_s
            self.complete = said.complete
        finally:
            self._on_end(self)


ExchangeEvent = CallEvent | PromptEnded | GaveWay


class Exchange:
    """One call, answered: at most one prompt at a time, everything that the subject does, all of it recorded."""

    def __init__(self, call: LiveCall, journal: Journal, on_event: Callable[[ExchangeEvent], None]) -> None:
        """``on_event`` gets each event as soon as it is known, also while a human speaks with the subject."""
        self.call = call
        self.journal = journal
        self.gone = asyncio.Event()
        """Set when the call has ended."""
        self.ended: Ended | None = None
        self.speaking = False
        """Whether the subject's voice is active now."""
        self.yields = False
        """Whether a human waits to take the call from the robot, which then begins no prompt."""
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._on_event = on_event
        self._prompt: Prompt | None = None
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._pump = asyncio.create_task(self._listen(), name="listen")

    async def begin(self, text: str, *, step: str = "") -> Prompt:
        """Start a prompt and return at once; one that is still sounding is stopped."""
        await self.hush()
        self._prompt = prompt = Prompt(self.call, text, step, self._prompt_ended)
        if not (self.gone.is_set() or self.yields):
            prompt.start()
            self.journal.watch.said(Speaker.ROBOT, text, self.call.clock_s, final=False)
        return prompt

    async def say(self, text: str, *, step: str = "") -> None:
        """Say a prompt to its end, unless `hush` stops it or the call ends."""
        prompt = await self.begin(text, step=step)
        await prompt.wait()
        if prompt is self._prompt:
            await self.hush()

    async def hush(self) -> None:
        """Fall silent and record what was said."""
        prompt = self._prompt
        if prompt is None:
            return
        await prompt.stop()
        if prompt is self._prompt:
            self._prompt = None
            turn = prompt.turn()
            if turn is not None:
                self.journal.turn(turn)
            else:
                self.journal.watch.said(Speaker.ROBOT, "", 0, final=True)

    async def give_way(self) -> None:
        """Fall silent for a human who takes the call; `yields` until they have it."""
        self.yields = True
        self._on_event(GaveWay())
        await self.hush()

    async def quiet(self, *, within_s: float) -> None:
        """Return when the subject is not speaking, after ``within_s`` at the latest."""
        try:
            async with asyncio.timeout(within_s):
                await self._quiet.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """After the hang-up: take in the last events and record the last prompt."""
        await self.hush()
        if self._pump is not None:
            await asyncio.wait({self._pump}, timeout=_LAST_EVENTS_S)
            if not self._pump.cancel():
                self._pump.result()

    def _prompt_ended(self, prompt: Prompt) -> None:
        self._on_event(PromptEnded(prompt))

    async def _listen(self) -> None:
        try:
            async for event in self.call.listen():
                match event:
                    case SpeechStarted():
                        self.speaking = True
                        self._quiet.clear()
                    case SpeechStopped() | Utterance():
                        self.speaking = False
                        self._quiet.set()
                    case HungUp(ended):
                        self.ended = ended
                        self._go()
                self._on_event(event)
        finally:
            if self.ended is None:
                self.ended = Ended(None, by_far_end=False, reason="nothing more was heard of the call")
                self._go()
                self._on_event(HungUp(self.ended))

    def _go(self) -> None:
        self._quiet.set()
        self.gone.set()
