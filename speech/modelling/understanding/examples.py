"""Replies as the judgement sees them: their clues, what the rules made of them, and what is wanted."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.assessment import CRITICAL, SIGNALS, Answer
from speech.clues import Line, clues
from speech.judgement import ANSWERS, SIGNAL_NAMES, Vector, ruled
from speech.lexicon import lexicon
from speech.modelling.understanding.heard import heard, key
from speech.modelling.understanding.labelled import Labelled
from speech.modelling.understanding.replies import Reply, replies
from speech.reading import read_aloud
from speech.reply import prepare
from speech.ruling import rule_on
from tests.speech.corpus import corpus
from tests.speech.replies import FOLDER as TABLES
from tests.speech.replies import labelled

CORPUS, TABLE, NOISE = "corpus", "table", "noise"
"""Writers of the replies that are not in ``replies/``: the rules were tuned to the first two."""
BASICS = "basics"
"""The file in ``replies/`` with the shortest form of each contrast."""
_NOISE_REPLIES = 300


@dataclass(frozen=True, slots=True)
class Example:
    """One reply in one spelling."""

    reply: Reply
    text: str
    """In that spelling."""
    spoken: bool
    """Without punctuation, as recognisers write."""
    misheard: bool
    """As the bundled recogniser did write it, not without fault."""
    hashes: NDArray[np.uint32]
    line: Line
    ruled: Vector
    answer: Answer
    """What the rules took for the answer."""
    wanted: Vector
    """1 where a column of `speech.judgement.COLUMNS` is right."""
    scored: Vector
    """1 where it counts."""


def examples(language: str) -> list[Example]:
    """Every reply, as written and as a recogniser would write it; some, before that, as they were misheard."""
    wrong = heard(language)
    found: list[Example] = []
    for reply in [*replies(language), *_corpus(language), *_tables(language), *_widening(language), *_noise(language)]:
        misheard = wrong.get(key(reply.text))
        if misheard is not None:
            found += example(reply, misheard, language, spoken=True, misheard=True)
        found += example(reply, reply.text, language)
        found += example(reply, without_punctuation(reply.text, language), language, spoken=True)
    return found


def judges(each: Example) -> bool:
    """Whether a reply is fit to measure by: rules were tuned to the others, or they are noise."""
    return each.reply.writer not in {CORPUS, TABLE, NOISE, BASICS}


def without_punctuation(text: str, language: str) -> str:
    """A text as recognisers write it."""
    bare = re.sub(r"[^\w']+", " ", text).casefold()
    return " ".join(bare.split()) if language == "en" else "".join(bare.split())


def as_recognised(text: str, language: str) -> str:
    """A text as a recogniser without fault would write it."""
    aloud = without_punctuation(read_aloud(text, language), language)
    # The Mandarin models write one character for all of these.
    return aloud if language == "en" else aloud.replace("她", "他").replace("它", "他")


def example(
    reply: Reply, text: str, language: str, *, spoken: bool = False, misheard: bool = False
) -> Iterator[Example]:
    """A reply in one spelling; nothing if no token is left of it."""
    rules = lexicon(language)
    prepared = prepare(text, rules.grammar)
    if not prepared.clauses:
        return
    ruling = rule_on(prepared, rules, reply.asks)
    found = clues(prepared, rules, reply.asks)
    if not found.tokens:
        return
    wanted = [name in reply.signals for name in SIGNAL_NAMES] + [reply.escalate]
    # Some writers put down ``contacted`` beside what implies it, others do not: it is learnt where it stands alone.
    scored = [name not in reply.may | reply.implied for name in SIGNAL_NAMES] + [reply.escalation_scored]
    wanted += [reply.answer is answer for answer in ANSWERS]
    scored += [reply.answer in ANSWERS] * len(ANSWERS)
    yield Example(
        reply=reply,
        text=text,
        spoken=spoken,
        misheard=misheard,
        hashes=found.hashes.astype(np.uint32),
        line=found.line,
        ruled=ruled(ruling, prepared, reply.asks),
        answer=ruling.answer,
        wanted=np.array(wanted, np.float32),
        scored=np.array(scored, np.float32),
    )


def _corpus(language: str) -> Iterator[Reply]:
    return (_by(CORPUS, each) for each in corpus(language, "dev"))


def _tables(language: str) -> Iterator[Reply]:
    return (_by(TABLE, each) for each in labelled(language))


def _by(writer: str, each: Labelled) -> Reply:
    return Reply(
        each.text, each.asks, each.answer, each.signals, each.may, each.escalate, each.near_domain,
        f"{writer}/{each.family}", writer,
    )  # fmt: skip


def _widening(language: str) -> Iterator[Reply]:
    """Replies of which it is only known whether a human takes the call."""
    path = TABLES / f"{language}-escalation.txt"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if not line.startswith("#"):
            text, asks, mark = line.split(" | ")
            yield Reply(
                text, None if asks == "-" else asks, None, frozenset(), SIGNALS - CRITICAL if mark != "E" else SIGNALS,
                mark == "E", False, f"{TABLE}/{text}", TABLE,
            )  # fmt: skip


def _noise(language: str) -> Iterator[Reply]:
    """Rows of fillers, and letters that make no words: nothing is meant by them."""
    chance = random.Random(7)
    asked = [None, *sorted(SIGNALS)]
    for _ in range(_NOISE_REPLIES):
        asks = chance.choice(asked)
        words = chance.choices(_FILLERS[language], k=chance.randint(1, 12))
        text = ("" if language == "zh-CN" else " ").join(words)
        yield Reply(
            text, asks, Answer.UNCLEAR if asks else None, frozenset(), frozenset({"did_not_hear", "hostile"}), False,
            False, f"{NOISE}/{text}", NOISE,
        )  # fmt: skip


_FILLERS: dict[str, Sequence[str]] = {
    "zh-CN": ["啊", "呃", "那个", "这个", "哼", "哦", "哎", "啦", "呀", "就是", "然后", "的", "了", "哈", "嘿",
              "[unk]"],
    "en": ["um", "uh", "er", "well", "so", "like", "you know", "hello", "hi", "hm", "oh", "ah", "the", "a", "and", "or",
           "sorry", "[unk]", "okay so", "i mean"],
}  # fmt: skip
