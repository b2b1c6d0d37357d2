"""Whether a sound that comes while the robot speaks is somebody who wants to speak: known by it, and soon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.interruption_sounds import AT_S, ROBOT_S, Case, Kind, case
from speech.ear import Ear, EarSettings
from speech.echo import Echo, Played
from speech.finished import only_listens
from speech.heard import BrokeIn, Heard, Partial, SpeechStarted, Utterance
from speech.interrupting import InterruptingSettings, Loudness
from speech.recognition import Recogniser
from speech.telephone import Speech, write_wav
from tests.speech.callers import pieces

pytestmark = pytest.mark.voice


def listen(case: Case, folder: Path, *, knows: bool = True) -> list[tuple[float, Heard]]:
    """What an ear tells from the robot's first word on, each with the ear's clock; ``knows`` what the robot says."""
    ear = Ear(Recogniser(case.language), EarSettings(language={"zh": "zh-CN"}.get(case.language, case.language)))
    told: list[tuple[float, Heard]] = []
    robot = played(case, folder)
    for piece in pieces(case.pcm):
        if knows and ear.clock_s >= ROBOT_S - 0.03:
            ear.robot_says(robot)
        told += [(ear.clock_s, event) for event in ear.feed(piece)]
    return [(at_s, event) for at_s, event in told if at_s > ROBOT_S]


def played(case: Case, folder: Path) -> Played:
    """What the robot says."""
    path = folder / "robot.wav"
    write_wav(path, Speech((case.robot * 32767).astype("<i2").tobytes()))
    return Played(path, ROBOT_S)


def broke_in(told: list[tuple[float, Heard]]) -> list[float]:
    return [at_s for at_s, event in told if isinstance(event, BrokeIn)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", [Kind.WORDS, Kind.FAINT, Kind.OVER_ECHO])
def test_whoever_speaks_into_a_prompt_is_told_within_a_quarter_second_and_once(
    kind: Kind, language: str, tmp_path: Path
) -> None:
    spoken = case(kind, 3, language)
    (told_s,) = broke_in(listen(spoken, tmp_path))
    assert spoken.at_s < told_s <= spoken.at_s + 0.25


def test_whispered_words_break_in_when_they_are_recognised(tmp_path: Path) -> None:
    (told_s,) = broke_in(listen(case(Kind.WHISPER, 0, "zh"), tmp_path))
    assert told_s <= case(Kind.WHISPER, 0, "zh").at_s + 1


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize(
    "kind",
    [Kind.COUGH, Kind.THROAT, Kind.BREATH, Kind.CLATTER, Kind.CRACKLE, Kind.HISS, Kind.TELEVISION, Kind.ECHO],
)
def test_what_is_no_voice_or_not_this_persons_is_nobody_who_breaks_in(kind: Kind, number: int, tmp_path: Path) -> None:
    assert broke_in(listen(case(kind, number, "zh"), tmp_path)) == []


def test_a_hum_with_closed_lips_does_not_break_in(tmp_path: Path) -> None:
    told = listen(case(Kind.HUM, 5, "zh"), tmp_path)
    assert any(isinstance(event, SpeechStarted) for _, event in told), "though it is heard"
    assert broke_in(told) == []


def test_the_robots_echo_is_not_heard_as_the_subjects_words(tmp_path: Path) -> None:
    loud = case(Kind.ECHO, 6, "en")
    alone = [event for _, event in listen(loud, tmp_path, knows=False) if isinstance(event, Utterance)]
    assert any(event.text for event in alone), "it would be"
    assert not any(isinstance(event, SpeechStarted | Utterance) for _, event in listen(loud, tmp_path))


def test_nobody_breaks_in_while_the_robot_is_silent(tmp_path: Path) -> None:
    told = listen(case(Kind.WORDS, 3, "zh"), tmp_path, knows=False)
    assert any(isinstance(event, Partial) for _, event in told)
    assert broke_in(told) == []


def test_an_echo_is_found_at_any_delay_and_other_speech_is_none(tmp_path: Path) -> None:
    spoken = case(Kind.WORDS, 3, "zh")
    robot = Echo(played(spoken, tmp_path))
    said = (spoken.robot * 32767 * 0.05).astype("<i2")
    for delay_s in (0.05, 0.15, 0.3, 0.5):
        heard = np.concatenate([np.zeros(round(delay_s * 8000), "<i2"), said])
        for at_s in (0.9, 1.5, 2.2):
            assert robot.sounds(heard[: round(at_s * 8000)].tobytes(), ROBOT_S + at_s)
    own = spoken.pcm[: round((AT_S + 0.3) * 16000)]
    assert not robot.sounds(own, AT_S + 0.3)
    assert not robot.sounds(bytes(len(own)), AT_S + 0.3)
    assert not Echo(Played(tmp_path / "gone.wav", ROBOT_S)).sounds(own, AT_S)


def test_how_loudly_somebody_speaks_is_learnt_from_turns_with_words() -> None:
    loudness = Loudness(InterruptingSettings().usual_dbfs)

    def turn(rms: float, *, words: bool) -> float:
        for _ in range(50):
            loudness.hear(rms)
        loudness.turn_over(words=words)
        return loudness.dbfs

    assert turn(300, words=False) == pytest.approx(-25), "noise tells nothing"
    assert turn(1000, words=True) == pytest.approx(-30.3, abs=0.1), "the first words tell all"
    assert turn(3000, words=True) == pytest.approx(-20.8, abs=0.1), "who grows louder is that loud"
    assert turn(1000, words=True) == pytest.approx(-23.6, abs=0.1), "who grows softer is believed little by little"
    loudness.forget()
    assert loudness.dbfs == pytest.approx(-25)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        *[("zh-CN", text, True) for text in ("", "嗯", "嗯嗯", "好的", "对对对", "哦 好", "是的")],
        *[("zh-CN", text, False) for text in ("喂", "不是", "没有", "好像", "对方", "等一下", "是谁")],
        *[("en", text, True) for text in ("mm", "uh huh", "yeah okay", "oh right", "I see")],
        *[("en", text, False) for text in ("no", "yeah but", "who", "wait", "i see him")],
    ],
)
def test_some_words_only_show_that_one_listens(language: str, text: str, expected: bool) -> None:
    assert only_listens(text, language) is expected
