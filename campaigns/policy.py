"""What follows an attempt: a pure function from an outcome and a case's history to the next step.

The figures are a first cut: how soon an outcome is worth another call, and after how many the telephone is given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import Grade, History, NextStep, Outcome
from campaigns.store import Decide

CALL_BACK_URGENCY = 2000
"""Above every other: fraud in progress was heard and no dissuader was free."""

_GRADE_URGENCY = {Grade.HIGH: 1000, Grade.MEDIUM: 200, Grade.LOW: 100}
_BUSY_URGENCY = 50
_URGENCY_PER_HOUR = 10
_WAITING_URGENCY_LIMIT = 150
_OURS = frozenset({Outcome.TRUNK_FAILURE, Outcome.LINE_FAILURE})
"""Outcomes that say nothing about the subject."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When to call again after an outcome, and how often."""

    delay_s: float
    """Seconds from the end of one attempt to the next."""
    limit: int
    """Attempts of a case that may end with this outcome before the telephone is given up."""


def _default_retries() -> Mapping[Outcome, Retry]:
    minute = 60.0
    return MappingProxyType(
        {
            Outcome.BUSY: Retry(5 * minute, 6),
            Outcome.NO_ANSWER: Retry(30 * minute, 4),
            Outcome.REJECTED: Retry(30 * minute, 3),
            Outcome.POWERED_OFF: Retry(60 * minute, 4),
            Outcome.UNREACHABLE: Retry(60 * minute, 4),
            Outcome.VOICEMAIL: Retry(30 * minute, 4),
            Outcome.FORWARDED: Retry(30 * minute, 2),
            Outcome.ANSWERED_INCOMPLETE: Retry(2 * minute, 3),
            Outcome.CALLBACK_DUE: Retry(0.5 * minute, 3),
            Outcome.TRUNK_FAILURE: Retry(1 * minute, 30),
            Outcome.LINE_FAILURE: Retry(1 * minute, 5),
        }
    )


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How patient a campaign is."""

    cool_down_s: float = 120.0
    """Seconds between two calls to one number, counted from dialling, whatever the outcome was."""
    max_attempts: int = 10
    """Attempts of a case, those that failed by our own or the carrier's fault not counted."""
    retries: Mapping[Outcome, Retry] = field(default_factory=_default_retries)
    """Outcomes after which the number is called again; an outcome that is absent closes the case."""

    def __post_init__(self) -> None:
        if self.cool_down_s < 0 or self.max_attempts < 1:
            raise ValueError("cool_down_s must be 0 or more and max_attempts 1 or more")
        for outcome, retry in self.retries.items():
            if retry.delay_s < 0 or retry.limit < 1:
                raise ValueError(f"retry after {outcome}: delay_s must be 0 or more and limit 1 or more")


def urgency(grade: Grade, waiting_s: float = 0.0, last_outcome: Outcome | None = None) -> int:
    """Place in the queue, higher first: by grade, then by seconds waited; a long-busy line is itself a sign of danger.

    A low grade that waited ten hours passes a fresh medium one; nothing but a call-back passes a high one.
    """
    if last_outcome is Outcome.CALLBACK_DUE:
        return CALL_BACK_URGENCY
    waited = min(_WAITING_URGENCY_LIMIT, int(max(0.0, waiting_s) / 3600 * _URGENCY_PER_HOUR))
    return _GRADE_URGENCY[grade] + waited + (_BUSY_URGENCY if last_outcome is Outcome.BUSY else 0)


def decide(history: History, *, now: float, settings: PolicySettings) -> NextStep:
    """What follows for a case: call it, wait for what is ordered, or close it."""
    case = history.case
    last = history.attempts[-1].result if history.attempts else None
    if last is None:
        return NextStep(due_at=max(now, history.free_at), urgency=urgency(case.lead.grade), why="new")
    retry = settings.retries.get(last.outcome)
    if retry is None:
        return _closed(case.lead.grade, last.outcome, now)
    outcomes = [a.result.outcome for a in history.attempts if a.result is not None]
    theirs = [outcome for outcome in outcomes if outcome not in _OURS]
    if outcomes.count(last.outcome) >= retry.limit or len(theirs) >= settings.max_attempts:
        return _given_up(case.lead.grade, last.outcome, now)
    level = urgency(case.lead.grade, now - case.created_at, last.outcome)
    if last.outcome in _OURS:
        level = max(level, case.urgency)
    kinds = (FollowUpKind.VISIT,) if last.outcome is Outcome.CALLBACK_DUE else ()
    return NextStep(
        due_at=max(now + retry.delay_s, history.free_at),
        urgency=level,
        orders=_orders(kinds, now),
        why=f"{last.outcome} {outcomes.count(last.outcome)} of {retry.limit}",
    )


def decider(now: float, settings: PolicySettings | None = None) -> Decide:
    """`decide` as a store takes it."""
    used = settings or PolicySettings()
    return lambda history: decide(history, now=now, settings=used)


def _orders(kinds: Sequence[FollowUpKind], now: float) -> tuple[Order, ...]:
    return tuple(Order(kind, now + 2 * 3600.0) for kind in kinds)


def _closed(grade: Grade, outcome: Outcome, now: float) -> NextStep:
    """The end of a case whose subject was reached, or who cannot be reached at that number at all."""
    kinds: tuple[FollowUpKind, ...] = ()
    if outcome is Outcome.DENIES:
        kinds = {
            Grade.HIGH: (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT),
            Grade.MEDIUM: (FollowUpKind.VISIT,),
            Grade.LOW: (FollowUpKind.SMS,),
        }[grade]
    elif outcome in {Outcome.WRONG_PERSON, Outcome.INVALID_NUMBER}:
        kinds = (FollowUpKind.VISIT,) if grade is Grade.HIGH else ()
    elif outcome not in {Outcome.WARNED, Outcome.ACKNOWLEDGED, Outcome.ESCALATED}:
        return _given_up(grade, outcome, now)
    return NextStep(close_reason=str(outcome), orders=_orders(kinds, now))


def _given_up(grade: Grade, outcome: Outcome, now: float) -> NextStep:
    """The end of a case whose subject the telephone did not reach: the next stronger means is ordered."""
    if outcome is Outcome.CALLBACK_DUE:
        return NextStep(
            close_reason="not_reached", orders=_orders((FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT), now)
        )
    kind = FollowUpKind.VISIT if grade is Grade.HIGH else FollowUpKind.SMS
    return NextStep(close_reason="not_reached", orders=_orders((kind,), now))
