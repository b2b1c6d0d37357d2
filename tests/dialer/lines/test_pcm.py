"""Pieces become frames: an even stream, whatever the way did to them."""

from __future__ import annotations

import array

import pytest

from dialer.lines.feed import Feed
from dialer.lines.pcm import FRAME_BYTES, JitterBuffer, mixed

pytestmark = pytest.mark.unit


def _frame(value: int) -> bytes:
    return array.array("h", [value] * 160).tobytes()


def test_a_sound_begins_when_enough_has_come_and_then_has_no_gap() -> None:
    buffer = JitterBuffer(60)
    heard: list[bytes | None] = []
    arriving = {0: 1, 1: 1, 2: 1, 5: 3, 6: 1, 8: 2, 9: 1}  # pieces in each frame's time; some come 40 ms late
    number = 0
    for tick in range(10):
        for _ in range(arriving.get(tick, 0)):
            number += 1
            buffer.push(_frame(number))
        heard.append(buffer.pull())
    assert heard == [None, None, *(_frame(n) for n in range(1, 9))]


def test_pieces_of_any_length_are_cut_into_frames() -> None:
    buffer = JitterBuffer(20)
    sound = bytes(range(250)) * 4
    for start in range(0, 1000, 50):
        buffer.push(sound[start : start + 50])
    frames = [buffer.pull() for _ in range(4)]
    assert b"".join(frame or b"" for frame in frames) == sound + bytes(4 * FRAME_BYTES - 1000)
    assert buffer.pull() is None


def test_a_short_sound_is_heard_although_nothing_follows() -> None:
    buffer = JitterBuffer(60)
    buffer.push(_frame(7)[:100])
    assert [buffer.pull() for _ in range(5)].count(_frame(7)[:100].ljust(FRAME_BYTES, b"\0")) == 1


def test_of_what_comes_too_fast_the_oldest_is_dropped() -> None:
    buffer = JitterBuffer(60)
    for number in range(1, 31):
        buffer.push(_frame(number))
    assert buffer.pull() == _frame(11)


def test_half_a_sample_never_shifts_the_rest() -> None:
    buffer = JitterBuffer(20)
    buffer.push(b"\1")
    buffer.push(_frame(5))
    assert buffer.pull() == _frame(5)


def test_a_delay_that_is_not_needed_goes_away() -> None:
    buffer = JitterBuffer(60)
    for number in range(20):
        buffer.push(_frame(number))
    for number in range(20, 150):
        buffer.pull()
        buffer.push(_frame(number))
    left = 0
    while buffer.pull() is not None:
        left += 1
    assert left == 3


def test_a_sum_is_clipped() -> None:
    assert mixed([_frame(20000), _frame(20000)]) == _frame(32767)
    assert mixed([_frame(-20000), _frame(-20000), _frame(500)]) == _frame(-32768)
    assert mixed([_frame(300), _frame(-100)]) == _frame(200)
    assert mixed([_frame(3)]) == _frame(3)


def test_sources_are_heard_together_and_forgotten_when_they_cease() -> None:
    feed = Feed()
    assert not feed.wanted
    for _ in range(4):
        feed.push(1, _frame(100))
        feed.push(2, _frame(20))
    assert [feed.pull() for _ in range(4)] == [_frame(120)] * 4
    assert feed.still_wanted()
    feed.push(2, _frame(20))
    assert feed.still_wanted()
    assert not feed.still_wanted()
    assert feed.pull() is None
