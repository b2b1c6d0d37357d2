"""Who hears whom: the parts of a conference as a table."""

from __future__ import annotations

import pytest

from dialer.live import Part
from dialer.routing import Seat, hearing

pytestmark = pytest.mark.unit

SUBJECT, ANN, BOB, CAT, DAN = "subject", "ann", "bob", "cat", "dan"
FOUR = {
    ANN: Seat(Part.SPEAKS),
    BOB: Seat(Part.SPEAKS),
    CAT: Seat(Part.WHISPERS),
    DAN: Seat(Part.LISTENS),
}


def heard_by(listener: str, seats: dict[str, Seat], *, held: bool = False) -> set[str]:
    return {speaker for speaker, hears in hearing(SUBJECT, seats, held=held) if hears == listener}


@pytest.mark.parametrize(
    ("listener", "hears"),
    [
        (SUBJECT, {ANN, BOB}),
        (ANN, {SUBJECT, BOB, CAT}),
        (BOB, {SUBJECT, ANN, CAT}),
        (CAT, {SUBJECT, ANN, BOB}),
        (DAN, {SUBJECT, ANN, BOB, CAT}),
    ],
)
def test_everybody_hears_all_who_speak_and_the_subject_no_whisper(listener: str, hears: set[str]) -> None:
    assert heard_by(listener, FOUR) == hears


@pytest.mark.parametrize(
    ("listener", "hears"),
    [(SUBJECT, set()), (ANN, {BOB, CAT}), (BOB, {ANN, CAT}), (CAT, {ANN, BOB}), (DAN, {ANN, BOB, CAT})],
)
def test_a_held_subject_is_apart_and_the_others_go_on(listener: str, hears: set[str]) -> None:
    assert heard_by(listener, FOUR, held=True) == hears


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("held", [False, True])
def test_the_muted_are_heard_by_nobody_and_hear_as_before(part: Part, *, held: bool) -> None:
    before = FOUR | {ANN: Seat(part)}
    muted = FOUR | {ANN: Seat(part, muted=True)}
    pairs = hearing(SUBJECT, muted, held=held)
    assert ANN not in {speaker for speaker, _ in pairs}
    assert pairs == {pair for pair in hearing(SUBJECT, before, held=held) if pair[0] != ANN}


@pytest.mark.parametrize("held", [False, True])
def test_a_relative_hears_no_whisper_and_is_heard_by_all(*, held: bool) -> None:
    seats = FOUR | {BOB: Seat(Part.SPEAKS, staff=False)}
    assert heard_by(BOB, seats, held=held) == {ANN} | (set() if held else {SUBJECT})
    for listener in (SUBJECT, ANN, CAT, DAN):
        assert heard_by(listener, seats, held=held) == heard_by(listener, FOUR, held=held)


def test_alone_with_the_robot_the_subject_hears_nobody() -> None:
    assert hearing(SUBJECT, {}) == frozenset()


def test_who_listens_to_the_robots_call_hears_the_subject() -> None:
    assert hearing(SUBJECT, {DAN: Seat(Part.LISTENS)}) == {(SUBJECT, DAN)}
