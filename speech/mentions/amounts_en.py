"""Sums of money as English says them: five thousand two hundred, twelve fifty, a grand, one point two million."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from speech.mentions.digits_en import TEENS, TENS, UNITS
from speech.mentions.model import MentionKind, Piece, plain

_SMALL = {**UNITS, **TEENS, **TENS}
_MULTIPLES = {
    "thousand": 10**3, "thousands": 10**3, "grand": 10**3, "k": 10**3, "million": 10**6,
    "mil": 10**6, "m": 10**6, "billion": 10**9,
}  # fmt: skip
_CURRENCIES = {
    "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD", "usd": "USD", "$": "USD", "pound": "GBP",
    "pounds": "GBP", "quid": "GBP", "gbp": "GBP", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR",
    "€": "EUR", "yuan": "CNY", "rmb": "CNY", "renminbi": "CNY", "cny": "CNY", "¥": "CNY", "usdt": "USDT",
    "tether": "USDT", "baht": "THB", "rubles": "RUB",
}  # fmt: skip
_TOKEN = re.compile(r"[$£€¥]|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?![\d,])|\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)?")
_MONEY_VERB = re.compile(
    r"\b(?:sen[dt]|sending|pay|paid|paying|transfer(?:red|ring)?|wired?|wiring|deposit(?:ed)?|lost|lose|"
    r"invest(?:ed)?|ow(?:e|ed)|gave|give|"
    r"giving|wants?|wanted|asked for|asking for|charged?|cost|fees?|withdr[ae]w|borrowed|took out|put in|another|"
    r"only|about|around|"
    r"over|nearly|almost|total|worth|back|and then|rent is)\b(?:\s+(?:me|him|her|them|it|for|out|in|of|to|is|was|a|"
    r"an|about|"
    r"around|over|another|only|like|just|at least|up to|nearly|almost|some|the|already)){0,4}\s*$"
)
_GOES_ON = frozenset({
    "to", "into", "from", "on", "for", "and", "or", "in", "by", "out", "so", "but", "yesterday", "today", "tomorrow",
    "now", "already", "back", "more", "altogether", "total", "is", "was", "were", "are", "went", "gone", "last",
    "this", "i", "he", "she", "they", "we", "it", "that", "which", "because", "if", "when", "then", "through", "over",
    "with", "until", "via", "at", "of", "please", "ok", "okay", "sir", "maam", "each", "upfront", "cash",
})  # fmt: skip
"""Words that may follow a sum; any other one is likely what is counted."""


_BEGINNINGS = (
    (("a", "couple", "of"), "2"),
    (("a", "couple"), "2"),
    (("a", "quarter", "of", "a"), "0.25"),
    (("quarter", "of", "a"), "0.25"),
    (("half", "a"), "0.5"),
    (("a",), "1"),
    (("an",), "1"),
)
_AFTER_A = frozenset(("hundred", *_MULTIPLES))
_CLAUSE_ENDS = re.compile(r"[.,;!?]")


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


@dataclass(slots=True)
class _Sum:
    value: Decimal
    next: int
    """The token after it."""
    unit: int
    pairs: bool
    """Said as a pair of two-digit numbers: twelve fifty."""


def amounts(text: str) -> Iterator[Piece]:
    """The sums in a folded text, in order."""
    tokens = [_Token(found[0], *found.span()) for found in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        sign = tokens[at].word if tokens[at].word in "$£€¥" else ""
        said = _Reader(tokens, at + bool(sign), text).read()
        if said is None:
            at += 1
            continue
        piece = _piece(text, tokens, at, said, sign)
        if piece is not None:
            yield piece
        at = said.next


def _piece(text: str, tokens: list[_Token], at: int, said: _Sum, sign: str) -> Piece | None:
    start, end = tokens[at].start, tokens[said.next - 1].end
    follower = tokens[said.next].word if said.next < len(tokens) else ""
    touches = said.next < len(tokens) and text[end : tokens[said.next].start].strip(" -") == ""
    if not touches:
        follower = ""
    currency = _CURRENCIES.get(sign or follower, "")
    value = said.value
    if currency and not sign:
        end = tokens[said.next].end
        if cents := _cents(tokens, said.next + 1, text):
            value, end, said.next = value + cents.value / 100, tokens[cents.next].end, cents.next + 1
    if not currency and not _is_bare_sum(text, start, end, said, follower):
        return None
    if value <= 0:
        return None
    return Piece(MentionKind.AMOUNT, plain(value), start, end, currency)


def _cents(tokens: Sequence[_Token], at: int, text: str) -> _Sum | None:
    """The cents that follow a currency: ``and ninety nine cents``."""
    at += at < len(tokens) and tokens[at].word == "and"
    said = _Reader(tokens, at, text).read() if at < len(tokens) else None
    if said is None or said.next >= len(tokens) or said.value >= 100:
        return None
    return said if tokens[said.next].word in ("cents", "cent", "pence") else None


def _is_bare_sum(text: str, start: int, end: int, said: _Sum, follower: str) -> bool:
    if (
        said.value < 100
        or text[max(0, start - 1) : start] in ("/", "-", ":", "#", "+", ".")
        or text[end : end + 1] in ("/", "-", ":", "%")
    ):
        return False
    if follower and follower not in _GOES_ON:
        return False
    if re.search(r"\b(?:in|since|until|year|of)\s*$", text[max(0, start - 8) : start]) and 1900 <= said.value < 2100:
        return False
    if said.unit >= 100 and not said.pairs and not 2000 < said.value < 2100:
        return True
    if said.pairs and said.value < 1000 and said.value % 100 >= 60:
        return True  # four ninety nine: no time of day, no year
    return _MONEY_VERB.search(text, max(0, start - 48), start) is not None


class _Reader:
    """Reads the number that begins at one token."""

    def __init__(self, tokens: Sequence[_Token], first: int, text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._first = self._at = first
        self._total = self._section = Decimal(0)
        self._part: Decimal | None = None
        """Below a hundred, or what was typed."""
        self._unit = 0
        self._typed = self._pairs = self._joined = False

    def read(self) -> _Sum | None:
        """The number; ``None`` when there is none, or digits are read one by one."""
        while (word := self._word()) and self._take(word):
            self._at += 1
        while self._at > self._first and self._tokens[self._at - 1].word == "and":
            self._at -= 1
        if self._at == self._first or (word in _SMALL and not self._unit):
            return None
        if (
            self._unit >= 10**6
            and self._part is not None
            and self._part < 10
            and not self._section
            and not self._joined
        ):
            self._part *= self._unit // 10  # a million three
        return _Sum(self._total + self._section + (self._part or 0), self._at, self._unit, self._pairs)

    def _word(self, ahead: int = 0) -> str:
        """A word of the same clause."""
        at = self._at + ahead
        if at >= len(self._tokens):
            return ""
        if at > self._first and _CLAUSE_ENDS.search(self._text, self._tokens[at - 1].end, self._tokens[at].start):
            return ""
        return self._tokens[at].word

    def _take(self, word: str) -> bool:
        """Whether a word belongs to the number; words that belong to it too are taken with it."""
        if self._at == self._first and self._begins(word):
            return True
        if word[0].isdigit():
            self._typed = self._at == self._first
            self._part = Decimal(word.replace(",", "")) if self._typed else self._part
            return self._typed
        if word in _SMALL:
            return self._small(Decimal(_SMALL[word]))
        match word:
            case "point" if self._part is not None and self._word(1) in UNITS:
                self._fraction()
            case "hundred" if self._part is not None and not self._pairs:
                self._section += self._part * 100
                self._part, self._unit = None, max(self._unit, 100)
            case "and" if self._word(1) == "a" and self._word(2) == "half" and self._part is not None:
                self._part += Decimal("0.5")
                self._at += 2
            case "and":
                self._joined = True
                return bool(self._unit) and self._part is None and self._word(1) in _SMALL
            case _:
                return word in _MULTIPLES and self._multiple(word)
        return True

    def _begins(self, word: str) -> bool:
        """Take what only stands at the beginning: a, a couple of, half a, a quarter of a."""
        for words, part in _BEGINNINGS:
            if word == words[0] and all(self._word(place) == each for place, each in enumerate(words)):
                if self._word(len(words)) not in _AFTER_A:
                    return False
                self._part = Decimal(part)
                self._at += len(words) - 1
                return True
        return False

    def _small(self, number: Decimal) -> bool:
        part = self._part
        if part is None:
            self._part = number
        elif 0 < number < 10 and part % 10 == 0 and 20 <= part < 100:
            self._part = part + number
        elif 1 <= part < 100 and number >= 10 and not (self._section or self._total or self._pairs):
            self._section, self._part, self._pairs = part * 100, number, True  # twelve fifty, forty nine ninety nine
        else:
            return False
        return True

    def _fraction(self) -> None:
        digits = ""
        while (word := self._word(1)) in UNITS:
            self._at += 1
            digits += str(UNITS[word])
        self._part = (self._part or 0) + Decimal(f"0.{digits}")

    def _multiple(self, word: str) -> bool:
        if (self._part is None and not self._section) or (word in ("m", "mil") and not self._typed):
            return False
        multiple = _MULTIPLES[word]
        self._total += (self._section + (self._part or 0)) * multiple
        self._section, self._part, self._unit = Decimal(0), None, max(self._unit, multiple)
        return True
