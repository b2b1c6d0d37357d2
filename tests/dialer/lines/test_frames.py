"""Frames of a leg: in order, gaps filled, a late reader costs no memory."""

from __future__ import annotations

import pytest

from dialer.lines import LineError, LineSettings
from dialer.lines.leg import Leg, LegEnd
from dialer.lines.line import Line

pytestmark = pytest.mark.unit

_FRAME = b"\1\0" * 480


def _leg() -> Leg:
    return Leg(Line(LineSettings(), 0, None), 1, 60)


async def test_lost_frames_become_silence_so_that_the_clock_stays_right() -> None:
    leg = _leg()
    for index in (0, 1, 4):
        leg.on_frame(index, _FRAME)
    leg.on_end(LegEnd(200, "OK"))
    assert [frame async for frame in leg.frames()] == [_FRAME, _FRAME, bytes(960), bytes(960), _FRAME]
    assert leg.late_frames == 2
    assert leg.clock_s == pytest.approx(0.3)


async def test_a_reader_that_never_comes_costs_half_a_minute_of_memory() -> None:
    leg = _leg()
    for index in range(1000):
        leg.on_frame(index, _FRAME)
    leg.on_end(LegEnd(200, "OK"))
    assert len([frame async for frame in leg.frames()]) == 500
    assert leg.late_frames == 500
    assert leg.clock_s == pytest.approx(60)


async def test_the_first_end_counts() -> None:
    leg = _leg()
    leg.on_end(LegEnd(486, "Busy Here"))
    leg.on_end(LegEnd(0, "The line process died", line_died=True))
    assert leg.end == LegEnd(486, "Busy Here")


async def test_headers_cannot_be_smuggled_in() -> None:
    with pytest.raises(LineError, match="one line"):
        await _leg().invite("sip:1@127.0.0.1", headers={"X-Case": "7\r\nX-Other: 8"})
