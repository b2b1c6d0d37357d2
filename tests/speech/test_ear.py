"""The ear: audio in, turns out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from speech.ear import Ear, EarSettings
from speech.echo import Played
from speech.finished import PausingError
from speech.heard import Heard, Partial, SpeechStarted, SpeechStopped, Utterance
from speech.modelling.voices import HELD_OUT
from speech.recognition import Recogniser
from tests.speech.callers import Sound, noise, over_the_line, pieces, say, silence, tone

pytestmark = pytest.mark.voice

PAUSE = over_the_line(silence(1.0))


def listen(
    pcm: bytes, settings: EarSettings | None = None, model: str = "zh", milliseconds: int = 60
) -> list[tuple[float, Heard]]:
    """Events, each with the ear's clock when it came."""
    ear = Ear(Recogniser(model), settings)
    return [(ear.clock_s, event) for piece in pieces(pcm, milliseconds) for event in ear.feed(piece)]


def utterances(events: list[tuple[float, Heard]]) -> list[Utterance]:
    return [event for _, event in events if isinstance(event, Utterance)]


def test_a_sentence_is_started_partial_stopped_and_uttered_in_this_order() -> None:
    events = [event for _, event in listen(say("我现在正在和他打电话", voice="m5"))]
    assert isinstance(events[0], SpeechStarted)
    assert isinstance(events[-1], Utterance)
    assert isinstance(events[-2], SpeechStopped)
    assert all(isinstance(event, Partial) for event in events[1:-2])
    assert events[-1].text == "我现在正在和他打电话"
    assert events[-1].start_s == events[0].at_s
    assert events[-1].end_s == events[-2].at_s


def test_times_are_seconds_since_the_first_frame() -> None:
    (spoken,) = utterances(listen(over_the_line(silence(3)) + say("没有", voice="victor", before_s=0.5)))
    assert spoken.start_s == pytest.approx(3.5, abs=0.1)
    assert spoken.words[0].start_s == pytest.approx(3.5, abs=0.15)
    assert spoken.words[-1].end_s == pytest.approx(spoken.end_s, abs=0.25)


def test_a_partial_comes_before_the_sentence_is_over_and_only_when_it_changed() -> None:
    events = listen(say("有，我已经转了五万块", voice="victor"))
    (spoken,) = utterances(events)
    partials = [event for _, event in events if isinstance(event, Partial)]
    assert partials[0].at_s < spoken.end_s - 0.5
    assert all(first.text != second.text for first, second in pairwise(partials))
    assert partials[-1].text == spoken.text


def waits(pcm: bytes, milliseconds: int) -> tuple[list[tuple[float, Heard]], int]:
    """Events as `listen` gives them where all waits that may, and in how many pieces the ear got the sound."""
    ear, waiting, fed = Ear(Recogniser("zh")), b"", 0
    events: list[tuple[float, Heard]] = []
    for piece in pieces(pcm, milliseconds):
        may_wait = ear.silent(piece) or ear.may_wait(waiting + piece)
        waiting += piece
        if not may_wait:
            events += [(ear.clock_s, event) for event in ear.feed(waiting)]
            waiting, fed = b"", fed + 1
    return events, fed


def test_sound_that_may_wait_waits_and_no_turn_begins_or_ends_later_for_it() -> None:
    pcm = PAUSE + say("没有", voice="m5") + PAUSE + say("我没有转账", voice="victor") + PAUSE
    for milliseconds, share in ((20, 0.35), (60, 0.7)):
        events, fed = waits(pcm, milliseconds)
        at_once = listen(pcm, milliseconds=milliseconds)
        assert fed < share * len(pieces(pcm, milliseconds))
        for kind in (SpeechStarted, Utterance):
            assert [each for each in events if isinstance(each[1], kind)] == [
                each for each in at_once if isinstance(each[1], kind)
            ]


def test_while_the_robot_speaks_a_voice_does_not_wait(tmp_path: Path) -> None:
    ear = Ear(Recogniser("zh"))
    for piece in pieces(say("我没有转账", voice="victor"), 20):
        if ear.feed(piece):
            break
    assert ear.may_wait(bytes(320))
    ear.robot_says(Played(tmp_path / "prompt.wav", ear.clock_s))
    assert not ear.may_wait(bytes(320))


@pytest.mark.parametrize("silence_s", [0.3, 0.55, 0.8])
def test_a_turn_ends_after_the_silence_that_is_asked_for(silence_s: float) -> None:
    events = listen(say("没有", voice="m5"), EarSettings(end_of_turn_s=silence_s))
    at_s, spoken = next((at, event) for at, event in events if isinstance(event, Utterance))
    assert silence_s <= at_s - spoken.end_s + 1e-6 < silence_s + 0.07


def test_a_short_pause_does_not_end_a_turn() -> None:
    pcm = say("没有", voice="m5", after_s=0.0) + say("我没有转账", voice="m5", before_s=0.1)
    (spoken,) = utterances(listen(pcm))
    assert spoken.text == "没有我没有转账"


def paused(before: str, pause_s: float, after: str, *, language: str = "zh") -> bytes:
    """Two parts of a reply with this much silence between them, from sound to sound."""
    first, second = (
        np.frombuffer(say(part, voice="victor", language=language), "<i2").astype(float) / 32768
        for part in (before, after)
    )
    loud = [np.flatnonzero(np.abs(part) > 0.01) for part in (first, second)]
    return over_the_line(
        np.concatenate([first[: loud[0][-1]], silence(pause_s), second[loud[1][0] : loud[1][-1]], silence(2.0)])
    )


@pytest.mark.parametrize(
    ("before", "after"), [("他说", "他是公安局的"), ("我没有转账", "他没有打电话"), ("没有", "我没有转账")]
)
def test_a_turn_is_not_ended_while_a_voice_sets_in(before: str, after: str) -> None:
    assert len(utterances(listen(paused(before, 0.5, after)))) == 1


KNOWING = {"zh": EarSettings(language="zh-CN"), "en": EarSettings(language="en")}
UNFINISHED = [
    ("zh", "我昨天", "转了五万块"),
    ("zh", "没有，因为", "我没有钱"),
    ("zh", "他说", "他是公安局的"),
    ("zh", "幺三八零零", "幺三八零零零"),
    ("en", "he told me to", "buy gift cards"),
    ("en", "no because", "i don't have any money"),
]


@pytest.mark.parametrize(("language", "before", "after"), UNFINISHED)
def test_a_long_pause_inside_a_sentence_does_not_end_a_turn(language: str, before: str, after: str) -> None:
    pcm = paused(before, 0.7, after, language=language)
    assert len(utterances(listen(pcm, KNOWING[language], language))) == 1
    assert len(utterances(listen(pcm, model=language))) == 2


@pytest.mark.parametrize("voice", ["m5", "victor"])
@pytest.mark.parametrize(
    ("language", "words"), [("zh", "没有"), ("zh", "有"), ("zh", "还没有"), ("en", "yes"), ("en", "no no")]
)
def test_a_short_answer_ends_a_turn_sooner(language: str, words: str, voice: str) -> None:
    events = listen(say(words, voice=voice, language=language), KNOWING[language], language)
    at_s, spoken = next((at, e) for at, e in events if isinstance(e, Utterance))
    assert spoken.text == words
    assert 0.32 <= at_s - spoken.end_s + 1e-6 < 0.32 + 0.09


def test_a_sentence_after_which_either_may_come_ends_a_turn_as_before() -> None:
    pcm = say("我已经转了五万块", voice="victor", after_s=1.5)
    at_s, spoken = next((at, e) for at, e in listen(pcm, KNOWING["zh"]) if isinstance(e, Utterance))
    assert 0.55 <= at_s - spoken.end_s + 1e-6 < 0.62


def test_an_unfinished_sentence_that_nothing_follows_ends_a_turn_all_the_same() -> None:
    pcm = say("他让我", voice="victor", after_s=2.0)
    at_s, spoken = next((at, e) for at, e in listen(pcm, KNOWING["zh"]) if isinstance(e, Utterance))
    assert 1.2 <= at_s - spoken.end_s + 1e-6 < 1.27


@pytest.mark.parametrize("voice", ["m5", "victor", "quincy"])
@pytest.mark.parametrize("before_s", [0.2, 0.22, 0.24])
def test_a_short_answer_of_which_no_word_was_known_yet_ends_a_turn_as_soon(before_s: float, voice: str) -> None:
    pcm = over_the_line(silence(before_s)) + say("对", voice=voice)
    at_s, spoken = next((at, e) for at, e in listen(pcm, KNOWING["zh"]) if isinstance(e, Utterance))
    assert spoken.text == "对"
    assert at_s - spoken.end_s < 0.4


@pytest.mark.parametrize(("words", "waits_s"), [("没有", 0.48), ("他让我", 1.5), ("我已经转了五万块", 0.825)])
def test_the_elderly_are_waited_for_longer(words: str, waits_s: float) -> None:
    events = listen(say(words, voice="victor", after_s=2.0), replace(KNOWING["zh"], patience=1.5))
    at_s, spoken = next((at, e) for at, e in events if isinstance(e, Utterance))
    assert waits_s <= at_s - spoken.end_s + 1e-6 < waits_s + 0.09


@pytest.mark.parametrize("words", ["没有转", "有一个人", "没有给他", "还没有转账", "对方让我转账", "不是他打的"])
@pytest.mark.parametrize("voice", HELD_OUT[::2])
def test_no_turn_ends_in_the_middle_of_a_reply_that_begins_like_a_short_answer(words: str, voice: str) -> None:
    pcm = say(words, voice=voice)
    assert [spoken.text for spoken in utterances(listen(pcm, KNOWING["zh"]))] == [
        spoken.text for spoken in utterances(listen(pcm))
    ]


def test_a_language_without_lists_is_told_when_the_ear_is_made() -> None:
    with pytest.raises(PausingError):
        Ear(Recogniser("zh"), EarSettings(language="fr"))


def test_two_turns_are_two_utterances() -> None:
    pcm = say("没有", voice="m5") + say("好的，我知道了，谢谢", voice="m5")
    assert [spoken.text for spoken in utterances(listen(pcm))] == ["没有", "好的我知道了谢谢"]


@pytest.mark.parametrize("voice", HELD_OUT)
@pytest.mark.parametrize("words", ["他不在，我是他朋友", "喂，你好", "有，他说他是公安局的"])
def test_the_pre_roll_loses_nothing(words: str, voice: str) -> None:
    pcm = say(words, voice=voice)
    recogniser = Recogniser("zh")
    recogniser.start()
    recogniser.feed(pcm)
    assert [spoken.text for spoken in utterances(listen(pcm))] == [recogniser.finish().text]


@pytest.mark.parametrize("milliseconds", [7, 20, 100, 640])
def test_pieces_of_any_length_give_the_same_turns(milliseconds: int) -> None:
    pcm = say("他让我不要告诉家人", voice="quincy")
    (spoken,) = utterances(listen(pcm, milliseconds=milliseconds))
    (whole,) = utterances(listen(pcm, milliseconds=20))
    assert (spoken.text, spoken.start_s, spoken.end_s) == (whole.text, whole.start_s, whole.end_s)


@pytest.mark.parametrize(
    "sound",
    [silence(5), np.concatenate([tone(450, 1), silence(4), tone(450, 1), silence(1)]), noise(5, 0.0008)],
    ids=["silence", "ringback", "line noise"],
)
@pytest.mark.parametrize("model", ["zh", "en"])
def test_nothing_is_reported_where_nobody_speaks(sound: Sound, model: str) -> None:
    assert listen(over_the_line(sound), model=model) == []


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_noise_is_never_words(level: float) -> None:
    events = listen(over_the_line(np.concatenate([silence(1), noise(3, level), silence(1)])))
    assert not [
        event for _, event in events if isinstance(event, Partial) or (isinstance(event, Utterance) and event.text)
    ]


def test_sound_without_words_is_an_utterance_without_text() -> None:
    heard = utterances(listen(over_the_line(np.concatenate([silence(0.5), noise(1.5, 0.1), silence(1.0)]))))
    assert [spoken.text for spoken in heard] == [""]


def test_a_turn_without_end_is_cut_and_goes_on() -> None:
    talk = b"".join(say("我没有转账", voice="m5", before_s=0, after_s=0) for _ in range(6))
    spoken = utterances(listen(talk + PAUSE, EarSettings(max_turn_s=3.0)))
    assert len(spoken) >= 2
    assert spoken[0].end_s - spoken[0].start_s == pytest.approx(3.0, abs=0.1)
    assert spoken[1].start_s == spoken[0].end_s


def test_a_call_that_ends_in_mid_sentence_gives_what_was_said() -> None:
    ear = Ear(Recogniser("zh"))
    pcm = say("我已经转了五万块", voice="victor", after_s=0.0)
    for piece in pieces(pcm[: len(pcm) * 3 // 4]):
        ear.feed(piece)
    stopped, spoken = [event for event in ear.flush() if not isinstance(event, Partial)]
    assert isinstance(stopped, SpeechStopped)
    assert isinstance(spoken, Utterance)
    assert spoken.text.startswith("我已经转了")
    assert ear.flush() == []


def test_after_a_flush_the_clock_goes_on() -> None:
    ear = Ear(Recogniser("zh"))
    ear.feed(over_the_line(silence(2)))
    ear.flush()
    events = [event for piece in pieces(say("没有", voice="m5")) for event in ear.feed(piece)]
    assert isinstance(events[0], SpeechStarted)
    assert events[0].at_s == pytest.approx(2.5, abs=0.1)


def test_english_is_heard_with_spaces() -> None:
    (spoken,) = utterances(listen(say("you have the wrong number", voice="m5", language="en"), model="en"))
    assert spoken.text == "you have the wrong number"
