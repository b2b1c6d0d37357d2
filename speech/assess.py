"""What a reply meant: the answer to the question, signs of fraud with their words, a risk, and whether to escalate.

Pure and quick enough for every partial result. How a text is judged:

1. `speech.reply` brings it to one spelling, corrects homophones, sets clauses apart and marks negations.
2. Every rule of the language's lexicon is tried. A match is dropped when a negation reaches it, when it is only
   supposed ("if I send it"), when somebody else did it, when an everyday purpose explains it (the daughter's
   allowance), or when a later clause takes it back. Of long ago it becomes ``past_incident``.
3. The answer is read clause by clause: a bare yes or no counts until something said about the question itself
   follows, and a correction ("no wait") starts anew. A yes fires the signal that the question asserts, by the rule
   ``answer:yes``.
4. Risk is ``1 - (1 - w1 c1)(1 - w2 c2)...`` over the signals heard, ``w`` the weight in the lexicon and ``c`` the
   recogniser's confidence in the words (1 if unknown). A critical signal, and a rule that says so, escalates when ``c``
   is at least `SURE_ENOUGH`.
5. Where no rule escalates, a small classifier (`speech.likeness`) may: ``contacted`` is then heard by the rule
   ``model:`` and the characters that weighed most. Partial results do without it.

A plain denial ("我没被骗") is no signal: most people who are asked say it. ``trusts_fraudster`` is a denial with a
reason that only the fraudster gives (a procedure, a real officer), or an insistent one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from speech.assessment import CRITICAL, Answer, Assessment, Signal
from speech.lexicon import Lexicon, SignalRules, lexicon
from speech.likeness import Likeness, likeness
from speech.reply import UNHEARD, Reply, prepare

SURE_ENOUGH = 0.5
"""Mean confidence of the words from which a critical signal escalates."""

YES_RULE = "answer:yes"
"""The rule of a signal that a yes to a question asserted."""

_IMPLY_CONTACT = CRITICAL - {"asks_for_human"}
_TALK_ABOUT_TALK = frozenset({"did_not_hear", "who_is_calling", "wrong_person", "busy_now", "asks_for_human"})
"""Signals of replies that do not answer a question about the case."""


@dataclass(frozen=True, slots=True)
class _Match:
    signal: SignalRules
    rule: str
    start: int
    end: int
    escalate: bool = False


@dataclass(slots=True)
class _Findings:
    """What the rules made of a text."""

    fired: dict[str, _Match] = field(default_factory=dict)
    denied: dict[str, int] = field(default_factory=dict)
    """Signal to the last place where it was said not to be so."""
    explained: set[str] = field(default_factory=set)
    """Signals that turned out harmless or long ago."""


def assess(
    text: str,
    *,
    language: str,
    asks: str | None = None,
    confidences: Sequence[float] | None = None,
    partial: bool = False,
) -> Assessment:
    """Assess one utterance or partial result.

    ``asks`` is the signal that a yes would assert, if a question was asked. ``confidences`` are the recogniser's, 0 to
    1, one for each word of ``text`` as separated by spaces. In a ``partial`` result, a match at the very end waits
    for the next word where that may explain it ("I sent | my daughter her allowance"). Raises
    `speech.lexicon.LexiconError` if the language has no usable lexicon; no text raises.
    """
    rules = lexicon(language)
    reply = prepare(text, rules.grammar)
    if not reply.clauses:
        return Assessment(Answer.NONE)
    findings = _find(reply, rules, asks, partial=partial)
    answer = _answer(reply, rules, asks, findings)
    if answer is Answer.YES and asks is not None and asks in rules.signals and asks not in findings.fired:
        findings.fired[asks] = _Match(rules.signals[asks], YES_RULE, 0, len(reply.text))
    for name in [other for match in findings.fired.values() for other in match.signal.cancels]:
        findings.fired.pop(name, None)
    if not partial and not any(match.escalate or name in CRITICAL for name, match in findings.fired.items()):
        classifier = _classifier(rules.language)
        if classifier is not None and (reason := classifier.reason(reply, rules, asks)):
            contact = rules.signals["contacted"]
            findings.fired[contact.name] = _Match(contact, reason, 0, len(reply.text), escalate=True)
    sure = _Confidence(reply, confidences)
    safe, escalate, signals = 1.0, False, []
    for name, signal in rules.signals.items():
        match = findings.fired.get(name)
        if match is None:
            continue
        confidence = sure.of(match.start, match.end)
        safe *= 1 - signal.weight * confidence
        escalate = escalate or ((match.escalate or name in CRITICAL) and confidence >= SURE_ENOUGH)
        signals.append(Signal(name, reply.words(match.start, match.end), match.rule))
    return Assessment(answer, tuple(signals), round(1 - safe, 3), escalate)


@cache
def _classifier(language: str) -> Likeness | None:
    return likeness(language)


def _find(reply: Reply, rules: Lexicon, asks: str | None, *, partial: bool) -> _Findings:
    findings = _Findings()
    for signal in rules.signals.values():
        if signal.denied_by is not None:
            for found in signal.denied_by.finditer(reply.scan):
                findings.denied[signal.name] = found.end()
        for match in _matches(reply, signal, asks):
            if partial and signal.waits and match.end == len(reply.text):
                continue
            if _counts(match, reply, rules, findings, asks=asks):
                findings.fired[signal.name] = match
                break
    for name, place in findings.denied.items():
        if name in findings.fired and _taken_back(reply, rules, findings.fired[name].end, place):
            del findings.fired[name]
    return findings


def _matches(reply: Reply, signal: SignalRules, asks: str | None) -> Iterator[_Match]:
    """Where a signal's rules match, but for what a rule itself excludes."""
    for rule in signal.rules:
        if rule.asks and asks not in rule.asks:
            continue
        if rule.needs is not None and not rule.needs.search(reply.scan):
            continue
        if rule.unless_anywhere is not None and rule.unless_anywhere.search(reply.scan):
            continue
        for found in rule.says.finditer(reply.scan):
            if rule.unless is not None:
                start, end = reply.clause(found.start())
                if rule.unless.search(reply.scan, start, max(end, found.end())):
                    continue
            yield _Match(signal, rule.name, found.start(), found.end(), rule.escalate)


def _counts(match: _Match, reply: Reply, rules: Lexicon, findings: _Findings, *, asks: str | None) -> bool:
    """Whether a match is a sign; if not, what it is instead goes into the findings."""
    signal = match.signal
    start, end = reply.clause(match.start)
    end = max(end, match.end)
    if signal.negatable and _negated(reply, rules, start, match.start):
        findings.denied[signal.name] = match.end
        return False
    if signal.past and rules.hypothetical.search(reply.text, start, end):
        return False
    if signal.undone_by is not None and signal.undone_by.search(reply.scan, match.end):
        findings.explained.add(signal.name)
        return False
    if signal.unless is not None:
        around = reply.clause(max(0, start - 2))[0], reply.clause(min(len(reply.text), end + 1))[1]
        excused = signal.despite is None or not signal.despite.search(reply.scan, *around)
        if excused and signal.unless.search(reply.scan, *around):
            findings.explained.add(signal.name)
            return False
    if signal.past and _long_ago(reply, rules, match.end):
        findings.explained.add(signal.name)
        past = rules.signals["past_incident"]
        findings.fired.setdefault(past.name, _Match(past, f"long_ago:{signal.name}", match.start, match.end))
        return False
    if signal.own is not None and (verb := signal.own.search(reply.scan, match.start, match.end)):
        before = reply.scan[start : verb.start()]
        if rules.relative.search(before):
            family = rules.signals["family_involved"]
            findings.fired.setdefault(family.name, _Match(family, f"relative:{signal.name}", start, match.end))
            return asks == signal.name
        return not rules.third_person.search(before)
    return True


def _negated(reply: Reply, rules: Lexicon, clause_start: int, place: int) -> bool:
    for negator in reply.negators:
        if clause_start <= negator.start < place:
            # What follows a negator at once belongs to it ("不是我转的"); later on the same word ends its reach.
            between = reply.text[negator.end + 1 : place]
            if negator.whole_clause or not rules.scope_ends.search(between):
                return True
    return False


def _long_ago(reply: Reply, rules: Lexicon, place: int) -> bool:
    ago = [found.start() for found in rules.long_ago.finditer(reply.text, 0, place)]
    return bool(ago) and not rules.lately.search(reply.text, ago[-1], place)


def _taken_back(reply: Reply, rules: Lexicon, said: int, denied: int) -> bool:
    if denied <= said:
        return False
    return any(
        said <= start < denied and rules.answers.correction.fullmatch(reply.text, start, end)
        for start, end in reply.clauses
    )


def _answer(reply: Reply, rules: Lexicon, asks: str | None, findings: _Findings) -> Answer:
    words = rules.answers
    agreement = asks in words.agreement
    answer: Answer | None = None
    about = corrected = False
    fired = findings.fired.get(asks or "")
    denied = findings.denied.get(asks or "")
    for start, end in reply.clauses:
        bare: Answer | None = None
        if words.correction.fullmatch(reply.text, start, end):
            answer, about, corrected = None, False, True
        elif words.yes.fullmatch(reply.text, start, end) or (
            agreement and words.agree.fullmatch(reply.text, start, end)
        ):
            bare = Answer.YES
        elif words.no.fullmatch(reply.text, start, end):
            bare = Answer.NO
        elif words.unsure.fullmatch(reply.text, start, end):
            bare = Answer.UNCLEAR
        if bare is not None and answer is None:
            answer = bare
        if denied is not None and start < denied <= end and not (about and answer is Answer.YES):
            answer, about = Answer.NO, True
        if fired is not None and fired.start < end and fired.end > start:
            answer, about = Answer.YES, True
    asked = rules.signals.get(asks or "")
    harmless = asked is not None and asked.means_no is not None and asked.means_no.search(reply.scan) is not None
    if answer is not None:
        explained = asks in findings.explained or (harmless and len(reply.clauses) > 1)
        return answer if answer is not Answer.YES or about or not explained else Answer.NO
    if asks in findings.explained or (asks in CRITICAL and "past_incident" in findings.fired):
        return Answer.NO
    if asks == "contacted" and _IMPLY_CONTACT & findings.fired.keys():
        return Answer.YES
    if _TALK_ABOUT_TALK & findings.fired.keys():
        return Answer.UNCLEAR
    if harmless:
        return Answer.NO
    if words.leads_yes.match(reply.text):
        return Answer.YES
    if reply.negators and reply.negators[0].start == 0 and not corrected:
        return Answer.NO
    return Answer.UNCLEAR


class _Confidence:
    """The recogniser's confidence in a stretch of the reply."""

    def __init__(self, reply: Reply, confidences: Sequence[float] | None) -> None:
        self._reply = reply
        self._by_place: list[float] | None = None
        if confidences:
            tokens = [found.span() for found in re.finditer(r"\S+", reply.original)]
            mean = sum(confidences) / len(confidences)
            self._by_place = [mean] * len(reply.original)
            if len(tokens) == len(confidences):
                for (start, end), confidence in zip(tokens, confidences, strict=True):
                    self._by_place[start:end] = [confidence] * (end - start)

    def of(self, start: int, end: int) -> float:
        """Mean over the characters from ``start`` to ``end``; 1 if the recogniser gave none."""
        if self._by_place is None:
            return 1.0
        places = [self._reply.origin[place] for place in range(start, end) if self._reply.text[place] != UNHEARD]
        return sum(self._by_place[place] for place in places) / len(places) if places else 1.0
