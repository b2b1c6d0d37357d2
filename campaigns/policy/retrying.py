"""Calling: the first time, and again."""

from __future__ import annotations

from datetime import datetime

from campaigns.model import NextStep, Outcome
from campaigns.policy.durations import written
from campaigns.policy.ending import end
from campaigns.policy.facts import Ended, Facts
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS
from campaigns.policy.ordering import on_the_way, orders
from campaigns.policy.urgency import CALL_BACK_URGENCY, urgency
from campaigns.policy.windows import clock_of, slot


def first(facts: Facts) -> NextStep:
    """A case that was not called yet."""
    return call(facts, facts.case.created_at, "new")


def call(facts: Facts, wanted_at: float, why: str) -> NextStep:
    """Call at ``wanted_at``, or as soon after it as hours, cool-down and daily limit allow; the end if never."""
    found = slot(facts, wanted_at, expires_at=facts.expires_at)
    if found is None:
        return expired(facts)
    if found.put_off:
        opens = datetime.fromtimestamp(found.due_at, clock_of(facts.case.lead, facts.policy))
        why = f"{why}; calling hours open at {opens:%m-%d %H:%M}"
    return NextStep(
        due_at=found.due_at,
        call_until_at=found.until_at,
        urgency=_urgency(facts, wanted_at),
        first_call_by_at=None if facts.case.attempts else found.due_at + facts.policy.first_call_within_s[facts.grade],
        orders=orders(facts, on_the_way(facts), why),
        why=why,
    )


def expired(facts: Facts) -> NextStep:
    """The lead is not called any more."""
    void = facts.case.lead.expires_at is not None
    wanted = () if void else facts.policy.finally_(None, facts.grade)
    return end(facts, "expired", wanted, "the lead has expired" if void else "there is no time left to call")


def again(facts: Facts, last: Ended) -> NextStep | None:
    """The next call after one that did not do; ``None`` if the telephone is to be given up."""
    rule, times = facts.policy.rule(last.outcome), facts.times(last.outcome)
    ours = last.outcome in OURS
    if rule.delay_s is None or (rule.limit is not None and times >= rule.limit) or (not ours and _used_up(facts)):
        return None
    delay_s = rule.delay(_in_a_row(facts, last) if ours else times)
    count = f"{times}" if rule.limit is None else f"{times} of {rule.limit}"
    return call(facts, last.result.ended_at + delay_s, f"{last.outcome} {count}, again in {written(round(delay_s))}")


def _used_up(facts: Facts) -> bool:
    calls = facts.policy.calls
    return facts.total(NOT_REACHED) >= calls.not_reached or facts.total(NOT_WARNED) >= calls.not_warned


def _in_a_row(facts: Facts, last: Ended) -> int:
    """How often our own failure happened since anything else did."""
    count = 0
    for each in reversed(facts.ended):
        if each.outcome is not last.outcome:
            break
        count += 1
    return count


def _urgency(facts: Facts, wanted_at: float) -> int:
    if facts.pending is Outcome.CALLBACK_DUE:
        return CALL_BACK_URGENCY
    level = urgency(facts.grade, wanted_at, facts.policy)
    ours = facts.last is not None and facts.last.outcome in OURS
    return max(level, facts.case.urgency) if ours else level
