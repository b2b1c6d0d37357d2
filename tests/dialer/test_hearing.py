"""Sound is carried to an ear whole and in order: a voice at once, silence a little at a time."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from dialer.hearing import Hearing
from speech.heard import Heard, SpeechStarted

pytestmark = pytest.mark.unit

PIECE = 960
VOICE, TURN, SILENCE = b"\x10\x20" * (PIECE // 2), b"\x01\x00" * (PIECE // 2), bytes(PIECE)


class Noting:
    """An ear that notes what it is given, and is called by whoever speaks."""

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self.threads: list[int] = []
        self.flushed = False

    def feed(self, pcm: bytes) -> Sequence[Heard]:
        self.given.append(pcm)
        self.threads.append(threading.get_ident())
        return [SpeechStarted(float(len(self.given)))] if VOICE in pcm else []

    def silent(self, pcm: bytes) -> bool:
        return VOICE not in pcm and TURN not in pcm

    def may_wait(self, pcm: bytes) -> bool:
        return VOICE not in pcm and TURN in pcm

    def flush(self) -> Sequence[Heard]:
        self.flushed = True
        return []


async def heard(*pieces: bytes) -> tuple[Noting, list[Heard]]:
    async def frames() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    ear = Noting()
    with ThreadPoolExecutor(1) as executor:
        events = [event async for event in Hearing(lambda: ear, executor, from_s=10.0).events(frames())]
    return ear, events


async def test_a_voice_is_heard_at_once_with_the_silence_before_it() -> None:
    ear, events = await heard(SILENCE, SILENCE, VOICE, VOICE)
    assert ear.given[:2] == [SILENCE + SILENCE + VOICE, VOICE]
    assert events == [SpeechStarted(11.0), SpeechStarted(12.0)]


async def test_silence_is_heard_a_quarter_of_a_second_at_a_time() -> None:
    ear, _ = await heard(*[SILENCE] * 8)
    assert [len(piece) for piece in ear.given[:2]] == [4 * PIECE, 4 * PIECE]


async def test_silence_is_heard_where_it_comes_and_a_voice_on_a_thread_of_its_own() -> None:
    ear, _ = await heard(*[SILENCE] * 4, VOICE)
    here = threading.get_ident()
    assert [each == here for each in ear.threads[:2]] == [True, False]


async def test_of_a_turn_what_may_wait_is_heard_with_what_follows() -> None:
    ear, _ = await heard(VOICE, TURN, TURN, VOICE)
    assert ear.given[:2] == [VOICE, TURN + TURN + VOICE]


async def test_what_is_taken_between_two_frames_is_heard_with_the_second() -> None:
    ear = Noting()
    with ThreadPoolExecutor(1) as executor:
        hearing = Hearing(lambda: ear, executor)
        taken = []

        async def frames() -> AsyncIterator[bytes]:
            taken.append(hearing.takes(SILENCE))  # there is no ear yet
            yield SILENCE
            taken.extend(hearing.takes(piece) for piece in (SILENCE, TURN, VOICE))
            yield VOICE
            taken.extend(hearing.takes(SILENCE) for _ in range(4))  # the fourth makes a quarter of a second
            yield SILENCE
            taken.append(hearing.takes(SILENCE))

        assert [event async for event in hearing.events(frames())] == [SpeechStarted(1.0)]
    assert taken == [False, True, True, False, True, True, True, False, True]
    assert ear.given == [SILENCE + SILENCE + TURN + VOICE, 4 * SILENCE, SILENCE]


async def test_nothing_is_lost_at_the_end_of_a_call() -> None:
    ear, _ = await heard(VOICE, SILENCE, SILENCE)
    assert b"".join(ear.given) == VOICE + SILENCE + SILENCE
    assert ear.flushed
