"""A call to a relative: a short ladder of its own, which orders nothing and ends soon."""

from __future__ import annotations

from campaigns.model import CaseState, NextStep, Outcome
from campaigns.policy.durations import written
from campaigns.policy.facts import OPT_OUT, Ended, Facts
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS
from campaigns.policy.urgency import CALL_BACK_URGENCY, urgency
from campaigns.policy.windows import first_open, slot

_UNANSWERED = (NOT_REACHED | NOT_WARNED) - {Outcome.INVALID_NUMBER, Outcome.WRONG_PERSON}


def to_relative(facts: Facts) -> NextStep:
    """What follows for a linked case; the reason with which it closes is the result of the order that made it."""
    rule, last = facts.policy.relatives, facts.last
    if (over := _over(facts)) is not None:
        return over
    wanted_at, why = facts.case.created_at, f"call to a relative ({facts.case.relation or 'relation unknown'})"
    if last is not None:
        delay_s = _delay_s(facts, last)
        wanted_at = last.result.ended_at + delay_s
        why = f"{last.outcome} {facts.total(_UNANSWERED)} of {rule.limit}, again in {written(round(delay_s))}"
    expires_at = first_open(facts, facts.case.created_at) + rule.within_s
    found = slot(facts, wanted_at, expires_at=expires_at)
    if found is None:
        return NextStep(close_reason="not_reached", why="no time left to call the relative")
    return NextStep(
        due_at=found.due_at,
        call_until_at=found.until_at,
        urgency=CALL_BACK_URGENCY if _fraud_heard(last) else urgency(facts.grade, wanted_at, facts.policy),
        first_call_by_at=None if facts.case.attempts else found.due_at + facts.policy.first_call_within_s[facts.grade],
        why=why,
    )


def _over(facts: Facts) -> NextStep | None:
    """The end, if there is nothing more to call for."""
    last, subject = facts.last, facts.history.subject
    if facts.heard(OPT_OUT) or facts.history.suppressed is not None:
        return NextStep(close_reason="not_reached", why="the relative's number is not to be called")
    if last is not None and last.outcome not in _UNANSWERED | OURS:
        return NextStep(close_reason=str(last.outcome), why=f"the relative's call ended: {last.outcome}")
    tried = facts.total(_UNANSWERED)
    if tried >= facts.policy.relatives.limit:
        return NextStep(close_reason="not_reached", why=f"the relative was called {tried} times")
    if subject is not None and subject.state is CaseState.CLOSED and not _fraud_heard(last):
        return NextStep(close_reason="not_reached", why=f"the subject's case is closed: {subject.closed_reason}")
    return None


def _delay_s(facts: Facts, last: Ended) -> float:
    """From the end of one call to the next."""
    own_s = facts.policy.relatives.delay_s
    by_outcome_s = facts.policy.rule(last.outcome).delay_s
    if last.outcome in OURS or _fraud_heard(last):
        return own_s if by_outcome_s is None else min(own_s, by_outcome_s)
    return own_s


def _fraud_heard(last: Ended | None) -> bool:
    return last is not None and last.outcome is Outcome.CALLBACK_DUE
