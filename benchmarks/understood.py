"""What the dialer makes of a spoken reply, beside what it makes of the same reply as text, and what was lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from benchmarks.spoken import Hearing
from campaigns.model import HeardSignal, Turn
from dialer.journal import Journal
from dialer.understanding import Understanding
from speech.assess import assess
from speech.assessment import CRITICAL, Answer, Assessment
from speech.ear import EarSettings
from speech.heard import Partial, Utterance
from speech.modelling.understanding.examples import as_recognised
from speech.models import find
from speech.pinyin import to_pinyin
from tests.speech.corpus import Reply

CAUSES = {
    "writing": "figures and punctuation, which a recogniser does not write",
    "silence": "no word was recognised",
    "cut": "cut into two turns, which mean it only together",
    "doubt": "the words came, but the recogniser was not sure enough of them",
    "unknown": "a word of it is not in the model's vocabulary",
    "misheard": "all its words are in the vocabulary, but were misheard",
}
"""Why an escalation was lost, first cause that applies."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reply as text and as heard."""

    hearing: Hearing
    written: Assessment
    """Of the text as the corpus writes it."""
    perfect: Assessment
    """Of the text as a recogniser without fault would write it: figures as words, no punctuation."""
    final: Assessment
    """Of the turns as they ended, in one: signals and escalation of any, answer of the first."""
    at_once: bool
    """Whether the dialer escalates, on partial results and at the ends of turns."""
    sooner_s: float | None
    """Seconds that a partial result escalated before the turn ended for the ear; ``None`` if none did."""
    unknown: tuple[str, ...]
    """Words outside the model's vocabulary."""

    @property
    def reply(self) -> Reply:
        """What was said."""
        return self.hearing.reply


def outcome(hearing: Hearing, language: str) -> Outcome:
    """Judge a reply as the dialer does, within a call whose question was ``asks``."""
    reply = hearing.reply
    said = as_recognised(reply.text, language)
    finals, _, _ = _dialer(hearing, language, partials=False)
    _, at_once, sooner_s = _dialer(hearing, language, partials=True)
    signals = {signal.name: signal for each in reversed(finals) for signal in each.signals}
    return Outcome(
        hearing,
        written=assess(reply.text, language=language, asks=reply.asks),
        perfect=assess(said, language=language, asks=reply.asks),
        final=Assessment(
            finals[0].answer if finals else Answer.NONE,
            tuple(signals.values()),
            max((each.risk for each in finals), default=0.0),
            any(each.escalate for each in finals),
        ),
        at_once=at_once,
        sooner_s=sooner_s,
        unknown=tuple(word for word in words(said, language) if word not in _vocabulary(language)),
    )


def cause(found: Outcome, language: str) -> str:
    """Why an escalation that the text brought was not heard: a key of `CAUSES`."""
    asks, turns = found.reply.asks, found.hearing.turns
    if not found.perfect.escalate:
        return "writing"
    if not turns:
        return "silence"
    if any(assess(turn, language=language, asks=asks).escalate for turn in turns):
        return "doubt"
    if len(turns) > 1 and assess(found.hearing.text, language=language, asks=asks).escalate:
        return "cut"
    decisive = {
        word for signal in found.perfect.signals if signal.name in CRITICAL for word in words(signal.words, language)
    }
    return "unknown" if decisive & set(found.unknown) else "misheard"


def lost_words(found: Outcome, language: str) -> Iterator[tuple[str, str]]:
    """Signals that were rightly found in the text and not heard, with each of their words that did not come."""
    heard = {signal.name for signal in found.final.signals}
    came = f" {_sound(found.hearing.text, language)} "
    for signal in found.perfect.signals:
        if signal.name in found.reply.signals and signal.name not in heard:
            for word in words(as_recognised(signal.words, language), language):
                if f" {_sound(word, language)} " not in came:
                    yield signal.name, word


def words(text: str, language: str) -> list[str]:
    """A spoken text in words; Mandarin is cut so that the fewest characters, and then words, are left over."""
    if language == "en":
        return text.split()
    known, longest = _vocabulary(language), max(map(len, _vocabulary(language)))
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for end in range(1, len(text) + 1):
        ways = [
            (best[start][0] + (text[start:end] not in known), best[start][1] + 1, start)
            for start in range(max(0, end - longest), end)
            if text[start:end] in known or start == end - 1
        ]
        best.append(min(ways))
    cut: list[str] = []
    end = len(text)
    while end:
        start = best[end][2]
        cut.append(text[start:end])
        end = start
    return cut[::-1]


class _Unwritten(Journal):
    """A journal without a database behind it."""

    def __init__(self) -> None:
        """Nothing is kept."""

    def turn(self, turn: Turn) -> None:
        """Not kept."""

    def signal(self, signal: HeardSignal) -> None:
        """Not kept."""


def _dialer(hearing: Hearing, language: str, *, partials: bool) -> tuple[list[Assessment], bool, float | None]:
    """What each turn meant to the dialer, whether it calls a human, and how long before the ear ended the turn."""
    understanding = Understanding(language, {}, _Unwritten())
    understanding.greeting = understanding.expects_machine = False
    if hearing.reply.asks is not None:
        understanding.ask(hearing.reply.asks, after_s=0.0)
    found: list[Assessment] = []
    partial_s = sooner_s = None
    for event in hearing.events:
        if isinstance(event, Partial) and partials:
            calm = understanding.critical is None
            understanding.partial(event)
            if calm and understanding.critical is not None:
                partial_s = event.at_s
        elif isinstance(event, Utterance):
            if partial_s is not None and sooner_s is None:
                sooner_s = event.end_s + EarSettings().end_of_turn_s - partial_s
            assessment = understanding.utterance(event).assessment
            if event.text.strip():
                found.append(assessment)
                # The robot has gone on: what is said now is no answer to that question.
                understanding.ask_nothing()
    return found, understanding.critical is not None, sooner_s


@cache
def _vocabulary(language: str) -> frozenset[str]:
    table = find(language.partition("-")[0]).path / "graph" / "words.txt"
    listed = (line.split()[0] for line in table.read_text("utf-8").splitlines() if line.strip())
    return frozenset(word for word in listed if not word.startswith(("<", "[", "#")))


def _sound(text: str, language: str) -> str:
    """Words, or syllables without tone: the rules for Mandarin match on sound."""
    return text if language == "en" else re.sub(r"\d", "", to_pinyin(text)).strip()
