"""What a whole call names: once each, over several breaths, nothing of the subject's own."""

from __future__ import annotations

import pytest

from speech.heard import Utterance, Word
from speech.mentions.turns import BREATH_S, MentionListener

pytestmark = pytest.mark.unit

OWN = "+8611100000013"


def hear(*texts: str, language: str = "zh-CN", region: str = "CN", pause_s: float = 2.0) -> list[list[str]]:
    """What is told after each turn, and at the end."""
    listener = MentionListener(language, region=region, own=[OWN])
    told, now = [], 1.0
    for text in texts:
        told.append([heard.mention.value for heard in listener.turn(Utterance(text, now, now + 3))])
        now += 3 + pause_s
    return [*told, [heard.mention.value for heard in listener.rest()]]


def test_a_card_number_in_four_breaths_is_one_account() -> None:
    told = hear("账号是六二零零", "零零零零", "嗯", "零零零零", "零零零五", "户名王小明")
    assert told == [[], [], [], [], [], ["6200000000000005"], []]


def test_a_longer_number_is_not_told_half() -> None:
    told = hear("账号是六二零五五零零零零零零零零零零零", "零零四", "对")
    assert told == [[], [], ["6205500000000000004"], []]


def test_what_was_said_last_is_told_when_the_call_ends() -> None:
    assert hear("账号是六二零零零零零零零零零零零零零五") == [[], ["6200000000000005"]]


def test_a_mobile_number_is_told_at_once() -> None:
    assert hear("他电话是幺幺幺零零零零零零幺幺") == [["11100000011"], []]


def test_a_correction_in_a_turn_of_its_own_counts() -> None:
    told = hear("电话是幺幺幺", "零零零零", "不对", "零零零零零零幺二", "好")
    assert [value for each in told for value in each] == ["11100000012"]


def test_after_a_long_silence_a_new_number_begins() -> None:
    told = hear("账号是六二零零零零零零", "零零零零零零零五", pause_s=BREATH_S + 1)
    assert told == [[], [], []]


def test_english_breaths_are_joined_too() -> None:
    told = hear("his number is two oh two", "five five five", "oh one one one", language="en", region="US")
    assert told[-2:] == [["2025550111"], []]


def test_everything_is_told_once() -> None:
    assert hear("转了两万", "对，两万块", "他让下ToDesk", "就那个todesk") == [["20000"], [], ["ToDesk"], [], []]


def test_the_subjects_own_numbers_are_left_out() -> None:
    assert hear("你们打的就是幺幺幺零零零零零零幺三", "我的卡号是6200000000000005", "我女儿电话11100000026") == [
        [],
        [],
        [],
        [],
    ]


def test_a_mention_is_found_in_the_recording_where_its_first_word_begins() -> None:
    words = tuple(
        Word(text, start, start + 0.4, 1.0) for text, start in (("我", 4.0), ("转了", 4.5), ("两万", 5.2), ("块", 5.9))
    )
    listener = MentionListener("zh-CN")
    (heard,) = listener.turn(Utterance("我转了两万块", 4.0, 6.3, words))
    assert heard.at_s == 5.2
