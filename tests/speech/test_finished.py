"""Whether somebody who pauses has finished: by the words alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.finished import FOLDER, LONGEST_S, Finish, PausingError, Silences, finish, load_pause_words

pytestmark = pytest.mark.unit

COMPLETE = {
    "zh-CN": [
        "有", "没有", "没有啊", "对", "对对对", "是的", "嗯对", "给了", "转了", "没给", "还没", "还没有呢",
        "不用了", "好的", "好好好", "行吧", "知道了", "我知道了", "不知道", "明白", "没有没有", "没有谢谢",
        "谢谢", "打错了", "听不清",
    ],
    "en": [
        "yes", "no", "no no no", "okay", "yes sir", "no i didn't", "yes i have", "no thank you", "not yet",
        "nothing", "i understand", "well yes", "i don't know", "all right",
    ],
}  # fmt: skip
UNFINISHED = {
    "zh-CN": [
        "我昨天", "然后", "因为", "就是说", "他让我", "他说", "我", "有个", "后来他", "没有因为", "我把钱",
        "转到", "呃", "那个", "我想想", "等一下", "密码是", "一三八", "幺三八零零", "我已经", "如果",
        "有个人他让我", "有但是",
    ],
    "en": [
        "and then", "because", "he told me to", "i", "yes but", "they asked me to", "my", "he said", "it's the",
        "um", "one three eight", "the code is", "let me think", "i was going to", "hold on", "no because",
    ],
}  # fmt: skip
OPEN = {
    "zh-CN": [
        "嗯", "是", "不是", "没", "在", "喂", "我转了五万", "有人给我打电话", "他让我转账", "没转给他",
        "他打我", "就是", "一三八零零一三八零零零", "一万", "五万二", "万一", "打九六幺幺零", "我儿子",
    ],
    "en": [
        "i sent five thousand", "he told me to send money", "i did like he said", "",
        "one two three four five six", "why shouldn't i", "who is this", "two thousand", "i think so",
    ],
}  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([text for each in (COMPLETE, UNFINISHED, OPEN) for text in each["zh-CN"]])).map("".join),
    st.lists(st.sampled_from([text for each in (COMPLETE, UNFINISHED, OPEN) for text in each["en"]])).map(" ".join),
)
FILE = (
    "complete: [a]\nleads: [b]\nparticles: [c]\nunfinished: [d]\nbut: [e]\nlistening: [g]\ndigits: [f]\nlengths: [1]\n"
)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (language, text, expected)
        for expected, texts in ((Finish.COMPLETE, COMPLETE), (Finish.UNFINISHED, UNFINISHED), (Finish.OPEN, OPEN))
        for language, each in texts.items()
        for text in each
    ],
)
def test_words_say_whether_more_comes(language: str, text: str, expected: Finish) -> None:
    assert finish(text, language) is expected


@pytest.mark.parametrize(
    "fragment", ["没", "有一", "有个", "不", "还", "是", "对方", "对不", "给了他一", "no one is", "yes the"]
)
def test_the_beginning_of_a_longer_reply_is_no_whole_answer(fragment: str) -> None:
    assert finish(fragment, "en" if fragment.isascii() else "zh-CN") is not Finish.COMPLETE


def test_punctuation_capitals_and_spaces_make_no_difference() -> None:
    assert finish("Yes, sir.", "en") is Finish.COMPLETE
    assert finish("No, I didn’t.", "en-US") is Finish.COMPLETE
    assert finish("没有， 没有。", "zh-CN") is Finish.COMPLETE


def test_a_short_answer_ends_sooner_and_an_unfinished_sentence_later_than_the_rest() -> None:
    silences = Silences()
    assert silences.after(Finish.COMPLETE) == silences.complete_s < silences.after(Finish.OPEN) == silences.open_s
    assert silences.after(Finish.OPEN) < silences.after(Finish.UNFINISHED) == silences.unfinished_s


def test_the_elderly_are_given_more_of_each() -> None:
    silences = Silences(0.3, 0.5, 1.0)
    assert [silences.after(each, patience=1.5) for each in Finish] == pytest.approx([0.45, 1.5, 0.75])


def test_a_short_answer_waits_until_the_recogniser_has_heard_it_all() -> None:
    assert Silences().after(Finish.COMPLETE, least_s=0.4) == 0.4
    assert Silences().after(Finish.COMPLETE, least_s=0.9) == Silences().open_s


@given(
    TEXTS, st.sampled_from(["zh-CN", "en"]), st.floats(0.5, 3), st.floats(0, 2), st.floats(0.1, 3), st.floats(0.1, 3)
)
def test_no_words_and_no_patience_lead_out_of_the_bounds(
    text: str, language: str, patience: float, least_s: float, open_s: float, unfinished_s: float
) -> None:
    silences = Silences(open_s=open_s, unfinished_s=unfinished_s)
    after = silences.after(finish(text, language), patience=patience, least_s=least_s)
    assert min(silences.complete_s, open_s) <= after <= max(open_s, LONGEST_S)


@given(st.integers(1, 400), st.sampled_from(["没有", "有啊", "一", "no ", "yes sir ", "one ", "还"]))
def test_a_long_row_of_the_same_word_is_judged_at_once(times: int, word: str) -> None:
    assert finish(word * times, "en" if word.isascii() else "zh-CN") in Finish


def test_the_lists_of_every_language_can_be_read() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {"zh", "en"}
    for path in FOLDER.glob("*.yaml"):
        load_pause_words(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("complete: [", "not YAML"),
        ("complete: [a]", "write the lists"),
        (FILE + "more: [a]\n", "nothing else"),
        (FILE.replace("[d]", "[]"), "unfinished must be a list"),
        (FILE.replace("[b]", "[yes, no]").replace("yes", "true"), "leads must be a list"),
        (FILE.replace("[d]", "['(d']"), r"unfinished: '\(d' is not written"),
        (FILE.replace("[d]", "['d+']"), "is not written"),
        (FILE.replace("[d]", "['(d)?']"), "is not written"),
        (FILE.replace("[1]", "[0]"), "lengths must be"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "xx.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PausingError, match=reason) as told:
        load_pause_words(path)
    assert str(path) in str(told.value)


def test_a_language_without_lists_is_told_with_those_that_have_some() -> None:
    with pytest.raises(PausingError, match="known: en, zh"):
        finish("ja", "fr")
