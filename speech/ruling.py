"""What the rules of a lexicon make of a reply: the signals that they fire, what they rule out, and the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from speech.assessment import CRITICAL, Answer
from speech.lexicon import Lexicon, Regex, SignalRules, Ways
from speech.reply import Reply
from speech.required import pieces

YES_RULE = "answer:yes"
"""The rule of a signal that a yes to a question asserted."""

_YES_TO_CONTACTED = CRITICAL - {"asks_for_human"}
"""Asked for a contact, whoever says one of these has answered yes."""
_TALK_ABOUT_TALK = frozenset({"did_not_hear", "who_is_calling", "wrong_person", "busy_now", "asks_for_human"})
"""Signals of replies that do not answer a question about the case."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fired, and where."""

    signal: SignalRules
    rule: str
    start: int
    end: int
    escalate: bool = False
    sure: bool = False


@dataclass(slots=True)
class Ruling:
    """What the rules made of a text."""

    answer: Answer = Answer.UNCLEAR
    bare: bool = False
    """Nothing but a yes, a no, or a sound of doubt was said."""
    fired: dict[str, Match] = field(default_factory=dict)
    denied: dict[str, int] = field(default_factory=dict)
    """Signal to the last place where it was said not to be so."""
    explained: set[str] = field(default_factory=set)
    """Signals that turned out harmless or long ago."""

    @property
    def escalates(self) -> bool:
        """Whether a rule calls for a human."""
        return any(match.escalate or name in CRITICAL for name, match in self.fired.items())

    @property
    def escalates_surely(self) -> bool:
        """Whether a rule does that nothing may veto."""
        return any(match.sure and (match.escalate or name in CRITICAL) for name, match in self.fired.items())


def rule_on(reply: Reply, rules: Lexicon, asks: str | None, *, partial: bool = False) -> Ruling:
    """Try every rule on a reply that says anything; in a ``partial`` one, some matches at its very end wait."""
    ruling = _signals(reply, rules, asks, partial=partial)
    ruling.answer = _answer(reply, rules, asks, ruling)
    words = rules.answers
    kinds = (words.yes, words.no, words.unsure, *((words.agree,) if asks in words.agreement else ()))
    ruling.bare = all(any(kind.fullmatch(reply.text, *clause) for kind in kinds) for clause in reply.clauses)
    if ruling.answer is Answer.YES and asks is not None and asks in rules.signals and asks not in ruling.fired:
        ruling.fired[asks] = Match(rules.signals[asks], YES_RULE, 0, len(reply.text))
    for name in [other for match in ruling.fired.values() for other in match.signal.cancels]:
        ruling.fired.pop(name, None)
    return ruling


def _signals(reply: Reply, rules: Lexicon, asks: str | None, *, partial: bool) -> Ruling:
    ruling = Ruling()
    met = rules.needs.met(pieces(reply.text, rules.grammar.letters))
    for signal in rules.signals.values():
        denials = [found.end() for says in _possible(signal.denied_by, met) for found in says.finditer(reply.scan)]
        if denials:
            ruling.denied[signal.name] = max(denials)
        for match in _matches(reply, signal, asks, met):
            if partial and signal.waits and match.end == len(reply.text):
                continue
            if _counts(match, reply, rules, ruling, asks=asks):
                ruling.fired[signal.name] = match
                break
    for name, place in ruling.denied.items():
        if name in ruling.fired and _taken_back(reply, rules, ruling.fired[name].end, place):
            del ruling.fired[name]
    return ruling


def _matches(reply: Reply, signal: SignalRules, asks: str | None, met: int) -> Iterator[Match]:
    """Where a signal's rules match, but for what a rule itself excludes."""
    for rule in signal.rules:
        if rule.asks and asks not in rule.asks:
            continue
        ways = _possible(rule.says, met)
        if not ways or (rule.needs is not None and not rule.needs.search(reply.scan)):
            continue
        if rule.unless_anywhere is not None and rule.unless_anywhere.search(reply.scan):
            continue
        over = 0
        for found in sorted((each for says in ways for each in says.finditer(reply.scan)), key=_place):
            if found.start() < over:
                continue
            over = found.end()
            if rule.unless is not None:
                start, end = reply.clause(found.start())
                if rule.unless.search(reply.scan, start, max(end, found.end())):
                    continue
            yield Match(signal, rule.name, found.start(), found.end(), rule.escalate, rule.sure)


def _possible(ways: Ways, met: int) -> list[Regex]:
    """Those of several ways of saying something that the reply holds what they need for."""
    return [says for needed, says in ways if needed & met == needed]


def _counts(match: Match, reply: Reply, rules: Lexicon, ruling: Ruling, *, asks: str | None) -> bool:
    """Whether a match is a sign; if not, what it is instead goes into the ruling."""
    signal = match.signal
    start, end = reply.clause(match.start)
    end = max(end, match.end)
    if signal.negatable and _negated(reply, rules, start, match.start):
        ruling.denied[signal.name] = match.end
        return False
    if signal.past and rules.hypothetical.search(reply.text, start, end):
        return False
    if signal.undone_by is not None and signal.undone_by.search(reply.scan, match.end):
        ruling.explained.add(signal.name)
        return False
    if signal.unless is not None:
        around = reply.clause(max(0, start - 2))[0], reply.clause(min(len(reply.text), end + 1))[1]
        excused = signal.despite is None or not signal.despite.search(reply.scan, *around)
        if excused and signal.unless.search(reply.scan, *around):
            ruling.explained.add(signal.name)
            return False
    if signal.past and _long_ago(reply, rules, match.end):
        ruling.explained.add(signal.name)
        past = rules.signals["past_incident"]
        ruling.fired.setdefault(past.name, Match(past, f"long_ago:{signal.name}", match.start, match.end))
        return False
    if signal.own is not None and (verb := signal.own.search(reply.scan, match.start, match.end)):
        before = reply.scan[start : verb.start()]
        if rules.relative.search(before):
            family = rules.signals["family_involved"]
            ruling.fired.setdefault(family.name, Match(family, f"relative:{signal.name}", start, match.end))
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


def _answer(reply: Reply, rules: Lexicon, asks: str | None, ruling: Ruling) -> Answer:
    words = rules.answers
    agreement = asks in words.agreement
    answer: Answer | None = None
    about = corrected = False
    fired = ruling.fired.get(asks or "")
    denied = ruling.denied.get(asks or "")
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
        explained = asks in ruling.explained or (harmless and len(reply.clauses) > 1)
        return answer if answer is not Answer.YES or about or not explained else Answer.NO
    if asks in ruling.explained or (asks in CRITICAL and "past_incident" in ruling.fired):
        return Answer.NO
    if asks == "contacted" and _YES_TO_CONTACTED & ruling.fired.keys():
        return Answer.YES
    if _TALK_ABOUT_TALK & ruling.fired.keys():
        return Answer.UNCLEAR
    if harmless:
        return Answer.NO
    if words.leads_yes.match(reply.text):
        return Answer.YES
    if reply.negators and reply.negators[0].start == 0 and not corrected:
        return Answer.NO
    return Answer.UNCLEAR


def _place(found: re.Match[str]) -> int:
    return found.start()
