"""What a human's word leads to: a dissuader's record after a talk, or the officers' after a visit."""

from __future__ import annotations

from campaigns.model import Conviction, NextStep, Outcome
from campaigns.policy.ending import close, end
from campaigns.policy.facts import Facts
from campaigns.policy.retrying import call

_OVER = {
    Conviction.CONVINCED.value: "convinced by a human",
    Conviction.NO_FRAUD.value: "a human found no fraud",
    "met": "officers met the subject",
}


def judged(facts: Facts) -> NextStep | None:
    """What follows the latest judgement, if it counts."""
    said = facts.judgement
    if said is None:
        return None
    if said.verdict in _OVER:
        return close(facts, said.verdict, _OVER[said.verdict])
    recorded = facts.policy.recorded
    if said.verdict == Conviction.MONEY_SENT:
        return end(facts, said.verdict, recorded.money_sent, "money was sent")
    if said.verdict == Conviction.NOT_CONVINCED:
        return end(facts, said.verdict, recorded.not_convinced, "a human could not convince the subject")
    if said.verdict == Conviction.WRONG_PERSON:
        wanted = facts.policy.finally_(Outcome.WRONG_PERSON, facts.grade)
        return end(facts, said.verdict, wanted, "a human found the wrong person at this number")
    return _again(facts, said.at)


def _again(facts: Facts, said_at: float) -> NextStep | None:
    """A human asked for another call; once it was made, its outcome counts."""
    if any(each.attempt.claimed_at > said_at for each in facts.ended):
        return None
    rule = facts.policy.recorded.call_again
    asked = sum(each.conviction is Conviction.CALL_AGAIN for each in facts.history.dispositions)
    if asked > rule.limit:
        wanted = facts.policy.finally_(None, facts.grade)
        return end(facts, "not_convinced", wanted, f"asked to call again more than {rule.limit} times")
    return call(facts, said_at + rule.delay_s, "a human asked to call again")
