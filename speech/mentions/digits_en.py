"""Digits as English dictates them: oh, double five, triple eight, twenty one, nine hundred; typed ones among them."""

from __future__ import annotations

import re

from speech.mentions.dictated import Lexer

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip

_ZEROS = ("oh", "o", "nought", "naught")
_DIGIT = rf"(?:{'|'.join((*UNITS, *_ZEROS))}|\d)"
_MONEY = r"(?:thousand|million|billion|grand|k|dollars?|bucks|quid|pounds?|euros?|yuan|rmb|cents|pence|percent|%)"
_ITEM = re.compile(
    rf"(?<![\w$£€¥])(?:(?P<times>double|triple|treble|quadruple)[\s-]+(?P<of>{_DIGIT})"
    rf"|(?P<typed>\d+)|(?P<tens>{'|'.join(TENS)})(?:[\s-]+(?P<unit>(?!zero){'|'.join(list(UNITS)[1:])}))?"
    rf"|(?P<teen>{'|'.join(TEENS)})"
    rf"|(?P<hundred>{'|'.join(list(UNITS)[1:])})[\s-]+hundred"
    rf"|(?P<zero>{'|'.join(_ZEROS)})(?!\s+(?:no|wait|sorry|my|god|yes|yeah|i|well|dear|boy|man|okay|ok|it|he|they)\b)"
    rf"|(?P<one>{'|'.join(UNITS)}))(?![\w%])(?!\s*{_MONEY}\b)"
)
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}

_FILLER = (
    r"(?:[\s,.()\-–_/]|\b(?:um+|uh+|er+m?|then|and then|dash|hyphen|space|okay|yeah|followed by|after that|"
    r"area code|next|pause)\b)"
)
_PAUSE = re.compile(rf"{_FILLER}{{1,40}}")
_CORRECTION = re.compile(
    r"(?:(?P<wrong>no|wait|sorry|actually|i mean|scratch that|correction|make that|oops|rather|oh|"
    r"my mistake|that's wrong|that is wrong|not that)|hold on|let me see|it's|it is|that's|is|are|should be|"
    r"(?P<tail>the last (?:few|two|three|four|five|six)?\s*(?:digits?|numbers?|ones?)?|ending(?: in)?)|[\s,.\-]){1,60}"
)


def _digits(found: re.Match[str]) -> str:
    if found["times"]:
        return _digit(found["of"]) * _TIMES[found["times"]]
    if found["tens"]:
        return str(TENS[found["tens"]] + UNITS.get(found["unit"] or "zero", 0))
    if found["teen"]:
        return str(TEENS[found["teen"]])
    if found["hundred"]:
        return f"{UNITS[found['hundred']]}00"
    return _digit(found["typed"] or found["zero"] or found["one"])


def _digit(word: str) -> str:
    if word in _ZEROS:
        return "0"
    return str(UNITS[word]) if word in UNITS else word


def _touches(text: str, end: int, found: re.Match[str]) -> bool:
    return not found["typed"] and text[end : found.start()].isspace() and not text[end - 1].isdigit()


LEXER = Lexer(_ITEM, _digits, _touches, _PAUSE, _CORRECTION, longest_joint=60)
