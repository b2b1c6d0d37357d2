"""Digits as they are dictated: in groups, with pauses and fillers between, and with corrections.

What digits and corrections sound like is a `Lexer` of each language (`speech.mentions.digits_zh`,
`speech.mentions.digits_en`); which groups make one number is settled in `numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

MAX_GROUPS = 24
"""Groups in one number: one that is read digit by digit, and typed so, has 19."""

STRONG = 3
"""A number that by its form cannot begin a longer one: a mobile number, a card with a right check digit."""


class Joint(Enum):
    """What stands before a group."""

    START = "start"
    PAUSE = "pause"
    CORRECTION = "correction"
    TAIL_CORRECTION = "tail correction"
    """Only the last digits are said anew."""


@dataclass(frozen=True, slots=True)
class Group:
    """Digits in one breath."""

    digits: str
    start: int
    end: int
    joint: Joint = Joint.START


@dataclass(frozen=True, slots=True)
class Lexer:
    """Finds the groups in a folded text of one language."""

    item: re.Pattern[str]
    """Digits said in one go; its group ``typed`` is those that were not spoken."""
    digits: Callable[[re.Match[str]], str]
    """The digits of such a match."""
    touches: Callable[[str, int, re.Match[str]], bool]
    """Whether a match goes on, without a pause, with the group that ends there in the text."""
    pause: re.Pattern[str]
    """All that stands between two groups of one number."""
    correction: re.Pattern[str]
    """The same where the second corrects the first, which its group ``wrong`` says; ``tail``: only the last digits."""
    longest_joint: int
    """In characters: two groups that are further apart belong to two numbers."""

    def runs(self, text: str) -> Iterator[list[Group]]:
        """Stretches of digit groups."""
        run: list[Group] = []
        for found in self.item.finditer(text):
            digits = self.digits(found)
            if run and self.touches(text, run[-1].end, found):
                last = run[-1]
                run[-1] = Group(last.digits + digits, last.start, found.end(), last.joint)
                continue
            joint = self._joint(text[run[-1].end : found.start()]) if run else Joint.START
            if run and joint is Joint.START:
                yield run
                run = []
            run.append(Group(digits, found.start(), found.end(), joint))
        if run:
            yield run

    def is_pause(self, text: str) -> bool:
        """Whether a text is nothing but what stands between two groups of one number: a filler, a correction."""
        return self._joint(text) is not Joint.START

    def corrects(self, between: str) -> bool:
        """Whether words between two numbers take the first one back."""
        return self._joint(between) in (Joint.CORRECTION, Joint.TAIL_CORRECTION)

    def _joint(self, between: str) -> Joint:
        if len(between) > self.longest_joint:
            return Joint.START
        if self.pause.fullmatch(between):
            return Joint.PAUSE
        found = self.correction.fullmatch(between)
        if found and found["wrong"]:
            return Joint.TAIL_CORRECTION if found["tail"] else Joint.CORRECTION
        return Joint.START


@dataclass(frozen=True, slots=True)
class Number:
    """Digits that make one number."""

    digits: str
    start: int
    end: int


Judge = Callable[[Number], int]
"""How surely digits are a number of some kind: 0 not at all, `STRONG` by form alone."""


def numbers(run: Sequence[Group], judge: Judge) -> Iterator[Number]:
    """The numbers that a run of groups is made of, left to right; groups that make none are left out."""
    parts = _corrected(run, judge)
    at = 0
    while at < len(parts):
        count = _length(parts[at:], judge)
        if count:
            yield _joined(parts[at : at + count])
        at += max(count, 1)


def _joined(groups: Sequence[Group]) -> Number:
    return Number("".join(group.digits for group in groups), groups[0].start, groups[-1].end)


def _length(groups: Sequence[Group], judge: Judge) -> int:
    """How many groups, from the first on, make the surest number, of equally sure ones the longest; 0 if none do."""
    if judge(_joined(groups[:1])) >= STRONG:
        return 1
    best = surest = 0
    for count in range(1, min(len(groups), MAX_GROUPS) + 1):
        if count > 1 and judge(_joined(groups[count - 1 : count])) >= STRONG:
            break
        sureness = judge(_joined(groups[:count]))
        if sureness and sureness >= surest:
            best, surest = count, sureness
    return best


def _corrected(run: Sequence[Group], judge: Judge) -> list[Group]:
    """The run with what was said wrongly replaced."""
    said: list[Group] = []
    at = 0
    while at < len(run):
        until = at + 1
        while until < len(run) and run[until].joint in (Joint.START, Joint.PAUSE):
            until += 1
        again = list(run[at:until])
        said = _replaced(said[-MAX_GROUPS:], again, judge) if said else again
        at = until
    return said


def _replaced(before: list[Group], again: list[Group], judge: Judge) -> list[Group]:
    """What was meant when ``again`` was said to correct ``before``: the reading that is most surely a number."""
    new = _joined(again)
    old = _joined(before)
    span = (old.start, new.end)
    readings: list[str] = []
    if again[0].joint is not Joint.TAIL_CORRECTION:
        readings.append(new.digits)
    if len(new.digits) < len(old.digits):
        readings.append(old.digits[: -len(new.digits)] + new.digits)
    if len(before) > 1:
        readings.append(_joined(before[:-1]).digits + new.digits)
        readings.append(_joined(before[: -min(len(again), len(before) - 1)]).digits + new.digits)
    if again[0].joint is Joint.TAIL_CORRECTION:
        readings.append(new.digits)
    surest = max(readings, key=lambda digits: judge(Number(digits, *span)), default="")
    return [Group(surest, *span)] if surest and judge(Number(surest, *span)) else again
