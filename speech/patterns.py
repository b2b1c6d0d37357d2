"""The small pattern language of the lexicons, turned into regular expressions.

| written | matches |
| --- | --- |
| ``转账`` | these characters; in English these words, with any spaces between |
| ``{send}`` | any word of the list ``send`` under ``terms`` |
| ``(a|b)`` | one of them |
| ``(a|b)?`` | one of them, or nothing |
| ``…`` | a few words of the same clause, no negation among them |
| ``……`` | a longer stretch, also over a clause's end, no negation in it |
| ``^`` ``$`` | the beginning and the end of a clause |
| ``{number}`` ``{amount}`` | a number; a number with a unit of money or of its size |
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

BOUNDARY = "，"
"""Stands between two clauses in a text that has been prepared."""

_FIRST_MARK = 0x1400
"""Negators are marked by letters that no text in these languages holds (Canadian syllabics)."""

_ZH_DIGITS = "0-9.,零一二两三四五六七八九十百千万亿几半幺好多"
_ZH_NUMBER = f"[{_ZH_DIGITS}]+"
_ZH_AMOUNT = (
    f"(?:(?:[{_ZH_DIGITS}]*[百千万亿]|[{_ZH_DIGITS}]+[wk])[{_ZH_DIGITS}]*(?:块|元)?钱?|[{_ZH_DIGITS}]+(?:块|元)钱?)"
    "(?![个次岁年天号点位条])"
)
_EN_DIGIT_WORD = (
    r"(?:\$?\d[\d.,]*k?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|million|grand|couple|few|several|dozen|half)"
)
_EN_NUMBER = rf"\b{_EN_DIGIT_WORD}(?:\s+(?:of\s+|and\s+)?{_EN_DIGIT_WORD})*\b"
_EN_AMOUNT = (
    rf"(?:(?<!\w)\$\d[\d.,]*k?\b|\b(?:a\s+)?(?:{_EN_DIGIT_WORD}\s+(?:of\s+|and\s+|a\s+)?){{1,8}}"
    r"(?:dollars?|pounds?|euros?|bucks|quid|yuan|grand|thousand|hundred|million)\b)"
)


class PatternError(ValueError):
    """A pattern cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How patterns are written in one language."""

    words: bool
    """Whether words are separated by spaces, as in English."""
    marks: Mapping[str, str]
    """First character of a negator to the letter that stands for it in a prepared text."""

    @property
    def gap(self) -> str:
        """A few words of the same clause."""
        return f"[^{BOUNDARY}{''.join(self.marks.values())}]{{0,{28 if self.words else 7}}}?"

    @property
    def long_gap(self) -> str:
        """A longer stretch."""
        return f"[^{''.join(self.marks.values())}]{{0,{60 if self.words else 18}}}?"


def alphabet(language: str, negators: Collection[str]) -> Alphabet:
    """The alphabet of a language whose negators are these."""
    firsts = sorted({word[0] for word in negators})
    marks = {char: chr(_FIRST_MARK + index) for index, char in enumerate(firsts)}
    return Alphabet(not language.lower().startswith("zh"), marks)


def term(words: Collection[str], not_in: Collection[str], terms: Mapping[str, str], letters: Alphabet) -> str:
    """A named list as a regular expression; its words do not count inside a word of ``not_in``."""
    guards = {
        f"(?!{f'(?<={re.escape(longer[:at])})' if at else ''}{re.escape(longer[at:])})"
        for longer in not_in
        for word in words
        if (at := longer.find(word)) >= 0
    }
    choices = "|".join(expression(word, terms, letters) for word in sorted(words, key=len, reverse=True))
    return f"(?:{''.join(sorted(guards))}(?:{choices}))"


def tokens(pattern: str) -> list[str]:
    """What a pattern is written with, in its order: groups' signs, gaps, named terms, spaces, literal text."""
    return _TOKEN.findall(_normal(pattern))


def _normal(pattern: str) -> str:
    return unicodedata.normalize("NFC", pattern).lower().strip()


def expression(pattern: str, terms: Mapping[str, str], letters: Alphabet) -> str:
    """A pattern as a regular expression; raises `PatternError`."""
    parser = _Parser(_normal(pattern), terms, letters)
    found = parser.choices()
    if parser.rest:
        raise PatternError(f"unexpected {parser.rest[0]!r} in {pattern!r}")
    if re.match(found, ""):
        raise PatternError(f"{pattern!r} matches nothing at all")
    return found


_TOKEN = re.compile(r"……|…|\{\w*\}|[()|?^$]|\s+|[^\s…{}()|?^$]+")
_FORBIDDEN = set("[]*+\\{}")


class _Parser:
    """Recursive descent: choices of sequences of pieces."""

    def __init__(self, pattern: str, terms: Mapping[str, str], letters: Alphabet) -> None:
        self.pattern = pattern
        self.rest = tokens(pattern)
        self._terms = terms
        self._letters = letters
        if "".join(self.rest) != pattern or _FORBIDDEN & set(re.sub(r"\{\w*\}", "", pattern)):
            raise PatternError(f"{pattern!r} holds a character that patterns do not know")

    def choices(self) -> str:
        """``a|b|c`` up to a closing parenthesis or the end."""
        found = [self._sequence()]
        while self.rest and self.rest[0] == "|":
            self.rest.pop(0)
            found.append(self._sequence())
        if "" in found:
            raise PatternError(f"an empty choice in {self.pattern!r}")
        return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"

    def _sequence(self) -> str:
        pieces = ""
        while self.rest and self.rest[0] not in "|)":
            pieces += self._piece()
        return pieces

    def _piece(self) -> str:
        token = self.rest.pop(0)
        if token == "(":  # noqa: S105
            inner = self.choices()
            if not self.rest or self.rest.pop(0) != ")":
                raise PatternError(f"an open parenthesis in {self.pattern!r}")
            if self.rest and self.rest[0] == "?":
                self.rest.pop(0)
                return f"(?:{inner})?"
            return f"(?:{inner})"
        if token == "?":  # noqa: S105
            raise PatternError(f"'?' in {self.pattern!r} may only follow a closing parenthesis")
        if token.startswith("{"):
            return self._term(token[1:-1])
        fixed = {
            "……": self._letters.long_gap,
            "…": self._letters.gap,
            "^": f"(?<![^{BOUNDARY}])",
            "$": f"(?![^{BOUNDARY}])",
        }
        if token in fixed:
            return fixed[token]
        if not token.strip():
            return r"\s*"
        return self._literal(token)

    def _term(self, name: str) -> str:
        if name in {"number", "amount"}:
            kinds = {"number": (_ZH_NUMBER, _EN_NUMBER), "amount": (_ZH_AMOUNT, _EN_AMOUNT)}
            return kinds[name][self._letters.words]
        if name not in self._terms:
            raise PatternError(f"there is no term {name!r} above {self.pattern!r}")
        return self._terms[name]

    def _literal(self, text: str) -> str:
        marks = self._letters.marks
        body = "".join(f"[{re.escape(char)}{marks[char]}]" if char in marks else re.escape(char) for char in text)
        return rf"\b{body}\b" if self._letters.words else body
