"""How much a quiet line is amplified before voice activity judges it."""

from __future__ import annotations

import pytest

from speech.loudness import MOST, SILENT_RMS, STILL_RMS, Lift

pytestmark = pytest.mark.unit


def after(*levels: float, each: int = 10) -> float:
    """The factor after so many frames of each level."""
    lift = Lift()
    return [lift.feed(level) for level in levels for _ in range(each)][-1]


def test_an_unknown_line_is_left_as_it_is() -> None:
    assert after(8, each=9) == 1.0


def test_a_still_line_is_lifted_and_never_by_more_than_the_most() -> None:
    assert after(8) == MOST
    assert after(0) == MOST


def test_the_noise_of_a_line_is_lifted_to_still_and_no_further() -> None:
    assert after(40) == STILL_RMS / 40
    assert after(STILL_RMS) == 1.0
    assert after(600) == 1.0


def test_words_on_a_still_line_do_not_change_the_factor() -> None:
    assert after(8, 2000, 2000, 8, 2000, 2000) == MOST


def test_a_line_that_turns_noisy_is_let_down_within_two_seconds() -> None:
    lift = Lift()
    factors = [lift.feed(level) for level in [8.0] * 100 + [500.0] * 100]
    assert factors[99] == MOST
    assert factors[-1] == 1.0


def silent_below(level: float) -> float:
    lift = Lift()
    for _ in range(10):
        lift.feed(level)
    return lift.silent_rms


def test_what_is_hardly_louder_than_a_still_line_need_not_be_judged() -> None:
    assert silent_below(8) == pytest.approx(10.4)
    assert silent_below(0) == SILENT_RMS / MOST
    assert silent_below(500) == SILENT_RMS
