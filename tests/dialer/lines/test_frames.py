"""Frames of a leg: in order, gaps filled, a late reader costs no memory."""

from __future__ import annotations

import asyncio

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


async def test_a_reader_that_takes_what_may_wait_is_woken_by_the_rest_alone() -> None:
    leg, taken, asked = _leg(), [], []
    loud = b"\x10\x20" * 480

    def takes(pcm: bytes) -> bool:
        asked.append(pcm)
        if pcm != loud:
            taken.append(pcm)
        return pcm != loud

    read = []

    async def reader() -> None:
        async for pcm in leg.frames(together=True, takes=takes):
            read.append((len(taken), pcm))

    reading = asyncio.create_task(reader())
    leg.on_frame(0, _FRAME)  # nobody waits for it yet
    await asyncio.sleep(0)
    for index, pcm in enumerate((_FRAME, _FRAME, loud, _FRAME), start=1):  # the last comes before the reader is awake
        leg.on_frame(index, pcm)
    await asyncio.sleep(0)
    leg.on_frame(6, _FRAME)  # one was lost before it: its reader hears that, too
    await asyncio.sleep(0)
    leg.on_end(LegEnd(200, "OK"))
    await reading
    assert read == [(0, _FRAME), (2, loud + _FRAME), (2, bytes(960) + _FRAME)]
    assert asked == [_FRAME, _FRAME, loud]
    assert leg.clock_s == pytest.approx(7 * 0.06)
    assert leg.unheard_s == 0


async def test_the_first_end_counts() -> None:
    leg = _leg()
    leg.on_end(LegEnd(486, "Busy Here"))
    leg.on_end(LegEnd(0, "The line process died", line_died=True))
    assert leg.end == LegEnd(486, "Busy Here")


async def test_headers_cannot_be_smuggled_in() -> None:
    with pytest.raises(LineError, match="one line"):
        await _leg().invite("sip:1@127.0.0.1", headers={"X-Case": "7\r\nX-Other: 8"})
