"""Tones of telephone networks, over A-law and mu-law, in noise and with lost packets; and what is no tone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import answering_sounds as sounds
from speech.activity import FRAME_BYTES
from speech.modelling.voices import HELD_OUT
from speech.music import Music
from speech.tones import Tone, ToneKind, Tones

Kind = ToneKind
pytestmark = pytest.mark.unit

CADENCES = [
    pytest.param((450,), (1, 4), Kind.RINGING, id="ringing, China"),
    pytest.param((440, 480), (2, 4), Kind.RINGING, id="ringing, North America"),
    pytest.param((425,), (1, 4), Kind.RINGING, id="ringing, Europe"),
    pytest.param((450,), (0.35, 0.35), Kind.BUSY, id="busy, China"),
    pytest.param((480, 620), (0.5, 0.5), Kind.BUSY, id="busy, North America"),
    pytest.param((425,), (0.5, 0.5), Kind.BUSY, id="busy, Europe"),
    pytest.param((450,), (0.7, 0.7), Kind.CONGESTION, id="congestion, China"),
    pytest.param((480, 620), (0.25, 0.25), Kind.CONGESTION, id="congestion, North America"),
    pytest.param((425,), (0.25, 0.25), Kind.CONGESTION, id="congestion, Europe"),
    pytest.param((450,), (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4), Kind.UNOBTAINABLE, id="unobtainable, China"),
]


def heard(
    sound: sounds.Sound, *, law: str = "A", noise_db: float | None = None, loss: float = 0.0, seed: int = 1
) -> list[Tone]:
    pcm = sounds.over_the_line(sound, law=law, noise_db=noise_db, loss=loss, level_db=0, seed=seed)
    tones = Tones()
    found = (tones.feed(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES))
    return [tone for tone in found if tone is not None]


@pytest.mark.parametrize("dbm0", [-30, -6])
@pytest.mark.parametrize("law", ["A", "u"])
@pytest.mark.parametrize(("noise_db", "loss"), [(None, 0.0), (15, 0.02)])
@pytest.mark.parametrize(("hertz", "spans", "kind"), CADENCES)
def test_tones_are_told_by_frequency_and_cadence(
    hertz: tuple[float, ...],
    spans: tuple[float, ...],
    kind: ToneKind,
    noise_db: float | None,
    loss: float,
    law: str,
    dbm0: float,
) -> None:
    told = heard(sounds.cadence(hertz, spans, 7, dbm0), law=law, noise_db=noise_db, loss=loss)
    assert told
    assert {tone.kind for tone in told} == {kind}


def test_ringing_is_known_in_its_first_pause() -> None:
    [ringing] = heard(np.concatenate([sounds.silence(0.5), sounds.cadence((450,), (1, 4), 5)]))
    assert ringing.since_s == pytest.approx(0.5, abs=0.05)
    assert ringing.at_s == pytest.approx(0.5 + 1 + 1.2, abs=0.05)
    assert ringing.evidence.endswith(" Hz, 1.0 s")


def test_busy_is_known_after_its_third_tone() -> None:
    busy = heard(sounds.cadence((450,), (0.35, 0.35), 5))[0]
    assert busy.at_s == pytest.approx(5 * 0.35 + 0.3, abs=0.1)


def test_a_tone_that_a_click_tears_is_one() -> None:
    torn = sounds.cadence((480, 620), (0.5, 0.5), 5)
    for start_s in (0.2, 1.3, 2.2, 3.3, 4.2):
        start = round(start_s * sounds.RATE_HZ)
        torn[start : start + 320] = sounds.tone((1500,), 0.04, -6)
    assert [tone.kind for tone in heard(torn)][:1] == [Kind.BUSY]


@pytest.mark.parametrize("seconds", [0.276, 0.33, 0.38])
@pytest.mark.parametrize("dbm0", [-30, -6])
def test_three_rising_tones_are_the_special_information_tone(seconds: float, dbm0: float) -> None:
    told = heard(sounds.special(seconds, dbm0), noise_db=15)
    assert [tone.kind for tone in told] == [Kind.SPECIAL]


def test_three_falling_tones_are_not() -> None:
    falling = [sounds.tone((hz,), 0.33) for hz in (1800, 1400, 950)]
    assert Kind.SPECIAL not in {tone.kind for tone in heard(np.concatenate([*falling, sounds.silence(0.5)]))}


@pytest.mark.parametrize("hertz", [600, 1000, 1400, 2000])
def test_a_tone_by_itself_is_a_beep(hertz: float) -> None:
    told = heard(np.concatenate([sounds.silence(0.5), sounds.tone((hertz,), 0.4), sounds.silence(1)]), noise_db=15)
    assert [tone.kind for tone in told] == [Kind.BEEP]


def test_keys_are_no_beeps() -> None:
    keys = np.concatenate([sounds.silence(0.3), sounds.tone((770, 1336), 0.3), sounds.silence(1)])
    assert heard(keys) == []


def test_a_tone_without_end_is_neither_ringing_nor_busy() -> None:
    assert heard(np.concatenate([sounds.tone((450,), 8), sounds.silence(2)])) == []


@pytest.mark.parametrize("voice", HELD_OUT)
def test_voices_are_neither_tones_nor_music(voice: str) -> None:
    text = "hello you have reached my voicemail please leave a message after the tone hello who is this"
    pcm = sounds.over_the_line(
        sounds.spoken(text, "en", voice, 150, 50), law="A", noise_db=15, loss=0.02, level_db=0, seed=1
    )
    tones, music = Tones(), Music()
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        assert tones.feed(pcm[at : at + FRAME_BYTES]) is None
        assert not music.feed(tones.power, loud=tones.loud)


@pytest.mark.parametrize("seed", range(10))
def test_music_is_told_within_a_few_seconds_and_is_no_tone(seed: int) -> None:
    pcm = sounds.over_the_line(sounds.music(8, seed), law="A", noise_db=15, loss=0.02, level_db=0, seed=seed)
    tones, music, told = Tones(), Music(), []
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        assert tones.feed(pcm[at : at + FRAME_BYTES]) is None
        told.append(music.feed(tones.power, loud=tones.loud))
    assert any(told)


def test_hum_is_no_music() -> None:
    pcm = sounds.over_the_line(sounds.tone((150, 300), 5), law="A", noise_db=15, loss=0, level_db=0, seed=1)
    tones, music = Tones(), Music()
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        tones.feed(pcm[at : at + FRAME_BYTES])
        assert not music.feed(tones.power, loud=tones.loud)
