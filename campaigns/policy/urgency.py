"""Who goes first: an order that no grade can be starved by."""

from __future__ import annotations

from campaigns.model import Grade
from campaigns.policy.model import Policy

CALL_BACK_URGENCY = 10_000_000_000
"""Above every other: fraud in progress was heard and no dissuader was free."""


def urgency(grade: Grade, wanted_at: float, policy: Policy) -> int:
    """A case's place in the queue, higher first.

    It is the time from which on the call is wanted, for a lower grade moved back by as much as it may wait for higher
    ones. So nobody has to be ranked anew while waiting, and a case is only ever passed by those that were wanted less
    than that much later: a number of cases that does not grow, however long it waits.
    """
    moved_s = 0.0 if grade is Grade.HIGH else policy.goes_before_new_high_after_s[grade]
    return max(1, CALL_BACK_URGENCY - 1 - int(max(0.0, wanted_at + moved_s)))
