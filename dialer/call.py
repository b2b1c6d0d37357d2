"""A call to one subject on a real line: dial, say, listen, join others, hang up. The real `dialer.seam.LiveCall`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from campaigns.model import Outcome
from dialer import lines, seam
from dialer.announced import judged
from dialer.beside import Means
from dialer.causes import outcome_of
from dialer.conference import Conference
from dialer.hearing import Hearing
from dialer.live import Part
from dialer.page import Page
from dialer.phone import PhoneLeg, say
from dialer.screening import ScreeningEar
from dialer.seam import Answered, CallEvent, Digit, Ended, HungUp, Said
from speech.answering import Answerer, Answering, Verdict
from speech.ear import Ear
from speech.echo import Played
from speech.heard import Heard, Utterance
from speech.prompts import Prompt, Prompts
from speech.resuming import resume_from


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and as whom."""

    uri: str
    from_uri: str
    """``"name" <sip:96110@centre>``."""
    asserted_identity: str
    recording: Path | None
    """Where the two-channel recording goes; ``None`` records nothing."""
    names: tuple[str, ...] = ()
    """Parts of the subject's name: prompts that hold one are not kept."""


@dataclass(frozen=True, slots=True)
class CallSettings:
    """Patience of a call."""

    ring_timeout_s: float = 40.0
    """Seconds from the INVITE to giving up as not answered."""
    announcement_wait_s: float = 6.0
    """Seconds that a carrier may go on after its announcement was understood before we hang up."""


class Call:
    """One call on one leg. Made for a single use; `hang_up` is always safe."""

    def __init__(
        self,
        leg: lines.Leg,
        target: Target,
        *,
        beside: Callable[[], lines.Leg],
        language: str,
        ear: Callable[[], Ear],
        prompts: Prompts,
        executor: Executor,
        settings: CallSettings | None = None,
    ) -> None:
        """``beside`` takes a leg for a phone that is to join, wherever there is one; it raises `NoSlotError`."""
        self._leg = leg
        self._beside = beside
        self._target = target
        self._language = language
        self._new_ear = ear
        self._prompts = prompts
        self._executor = executor
        self._settings = settings or CallSettings()
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._means = Means(clock=lambda: self.clock_s, render=self._render, new_ear=ear, executor=executor)
        self._conference = Conference(leg)
        self._pages: list[Page] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._early_words: list[str] = []
        self._early_verdict: Verdict | None = None
        self._announcement = asyncio.Event()
        self._answered = False
        self._screening: ScreeningEar | None = None
        self._answer_judged = False
        self._hung_up_by_us = False

    @property
    def clock_s(self) -> float:
        """Seconds of media since the first frame."""
        return self._leg.clock_s

    async def dial(self) -> Answered | Ended:
        """Ring the number until it is answered, refused or the ring time is over."""
        if self._target.recording is not None:
            self._target.recording.parent.mkdir(parents=True, exist_ok=True)
            await self._leg.record(self._target.recording)
        self._tasks = {
            asyncio.create_task(self._feed(), name="call-ear"),
            asyncio.create_task(self._end_others(), name="call-others"),
        }
        try:
            await self._leg.invite(
                self._target.uri, from_uri=self._target.from_uri, asserted_identity=self._target.asserted_identity
            )
        except lines.LineError as error:
            await self._leg.hang_up()
            return Ended(Outcome.TRUNK_FAILURE, by_far_end=False, reason=str(error))
        if await self._wait_answered():
            self._answered = True
            if self._screening is not None:
                self._screening.answered()
            return Answered(announcement=" ".join(self._early_words))
        timed_out = not self._leg.ended.is_set()
        seen_ringing = self._leg.ringing.is_set() or self._leg.early_media.is_set()
        await self.hang_up()
        return self._unanswered(timed_out=timed_out, seen_ringing=seen_ringing)

    async def _wait_answered(self) -> bool:
        """True on an answer; False when refused, timed out, or a carrier's announcement said enough."""
        answered = asyncio.create_task(self._leg.wait("answered", timeout_s=self._settings.ring_timeout_s))
        announced = asyncio.create_task(self._announcement.wait())
        try:
            await asyncio.wait({answered, announced}, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                await asyncio.wait({answered}, timeout=self._settings.announcement_wait_s)
            return answered.done() and answered.result()
        finally:
            for task in (answered, announced):
                task.cancel()
            await asyncio.gather(answered, announced, return_exceptions=True)

    def _unanswered(self, *, timed_out: bool, seen_ringing: bool) -> Ended:
        end = self._leg.end
        if end is not None and end.line_died:
            return Ended(Outcome.LINE_FAILURE, by_far_end=False, reason="the line process died")
        verdict = self._early_verdict
        machine = judged(verdict) if verdict is not None else None
        # Of a tone and a code, the code knows better.
        if verdict is not None and machine is not None and (verdict.announcement is not None or timed_out):
            return Ended(
                machine.outcome,
                by_far_end=not timed_out,
                sip_code=end.sip_code if end and not timed_out else 0,
                reason=machine.reason,
            )
        if timed_out:
            if seen_ringing:
                return Ended(Outcome.NO_ANSWER, by_far_end=False, reason="ring time is over")
            return Ended(Outcome.TRUNK_FAILURE, by_far_end=False, reason="the trunk gave no sign of ringing")
        assert end is not None
        return Ended(
            outcome_of(end.sip_code, end.q850, end.phrase, seen_ringing=seen_ringing, by_far_end=end.by_far_end),
            by_far_end=end.by_far_end,
            sip_code=end.sip_code,
            reason=end.q850_text or end.phrase,
        )

    async def say(self, text: str, *, from_s: float = 0.0) -> Said:
        """Speak a prompt, or the rest of one from between two words on, to the subject."""
        prompt = await self._render(text)
        from_s = resume_from(prompt.path, from_s) if from_s else 0.0
        ear = self._screening
        if ear is not None:
            ear.robot_says(Played(prompt.path, self.clock_s, from_s))
        try:
            return await say(self._leg, prompt, from_s=from_s)
        finally:
            if ear is not None:
                ear.robot_says(None)

    async def prepare(self, text: str) -> None:
        """Render a prompt ahead."""
        await self._render(text)

    async def _render(self, text: str) -> Prompt:
        personal = any(name in text for name in self._target.names)
        return await self._prompts.render(text, keep=not personal)

    async def stop_saying(self) -> None:
        """Fall silent at once."""
        await self._leg.stop_playing()

    async def listen(self) -> AsyncIterator[CallEvent]:
        """What the subject's side does, until `HungUp`."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, HungUp):
                self._events.put_nowait(event)  # a later listener learns of it too
                return

    async def ring(
        self, uri: str, *, timeout_s: float, on_ringing: Callable[[], None] | None = None
    ) -> PhoneLeg | Ended:
        """Call a dissuader's or a relative's phone."""
        try:
            leg = self._beside()
        except lines.NoSlotError as error:
            return Ended(Outcome.LINE_FAILURE, by_far_end=False, reason=str(error))
        watching = asyncio.create_task(self._end_with_subject(leg))
        try:
            return await self._ring(leg, uri, timeout_s=timeout_s, on_ringing=on_ringing)
        except lines.LineError as error:
            await leg.hang_up()
            return Ended(Outcome.TRUNK_FAILURE, by_far_end=False, reason=str(error))
        except asyncio.CancelledError:
            await leg.hang_up()
            raise
        finally:
            watching.cancel()

    async def _end_with_subject(self, leg: lines.Leg) -> None:
        """Nobody's phone rings on for a subject who has gone."""
        await self._leg.ended.wait()
        await leg.hang_up()

    async def _ring(
        self, leg: lines.Leg, uri: str, *, timeout_s: float, on_ringing: Callable[[], None] | None
    ) -> PhoneLeg | Ended:
        await leg.invite(uri, from_uri=self._target.from_uri, asserted_identity=self._target.asserted_identity)
        ringing = asyncio.create_task(_tell(leg.ringing, on_ringing))
        try:
            answered = await leg.wait("answered", timeout_s=timeout_s)
        finally:
            ringing.cancel()
        if answered:
            return PhoneLeg(leg, self._means)
        end = leg.end
        await leg.hang_up()
        if end is None:
            return Ended(Outcome.NO_ANSWER, by_far_end=False, reason=f"no answer in {timeout_s:g} s")
        outcome = outcome_of(
            end.sip_code, end.q850, end.phrase, seen_ringing=leg.ringing.is_set(), by_far_end=end.by_far_end
        )
        return Ended(outcome, end.by_far_end, sip_code=end.sip_code, reason=end.q850_text or end.phrase)

    def page(self) -> Page:
        """A party at a web page; it ends with the call."""
        page = Page(self._means)
        self._pages.append(page)
        if self._leg.ended.is_set():
            page.end()
        return page

    async def bridge(self, leg: seam.Leg, part: Part = Part.SPEAKS, *, staff: bool = True) -> None:
        """Join a leg to the subject and all other joined legs, or give it another part.

        Without ``staff`` it hears no whisper. Raises `TypeError` for a leg that neither `ring` nor `page` returned.
        """
        if not isinstance(leg, PhoneLeg | Page):
            raise TypeError("only a leg from ring() or page() can be joined")
        if part is Part.SPEAKS and not self._conference.held:
            await self._leg.stop_playing()
        await self._conference.seat(leg, part, staff=staff)

    async def unbridge(self, leg: seam.Leg) -> None:
        """Undo `bridge`."""
        if isinstance(leg, PhoneLeg | Page):
            await self._conference.unseat(leg)

    async def hold(self, on: bool) -> None:
        """Part the subject from all joined legs, or join them again; the robot then falls silent."""
        if not on and self._conference.speaks:
            await self._leg.stop_playing()
        await self._conference.hold(on)

    async def transfer(self, uri: str) -> bool:
        """Hand the subject over by REFER."""
        accepted = await self._leg.refer(uri)
        if accepted:
            await self.hang_up()
        return accepted

    async def send_digits(self, digits: str) -> None:
        """Press keys."""
        await self._leg.send_digits(digits)

    async def hang_up(self) -> None:
        """End the call and let the ear finish what it heard."""
        if not self._leg.ended.is_set():
            self._hung_up_by_us = True
        await self._leg.hang_up()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _feed(self) -> None:
        """Carry frames to the ear, off the event loop, and what it heard to the listener."""
        digits = asyncio.create_task(self._feed_digits())
        try:
            hearing = Hearing(self._screened, self._executor)
            async for event in hearing.events(self._leg.frames(together=True, takes=hearing.takes)):
                self._hand_on(event)
            await self._leg.ended.wait()
        finally:
            digits.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await digits
            self._events.put_nowait(HungUp(self._ended()))

    async def _end_others(self) -> None:
        """Pages have no call without the subject's."""
        await self._leg.ended.wait()
        for page in self._pages:
            page.end()
        await self._conference.close()

    async def _feed_digits(self) -> None:
        while True:
            digit = await self._leg.digits.get()
            self._events.put_nowait(Digit(digit, self.clock_s))

    def _screened(self) -> ScreeningEar:
        self._screening = screening = ScreeningEar(self._new_ear(), Answering(self._language))
        if self._answered:
            screening.answered()
        return screening

    def _hand_on(self, event: Heard | Verdict) -> None:
        if isinstance(event, Verdict):
            self._judge(event)
        elif self._leg.answered.is_set():
            self._events.put_nowait(event)
        elif isinstance(event, Utterance) and event.text:
            self._early_words.append(event.text)

    def _judge(self, verdict: Verdict) -> None:
        """Before the answer, what says enough ends the waiting: ringing and music never do. Behind it the listener
        decides.
        """
        if verdict.kind is Answerer.UNKNOWN:
            self._answer_judged = True
        elif self._answer_judged:
            self._events.put_nowait(verdict)
        else:
            self._early_verdict = verdict
            if verdict.certain and verdict.kind not in (Answerer.ASSISTANT, Answerer.MENU):
                self._announcement.set()

    def _ended(self) -> Ended:
        end = self._leg.end
        if end is None:
            return Ended(None, by_far_end=False)
        outcome = Outcome.LINE_FAILURE if end.line_died else None
        by_far_end = end.by_far_end and not self._hung_up_by_us
        reason = "the line process died" if end.line_died else end.q850_text or end.phrase
        return Ended(outcome, by_far_end=by_far_end, sip_code=end.sip_code, reason=reason)


async def _tell(ringing: asyncio.Event, on_ringing: Callable[[], None] | None) -> None:
    """A phone may also answer without having rung."""
    await ringing.wait()
    if on_ringing is not None:
        on_ringing()
