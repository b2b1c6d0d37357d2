"""The decision on a case's next step: a pure function from its history and the clock."""

from __future__ import annotations

from dataclasses import replace

from campaigns.model import History, NextStep, Outcome, Suppression
from campaigns.policy.ending import close, end
from campaigns.policy.facts import OPT_OUT, Ended, Facts
from campaigns.policy.judging import judged
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS, Policy
from campaigns.policy.ordering import on_the_way, orders
from campaigns.policy.reading import policy_of
from campaigns.policy.relatives import to_relative
from campaigns.policy.retrying import again, first
from campaigns.store import Decide


def decide(history: History, *, now: float, policy: Policy) -> NextStep:
    """What follows for a case: call it, wait for what is ordered, or close it."""
    facts = Facts(history, now, policy)
    if facts.case.linked_case_id is not None:
        return _suppressing(facts, _graded(facts, to_relative(facts)))
    step = judged(facts) or _convinced(facts) or _barred(facts) or _called(facts)
    return _suppressing(facts, _graded(facts, step))


def decider(now: float, default: Policy | None = None) -> Decide:
    """`decide` as a store takes it: each case by its own campaign's policy, see `policy_of`."""
    return lambda history: decide(history, now=now, policy=policy_of(history.campaign, default))


def _convinced(facts: Facts) -> NextStep | None:
    outcome = facts.pending
    if outcome is None or not facts.convinced:
        return None
    return close(facts, outcome.value, "heard the warning and said so" if outcome is Outcome.ACKNOWLEDGED else "warned")


def _barred(facts: Facts) -> NextStep | None:
    """The number is not to be called."""
    if facts.heard(OPT_OUT):
        return end(facts, "opt_out", (), "asked not to be called again")
    if facts.history.suppressed is not None:
        wanted = facts.policy.finally_(None, facts.grade)
        return end(facts, "suppressed", wanted, f"the number is suppressed: {facts.history.suppressed.reason}")
    return None


def _called(facts: Facts) -> NextStep:
    """By how the last call ended."""
    last = facts.last
    if last is None:
        return first(facts)
    if last.outcome is Outcome.ESCALATED:
        return _talked(facts, last)
    step = again(facts, last)
    return step if step is not None else _given_up(facts, last)


def _talked(facts: Facts, last: Ended) -> NextStep:
    """A human spoke with the subject: their record says what follows; without one, nobody was convinced."""
    until_at = last.result.ended_at + facts.policy.recorded.within_s
    if facts.now < until_at:
        why = "a human spoke with the subject; their record is awaited"
        return NextStep(waits=True, wait_until_at=until_at, orders=orders(facts, on_the_way(facts), why), why=why)
    wanted = facts.policy.finally_(Outcome.ESCALATED, facts.grade)
    return end(facts, "escalated", wanted, "a human spoke with the subject and recorded nothing")


def _given_up(facts: Facts, last: Ended) -> NextStep:
    outcome = (facts.pending or last.outcome) if last.outcome in OURS else last.outcome
    wanted = facts.policy.finally_(outcome, facts.grade)
    if facts.policy.rule(outcome).delay_s is None:
        return end(facts, str(outcome), wanted, f"{outcome}: the telephone can do no more")
    reasons = {**dict.fromkeys(NOT_REACHED | OURS, "not_reached"), **dict.fromkeys(NOT_WARNED, "not_warned")}
    reason = reasons.get(outcome, outcome.value)
    return end(facts, reason, wanted, f"{outcome} {facts.times(outcome)} times: the telephone is given up")


def _graded(facts: Facts, step: NextStep) -> NextStep:
    return replace(step, grade=facts.grade) if facts.grade is not facts.case.lead.grade else step


def _suppressing(facts: Facts, step: NextStep) -> NextStep:
    """Who asked to be left alone is called by no campaign."""
    last = facts.last
    if last is None or facts.history.suppressed is not None:
        return step
    if not any(each.name == OPT_OUT for each in last.attempt.signals):
        return step
    if facts.now >= last.result.ended_at + facts.policy.opt_out_s:
        return step
    until_at = last.result.ended_at + facts.policy.opt_out_s
    return replace(step, suppress=Suppression(facts.case.lead.number, "opt_out", "", facts.now, until_at))
