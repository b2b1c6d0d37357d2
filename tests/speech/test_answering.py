"""Who or what answered: what `Answering` says when, fed with sound and with what an ear made of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from benchmarks import answering_sounds as sounds
from benchmarks.answering import hear
from benchmarks.answering_cases import Case, cases
from speech.activity import FRAME_BYTES, FRAME_S
from speech.announcements import AnnouncementKind
from speech.answering import Answerer, Answering, Verdict
from speech.heard import Heard, Partial, SpeechStarted, SpeechStopped, Utterance

pytestmark = pytest.mark.unit

QUIET = bytes(FRAME_BYTES)


class Line:
    """A call whose sound and words a test sets."""

    def __init__(self, language: str = "zh-CN", *, answered: bool = True) -> None:
        self.answering = Answering(language)
        self.told: list[Verdict] = []
        if answered:
            self.answering.answer(0.0)

    @property
    def kind(self) -> Answerer:
        return self.answering.verdict.kind

    def waits(self, seconds: float) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self._note(self.answering.feed(QUIET))

    def sounds(self, sound: sounds.Sound) -> None:
        self._note(self.answering.feed(sounds.over_the_line(sound, law="A", noise_db=None, loss=0, level_db=0, seed=1)))

    def hears(self, *events: Heard) -> None:
        for event in events:
            self._note(self.answering.heard(event))

    def says(self, text: str, seconds: float, *, pause_s: float = 0.7) -> None:
        """Talk in even steps, with a partial result at each word, and a pause behind it."""
        words: Iterable[str] = text.split() if text.isascii() else text
        words = list(words)
        joint = " " if text.isascii() else ""
        began_s = self.answering.clock_s
        self.hears(SpeechStarted(began_s))
        for count in range(1, len(words) + 1):
            self.waits(seconds / len(words))
            self.hears(Partial(joint.join(words[:count]), self.answering.clock_s))
        ended_s = self.answering.clock_s
        self.hears(SpeechStopped(ended_s))
        self.waits(pause_s)
        if pause_s >= 0.55:
            self.hears(Utterance(text, began_s, ended_s))

    def _note(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            self.told.append(verdict)


# A person


def test_a_short_word_and_silence_are_a_person_within_two_and_a_half_seconds() -> None:
    line = Line()
    line.waits(0.6)
    line.says("你好", 0.7)
    assert line.kind is Answerer.PERSON
    assert line.answering.verdict.at_s < 2.5


def test_nobody_who_says_a_word_is_silence_and_no_machine() -> None:
    line = Line()
    line.waits(10)
    assert [verdict.kind for verdict in line.told] == [Answerer.SILENCE]
    assert line.told[0].at_s == pytest.approx(1.2, abs=0.05)
    assert not line.told[0].certain


def test_someone_who_asks_who_is_calling_is_a_person_at_once() -> None:
    line = Line()
    line.says("喂你好请问哪位啊我现在在开会呢", 4)
    first = line.told[0]
    assert first.kind is Answerer.PERSON
    assert first.at_s < 2.5


def test_noise_that_sounds_on_after_a_word_hides_no_person() -> None:
    line = Line()
    line.hears(SpeechStarted(0.3), Partial("喂", 0.6))
    line.waits(3)
    assert line.kind is Answerer.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "我正在通话等一下打给你",
        "我手机快没电了要关机了",
        "你好我不需要贷款别再打电话来了",
        "喂他不在你稍后再拨吧",
        "我替我妈接的电话",
    ],
)
def test_a_person_with_the_words_of_a_machine_is_a_person(text: str) -> None:
    line = Line()
    line.says(text, 2.4)
    assert line.kind is Answerer.PERSON
    assert not any(verdict.certain for verdict in line.told)


def test_a_person_who_never_pauses_in_a_loud_room_is_no_machine() -> None:
    line = Line()
    line.hears(SpeechStarted(0.3))
    line.waits(30)
    assert not any(verdict.certain for verdict in line.told)


def test_one_who_was_taken_for_a_person_may_talk_for_long() -> None:
    line = Line()
    line.says("喂", 0.4)
    line.says("天气真好" * 15, 20)
    assert not any(verdict.certain for verdict in line.told)


def test_a_beep_in_the_room_makes_no_machine_of_a_person() -> None:
    line = Line()
    line.says("喂你好哪位啊我现在正在开会你有什么事", 3.5, pause_s=0.5)
    line.sounds(np.concatenate([sounds.tone((1000,), 0.5), sounds.silence(1)]))
    assert line.kind is Answerer.PERSON


# Machines


def test_a_voicemail_greeting_is_known_by_its_words_before_it_ends() -> None:
    line = Line()
    line.says("您好我现在不方便接听电话请在嘀声后留言谢谢您的来电", 6)
    assert line.kind is Answerer.VOICEMAIL
    assert line.answering.verdict.certain
    assert line.answering.verdict.at_s < 6


def test_a_greeting_whose_words_say_nothing_is_voicemail_by_its_beep() -> None:
    line = Line("en")
    line.says("hi you know who i am and you know what to do", 3.5, pause_s=0.5)
    line.sounds(np.concatenate([sounds.tone((1000,), 0.5), sounds.silence(0.5)]))
    assert line.kind is Answerer.VOICEMAIL
    assert "beep" in line.answering.verdict.evidence


def test_talk_without_a_pause_is_held_for_a_machine_and_then_is_one() -> None:
    line = Line()
    line.says("天气真好" * 10, 20)
    assert line.told[0].kind is Answerer.TALK
    assert line.told[0].at_s == pytest.approx(2.5, abs=0.05)
    assert not line.told[0].certain
    assert line.told[1].kind is Answerer.VOICEMAIL
    assert line.told[1].at_s == pytest.approx(10, abs=0.05)


@pytest.mark.parametrize(
    ("text", "kind", "announcement"),
    [
        ("您拨打的电话已关机请稍后再拨", Answerer.ANNOUNCEMENT, AnnouncementKind.POWERED_OFF),
        ("欢迎致电客户服务中心普通话请按一", Answerer.MENU, AnnouncementKind.MENU),
        ("您好我是机主的智能助理请问您是哪位", Answerer.ASSISTANT, AnnouncementKind.ASSISTANT),
        ("您拨打的电话无人接听请在提示音后留言", Answerer.VOICEMAIL, AnnouncementKind.VOICEMAIL),
    ],
)
def test_machines_are_known_by_their_words(text: str, kind: Answerer, announcement: AnnouncementKind) -> None:
    line = Line()
    line.says(text, 4)
    assert (line.kind, line.answering.verdict.announcement) == (kind, announcement)


def test_words_that_a_pause_tears_apart_are_put_together() -> None:
    line = Line()
    line.says("您拨打的", 1)
    assert line.kind is Answerer.PERSON
    line.says("用户已关机", 1.5)
    assert line.answering.verdict.announcement is AnnouncementKind.POWERED_OFF


def test_a_partial_result_is_taken_back_by_the_next() -> None:
    line = Line()
    line.hears(SpeechStarted(0.2), Partial("您拨打的用户暂时无法接听请", 2.0))
    assert line.answering.verdict.announcement is AnnouncementKind.NO_ANSWER
    line.hears(Partial("您拨打的用户暂时无法接通请稍", 2.2))
    assert line.answering.verdict.announcement is AnnouncementKind.UNREACHABLE


def test_the_last_word_of_a_partial_result_shows_nothing_yet() -> None:
    line = Line("en")
    line.hears(SpeechStarted(0.2), Partial("press one", 1.0))
    assert not line.answering.verdict.certain
    line.hears(Partial("press what i did", 1.4))
    assert not line.answering.verdict.certain


# Tones and music


def test_ringing_music_and_tones_before_the_answer_are_no_answer() -> None:
    line = Line(answered=False)
    line.sounds(sounds.cadence((450,), (1, 4), 5))
    assert line.kind is Answerer.RINGING
    line.sounds(sounds.music(6, 3))
    assert line.kind is Answerer.MUSIC
    assert not any(verdict.certain for verdict in line.told)


def test_an_announcement_behind_its_tone_needs_few_words() -> None:
    line = Line(answered=False)
    line.sounds(np.concatenate([sounds.silence(0.2), sounds.special()]))
    assert line.kind is Answerer.SPECIAL
    line.says("用户关机", 1)
    assert line.answering.verdict.announcement is AnnouncementKind.POWERED_OFF


def test_words_that_music_may_have_made_are_no_announcement() -> None:
    line = Line(answered=False)
    line.sounds(sounds.music(6, 3))
    line.says("停机", 0.5)
    assert line.kind is Answerer.MUSIC
    line.says("您拨打的电话已停机", 2)
    assert line.answering.verdict.announcement is AnnouncementKind.OUT_OF_SERVICE


def test_words_that_a_tone_may_have_made_are_none() -> None:
    line = Line()
    line.hears(SpeechStarted(0.0))
    line.sounds(sounds.cadence((450,), (1, 1.1), 2))
    line.hears(Partial("您拨打的电话正忙", line.answering.clock_s))
    assert not line.answering.verdict.certain


@pytest.mark.parametrize("early", [True, False])
def test_a_busy_tone_is_busy_before_the_answer_and_behind_it(early: bool) -> None:
    line = Line(answered=not early)
    line.sounds(sounds.cadence((450,), (0.35, 0.35), 4))
    assert line.kind is Answerer.BUSY
    assert line.answering.verdict.certain


def test_ringing_behind_the_answer_is_told_before_its_first_pause() -> None:
    line = Line()
    line.waits(0.4)
    line.sounds(sounds.cadence((450,), (1, 4), 3))
    assert line.told[0].kind is Answerer.RINGING
    assert line.told[0].at_s < 1.2
    line.says("喂", 0.4)
    assert line.kind is Answerer.PERSON


def test_what_rang_before_the_answer_says_nothing_of_who_answered() -> None:
    line = Line(answered=False)
    line.sounds(sounds.music(6, 3))
    line.answering.answer(line.answering.clock_s)
    assert line.kind is Answerer.UNKNOWN
    line.says("喂", 0.4)
    assert line.kind is Answerer.PERSON


# The benchmark's cases


def test_there_are_three_hundred_cases_and_more_of_both_families() -> None:
    every = cases()
    assert len(every) > 300
    assert {case.truth for case in every} == set(Answerer) - {Answerer.UNKNOWN, Answerer.TALK}
    people = [case for case in every if case.truth is Answerer.PERSON]
    assert min(sum(case.family == family for case in people) for family in ("development", "held out")) >= 100


def test_each_case_has_a_sound_of_its_own() -> None:
    every = cases()
    assert len({case.seed for case in every}) == len(every)


def _first(truth: Answerer, language: str) -> Case:
    return next(case for case in cases() if case.truth is truth and case.language == language)


@pytest.mark.voice
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "truth", [Answerer.PERSON, Answerer.ANNOUNCEMENT, Answerer.VOICEMAIL, Answerer.MENU, Answerer.SILENCE]
)
def test_a_call_of_each_kind_is_told_by_voice(truth: Answerer, language: str) -> None:
    assert hear(_first(truth, language)).taken_for == truth
