"""Variations of the labelled replies, for a teacher to say what they mean.

Words make room for others that might stand in their place, clauses are left out, and clauses of two replies by the same
writer are put together. Nobody wrote them and few are good English; what they hold is words that no reply has, beside
those that replies do have.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from speech.modelling.understanding.encoder import Words
from speech.modelling.understanding.examples import NOISE, Example, example, without_punctuation
from speech.modelling.understanding.replies import Reply

COPIES = 4
"""Of each reply."""
_WORD = re.compile(r"(?<!')\b[A-Za-z]+\b(?!')")
_BETWEEN_CLAUSES = re.compile(r"(?<=[,.;!?])\s+")
_OTHERS_ONLY, _MIXED = 0.5, 0.25
"""Share of the variations with other words alone, and of those put together; in the others a clause is missing."""
_OTHER_WORDS = (0.15, 0.3)
_OTHER_WORDS_BESIDE = 0.12
"""Shares of the words that make room."""
_OTHER_QUESTION = 0.15
_SPOKEN = 0.5
_MOST_LETTERS = 400


def varied(examples: Sequence[Example], words: Words, language: str, seed: int) -> list[Example]:
    """Variations of the replies, in random order, as examples whose labels are those of what they were made from."""
    by_writer: defaultdict[str, list[Reply]] = defaultdict(list)
    for each in examples:
        if not (each.spoken or each.misheard) and each.reply.writer != NOISE:
            by_writer[each.reply.writer].append(each.reply)
    chance = random.Random(seed)
    found = []
    for replies in by_writer.values():
        for reply in replies:
            for _ in range(COPIES):
                text = _variation(reply, replies, words, chance)
                asks = chance.choice(replies).asks if chance.random() < _OTHER_QUESTION else reply.asks
                spoken = chance.random() < _SPOKEN
                if text and text != reply.text:
                    found.append((replace(reply, asks=asks), text[:_MOST_LETTERS], spoken))
    chance.shuffle(found)
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        return [each for some in pool.map(partial(_example, language), found, chunksize=500) for each in some]


def _example(language: str, given: tuple[Reply, str, bool]) -> list[Example]:
    reply, text, spoken = given
    text = without_punctuation(text, language) if spoken else text
    return list(example(replace(reply, text=text), text, language, spoken=spoken))


def _variation(reply: Reply, replies: Sequence[Reply], words: Words, chance: random.Random) -> str:
    kind = chance.random()
    if kind < _OTHERS_ONLY:
        return _with_others(reply.text, words, chance.choice(_OTHER_WORDS), chance)
    clauses = _clauses(reply.text)
    if kind < _OTHERS_ONLY + _MIXED:
        others = _clauses(chance.choice(replies).text)
        own = clauses[: chance.randint(1, len(clauses))]
        others = others[chance.randint(0, len(others) - 1) :]
        clauses = own + others if chance.random() < 0.5 else others + own
    elif len(clauses) > 1:
        clauses.pop(chance.randrange(len(clauses)))
    return _with_others(" ".join(clauses), words, _OTHER_WORDS_BESIDE, chance)


def _with_others(text: str, words: Words, share: float, chance: random.Random) -> str:
    def other(match: re.Match[str]) -> str:
        near = words.near.get(match[0].lower())
        return chance.choice(near) if near and chance.random() < share else match[0]

    return _WORD.sub(other, text)


def _clauses(text: str) -> list[str]:
    return _BETWEEN_CLAUSES.split(text.strip()) or [text]
