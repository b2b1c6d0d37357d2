"""A call to a relative: a short ladder of its own, which orders nothing and ends soon."""

from __future__ import annotations

from campaigns.model import NextStep, Outcome
from campaigns.policy.durations import written
from campaigns.policy.facts import OPT_OUT, Facts
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS
from campaigns.policy.urgency import CALL_BACK_URGENCY, urgency
from campaigns.policy.windows import first_open, slot

_UNANSWERED = (NOT_REACHED | NOT_WARNED) - {Outcome.INVALID_NUMBER, Outcome.WRONG_PERSON}


def to_relative(facts: Facts) -> NextStep:
    """What follows for a linked case; the reason with which it closes is the result of the order that made it."""
    rule, last = facts.policy.relatives, facts.last
    if facts.heard(OPT_OUT) or facts.history.suppressed is not None:
        return NextStep(close_reason="not_reached", why="the relative's number is not to be called")
    wanted_at, why = facts.case.created_at, f"call to a relative ({facts.case.relation or 'relation unknown'})"
    if last is not None:
        if last.outcome not in _UNANSWERED | OURS:
            return NextStep(close_reason=str(last.outcome), why=f"the relative's call ended: {last.outcome}")
        tried = facts.total(_UNANSWERED)
        if tried >= rule.limit:
            return NextStep(close_reason="not_reached", why=f"the relative was called {tried} times")
        delay_s = facts.policy.rule(last.outcome).delay_s if last.outcome in OURS else rule.delay_s
        if last.outcome is Outcome.CALLBACK_DUE:
            delay_s = min(rule.delay_s, facts.policy.rule(last.outcome).delay_s or rule.delay_s)
        delay_s = rule.delay_s if delay_s is None else delay_s
        wanted_at = last.result.ended_at + delay_s
        why = f"{last.outcome} {tried} of {rule.limit}, again in {written(round(delay_s))}"
    expires_at = first_open(facts, facts.case.created_at) + rule.within_s
    found = slot(facts, wanted_at, expires_at=expires_at)
    if found is None:
        return NextStep(close_reason="not_reached", why="no time left to call the relative")
    called_back = last is not None and last.outcome is Outcome.CALLBACK_DUE
    return NextStep(
        due_at=found.due_at,
        call_until_at=found.until_at,
        urgency=CALL_BACK_URGENCY if called_back else urgency(facts.grade, wanted_at, facts.policy),
        first_call_by_at=None if facts.case.attempts else found.due_at + facts.policy.first_call_within_s[facts.grade],
        why=why,
    )
