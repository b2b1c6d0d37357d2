"""Hanzi to the syllables that the voice speaks."""

import subprocess
import sys

import pytest

from speech.pinyin import to_pinyin

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("银行", "yin2 hang2"),
        ("支行", "zhi1 hang2"),
        ("不行", "bu4 xing2"),
        ("重庆", "chong2 qing4"),
        ("重要", "zhong4 yao4"),
        ("转账", "zhuan3 zhang4"),
        ("长时间", "chang2 shi2 jian1"),
        ("还没有转", "hai2 mei2 you3 zhuan3"),
        ("还款", "huan2 kuan3"),
        ("觉得", "jue2 de5"),
        ("说得对", "shuo1 de5 dui4"),
        ("您得马上挂断", "nin2 dei3 ma3 shang4 gua4 duan4"),
        ("获得", "huo4 de2"),
        ("了解了", "liao3 jie3 le5"),
        ("慢慢地说", "man4 man4 de5 shuo1"),
        ("几个人", "ji3 ge5 ren2"),
        ("公检法", "gong1 jian3 fa3"),
        ("验证码", "yan4 zheng4 ma3"),
        ("曾先生", "zeng1 xian1 sheng5"),
    ],
)
def test_characters_with_several_readings_follow_their_word(text: str, pinyin: str) -> None:
    assert to_pinyin(text) == pinyin


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("不是", "bu2 shi4"),
        ("不去", "bu2 qu4"),
        ("不说", "bu4 shuo1"),
        ("一个", "yi2 ge4"),
        ("一定", "yi2 ding4"),
        ("一天", "yi4 tian1"),
        ("一点儿", "yi4 dian3 er5"),
        ("差一点", "cha4 yi4 dian3"),
        ("一点半", "yi1 dian3 ban4"),
        ("第一次", "di4 yi1 ci4"),
        ("十一个", "shi2 yi1 ge4"),
        ("二零一一年", "er4 ling2 yi1 yi1 nian2"),
        ("一千一百万", "yi4 qian1 yi1 bai3 wan4"),
        ("一月一号", "yi1 yue4 yi1 hao4"),
        ("星期一", "xing1 qi1 yi1"),
    ],
)
def test_yi_and_bu_change_their_tone_before_others_but_not_in_numbers(text: str, pinyin: str) -> None:
    assert to_pinyin(text) == pinyin


def test_neutral_tone_is_five_and_u_umlaut_is_v() -> None:
    assert to_pinyin("绿了吗，女") == "lv4 le5 ma5, nv3"


def test_the_murmured_yes_has_a_vowel() -> None:
    assert to_pinyin("嗯。") == "en5."


def test_punctuation_becomes_one_pause_that_the_voice_knows() -> None:
    assert to_pinyin("，您好，、这里：是！？") == "nin2 hao3, zhe4 li3, shi4!"


def test_latin_letters_are_named_in_mandarin_syllables() -> None:
    assert to_pinyin("下载A P P") == "xia4 zai4 ei1 pi4 pi4"


def test_one_stands_as_yao_in_telephone_numbers() -> None:
    assert to_pinyin("九六幺幺零") == "jiu3 liu4 yao1 yao1 ling2"


def test_nothing_but_signs_gives_nothing() -> None:
    assert to_pinyin("——★") == ""


def test_what_a_reply_sounds_like_does_not_hang_on_whether_a_prompt_was_read() -> None:
    program = (
        "import sys, speech.{first}; from speech.pinyin import to_pinyin\n"
        "if sys.argv[1] == 'read': to_pinyin('谁')\n"
        "from speech.homophones import usual_reading; print(*(usual_reading(each) for each in '谁嗯几'))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program.format(first=first), order], capture_output=True, text=True, check=True
        ).stdout
        for first in ("homophones", "pinyin")
        for order in ("read", "judge")
    }
    assert said == {"frozenset({'shei'}) frozenset({'en'}) frozenset({'ji'})\n"}
