"""What follows an attempt: a pure function from an outcome and a case's history to the next step.

The figures are a first cut: how soon an outcome is worth another call, and after how many the telephone is given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from campaigns.model import Attempt, AttemptResult, Case, Grade, NextStep, Outcome

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


def next_step(
    case: Case, result: AttemptResult, history: Sequence[Attempt], *, now: float, settings: PolicySettings
) -> NextStep:
    """Queue the case again or close it.

    ``history`` holds the case's other attempts in any order; one without a result counts for its dialling alone.
    """
    retry = settings.retries.get(result.outcome)
    if retry is None:
        return _closed(case.lead.grade, result.outcome)
    outcomes = [a.result.outcome for a in history if a.result is not None] + [result.outcome]
    theirs = [outcome for outcome in outcomes if outcome not in _OURS]
    if outcomes.count(result.outcome) >= retry.limit or len(theirs) >= settings.max_attempts:
        return _given_up(case.lead.grade, result.outcome)

    dialled_at = max((a.dialled_at for a in history if a.dialled_at is not None), default=0.0)
    first_at = min((a.claimed_at for a in history), default=now)
    level = urgency(case.lead.grade, now - first_at, result.outcome)
    if result.outcome in _OURS:
        level = max(level, case.urgency)
    return NextStep(
        due_at=max(now + retry.delay_s, dialled_at + settings.cool_down_s),
        urgency=level,
        follow_ups=("visit",) if result.outcome is Outcome.CALLBACK_DUE else (),
    )


def _closed(grade: Grade, outcome: Outcome) -> NextStep:
    """The end of a case whose subject was reached, or who cannot be reached at that number at all."""
    follow_ups: tuple[str, ...] = ()
    if outcome is Outcome.DENIES:
        follow_ups = {Grade.HIGH: ("visit", "stop_payment"), Grade.MEDIUM: ("visit",), Grade.LOW: ("sms",)}[grade]
    elif outcome in {Outcome.WRONG_PERSON, Outcome.INVALID_NUMBER}:
        follow_ups = ("visit",) if grade is Grade.HIGH else ()
    elif outcome not in {Outcome.WARNED, Outcome.ACKNOWLEDGED, Outcome.ESCALATED}:
        return _given_up(grade, outcome)
    return NextStep(close_reason=str(outcome), follow_ups=follow_ups)


def _given_up(grade: Grade, outcome: Outcome) -> NextStep:
    """The end of a case whose subject the telephone did not reach: the next stronger means is ordered."""
    if outcome is Outcome.CALLBACK_DUE:
        return NextStep(close_reason="not_reached", follow_ups=("visit", "stop_payment"))
    return NextStep(close_reason="not_reached", follow_ups=("visit",) if grade is Grade.HIGH else ("sms",))
