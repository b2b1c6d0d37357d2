"""Digits as English dictates them: oh, double five, triple eight, twenty one, nine hundred; typed ones among them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from speech.mentions.dictated import Group, Joint

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
_LONGEST_JOINT = 60


def runs(text: str) -> Iterator[list[Group]]:
    """Stretches of digit groups; the text is folded."""
    run: list[Group] = []
    for found in _ITEM.finditer(text):
        digits = _digits(found)
        between = text[run[-1].end : found.start()] if run else ""
        if run and not found["typed"] and between.isspace() and not text[run[-1].end - 1].isdigit():
            last = run[-1]
            run[-1] = Group(last.digits + digits, last.start, found.end(), last.joint)
            continue
        joint = _joint(between) if run else Joint.START
        if run and joint is Joint.START:
            yield run
            run = []
        run.append(Group(digits, found.start(), found.end(), joint))
    if run:
        yield run


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


def is_pause(text: str) -> bool:
    """Whether a text is nothing but what stands between two groups of one number: a filler, a correction."""
    return _joint(text) is not Joint.START


def corrects(between: str) -> bool:
    """Whether words between two numbers take the first one back."""
    return _joint(between) in (Joint.CORRECTION, Joint.TAIL_CORRECTION)


def _joint(between: str) -> Joint:
    if len(between) > _LONGEST_JOINT:
        return Joint.START
    if _PAUSE.fullmatch(between):
        return Joint.PAUSE
    found = _CORRECTION.fullmatch(between)
    if found and found["wrong"]:
        return Joint.TAIL_CORRECTION if found["tail"] else Joint.CORRECTION
    return Joint.START
