"""Announcements and greetings by their words, from text and by voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.announcements import (
    CARRIER,
    DOUBT,
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
from speech.modelling.build import DATA
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
    ("对不起，您拨打的用户没有开机或收不到信号", Kind.POWERED_OFF),
    ("您拨的号码有误，请查明后再拨", Kind.INVALID_NUMBER),
    ("您拨打的号码已暂停使用", Kind.OUT_OF_SERVICE),
    ("您拨的电话占线，请稍后再拨", Kind.BUSY_ELSEWHERE),
    ("您的呼叫未能接通，请稍后再试", Kind.UNREACHABLE),
    ("您呼叫的用户没有应答", Kind.NO_ANSWER),
    ("您的来电将被转接，请稍候", Kind.FORWARDED),
    ("您拨打的号码已更换，请拨打新号码", Kind.NUMBER_CHANGED),
    ("系统繁忙，请稍后再拨", Kind.NETWORK_BUSY),
    ("您拨打的用户已拒绝您的来电", Kind.RESTRICTED),
    ("您的电话将转接到语音信箱，嘟声后开始计费", Kind.VOICEMAIL),
    ("您好，我是机主的通信助理，我会转告机主", Kind.ASSISTANT),
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
    ("the mobile you are calling is currently switched off", Kind.POWERED_OFF),
    ("the number you have called has not been recognised", Kind.INVALID_NUMBER),
    ("you have reached a number that has been disconnected or is no longer in service", Kind.OUT_OF_SERVICE),
    ("the number you are calling is engaged", Kind.BUSY_ELSEWHERE),
    ("there is no reply from the number you dialled", Kind.NO_ANSWER),
    ("the number you have called has changed", Kind.NUMBER_CHANGED),
    ("we are sorry all circuits are busy please try your call again later", Kind.NETWORK_BUSY),
    ("the customer you are calling is not accepting calls at this time", Kind.RESTRICTED),
    ("your call is being diverted please wait", Kind.FORWARDED),
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
    match = classify(text, "zh-CN", whole=True)
    assert match is not None
    assert match.kind is kind
    assert match.words in text


@pytest.mark.parametrize(("text", "kind"), ENGLISH)
def test_english_announcements_have_their_kind(text: str, kind: Kind) -> None:
    match = classify(text, "en-US", whole=True)
    assert match is not None
    assert match.kind is kind


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_announcements(text: str) -> None:
    assert classify(text, "zh-CN") is None


@pytest.mark.parametrize(
    "text",
    [
        "您好，欢迎致电幸福花园，请问有什么可以帮您",
        "他不在，您需要留言吗，我可以转告他",
        "您拨打的号码是我的，我现在正在通话中",
        "您拨打的电话换人了，你打错了",
        "我电话已经停机了，这是我老婆的",
        "你是人工智能吧",
        "我正在排队，前面还有三位",
        "你们这个通话在录音吗",
        "先生后面来的，你等一下",
        "语音信箱我不会用",
        "我是他秘书，他在开会",
        "录音结束了吗",
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_people_who_use_the_words_of_machines_are_none(text: str, whole: bool) -> None:
    assert classify(text, "zh-CN", whole=whole) is None


@pytest.mark.parametrize(
    "text",
    [
        "thank you for calling smith and sons mary speaking how can i help you",
        "he is not here would you like to leave a message",
        "the person you are calling is my husband he is busy now",
        "the number you have dialled is my number you've got the wrong number",
        "please leave me alone",
        "hello is this call recorded",
        "hi i can not take your call now i am in a meeting",
        "the person you want has moved",
        "this number is not in use by him anymore",
        "our office hours are nine to five",
        "for english speak slowly",
        "just a moment i am at the tone",
        "sorry i missed your call who is this",
        "hello are you an assistant or a person",
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_people_who_use_the_words_of_machines_in_english_are_none(text: str, whole: bool) -> None:
    assert classify(text, "en-US", whole=whole) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_people_answer_in_a_call_is_no_announcement(language: str) -> None:
    lines = (DATA / language / "replies.txt").read_text("utf-8").splitlines()
    replies = [line.replace(" ", "") if language == "zh" else line for line in lines if not line.startswith("#")][::10]
    found = {reply: match for reply in replies if (match := classify(reply, language, whole=True))}
    # Who tells of a machine that made them press a key is taken for one, were it the first thing that he says.
    assert {reply for reply, match in found.items() if match.kind is not Kind.MENU} == set()
    assert len(found) < len(replies) / 300


@pytest.mark.parametrize("text", ENGLISH_PEOPLE)
def test_people_who_speak_english_are_no_announcements(text: str) -> None:
    assert classify(text, "en-US") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [("您拨打的用户占线", Kind.BUSY_ELSEWHERE), ("的用户占线", None), ("电话正在等占线", None)],
)
def test_a_short_word_needs_proof_that_a_network_speaks(text: str, kind: Kind | None) -> None:
    match = classify(text, "zh", whole=True)
    assert (match and match.kind) == kind


def test_where_only_a_network_can_speak_its_words_need_no_others() -> None:
    assert classify("已关机", "zh", whole=True) is None
    match = classify("已关机", "zh", network=True, whole=True)
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
    match = classify(text, "zh", whole=True)
    assert match is not None
    assert match.kind is kind


def test_the_kind_is_known_as_soon_as_its_words_have_come_and_another_follows() -> None:
    text = "您好您拨打的用户已关机请稍后再拨"
    known = [end for end in range(len(text) + 1) if classify(text[:end], "zh")]
    assert known[0] == text.index("机") + 2
    assert known == list(range(known[0], len(text) + 1))


def test_an_answering_machine_after_no_answer_is_voicemail() -> None:
    match = classify("您拨打的电话无人接听，请在提示音后开始留言", "zh", whole=True)
    assert match is not None
    assert match.kind is Kind.VOICEMAIL


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_has_phrases_in_every_language(language: str) -> None:
    assert set(load_phrases(FOLDER / f"{language}.yaml")) == {*Kind, CARRIER, NETWORK, DOUBT, PERSON}


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
    match = classify(recogniser.finish().text, "zh", whole=True)
    assert match is not None
    assert match.kind is kind


@pytest.mark.voice
@pytest.mark.parametrize(("text", "kind"), ENGLISH)
def test_english_announcements_are_told_by_voice(text: str, kind: Kind) -> None:
    recogniser = Recogniser("en")
    recogniser.feed(say(text, voice="m5", language="en"))
    match = classify(recogniser.finish().text, "en", whole=True)
    assert match is not None
    assert match.kind is kind
