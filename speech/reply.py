"""A reply made ready for the rules: one spelling, clauses apart, negations marked, every character traceable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from speech.homophones import Homophones
from speech.patterns import BOUNDARY, Alphabet

LONGEST_REPLY = 300
"""Characters; of a longer reply only the end is looked at, so that no input takes long."""

UNHEARD = "□"
"""Stands for a word that the recogniser did not know."""

BLOT = "■"
"""Stands where two negations were that make a yes."""

_UNKNOWN_WORD = re.compile(r"\[unk\]|<unk>|\[noise\]|<eps>")
_PUNCTUATION = re.compile(r"[^\w\s□$'.]+|(?<!\d)\.|\.(?!\d)|…")
_SPACES = re.compile(r"\s+")
_CONTRACTIONS = tuple(
    (re.compile(pattern), full)
    for pattern, full in (
        (r"\bwon'?t\b", "will not"),
        (r"\bcan'?t\b|\bcannot\b", "can not"),
        (r"\bain'?t\b", "is not"),
        (r"\b(did|do|does|have|has|had|was|were|is|are|would|should|could)n'?t\b", r"\g<1> not"),
        (r"\bi'?m\b", "i am"),
        (r"\b(they|we|you)'re\b", r"\g<1> are"),
        (r"\b(i|they|we|you)'?ve\b", r"\g<1> have"),
        (r"\b(he|she|it|that|who|what|there)'s\b", r"\g<1> is"),
        (r"\b(i|they|we|you|he|she|it)'ll\b", r"\g<1> will"),
        (r"\b(i|they|we|you|he|she)'d\b", r"\g<1> had"),
        (r"\bgonna\b", "going to"),
        (r"\b(?:erm|uhm|umm?|uh|er)\b", " "),
        (r"'", " "),
    )
)


@dataclass(frozen=True, slots=True)
class Negator:
    """A negation in the text and how far it reaches."""

    start: int
    end: int
    whole_clause: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A prepared text. Places are indices into ``text``, which is as long as ``scan``."""

    original: str
    text: str
    scan: str
    """``text`` with the first character of every negation marked, so that patterns can tell it from other uses."""
    origin: tuple[int, ...]
    """For each place, the index in ``original``."""
    negators: tuple[Negator, ...]
    clauses: tuple[tuple[int, int], ...]

    @property
    def has_words(self) -> bool:
        """Whether any word of it was heard."""
        return any(char.isalnum() for char in self.text)

    def words(self, start: int, end: int) -> str:
        """What was said there, as it was written."""
        return self.original[self.origin[start] : self.origin[end - 1] + 1].strip()

    def clause(self, place: int) -> tuple[int, int]:
        """The clause around a place."""
        start = self.text.rfind(BOUNDARY, 0, place) + 1
        end = self.text.find(BOUNDARY, place)
        return start, end if end >= 0 else len(self.text)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a language needs for preparing a reply; built by `speech.lexicon`."""

    letters: Alphabet
    variants: Mapping[int, str]
    homophones: Homophones | None
    apart: re.Pattern[str]
    """Words that stand as a clause of their own."""
    before: re.Pattern[str]
    """Words that begin a clause."""
    after_lead: re.Pattern[str]
    """A yes or no at the beginning and the word that shows that it was an answer."""
    negation: re.Pattern[str]
    """Every negator, and every everyday word that only looks like one; longer ones first."""
    negators: Mapping[str, bool]
    """Whether a negator denies its whole clause."""
    double_negative: re.Pattern[str] | None = None
    """Two negations that make a yes; they are blotted out."""


def prepare(original: str, grammar: Grammar) -> Reply:
    """Make a reply ready for the rules."""
    text = _normal(original, grammar)
    if grammar.homophones is not None:
        text = _Aligned(grammar.homophones.correct(text.text), text.origin)
    if grammar.double_negative is not None:
        blotted = grammar.double_negative.sub(lambda found: BLOT * len(found[0]), text.text)
        text = _Aligned(blotted, text.origin)
    text = text.sub(grammar.apart, rf"{BOUNDARY}\g<0>{BOUNDARY}").sub(grammar.before, rf"{BOUNDARY}\g<0>")
    text = text.sub(grammar.after_lead, rf"\g<1>{BOUNDARY}").sub(_MANY_BOUNDARIES, BOUNDARY)
    chars = list(text.text)
    negators = []
    for found in grammar.negation.finditer(text.text):
        whole_clause = grammar.negators.get(found[0])
        if whole_clause is not None:
            negators.append(Negator(found.start(), found.end(), whole_clause))
            chars[found.start()] = grammar.letters.marks[text.text[found.start()]]
    clauses = tuple(found.span() for found in _CLAUSE.finditer(text.text))
    return Reply(original, text.text, "".join(chars), tuple(text.origin), tuple(negators), clauses)


_MANY_BOUNDARIES = re.compile(rf"\s*{BOUNDARY}[{BOUNDARY}\s]*")
_CLAUSE = re.compile(f"[^{BOUNDARY}]+")


class _Aligned:
    """A text that remembers where each character came from."""

    def __init__(self, text: str, origin: list[int]) -> None:
        self.text = text
        self.origin = origin

    def sub(self, pattern: re.Pattern[str], replacement: str) -> _Aligned:
        """As `re.sub`; characters that stay keep their place, new ones take that of the match."""
        found = list(pattern.finditer(self.text))
        if not found:
            return self
        chars: list[str] = []
        origin: list[int] = []
        last = 0
        groups = pattern.groups
        for match in found:
            chars.append(self.text[last : match.start()])
            origin += self.origin[last : match.start()]
            old, new = (
                match[0],
                replacement.replace(r"\g<0>", match[0]).replace(r"\g<1>", (match[1] or "") if groups else ""),
            )
            at = new.find(old) if old else -1
            first = self.origin[match.start()] if match.start() < len(self.origin) else 0
            final = self.origin[match.end() - 1] if match.end() else first
            if at >= 0:
                places = [first] * at + self.origin[match.start() : match.end()] + [final] * (len(new) - at - len(old))
            else:
                places = [first] * len(new)
                if places:
                    places[-1] = final
            chars.append(new)
            origin += places
            last = match.end()
        chars.append(self.text[last:])
        return _Aligned("".join(chars), origin + self.origin[last:])


def _normal(original: str, grammar: Grammar) -> _Aligned:
    skipped = max(0, len(original) - LONGEST_REPLY)
    tail = original[skipped:]
    text = unicodedata.normalize("NFKC", tail).lower().replace("’", "'")
    if len(text) == len(tail):
        aligned = _Aligned(text, list(range(skipped, len(original))))
    else:
        parts = [unicodedata.normalize("NFKC", char).lower()[:4].replace("’", "'") for char in tail]
        origin = [skipped + index for index, part in enumerate(parts) for _ in part]
        aligned = _Aligned("".join(parts), origin)
    aligned = aligned.sub(_UNKNOWN_WORD, UNHEARD).sub(_PUNCTUATION, BOUNDARY)
    if grammar.letters.words:
        aligned = aligned.sub(_SPACES, " ")
        for pattern, full in _CONTRACTIONS:
            aligned = aligned.sub(pattern, full)
        return aligned
    aligned = aligned.sub(_SPACES, "")
    return _Aligned(aligned.text.translate(grammar.variants), aligned.origin)
