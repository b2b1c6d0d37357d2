"""What follows when the telephone has done what it can: wait for what is ordered, then end."""

from __future__ import annotations

from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import Conviction, NextStep
from campaigns.policy.facts import Facts
from campaigns.policy.model import Kinds
from campaigns.policy.ordering import BLOCKING, blocking, fruitless, must, on_the_way, orders, relative_informed


def end(facts: Facts, reason: str, wanted: Kinds, why: str) -> NextStep:
    """The telephone is given up: order what is left, wait for it, and close when it has come to its end."""
    ordered = orders(facts, (*on_the_way(facts), *wanted, *must(facts)), why, in_the_end=True)
    if any(each.kind in BLOCKING for each in ordered) or blocking(facts):
        return NextStep(waits=True, orders=ordered, why=why)
    outcome, told = _result(facts, reason, why)
    return NextStep(close_reason=outcome, orders=ordered, why=told)


def close(facts: Facts, reason: str, why: str) -> NextStep:
    """The case is over; what was heard is still reported."""
    heard = tuple(each for each in orders(facts, (), why) if each.kind is FollowUpKind.BLOCK)
    return NextStep(close_reason=reason, orders=heard, why=why)


def _result(facts: Facts, reason: str, why: str) -> tuple[str, str]:
    """Why a case closes after all that was ordered for it has ended."""
    if reason == Conviction.MONEY_SENT:
        return reason, why
    if relative_informed(facts):
        return "relative_warned", f"{why}; a relative was warned"
    visits = facts.of(FollowUpKind.VISIT)
    if visits and all(each.state is FollowUpState.FAILED for each in visits):
        return "visit_failed", f"{why}; the visit could not be carried out"
    if visits and all(map(fruitless, visits)):
        return "not_met", f"{why}; officers met nobody"
    return reason, why
