"""A script on a call: greet, speak, listen, answer, hand over, end.

`Conversation.run` carries a whole call. It raises nothing for what a person or the network does, always hangs up, and
ends within `ConversationSettings.robot_limit_s` and its last prompts, unless a human has taken over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass

from campaigns.model import EscalationState, HeardSignal, Outcome, Speaker
from dialer.dialogue import Dialogue
from dialer.escalation import EscalationDesk, EscalationResult, Offer
from dialer.exchange import Exchange, ExchangeEvent, PromptEnded
from dialer.following import Following
from dialer.journal import ConversationLog, Journal
from dialer.live import Phase
from dialer.mentioned import Mentioned
from dialer.offer import TAKEN
from dialer.party import Party
from dialer.seam import Ended, LiveCall
from dialer.turns import (
    AssistantAsks,
    ConversationSettings,
    FraudHeard,
    HumanTakes,
    MachineAnswered,
    SubjectLeft,
    TimeUp,
    TurnEvent,
    TurnTaking,
)
from dialer.understanding import Understanding
from dialer.watch import Watch
from scripts.model import Script, Step
from speech.answering import Verdict
from speech.assessment import SIGNALS, Answer
from speech.heard import Partial, Utterance
from speech.lexicon import label

__all__ = ["Conversation", "ConversationLog", "ConversationResult", "ConversationSettings"]


@dataclass(frozen=True, slots=True)
class ConversationResult:
    """How the call went."""

    outcome: Outcome
    answered: bool = False
    key_warning_heard: bool = False
    sip_code: int | None = None
    reason: str = ""
    """Human-readable; holds nothing that the subject said."""
    steps: tuple[str, ...] = ()
    """Names of the script's steps in the order in which they were reached."""
    signals: tuple[HeardSignal, ...] = ()
    escalation: EscalationResult | None = None


class Conversation:
    """One call from dialling to hanging up. Made for a single use."""

    def __init__(
        self,
        call: LiveCall,
        script: Script,
        details: Mapping[str, str],
        *,
        log: ConversationLog,
        escalate: EscalationDesk,
        urgency: int = 0,
        settings: ConversationSettings | None = None,
        own_numbers: Sequence[str] = (),
        watch: Watch | None = None,
    ) -> None:
        """``details`` fills the script's placeholders; ``urgency`` is the case's rank among calls that wait.

        ``own_numbers``, in E.164, are the subject's and those of relatives: they are not recorded as heard. ``watch``
        is told what happens as it does.
        """
        self._call = call
        self._script = script
        self._settings = (settings or ConversationSettings()).patient(script.patience)
        self._desk = escalate
        self._urgency = urgency
        self._dialogue = Dialogue(script, details)
        self._journal = Journal(log, watch)
        self._watch = self._journal.watch
        self._heard = Understanding(script.language, script.hears, self._journal)
        self._mentioned = Mentioned(script.language, self._journal, own_numbers)
        self._exchange = Exchange(call, self._journal, self._take_in)
        self._party = escalate.party(self._exchange)
        self._turns = TurnTaking(self._exchange, self._heard, self._settings)
        self._following = Following()
        self._key_warning_heard = False
        self._acknowledged = False
        self._escalation: EscalationResult | None = None

    @property
    def party(self) -> Party:
        """The humans on the call."""
        return self._party

    async def run(self) -> ConversationResult:
        """Carry the call to its end. Raises only what our own parts raise: a prompt that cannot be rendered, a bug."""
        first, *later = self._dialogue.prompts()
        await self._prepare([first])  # whoever picks up at once must not wait for a voice
        preparing = asyncio.create_task(self._prepare(later), name="prepare")
        try:
            dialled = await self._call.dial()
            if isinstance(dialled, Ended):
                outcome = dialled.outcome or Outcome.TRUNK_FAILURE
                return ConversationResult(outcome, sip_code=dialled.sip_code or None, reason=dialled.reason)
            self._journal.answered()
            self._watch.phase(Phase.ROBOT)
            self._turns.limit(self._settings.robot_limit_s)
            self._exchange.start()
            outcome, reason = await self._talk()
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)
            try:
                try:
                    await self._party.close()
                finally:
                    await self._call.hang_up()
                await self._exchange.close()
            finally:
                self._mentioned.end()
                await self._journal.close()
        ended = self._exchange.ended
        return ConversationResult(
            outcome,
            answered=True,
            key_warning_heard=self._key_warning_heard,
            sip_code=(ended.sip_code or None) if ended else None,
            reason=reason,
            steps=tuple(self._dialogue.visited),
            signals=tuple(self._heard.signals.values()),
            escalation=self._escalation,
        )

    async def _prepare(self, texts: list[str]) -> None:
        """Have prompts rendered while the phone rings; one that fails now will tell when it is said."""
        for text in texts:
            with contextlib.suppress(Exception):
                await self._call.prepare(text)

    def _take_in(self, event: ExchangeEvent) -> None:
        """Understand an event the moment it comes, also while a human speaks with the subject."""
        taken: TurnEvent = event
        self._heard.step = self._dialogue.name or ""
        match event:
            case Partial(text, at_s):
                self._watch.said(Speaker.SUBJECT, text.strip(), at_s, final=False)
                self._heard.partial(event)
            case Utterance():
                taken = reply = self._heard.utterance(event)
                if not reply.has_words:
                    self._watch.said(Speaker.SUBJECT, "", event.start_s, final=True)
                if self._heard.machine is None:
                    self._mentioned.turn(event)
                    self._following.turn(event, reply.assessment)
                if self._key_warning_heard and self._following.understands(event, reply.assessment):
                    self._acknowledged = True
            case Verdict():
                self._heard.judged(event)
            case PromptEnded(prompt) if prompt.complete:
                step = self._script.steps.get(prompt.step)
                if step is not None and step.key_warning:
                    self._key_warning_heard = True
        self._turns.put(taken)

    async def _talk(self) -> tuple[Outcome, str]:
        work: Coroutine[object, object, tuple[Outcome, str]] = self._greet_and_speak()
        while True:
            try:
                ending = await work
            except FraudHeard:
                work = self._hand_over_at_once(self._reason())
                continue
            except SubjectLeft:
                return self._left()
            except MachineAnswered:
                return self._machine()
            except AssistantAsks:
                work = self._tell_assistant()
                continue
            except HumanTakes:
                ending = None
            except TimeUp:
                await self._last_words()
                ending = self._ending(self._left()[0]), f"the robot's {self._settings.robot_limit_s:g} s were over"
            # Who has just taken the call has nobody to speak with if the subject went in that moment.
            if ending is not None and (self._exchange.gone.is_set() or not self._exchange.yields):
                return ending
            self._heard.greeting = self._heard.expects_machine = False
            work = self._hand_over_at_once((TAKEN, ""))

    async def _greet_and_speak(self) -> tuple[Outcome, str]:
        await self._turns.greet()
        self._leave_greeting()
        return await self._follow_script()

    def _machine(self) -> tuple[Outcome, str]:
        machine = self._heard.machine
        if machine is None:
            return Outcome.VOICEMAIL, f"a greeting longer than {self._settings.machine_greeting_s:g} s"
        return machine.outcome, machine.reason

    async def _tell_assistant(self) -> tuple[Outcome, str]:
        """Tell an assistant who calls, by the opening, and go on with whoever speaks then."""
        machine = self._heard.machine
        assert machine is not None
        self._heard.told_assistant()
        if self._exchange.speaking:
            await self._turns.reply()  # what the assistant says is heard out
        start = self._script.start
        await self._exchange.say(self._dialogue.fill(self._script.steps[start].say), step=start)
        if not await self._turns.somebody(within_s=self._settings.assistant_wait_s):
            return machine.outcome, f"{machine.reason}; nobody came"
        self._heard.greeting = False
        self._leave_greeting()
        return await self._follow_script()

    def _leave_greeting(self) -> None:
        target = self._heard.steers_to
        if target is not None and self._dialogue.returns(target):
            # "Who is this?" before a word was said is what the opening answers.
            self._heard.drop_steer()

    async def _follow_script(self) -> tuple[Outcome, str]:
        """Go through the script from where it stands to an end."""
        dialogue = self._dialogue
        while dialogue.name is not None:
            self._turns.leave_if_due()
            name, step = dialogue.name, dialogue.step
            if step.escalate:
                ending = await self._offer(self._reason(), hold=[dialogue.text])
            else:
                ending = await self._carry_out(name, step)
            if ending is not None:
                return ending, f"the script ended at {name}{self._why_not_reached()}"
        return self._left()[0], "the script had nothing more to say"

    async def _carry_out(self, name: str, step: Step) -> Outcome | None:
        """Say a step, hear the reply if it asks, and go to the next; the outcome if there is none."""
        dialogue = self._dialogue
        if self._following.astray and step.interruptible:
            step = step.model_copy(update={"interruptible": False})  # they do not speak to us
        reply = await self._turns.speak(dialogue.text, name, step)
        if self._steered():
            return None
        if step.end is not None:
            return self._ending(Outcome(step.end))
        if not step.is_question:
            dialogue.go_on()
            return None
        reply = reply or await self._turns.reply()
        self._heard.ask_nothing()
        if self._steered():
            return None
        answer = Answer.NONE
        if reply is not None:
            if reply.has_words:
                self._heard.expects_machine = False
            # Whoever made a sound was there: it is asked again as unclear, not as silence.
            answer = Answer.UNCLEAR if reply.assessment.answer is Answer.NONE else reply.assessment.answer
            if step.asks == "acknowledges" and answer is Answer.YES:
                understood = self._following.understands(reply.utterance, reply.assessment)
                answer = answer if understood else Answer.UNCLEAR
        if self._following.lost is not None:
            return await self._part()
        if answer is Answer.YES and step.expects_acknowledgement:
            self._acknowledged = True
        dialogue.answered(answer)
        return None

    def _steered(self) -> bool:
        """Whether a signal led to another step."""
        target = self._heard.take_steer()
        if target is None or target == self._dialogue.name:
            return False
        self._heard.ask_nothing()
        self._dialogue.steer(target)
        return True

    def _reason(self) -> tuple[str, str]:
        """Name and words of the signal for which a human is called."""
        signal = self._heard.critical or next(reversed(self._heard.signals.values()), None)
        return (signal.name, signal.words) if signal else ("script", "")

    async def _hand_over_at_once(self, reason: tuple[str, str]) -> tuple[Outcome, str]:
        """A critical signal was heard, or somebody takes the call: a human now; if nobody is free, what the script says
        then.
        """
        dialogue = self._dialogue
        hold: list[str] = []
        step = dialogue.step if dialogue.name is not None else None
        if step is not None and step.asks == reason[0] and step.yes and self._script.steps[step.yes].escalate:
            dialogue.answered(Answer.YES)
            hold = [dialogue.text]
        else:
            dialogue.to_escalation()
        ending = await self._offer(reason, hold=hold)
        if ending is None and dialogue.name is not None:
            ending, _ = await self._follow_script()
        elif ending is None:
            await self._last_words()
        why = "a human took the call" if reason[0] == TAKEN else f"{reason[0]} was heard"
        return ending or Outcome.CALLBACK_DUE, why

    async def _offer(self, reason: tuple[str, str], *, hold: list[str]) -> Outcome | None:
        """Offer the call to a human, once a call unless one takes it; goes on in the script, without outcome, if nobody
        is free.
        """
        if not self._turns.may_hand_over and reason[0] != TAKEN:
            return self._without_human()
        self._turns.may_hand_over = False
        self._heard.ask_nothing()
        phrases, fill = self._script.phrases, self._dialogue.fill
        signal, words = reason
        offer = Offer(
            reason=signal,
            words=words,
            whisper=fill(
                phrases.whisper,
                scam_type=self._script.scam_type,
                signal=label(signal, self._script.language) if signal in SIGNALS else "",
                words=words,
            ),
            hold=(*hold, fill(phrases.hold)),
            still_holding=fill(phrases.still_holding),
            urgency=self._urgency,
        )
        began_at = asyncio.get_running_loop().time()
        self._escalation = result = await self._desk.hand_over(self._exchange, offer, self._party)
        self._watch.phase(Phase.ROBOT)
        self._turns.extend(asyncio.get_running_loop().time() - began_at)
        self._turns.forget()
        if result.state is EscalationState.NOBODY_FREE:
            await self._exchange.say(fill(phrases.nobody_free))
            return self._without_human()
        if result.state is EscalationState.SUBJECT_LEFT:
            return Outcome.CALLBACK_DUE
        if phrases.farewell:
            await self._exchange.say(fill(phrases.farewell))
        return Outcome.ESCALATED

    def _without_human(self) -> Outcome | None:
        """Go to what the script says when nobody is free; the outcome if it says nothing."""
        dialogue = self._dialogue
        if dialogue.name is None:
            return None
        if dialogue.step.end is not None:
            return self._ending(Outcome(dialogue.step.end))
        dialogue.go_on()
        return None

    async def _last_words(self) -> None:
        """The key warning, if it has not been heard, and a farewell."""
        await self._warn()
        if self._script.phrases.farewell:
            await self._exchange.say(self._dialogue.fill(self._script.phrases.farewell))

    async def _part(self) -> Outcome:
        """Leave those who do not follow: with the key warning, if it has not been heard, and what may help them."""
        phrases = self._script.phrases
        if not self._heard.child:
            await self._warn()
        if last := phrases.farewell if self._heard.child else phrases.not_followed or phrases.farewell:
            await self._exchange.say(self._dialogue.fill(last))
        return Outcome.FORWARDED if self._heard.child else self._ending(Outcome.WARNED)

    async def _warn(self) -> None:
        name = self._dialogue.warning()
        if name is not None and not self._key_warning_heard:
            await self._exchange.say(self._dialogue.fill(self._script.steps[name].say), step=name)

    def _ending(self, scripted: Outcome) -> Outcome:
        """The script's outcome, held against what was really heard."""
        if self._callback_due:
            return Outcome.CALLBACK_DUE
        if scripted in (Outcome.WARNED, Outcome.ACKNOWLEDGED):
            if not self._key_warning_heard or (scripted is Outcome.WARNED and self._why_not_reached()):
                return Outcome.ANSWERED_INCOMPLETE
            return Outcome.ACKNOWLEDGED if self._acknowledged else scripted
        return scripted

    def _why_not_reached(self) -> str:
        """Why what was said may have reached nobody; empty if somebody followed."""
        lost = self._following.lost
        if lost is not None:
            return f"; {lost}"
        return "" if self._following.anybody else "; nobody said a word"

    def _left(self) -> tuple[Outcome, str]:
        """The outcome of a call that ended before its script did."""
        ended, signals = self._exchange.ended, self._heard.signals
        established = self._dialogue.foregone()
        reason = f"the call ended at {self._dialogue.name or 'its end'}"
        if self._callback_due:
            return Outcome.CALLBACK_DUE, reason
        if ended is not None and ended.outcome is not None:
            return ended.outcome, ended.reason
        if established is Outcome.FORWARDED or (self._heard.child and not self._key_warning_heard):
            return Outcome.FORWARDED, reason
        if ("wrong_person" in signals and not self._heard.child) or established is Outcome.WRONG_PERSON:
            return Outcome.WRONG_PERSON, reason
        if self._key_warning_heard and self._acknowledged:
            return Outcome.ACKNOWLEDGED, reason
        if "trusts_fraudster" in signals or established is Outcome.DENIES:
            return Outcome.DENIES, reason
        warned = self._key_warning_heard and self._following.lost is None
        return (Outcome.WARNED if warned else Outcome.ANSWERED_INCOMPLETE), reason

    @property
    def _callback_due(self) -> bool:
        """Whether fraud in progress was heard and no human has spoken with the subject."""
        return self._heard.critical is not None or not self._turns.may_hand_over
