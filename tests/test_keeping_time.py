"""Tests with real calls are run again where the machine stood still, and only there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import keeping_time
from tests.keeping_time import TRIES, KeepingTime, Standstill, Watch

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.unit

FAILS_FIRST = """
import pytest
pytestmark = pytest.mark.{tier}
runs = []

@pytest.fixture(scope="module")
def made():
    runs.append("made")
    return len(runs)

def test_it(made):
    assert made == 1

def test_of_what_was_made(made):
    assert made >= {good_from}
"""


class Slow(Watch):
    """A machine that always stands still, or never."""

    def __init__(self, *, still: bool) -> None:
        super().__init__()
        self._still = still

    def since(self, at: float) -> list[Standstill]:
        return [Standstill(at, "stood still")] if self._still else []

    def wait_until_quiet(self) -> None:
        pass


def run(pytester: pytest.Pytester, *, tier: str, still: bool, good_from: int) -> tuple[int, int]:
    pytester.makeini("[pytest]\nmarkers =\n  unit\n  wire\n")
    pytester.makepyfile(FAILS_FIRST.format(tier=tier, good_from=good_from))
    reprec = pytester.inline_run("-p", "no:randomly", plugins=[KeepingTime(Slow(still=still))])
    passed, _, failed = reprec.countoutcomes()
    return int(passed), int(failed)


@pytest.mark.parametrize(
    ("tier", "still", "good_from", "expected"),
    [
        pytest.param("wire", True, 2, (2, 0), id="what a module's fixture made is made anew"),
        pytest.param("wire", False, 2, (1, 1), id="on a machine that keeps time it has failed"),
        pytest.param("unit", True, 2, (1, 1), id="what needs no real time has failed"),
        pytest.param("wire", True, TRIES + 1, (1, 1), id="not for ever"),
    ],
)
def test_who_failed_while_the_machine_stood_still_is_run_again(
    pytester: pytest.Pytester, tier: str, still: bool, good_from: int, expected: tuple[int, int]
) -> None:
    assert run(pytester, tier=tier, still=still, good_from=good_from) == expected


def test_on_a_machine_that_never_keeps_time_the_run_ends_all_the_same(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_time, "LONGEST_AGAIN_S", -1.0)
    assert run(pytester, tier="wire", still=True, good_from=2) == (1, 1)


def test_a_machine_whose_processor_is_taken_away_does_not_keep_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  0 0 0 0 0 0 0 0 0 0\n", encoding="ascii")
    clock = iter([0.0, 0.02, 0.02, 0.04, 0.04, 2.1, 2.1])
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 3:
            stat.write_text("cpu  70 0 0 0 0 0 0 30 0 0\n", encoding="ascii")

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    watch = Watch(stat=stat)
    with pytest.raises(StopIteration):
        watch.run()
    assert [each.what for each in watch.since(0.0)] == ["woke up 2.04 s late", "30% of the processor was taken away"]
