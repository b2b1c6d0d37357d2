"""Announcements and greetings by their words, from text and by voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.announcements import (
    CARRIER,
    FOLDER,
    NETWORK,
    PERSON,
    AnnouncementError,
    AnnouncementKind,
    check,
    classify,
    greeting,
    load_phrases,
)
from speech.recognition import Recogniser
from tests.speech.callers import say

Kind = AnnouncementKind
pytestmark = pytest.mark.unit

MANDARIN = [
    ("您好，您拨打的用户已关机", Kind.POWERED_OFF),
    ("您拨打的电话已关机，请稍后再拨", Kind.POWERED_OFF),
    ("您呼叫的号码是空号，请核对后再拨", Kind.INVALID_NUMBER),
    ("对不起，您拨打的号码不存在", Kind.INVALID_NUMBER),
    ("您拨打的电话已停机", Kind.OUT_OF_SERVICE),
    ("您呼叫的号码已暂停服务", Kind.OUT_OF_SERVICE),
    ("您拨打的电话正在通话中，请稍后再拨", Kind.BUSY_ELSEWHERE),
    ("您拨打的用户正忙", Kind.BUSY_ELSEWHERE),
    ("对不起，您拨打的用户暂时无法接通", Kind.UNREACHABLE),
    ("您拨打的用户不在服务区", Kind.UNREACHABLE),
    ("您拨打的电话无人接听", Kind.NO_ANSWER),
    ("您的电话正在转接，请稍候", Kind.FORWARDED),
    ("您拨打的号码已改号", Kind.NUMBER_CHANGED),
    ("网络忙，请稍后再拨", Kind.NETWORK_BUSY),
    ("对不起，该用户已设置呼入限制", Kind.RESTRICTED),
    ("您好，我现在不方便接听电话，请在嘀声后留言", Kind.VOICEMAIL),
    ("您好，这里是语音信箱，请留言", Kind.VOICEMAIL),
    ("欢迎致电本公司，普通话服务请按一", Kind.MENU),
    ("您好，我是机主的智能助理，请问您是哪位", Kind.ASSISTANT),
]
ENGLISH = [
    ("Sorry, the number you have dialled is powered off.", Kind.POWERED_OFF),
    ("The number you have dialed does not exist", Kind.INVALID_NUMBER),
    ("the number you dialled is not in service", Kind.OUT_OF_SERVICE),
    ("the subscriber you dialled is busy now", Kind.BUSY_ELSEWHERE),
    ("the subscriber you dialed cannot be connected for the moment", Kind.UNREACHABLE),
    ("the number you dialled does not answer", Kind.NO_ANSWER),
    ("your call is being forwarded", Kind.FORWARDED),
    ("hello i can not take your call right now please leave a message after the tone", Kind.VOICEMAIL),
    ("for billing press one to speak to an operator press zero", Kind.MENU),
    ("please say your name and reason for calling", Kind.ASSISTANT),
]
PEOPLE = [
    "喂，你好",
    "你好，哪位",
    "没有，我没有接到这样的电话",
    "他让我关机",
    "我现在不方便接电话",
    "你打错了，我不是他",
    "我正在通话，等一下再打",
    "我手机快关机了",
    "请问您哪位，有什么事",
    "",
]
ENGLISH_PEOPLE = [
    "hello who is this",
    "he is not available right now please try again later",
    "she can not come to the phone",
    "i am on another call",
    "i will get back to you",
]


@pytest.mark.parametrize(("text", "kind"), MANDARIN)
def test_mandarin_announcements_have_their_kind(text: str, kind: Kind) -> None:
    match = classify(text, "zh-CN")
    assert match is not None
    assert match.kind is kind
    assert match.words in text


@pytest.mark.parametrize(("text", "kind"), ENGLISH)
def test_english_announcements_have_their_kind(text: str, kind: Kind) -> None:
    match = classify(text, "en-US")
    assert match is not None
    assert match.kind is kind


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_announcements(text: str) -> None:
    assert classify(text, "zh-CN") is None


@pytest.mark.parametrize("text", ENGLISH_PEOPLE)
def test_people_who_speak_english_are_no_announcements(text: str) -> None:
    assert classify(text, "en-US") is None


def test_where_only_a_network_can_speak_its_words_need_no_others() -> None:
    assert classify("已关机", "zh") is None
    match = classify("已关机", "zh", network=True)
    assert match is not None
    assert match.kind is Kind.POWERED_OFF


@pytest.mark.parametrize(
    ("text", "language"),
    [("您拨打的用户今天很高兴", "zh"), ("the subscriber you have called is happy", "en")],
)
def test_a_finished_sentence_that_only_a_network_says_is_unreachable(text: str, language: str) -> None:
    assert classify(text, language) is None
    match = classify(text, language, whole=True)
    assert match is not None
    assert match.kind is Kind.UNREACHABLE


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [("喂，你好，哪位", "zh", "喂，你好"), ("yes who is this", "en", "who is this"), ("您好", "zh", None)],
)
def test_the_way_in_which_people_answer_is_known(text: str, language: str, words: str | None) -> None:
    assert (greeting(text, language) is not None) == (words is not None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("您拨打的用户以官吉", Kind.POWERED_OFF),
        ("您呼叫的好吗是空好", Kind.INVALID_NUMBER),
        ("请再滴声厚留言", Kind.VOICEMAIL),
        ("用户正在同化中", Kind.BUSY_ELSEWHERE),
        ("暂时无法接同", Kind.UNREACHABLE),
        ("的号码已听机", Kind.OUT_OF_SERVICE),
        ("请在嘀僧后留言", Kind.VOICEMAIL),
        ("电话增在通话", Kind.BUSY_ELSEWHERE),
    ],
)
def test_homophones_and_near_homophones_match(text: str, kind: Kind) -> None:
    match = classify(text, "zh")
    assert match is not None
    assert match.kind is kind


def test_the_kind_is_known_as_soon_as_its_words_have_come() -> None:
    text = "您好您拨打的用户已关机请稍后再拨"
    known = [end for end in range(len(text) + 1) if classify(text[:end], "zh")]
    assert known[0] == text.index("机") + 1
    assert known == list(range(known[0], len(text) + 1))


def test_an_answering_machine_after_no_answer_is_voicemail() -> None:
    match = classify("您拨打的电话无人接听，请在提示音后开始留言", "zh")
    assert match is not None
    assert match.kind is Kind.VOICEMAIL


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_has_phrases_in_every_language(language: str) -> None:
    assert set(load_phrases(FOLDER / f"{language}.yaml")) == {*Kind, CARRIER, NETWORK, PERSON}


def test_a_language_without_phrases_is_said() -> None:
    with pytest.raises(AnnouncementError, match="known: en, zh"):
        classify("bonjour", "fr-FR")
    with pytest.raises(AnnouncementError, match="known: en, zh"):
        check("fr-FR")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("powered_of: [已关机]", "no kind 'powered_of'"),
        ("powered_off: 已关机", "list of phrases"),
        ("powered_off: [1, 2]", "list of phrases"),
        ("powered_off: ['。']", "list of phrases"),
        ("- 已关机", "write kinds"),
        ("powered_off: [", "not YAML"),
    ],
)
def test_a_bad_phrase_file_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "zh.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(AnnouncementError, match=reason):
        load_phrases(path)


@pytest.mark.voice
@pytest.mark.parametrize("voice", ["f4", "Andrea", "Nguyen", "Michael"])
@pytest.mark.parametrize(("text", "kind"), MANDARIN)
def test_mandarin_announcements_are_told_by_voice(text: str, kind: Kind, voice: str) -> None:
    recogniser = Recogniser("zh")
    recogniser.feed(say(text, voice=voice))
    match = classify(recogniser.finish().text, "zh")
    assert match is not None
    assert match.kind is kind


@pytest.mark.voice
@pytest.mark.parametrize(("text", "kind"), ENGLISH)
def test_english_announcements_are_told_by_voice(text: str, kind: Kind) -> None:
    recogniser = Recogniser("en")
    recogniser.feed(say(text, voice="m5", language="en"))
    match = classify(recogniser.finish().text, "en")
    assert match is not None
    assert match.kind is kind
