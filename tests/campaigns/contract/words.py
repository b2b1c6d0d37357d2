"""What the suite is written in: numbers, leads, plans, results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from campaigns.model import (
    AttemptResult,
    Claim,
    Grade,
    History,
    Lead,
    NextStep,
    Outcome,
)
from campaigns.store import Decide, Store

COOL_DOWN_S = 120.0
T0 = 1_800_000_000.0
LEASE_S = 30.0

CALL_BACK_URGENCY = 2000
URGENCY = {Grade.LOW: 100, Grade.MEDIUM: 200, Grade.HIGH: 1000}

Opener = Callable[..., Store]


def decider(now: float) -> Decide:
    """A plan of the suite's own: call at once, again a minute after each call, at once when a human was wanted."""

    def decide(history: History) -> NextStep:
        case = history.case
        ended = [attempt for attempt in history.attempts if attempt.result is not None]
        urgency = max(case.urgency, URGENCY[case.lead.grade])
        if ended and ended[-1].escalations and ended[-1].escalations[-1].joined_s is None:
            urgency = CALL_BACK_URGENCY
        return NextStep(due_at=now + 60 if ended else now, urgency=urgency, why="the suite's plan")

    return decide


def number(last: int) -> str:
    return f"+86111{last:08d}"


def lead(last: int, grade: Grade = Grade.MEDIUM, **more: Any) -> Lead:
    return Lead(number(last), grade=grade, **more)


def kinds(store: Store, after: int = 0) -> list[str]:
    return [event.kind for event in store.events(after=after, limit=100_000)]


def last_seq(store: Store) -> int:
    return max((event.seq for event in store.events(limit=100_000)), default=0)


def claim_one(store: Store, node: str = "n1", *, now: float = T0, lease_s: float = LEASE_S) -> Claim:
    (claim,) = store.claim(node, now=now, lease_s=lease_s, limit=1)
    return claim


def result(outcome: Outcome = Outcome.NO_ANSWER, ended_at: float = T0) -> AttemptResult:
    return AttemptResult(outcome, ended_at=ended_at)


def again(due_at: float, level: int = 200) -> NextStep:
    return NextStep(due_at=due_at, urgency=level)


def follows(step: NextStep) -> Decide:
    """A decision that was taken before."""
    return lambda history: step


@pytest.fixture
def store(open_store: Opener) -> Iterator[Store]:
    opened = open_store(cool_down_s=COOL_DOWN_S)
    opened.create_campaign("spring", now=T0 - 100)
    yield opened
    opened.close()
