"""When a failing trunk stops the floor, and when it goes on."""

from __future__ import annotations

import pytest

from campaigns.model import Outcome
from dialer.breaker import Breaker, Closed, Opened

pytestmark = pytest.mark.unit

FAILS, BUSY, OURS = Outcome.TRUNK_FAILURE, Outcome.BUSY, Outcome.LINE_FAILURE


def opened() -> Breaker:
    """A breaker that opened at 5."""
    breaker = Breaker()
    for at in range(6):
        breaker.ended(at, FAILS, at)
    assert breaker.is_open
    return breaker


def test_more_than_half_of_at_least_six_attempts_open_it() -> None:
    breaker = Breaker()
    told = [breaker.ended(at, outcome, at) for at, outcome in enumerate([BUSY, BUSY, FAILS, FAILS, FAILS])]
    assert told == [None] * 5
    assert breaker.ended(5, FAILS, 5) == Opened(failed=4, of=6, probe_at=35)
    assert not breaker.may_start(34.9)
    assert breaker.may_start(35)


def test_half_of_them_do_not() -> None:
    breaker = Breaker()
    for at in range(100):
        assert breaker.ended(at, FAILS if at % 2 else BUSY, at) is None
    assert breaker.may_start(100)


def test_five_attempts_say_nothing() -> None:
    breaker = Breaker()
    assert [breaker.ended(at, FAILS, at) for at in range(5)] == [None] * 5


def test_what_is_two_minutes_old_is_forgotten() -> None:
    breaker = Breaker()
    for at in range(5):
        breaker.ended(at, FAILS, at)
    assert breaker.ended(5, FAILS, 124) is None
    assert breaker.may_start(124)


def test_our_own_failures_say_nothing_about_the_trunk() -> None:
    breaker = Breaker()
    assert [breaker.ended(at, OURS, at) for at in range(20)] == [None] * 20
    told = [breaker.ended(at, FAILS, at) for at in range(20, 26)]
    assert told[-1] == Opened(failed=6, of=6, probe_at=55)


def test_one_call_probes_at_a_time_and_later_each_time() -> None:
    breaker = opened()
    waits, now = [], 5.0
    for attempt in range(10, 17):
        at = now
        while not breaker.may_start(at):
            at += 1
        waits.append(at - now)
        breaker.started(attempt, at)
        assert not breaker.may_start(at + 1)
        now = at + 2
        assert breaker.ended(attempt, FAILS, now) is None
    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_a_probe_that_gets_through_closes_it() -> None:
    breaker = opened()
    breaker.started(10, 35)
    assert breaker.ended(10, BUSY, 45) == Closed(open_s=40, probes=1)
    assert breaker.may_start(45)
    assert breaker.ended(11, FAILS, 46) is None  # the failures of before are forgotten


def test_a_probe_that_is_carried_for_long_closes_it_before_its_end() -> None:
    breaker = opened()
    breaker.started(10, 35)
    assert breaker.look(74) is None
    assert breaker.look(75) == Closed(open_s=70, probes=1)
    assert breaker.ended(10, Outcome.ACKNOWLEDGED, 300) is None


def test_a_call_from_before_proves_nothing() -> None:
    breaker = opened()
    assert breaker.ended(3, Outcome.ACKNOWLEDGED, 20) is None
    assert not breaker.may_start(20)


@pytest.mark.parametrize("abandons", [True, False])
def test_a_probe_without_an_end_of_its_own_is_made_again(abandons: bool) -> None:
    breaker = opened()
    breaker.started(10, 35)
    if abandons:
        breaker.abandoned(10)
    else:
        breaker.ended(10, OURS, 36)
    assert breaker.is_open
    assert breaker.may_start(37)
    breaker.abandoned(99)
