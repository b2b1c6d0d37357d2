"""What a reply meant: the answer to the question, signs of fraud with their words, a risk, and whether to escalate.

Pure and quick enough for every partial result. How a text is judged:

1. `speech.reply` brings it to one spelling, corrects homophones, sets clauses apart and marks negations.
2. `speech.ruling` tries every rule of the language's lexicon. A match is dropped when a negation reaches it, when it is
   only supposed ("if I send it"), when somebody else did it, when an everyday purpose explains it (the daughter's
   allowance), or when a later clause takes it back. Of long ago it becomes ``past_incident``. The answer is read
   clause by clause: a bare yes or no counts until something said about the question itself follows, and a correction
   ("no wait") starts anew. A yes fires the signal that the question asserts, by the rule ``answer:yes``.
3. A trained judgement (`speech.judgement`) weighs the words together with what the rules made of them: it confirms a
   signal, vetoes it, or hears one that no rule knows (its rule is then ``model``). What is nothing but a yes, a no or
   a sound of doubt is left to the rules, and so is what holds hardly a word that was met in training. A rule marked
   ``sure`` cannot be vetoed. A partial result escalates only where a rule and the judgement agree.
4. Risk is ``1 - (1 - w1 c1)(1 - w2 c2)...`` over the signals heard, ``w`` the weight in the lexicon and ``c`` the
   recogniser's confidence in the words (1 if unknown). A critical signal, and a rule that says so, escalates when ``c``
   is at least `SURE_ENOUGH`.

A plain denial ("我没被骗") is no signal: most people who are asked say it. ``trusts_fraudster`` is a denial with a
reason that only the fraudster gives (a procedure, a real officer), or an insistent one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from speech.assessment import CRITICAL, Answer, Assessment, Signal
from speech.clues import clues
from speech.judgement import MODEL_RULE, judgement, ruled, weighed
from speech.lexicon import lexicon
from speech.reply import UNHEARD, Reply, prepare
from speech.ruling import YES_RULE, Match, rule_on

__all__ = ["SURE_ENOUGH", "YES_RULE", "assess"]

SURE_ENOUGH = 0.5
"""Mean confidence of the words from which a critical signal escalates."""


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
    ruling = rule_on(reply, rules, asks, partial=partial)
    answer, heard, escalates = ruling.answer, dict(ruling.fired), ruling.escalates
    trained = judgement(rules.language)
    if trained is not None and reply.has_words and not ruling.bare and not (partial and not escalates):
        found = clues(reply, rules, asks)
        opinion = trained.opinion(found, ruled(ruling, reply, asks))
        if opinion.informed:
            outcome = weighed(ruling, opinion, trained.limits, asks, partial=partial)
            answer, escalates = outcome.answer, outcome.escalates
            for name in outcome.added:
                heard[name] = Match(rules.signals[name], MODEL_RULE, *trained.span(found, name))
            heard = {name: match for name, match in heard.items() if name not in outcome.vetoed}
    sure = _Confidence(reply, confidences)
    safe, certain, signals = 1.0, False, []
    for name, signal in rules.signals.items():
        match = heard.get(name)
        if match is None:
            continue
        confidence = sure.of(match.start, match.end)
        safe *= 1 - signal.weight * confidence
        grave = match.escalate or name in CRITICAL or name == "distress"
        certain = certain or (grave and confidence >= SURE_ENOUGH)
        signals.append(Signal(name, reply.words(match.start, match.end), match.rule))
    return Assessment(answer, tuple(signals), round(1 - safe, 3), escalates and certain)


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
