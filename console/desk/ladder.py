"""A campaign's policy as a picture of its ladder: what follows for a case, from the lead to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.follow_up import FollowUpKind
from campaigns.model import Grade, Outcome
from campaigns.policy import Policy
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS, Kinds
from console.desk.texts import N_

_GRADES = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)
_GIVEN_UP_AT_ONCE = (Outcome.INVALID_NUMBER, Outcome.WRONG_PERSON)
_UNITS = {"zh": ("天", "小时", "分钟", "秒"), "en": (" d", " h", " min", " s")}
_LENGTHS = (86_400, 3600, 60, 1)

Orders = tuple[tuple[Grade, Kinds], ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """What follows one outcome of a call."""

    outcome: Outcome
    delay_s: float | None
    """Until the next call; ``None``: there is none."""
    factor: float
    at_most_s: float | None
    limit: int | None
    """Calls that may end so."""
    raise_to: Grade | None
    at_once: Orders
    in_the_end: Orders
    """When the telephone is given up after it."""
    convinced: bool
    """The case is closed: the subject is taken as convinced."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Outcomes of one sort."""

    title: str
    """Marked for translation."""
    most: int | None
    """Calls of this sort before the telephone is given up."""
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """How cases of a grade begin."""

    grade: Grade
    hours: str
    """As the policy writes them; ``always``."""
    first_call_within_s: float
    before: Kinds


@dataclass(frozen=True, slots=True)
class Ladder:
    """The picture."""

    starts: tuple[Start, ...]
    floors: tuple[Floor, ...]
    in_the_end: Orders
    deadlines: tuple[tuple[FollowUpKind, tuple[tuple[Grade | None, float], ...]], ...]
    """By kind; one entry without a grade if it is the same for all."""


def ladder(policy: Policy) -> Ladder:
    """The picture of a policy."""
    given_up = NOT_REACHED - frozenset(_GIVEN_UP_AT_ONCE)
    results = frozenset(Outcome) - given_up - NOT_WARNED - OURS
    sorts = (
        (N_("Not reached"), policy.calls.not_reached, given_up),
        (N_("Reached, but the warning was not heard"), policy.calls.not_warned, NOT_WARNED),
        (N_("A result"), None, results),
        (N_("Our own or the carrier's failure"), None, OURS),
    )
    return Ladder(
        tuple(
            Start(
                grade, policy.hours[grade].text, policy.first_call_within_s[grade], policy.before_calling.get(grade, ())
            )
            for grade in _GRADES
        ),
        tuple(
            Floor(title, most, tuple(_rung(policy, each) for each in Outcome if each in outcomes))
            for title, most, outcomes in sorts
        ),
        _orders({grade: _with_must(grade, policy.in_the_end.get(grade, ())) for grade in _GRADES}),
        tuple((kind, _spans(policy.deadlines_s[kind])) for kind in FollowUpKind),
    )


def lasting(seconds: float, language: str) -> str:
    """A span as people say it: ``1 h 30 min``, ``1小时30分钟``."""
    chinese = language.startswith("zh")
    parts = []
    rest = int(seconds)
    for length, unit in zip(_LENGTHS, _UNITS["zh" if chinese else "en"], strict=True):
        if amount := rest // length:
            parts.append(f"{amount}{unit}")
            rest -= amount * length
    if not parts:
        return "0秒" if chinese else "0 s"
    return ("" if chinese else " ").join(parts)


def _rung(policy: Policy, outcome: Outcome) -> Rung:
    rule = policy.rule(outcome)
    convinced = outcome in policy.convinced_by
    grades = (rule.raise_to,) if rule.raise_to else _GRADES
    own: Mapping[Grade, Kinds] = {} if rule.in_the_end is None else rule.in_the_end
    in_the_end = {} if convinced or rule.in_the_end is None else {g: _with_must(g, own.get(g, ())) for g in grades}
    return Rung(
        outcome,
        rule.delay_s,
        rule.factor,
        rule.at_most_s if rule.factor > 1 else None,
        rule.limit,
        rule.raise_to,
        _orders(rule.at_once),
        _orders(in_the_end),
        convinced,
    )


def _with_must(grade: Grade, kinds: Kinds) -> Kinds:
    """What a high case that nobody convinced gets, whatever a policy says."""
    must = (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT) if grade is Grade.HIGH else ()
    return tuple(dict.fromkeys((*kinds, *must)))


def _orders(table: Mapping[Grade, Kinds]) -> Orders:
    return tuple((grade, table[grade]) for grade in _GRADES if table.get(grade))


def _spans(spans: Mapping[Grade, float]) -> tuple[tuple[Grade | None, float], ...]:
    if len(set(spans.values())) == 1:
        return ((None, next(iter(spans.values()))),)
    return tuple((grade, spans[grade]) for grade in _GRADES if grade in spans)
