"""Recognition is shared fairly: real threads, held up by the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future

import pytest

from dialer.recognition import Recognition

pytestmark = pytest.mark.unit

PATIENCE_S = 30.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Held:
    """One thread, which does nothing until it is let go: meanwhile work piles up."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.recognition = Recognition(1, clock=self.clock)
        self.order: list[str] = []
        self.given: list[Future[None]] = []
        self._go, self._begun = threading.Event(), threading.Event()
        self.given.append(self.recognition.submit(self._hold))
        assert self._begun.wait(PATIENCE_S)

    def _hold(self) -> None:
        self._begun.set()
        assert self._go.wait(PATIENCE_S)

    def give(self, lane: Executor, *names: str) -> None:
        self.given += [lane.submit(self.order.append, name) for name in names]

    def let_go(self) -> str:
        """Returns what was done, in order."""
        self._go.set()
        for future in self.given:
            future.result(PATIENCE_S)
        return "".join(self.order)


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let_go()
    held.recognition.shutdown()


def test_each_call_has_its_turn_however_much_another_says(held: Held) -> None:
    lane = held.recognition.lane
    held.give(lane(), *"aaaa")
    held.give(lane(), *"bb")
    held.give(lane(), "c")
    assert held.let_go() == "abcabaa"


def test_calls_that_need_a_human_go_first(held: Held) -> None:
    held.give(held.recognition.lane(), *"aa")
    held.give(held.recognition.lane(lambda: True), *"uu")
    assert held.let_go() == "uuaa"


def test_nobody_starves_beside_calls_that_need_a_human(held: Held) -> None:
    held.give(held.recognition.lane(), *"ab")
    for _ in range(3):
        held.give(held.recognition.lane(lambda: True), *"uuu")
    assert held.let_go() == "uuuuauuuubu"


def test_a_call_is_urgent_from_the_moment_at_which_it_needs_a_human(held: Held) -> None:
    needs: list[bool] = []
    lane = held.recognition.lane(lambda: bool(needs))
    held.give(held.recognition.lane(), "a")
    needs.append(True)
    held.give(lane, "u")
    assert held.let_go() == "ua"


def test_it_tells_for_how_long_the_oldest_work_waits_and_how_long_threads_worked(held: Held) -> None:
    assert held.recognition.waiting_s() == 0.0
    held.give(held.recognition.lane(), "a")
    held.clock.now += 0.25
    held.give(held.recognition.lane(), "b")
    assert held.recognition.waiting_s() == 0.25
    assert held.recognition.busy_s() == 0.25
    held.let_go()
    held.recognition.shutdown()
    assert (held.recognition.waiting_s(), held.recognition.busy_s()) == (0.0, 0.25)


def test_what_the_work_returns_or_raises_reaches_whoever_gave_it() -> None:
    with Recognition(2) as recognition:
        lane = recognition.lane()
        assert lane.submit(int, "7").result(PATIENCE_S) == 7
        with pytest.raises(ValueError, match="invalid literal"):
            lane.submit(int, "seven").result(PATIENCE_S)
        assert lane.submit(int, "8").result(PATIENCE_S) == 8


def test_all_that_waits_is_done_before_it_ends_and_nothing_is_taken_after(held: Held) -> None:
    lane = held.recognition.lane()
    held.give(lane, *"ab")
    held.recognition.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="shut down"):
        lane.submit(int, "7")
    assert held.let_go() == "ab"


def test_work_that_waits_can_be_cancelled_at_the_end(held: Held) -> None:
    waits = held.recognition.lane().submit(int, "7")
    held.recognition.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(CancelledError):
        waits.result(PATIENCE_S)


def test_all_work_of_many_callers_is_done_once() -> None:
    done: list[int] = []
    with Recognition(4) as recognition:
        lanes = [recognition.lane(lambda n=n: n % 3 == 0) for n in range(20)]  # type: ignore[misc]
        given = [lane.submit(done.append, n) for n in range(50) for lane in lanes]
        for future in given:
            future.result(PATIENCE_S)
    assert sorted(done) == sorted(n for n in range(50) for _ in lanes)
