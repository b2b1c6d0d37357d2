"""How late callees are heard, as the switchboard reads it from their legs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest
from structlog.testing import capture_logs

from dialer.call import CallSettings
from dialer.lines import Leg, LinePool, NoSlotError
from dialer.lines.leg import Line
from dialer.pressure import Reading
from dialer.recognition import Recognition
from dialer.robot import Robot, RobotCall
from dialer.switchboard import Language, Switchboard
from dialer.trunk import Trunk

pytestmark = pytest.mark.unit

FRAME = bytes(320)
PATIENCE_S = 30.0


class Pool:
    """Lines whose legs get their frames from the test."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []

    def take(self, *, keep: int = 0) -> Leg:
        self.legs.append(Leg(cast("Line", self), len(self.legs), 20))
        return self.legs[-1]

    def beside(self, leg: Leg) -> Leg:
        raise NoSlotError("none")

    def release(self, leg: Leg) -> None:
        return


def no_language(tag: str) -> Language:
    raise AssertionError(tag)


class Board:
    def __init__(self) -> None:
        self.pool = Pool()
        self.now_s = 100.0
        self.recognition = Recognition(1, clock=lambda: self.now_s)
        self.switchboard = Switchboard(
            cast("LinePool", self.pool),
            cast("Trunk", None),
            cast("Robot", None),
            language=no_language,
            recognition=self.recognition,
            keep=0,
            settings=CallSettings(),
            clock=lambda: self.now_s,
        )

    def reading(self) -> Reading:
        """The next one, a quarter of a second later."""
        self.now_s += 0.25
        return self.switchboard.reading()

    def place(self, count: int = 1) -> list[RobotCall]:
        return [self.switchboard.place() for _ in range(count)]


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.recognition.shutdown()


async def test_the_callee_who_is_worst_off_is_told(board: Board) -> None:
    board.place(2)
    for index in range(10):
        board.pool.legs[1].on_frame(index, FRAME)
    assert board.reading().unheard_s == pytest.approx(0.2)
    async for _ in board.pool.legs[1].frames():
        if not board.pool.legs[1].unheard_s:
            break
    assert board.reading().unheard_s == 0.0


async def test_lost_frames_are_told_once_also_of_calls_that_are_over(board: Board) -> None:
    call, _ = board.place(2)
    board.pool.legs[0].on_frame(3, FRAME)
    board.pool.legs[1].on_frame(1, FRAME)
    assert board.reading().lost_frames == 4
    board.pool.legs[0].on_frame(6, FRAME)
    await call.release()
    assert board.reading().lost_frames == 2
    assert board.reading().lost_frames == 0


async def test_what_nobody_will_hear_any_more_is_not_late(board: Board) -> None:
    (call,) = board.place()
    board.pool.legs[0].on_frame(0, FRAME)
    await call.release()
    assert board.reading().unheard_s == 0.0


async def test_those_who_are_rung_count_by_half_when_enough_are_talking(board: Board) -> None:
    board.place(16)
    begun, go = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go.wait(PATIENCE_S)

    working = board.recognition.submit(work)
    assert begun.wait(PATIENCE_S)
    assert board.reading().busy == pytest.approx(1.0)
    for leg in board.pool.legs[:8]:
        leg.answered.set()
    # The one thread works all the time; the eight who are rung will bring half as much as the eight who talk.
    assert board.reading().busy == pytest.approx(1.5)
    go.set()
    working.result(PATIENCE_S)
    board.recognition.shutdown()
    board.reading()
    assert board.reading().busy == 0.0


async def test_a_phone_for_which_no_line_is_kept_is_told_with_what_to_do(board: Board) -> None:
    board.place()
    with capture_logs() as logged, pytest.raises(NoSlotError):
        board.switchboard.beside(board.pool.legs[0])
    assert "kept_for_humans" in logged[0]["event"]
