"""English as it is spoken: beside "i do not" also "i don't", which sounds like another word.

The rules read both alike (`speech.reply` spells contractions out); the recogniser must be able to hear both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_NOT = {
    "do": "don't",
    "does": "doesn't",
    "did": "didn't",
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "have": "haven't",
    "has": "hasn't",
    "had": "hadn't",
    "can": "can't",
    "could": "couldn't",
    "will": "won't",
    "would": "wouldn't",
    "should": "shouldn't",
}
_BE = {
    ("i", "am"): "i'm",
    ("you", "are"): "you're",
    ("we", "are"): "we're",
    ("they", "are"): "they're",
    ("he", "is"): "he's",
    ("she", "is"): "she's",
    ("it", "is"): "it's",
    ("that", "is"): "that's",
    ("there", "is"): "there's",
    ("what", "is"): "what's",
    ("who", "is"): "who's",
    ("i", "will"): "i'll",
    ("you", "will"): "you'll",
    ("we", "will"): "we'll",
    ("they", "will"): "they'll",
    ("he", "will"): "he'll",
    ("she", "will"): "she'll",
    ("it", "will"): "it'll",
    ("i", "would"): "i'd",
}
_HAVE = {"i": "i've", "you": "you've", "we": "we've", "they": "they've"}
_PARTICIPLES = ("ed", "en", "nt", "id", "de", "ad", "ne", "ot", "ld", "ut", "just", "already", "only", "never")
"""Endings by which "have" is known as an auxiliary: sent, given, paid, made, had, done, got, told, put."""

WORDS = frozenset({*_NOT.values(), *_BE.values(), *_HAVE.values()})


def contracted(sentence: Sequence[str]) -> tuple[str, ...]:
    """The sentence with everything contracted that is in fluent speech.

    >>> contracted(("no", "i", "have", "not", "sent", "it"))
    ('no', 'i', "haven't", 'sent', 'it')
    """
    words: list[str] = []
    at = 0
    while at < len(sentence):
        first, second = sentence[at], sentence[at + 1] if at + 1 < len(sentence) else ""
        third = sentence[at + 2] if at + 2 < len(sentence) else ""
        if second == "not" and first in _NOT:
            words.append(_NOT[first])
        elif (first, second) in _BE and third:
            words.append(_BE[first, second])
        elif second == "have" and first in _HAVE and third != "not" and third.endswith(_PARTICIPLES):
            words.append(_HAVE[first])
        else:
            words.append(first)
            at += 1
            continue
        at += 2
    return tuple(words)


def as_spoken(sentences: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Each sentence, and beside it what is contracted of it."""
    for sentence in sentences:
        yield sentence
        if (short := contracted(sentence)) != tuple(sentence):
            yield short
