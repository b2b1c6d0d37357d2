"""What the subject's words have meant so far on one call: signals, answers, and whether it is a person at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.model import HeardSignal, Speaker, Turn
from dialer.announced import Machine, announced, judged
from dialer.journal import Journal
from scripts.model import AGAIN
from speech.announcements import classify
from speech.answering import Verdict
from speech.assess import YES_RULE, assess
from speech.assessment import CRITICAL, Answer, Assessment
from speech.finished import only_listens
from speech.heard import Partial, Utterance

CHILD_RULE = "child"
"""Of the signal ``wrong_person``: a child answers. It closes no case, as other wrong persons do."""
BORNE_OUT_S = 0.6
"""For so long more words must bear out what calls for a human before the turn is over: they may turn it round ("I sent
it ... to my daughter"). Where four characters or two words more are waited for, which takes about as long, 1 in 100
harmless replies in Mandarin, not 5, and 5 in English, not 15, call one halfway, by writers whom the judgement had not
met; of the others 30 and 45 in 100 still do, not 50 and 65."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished turn of the subject and what it meant."""

    utterance: Utterance
    assessment: Assessment

    @property
    def has_words(self) -> bool:
        """Whether anything was recognised in it."""
        return bool(self.utterance.text.strip())


@dataclass(frozen=True, slots=True)
class _Question:
    asks: str
    after_s: float


class Understanding:
    """Assesses every partial result and every turn; remembers each signal once."""

    def __init__(self, language: str, hears: Mapping[str, str], journal: Journal) -> None:
        """``hears`` maps a signal, or ``signal/rule``, to the step that it leads to, as in a script."""
        self.signals: dict[str, HeardSignal] = {}
        self.critical: HeardSignal | None = None
        """The first signal that hands the call to a human."""
        self.machine: Machine | None = None
        """What was recognised to be at the other end instead of a person."""
        self.expects_machine = True
        """Whether it may still be a machine that speaks."""
        self.greeting = True
        """In the greeting a critical signal waits for the end of the turn: an announcement sounds like one halfway."""
        self.step = ""
        """The script's step that speaks or asks now."""
        self._language = language
        self._hears = hears
        self._journal = journal
        self._steer: str | None = None
        """The key in ``hears`` that leads elsewhere."""
        self._steered: set[str] = set()
        self._question: _Question | None = None
        self._open_turn: Partial | None = None
        self._last_partial = ""
        self._critical_since_s: float | None = None
        """Since when all that was recognised of the turn has called for a human."""
        self._knows_us = False

    def ask(self, signal: str, *, after_s: float) -> None:
        """From now on, turns that begin after ``after_s`` on the call's clock answer this question."""
        self._question = _Question(signal, after_s)

    def ask_nothing(self) -> None:
        """From now on turns answer no question."""
        self._question = None

    @property
    def child(self) -> bool:
        """Whether a child has answered for the subject."""
        heard = self.signals.get("wrong_person")
        return heard is not None and heard.rule == CHILD_RULE

    @property
    def steers(self) -> bool:
        """Whether a signal leads to another step."""
        return self._steer is not None

    @property
    def steers_to(self) -> str | None:
        """The step that a signal leads to."""
        return self._hears[self._steer] if self._steer is not None else None

    def take_steer(self) -> str | None:
        """The step that a signal leads to; each signal leads there once a call."""
        target = self.steers_to
        if self._steer is not None:
            self._steered.add(self._steer)
            self._steer = None
        return target

    def drop_steer(self) -> None:
        """Stay where we are; the signal may lead away when it is heard again."""
        self._steer = None

    def judged(self, verdict: Verdict) -> None:
        """Take in who or what is at the other end, as far as sound tells it."""
        machine = judged(verdict) if verdict.certain else None
        if machine is not None and self.expects_machine and self.machine is None:
            self._met(machine)

    def told_assistant(self) -> None:
        """An assistant has been told who calls: it is no hindrance any more."""
        self._knows_us = True
        self.machine = None

    def partial(self, partial: Partial) -> None:
        """Assess what has been recognised of a turn so far."""
        text = partial.text.strip()
        if not text or text == self._last_partial:
            return
        self._last_partial = text
        self._open_turn = partial
        if self._is_machine(text) or self.greeting:
            return
        # All but what is critical waits for the end of the turn, also a bare yes: the next words may turn it round.
        assessment = self._assess(text, partial.at_s, partial=True)
        critical = tuple(s for s in assessment.signals if s.name in CRITICAL and s.rule != YES_RULE)
        if assessment.escalate and not any(s.name in CRITICAL for s in assessment.signals):
            critical = assessment.signals  # words of despair: a rule that calls for a human by itself
        if not critical:
            self._critical_since_s = None
        elif self._critical_since_s is None:
            self._critical_since_s = partial.at_s
        elif partial.at_s - self._critical_since_s >= BORNE_OUT_S:
            self._remember(Assessment(Answer.NONE, critical, escalate=True), partial.at_s)

    def utterance(self, utterance: Utterance) -> Reply:
        """Assess and record a finished turn."""
        self._open_turn, self._last_partial, self._critical_since_s = None, "", None
        text = utterance.text.strip()
        if not text:
            return Reply(utterance, Assessment(Answer.NONE))
        self._journal.turn(Turn(Speaker.SUBJECT, text, utterance.start_s, utterance.end_s, self.step))
        if self._is_machine(text, whole=True):
            return Reply(utterance, Assessment(Answer.UNCLEAR))
        asks = self._asks(utterance.start_s)
        assessment = self._assess(text, utterance.start_s, [word.confidence for word in utterance.words])
        if asks is None:
            assessment = replace(assessment, answer=Answer.UNCLEAR)
        self._remember(assessment, utterance.end_s)
        for signal in assessment.signals:
            key = f"{signal.name}/{signal.rule}"
            if key in self._steered and f"{key}/{AGAIN}" in self._hears:
                key = f"{key}/{AGAIN}"
            key = key if key in self._hears else signal.name
            # What a yes asserts leads where the question's own branch says.
            if key in self._hears and signal.name != asks and key not in self._steered:
                self._steer = key
                break
        return Reply(utterance, assessment)

    def only_listens(self, text: str) -> bool:
        """Whether somebody who says this into a prompt shows that they listen, and no more."""
        return only_listens(text, self._language)

    def cut_short(self, at_s: float) -> Reply | None:
        """What has been said of a turn that does not end, as a reply; ``None`` when no word was recognised."""
        partial = self._open_turn
        if partial is None:
            return None
        assessment = self._assess(partial.text, partial.at_s)
        self._remember(assessment, at_s)
        return Reply(Utterance(partial.text, partial.at_s, at_s), assessment)

    def _asks(self, since_s: float) -> str | None:
        """What is asked of a turn that began at ``since_s``."""
        question = self._question
        return question.asks if question is not None and since_s >= question.after_s else None

    def _assess(
        self, text: str, since_s: float, confidences: Sequence[float] | None = None, *, partial: bool = False
    ) -> Assessment:
        asks = self._asks(since_s)
        return assess(text, language=self._language, asks=asks, confidences=confidences, partial=partial)

    def _is_machine(self, text: str, *, whole: bool = False) -> bool:
        if self.expects_machine and (self.machine is None or self.machine.assistant):
            match = classify(text, self._language, whole=whole)
            if match is not None:
                self._met(announced(match))
        return self.machine is not None

    def _met(self, machine: Machine) -> None:
        if not (machine.assistant and self._knows_us):
            self.machine = machine

    def _remember(self, assessment: Assessment, at_s: float) -> None:
        for signal in assessment.signals:
            if signal.name not in self.signals:
                heard = HeardSignal(signal.name, signal.words, signal.rule, at_s)
                self.signals[signal.name] = heard
                self._journal.signal(heard)
        if assessment.escalate and self.critical is None:
            urgent = [s for s in assessment.signals if s.name in CRITICAL] or assessment.signals
            self.critical = self.signals[urgent[0].name] if urgent else None
            # Who tells of fraud is a person, also with a word that an announcement has.
            self.expects_machine = False
