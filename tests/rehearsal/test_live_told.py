"""What the benchmark of live calls makes of what its phones tell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.live.told import gaps
from rehearsal.calls import CallKey, PhoneCall
from rehearsal.facts import Answered, Ended, Rang, Wire

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("spans", "moments"),
    [
        ([], 0),
        ([(0, 10), (2, 12), (9, 20)], 1),
        ([(0, 10), (11, 20), (12, 30)], 2),
        ([(0, 30), (1, 5), (6, 9)], 2),
    ],
)
def test_gaps_of_many_calls_are_put_down_to_as_few_moments_as_can_be(
    spans: Sequence[tuple[float, float]], moments: int
) -> None:
    found = gaps([call(number, since, until, 0.07) for number, (since, until) in enumerate(spans)])
    assert (found.over, found.moments) == (len(spans), moments)


def test_a_call_without_a_gap_needs_no_moment() -> None:
    found = gaps([call(0, 0, 10, 0.06), call(1, 20, 30, 0.061)])
    assert (found.over, found.moments) == (1, 1)


def call(number: int, since: float, until: float, gap_s: float) -> PhoneCall:
    """One that was up for this time."""
    phone = f"+86111{number:08}"
    wire = Wire(packets=100, lost=0, longest_gap_s=gap_s, sent_late_s=0)
    return PhoneCall(
        key=CallKey(phone, 1),
        rang=Rang(at=since, phone=phone, call=1, caller=""),
        answered=Answered(at=since, phone=phone, call=1),
        ended=Ended(at=until, phone=phone, call=1, by="phone", wire=wire),
    )
