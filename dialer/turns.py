"""Taking turns with a person: who speaks now, who yields, how long silence is borne."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace

from dialer.exchange import Exchange, ExchangeEvent, Prompt
from dialer.understanding import Reply, Understanding
from scripts.model import Step
from speech.answering import Answerer, Verdict
from speech.assessment import Answer
from speech.heard import BrokeIn, Partial, SpeechStarted, SpeechStopped

TurnEvent = ExchangeEvent | Reply


@dataclass(frozen=True, slots=True)
class ConversationSettings:
    """Thresholds of a conversation. All spans in seconds."""

    greeting_silence_s: float = 1.2
    """The robot speaks first when the far end stays silent this long after the answer."""
    greeting_limit_s: float = 3.0
    """How long sound without words is listened to after the answer."""
    machine_greeting_s: float = 8.0
    """A greeting that goes on for longer than this without a pause is a machine's."""
    wordless_s: float = 2.0
    """Words that came to an end this long ago have ended, also where noise sounds on like a voice."""
    ringing_wait_s: float = 25.0
    """How long a ringing tone behind the answer is waited out; then the robot speaks."""
    assistant_wait_s: float = 20.0
    """How long somebody is waited for whom a call assistant may fetch."""
    resume_s: float = 0.35
    """Silence after which a prompt that was interrupted goes on when whoever broke in only showed that they listen. A
    recogniser needs nearly as much to see a short word."""
    false_start_s: float = 2.0
    """A prompt that was interrupted goes on when no word was recognised for this long, whatever sounds."""
    interruptions: int = 3
    """How often one prompt may be interrupted; then it is said to its end."""
    reply_wait_s: float = 4.0
    """Silence after a question. Give the elderly more."""
    reply_settle_s: float = 1.5
    """From the end of a voice to its recognised turn, at most."""
    sound_is_reply_s: float = 0.6
    """Sound without words counts as an unclear reply from this length on."""
    turn_limit_s: float = 15.0
    """Someone who speaks longer is taken at what was understood so far."""
    answerable_after_s: float = 0.8
    """Speech that began earlier than this into a question answers something else."""
    robot_limit_s: float = 180.0
    """Longest conversation with the robot; after it come only the key warning, if it is still due, and a farewell."""

    def patient(self, factor: float) -> ConversationSettings:
        """The same, but a reply is waited for ``factor`` times as long."""
        return replace(self, reply_wait_s=self.reply_wait_s * factor)


_CLOCK_STEP_S = 0.001
"""Timers may fire a clock step early: a time that is almost up is up, or the waiting would begin again for ever."""


class LeaveScript(Exception):  # noqa: N818 - no errors: what ends a script wherever it stands
    """Something ends the script wherever it stands."""


class SubjectLeft(LeaveScript):
    """The call has ended."""


class MachineAnswered(LeaveScript):
    """A carrier's announcement or a voicemail greeting speaks."""


class AssistantAsks(LeaveScript):
    """A call assistant wants to know who calls."""


class FraudHeard(LeaveScript):
    """A critical signal hands the call to a human."""


class HumanTakes(LeaveScript):
    """A human takes the call from the robot."""


class TimeUp(LeaveScript):
    """The robot has talked long enough."""


class TurnTaking:
    """The robot's side of the conversation, one prompt and one reply at a time.

    Every method leaves by a `LeaveScript` as soon as one is due.
    """

    def __init__(self, exchange: Exchange, heard: Understanding, settings: ConversationSettings) -> None:
        self._exchange = exchange
        self._heard = heard
        self._settings = settings
        self._events: asyncio.Queue[TurnEvent] = asyncio.Queue()
        self._end_at: float | None = None
        self.may_hand_over = True
        """Whether a critical signal leaves the script; a call is offered to humans once."""

    def put(self, event: TurnEvent) -> None:
        """Something happened on the call."""
        self._events.put_nowait(event)

    def forget(self) -> None:
        """Whatever happened until now has been dealt with by somebody else."""
        while not self._events.empty():
            self._events.get_nowait()
        self._heard.drop_steer()

    def limit(self, span_s: float) -> None:
        """Leave by `TimeUp` after ``span_s`` seconds."""
        self._end_at = self._now + span_s

    def extend(self, span_s: float) -> None:
        """Move the limit."""
        if self._end_at is not None:
            self._end_at += span_s

    def leave_if_due(self, *, whole: bool = False) -> None:
        """Raise the `LeaveScript` that is due; ``whole`` lets the time run over."""
        machine = self._heard.machine
        if machine is not None:
            raise AssistantAsks if machine.assistant else MachineAnswered
        if self._exchange.gone.is_set():
            raise SubjectLeft
        if self._exchange.yields:
            raise HumanTakes
        if self._heard.critical is not None and self.may_hand_over:
            raise FraudHeard
        if not whole and self._end_at is not None and self._now >= self._end_at - _CLOCK_STEP_S:
            raise TimeUp

    async def greet(self) -> None:
        """Let the far end say its 喂 first, and find out whether it is a machine."""
        settings = self._settings
        until = self._now + settings.greeting_silence_s
        words = person = False
        machine_at = until
        while (event := await self._next(until)) is not None:
            match event:
                case Reply():
                    break
                case Verdict(kind=Answerer.RINGING | Answerer.SPECIAL) if not words:
                    until = self._now + settings.ringing_wait_s
                case SpeechStarted() if not words:
                    until = self._now + settings.greeting_limit_s
                case Verdict(kind=Answerer.PERSON):
                    person = True
                case Partial(text) if text.strip():
                    machine_at = machine_at if words else self._now + settings.machine_greeting_s
                    words = True
                    until = min(machine_at, self._now + settings.wordless_s)
                case SpeechStopped():
                    until = min(until, self._now + settings.greeting_silence_s)
        talks_on = event is None and words and self._exchange.speaking and until >= machine_at
        if talks_on and not person:
            raise MachineAnswered
        self._heard.greeting = False

    async def somebody(self, *, within_s: float) -> bool:
        """Wait until somebody has said something; ``False`` if nobody does."""
        until = self._now + within_s
        while (event := await self._next(None if self._exchange.speaking else until)) is not None:
            if isinstance(event, Reply) and event.has_words:
                return True
        return False

    async def speak(self, text: str, name: str, step: Step) -> Reply | None:
        """Say a step's prompt; returns early with a turn that answers it or leads elsewhere."""
        settings = self._settings
        prompt = await self._exchange.begin(text, step=name)
        if step.asks is not None:
            self._heard.ask(step.asks, after_s=self._exchange.call.clock_s + settings.answerable_after_s)
        else:
            self._heard.ask_nothing()
        interruptible = step.interruptible and not step.key_warning
        left = settings.interruptions if interruptible else 0
        while prompt.sounding:
            match await self._next(whole=step.key_warning):
                case BrokeIn() if left:
                    left -= 1
                    settled = await self._yield(prompt, step)
                    if settled is not None:
                        return settled
                case Reply() as reply if interruptible and self._settles(step, reply):
                    await self._exchange.hush()
                    return reply
        await self._exchange.hush()
        return None

    async def reply(self) -> Reply | None:
        """The turn that follows a question; ``None`` after silence."""
        settings = self._settings
        patience = self._now + settings.reply_wait_s
        limit = patience + settings.turn_limit_s
        while True:
            event = await self._next(limit if self._exchange.speaking else min(patience, limit))
            match event:
                case None:
                    return self._heard.cut_short(self._exchange.call.clock_s)
                case SpeechStopped():
                    patience = max(patience, self._now + settings.reply_settle_s)
                case Reply(utterance) if (
                    event.has_words or utterance.end_s - utterance.start_s >= settings.sound_is_reply_s
                ):
                    return event

    async def _yield(self, prompt: Prompt, step: Step) -> Reply | None:
        """Stop a prompt and hear the subject out; goes on with the prompt unless the turn settles the step."""
        await prompt.stop()
        if prompt.complete:
            return None
        reply = await self._hear_out(asked=step.is_question)
        if reply is not None and self._settles(step, reply):
            await self._exchange.hush()
            return reply
        prompt.start()
        return None

    async def _hear_out(self, *, asked: bool) -> Reply | None:
        """The turn that interrupted; ``None`` after a false start.

        When something is ``asked``, a mere 对 is waited for to its end, too: it may be the answer.
        """
        settings = self._settings
        began_at = sounds_at = self._now
        words = False
        silent_s: float | None = None
        while True:
            # The latest words count: the first that a recogniser sees of a 对 may be another's.
            if silent_s is None:
                until = began_at + settings.turn_limit_s if words else sounds_at + settings.false_start_s
            else:
                silence_s = settings.reply_settle_s if words or asked else settings.resume_s
                until = self._now + max(0.0, silence_s - (self._exchange.call.clock_s - silent_s))
            match await self._next(until):
                case None:
                    return None
                case Reply() as reply:
                    return reply if reply.has_words else None
                case Partial(text):
                    words = bool(text.strip()) and (asked or not self._heard.only_listens(text))
                case SpeechStopped(at_s):
                    silent_s = at_s
                case SpeechStarted():
                    silent_s, sounds_at = None, self._now

    def _settles(self, step: Step, reply: Reply) -> bool:
        """Whether a turn makes the rest of the prompt needless."""
        return self._heard.steers or (step.is_question and reply.assessment.answer in (Answer.YES, Answer.NO))

    async def _next(self, until: float | None = None, *, whole: bool = False) -> TurnEvent | None:
        """The next event, or ``None`` at ``until`` on the loop's clock."""
        self.leave_if_due(whole=whole)
        ends = [at for at in (until, None if whole else self._end_at) if at is not None]
        event: TurnEvent | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(min(ends, default=None)):
                event = await self._events.get()
        self.leave_if_due(whole=whole)
        return event

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()
