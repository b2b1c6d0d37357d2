"""No input, however long or odd, raises, hangs, or escalates on noise alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.assess import assess
from speech.assessment import SIGNALS, Answer
from speech.reply import LONGEST_REPLY

pytestmark = pytest.mark.unit

LANGUAGES = st.sampled_from(["zh-CN", "en"])
ASKS = st.none() | st.sampled_from(sorted(SIGNALS)) | st.text(max_size=5)
SPOKEN = st.lists(
    st.sampled_from(
        [
            *("我", "没有", "没", "转了", "他", "让我", "三万", "，", "不", "嗯", "对", "验证码", "给", "已经"),
            *("银行", "[unk]", "哦不对"),
            *("i", "not", "sent", "him", "the money", "no", "yes", "n't", "'", "wait no"),
            *("’", "①", "ﬃ", "㎏", "\u1400", "\u0301"),
        ]
    ),
    max_size=60,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400) | SPOKEN, language=LANGUAGES, asks=ASKS)
def test_any_text_is_assessed_and_quoted(text: str, language: str, asks: str | None) -> None:
    result = assess(text, language=language, asks=asks)
    assert 0 <= result.risk <= 1
    for signal in result.signals:
        assert signal.name in SIGNALS
        assert signal.words in text


@settings(max_examples=50, deadline=None)
@given(text=SPOKEN, language=LANGUAGES, confidences=st.lists(st.floats(0, 1), max_size=70))
def test_any_confidences_are_taken(text: str, language: str, confidences: list[float]) -> None:
    assert 0 <= assess(text, language=language, confidences=confidences).risk <= 1


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("asks", [None, "money_sent", "in_contact_now"])
@pytest.mark.parametrize(
    "noise", ["[unk]", "[unk] [unk] [unk]", "……", "喂", "啊", "uh", "hello", "😀", "0", "\u1400\u1401"]
)
def test_noise_alone_does_not_escalate(noise: str, language: str, asks: str | None) -> None:
    result = assess(noise, language=language, asks=asks)
    assert not result.escalate
    assert result.answer is not Answer.YES


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    "piece",
    [
        "对",
        "没有",
        "没有没有x",
        "转",
        "我转了",
        "转三万",
        "no ",
        "yes no ",
        "i sent ",
        "他让我",
        "给他",
        "，",
        "一",
        "one hundred ",
    ],
)
def test_a_long_reply_takes_no_long_time(piece: str, language: str) -> None:
    # The time-out of the suite is the limit: a pattern that reads a row in ever new ways would take for ever.
    assess(piece * 5000 + "x", language=language, asks="money_sent")


def test_of_a_long_reply_the_end_counts() -> None:
    assert assess("今天天气好" * LONGEST_REPLY + "，我转了三万", language="zh-CN").escalate


FILLERS = [
    "um",
    "uh",
    "er",
    "well",
    "so",
    "like",
    "you know",
    "hello",
    "hi",
    "hm",
    "oh",
    "ah",
    "the",
    "a",
    "and",
    "or",
    "sorry",
]


@settings(max_examples=150, deadline=None)
@given(
    sounds=st.lists(st.sampled_from([*FILLERS, "[unk]", "[noise]", ",", "...", "?"]), max_size=40),
    asks=st.none() | st.sampled_from(sorted(SIGNALS)),
    partial=st.booleans(),
)
def test_english_fillers_and_noise_in_any_order_do_not_escalate(
    sounds: list[str], asks: str | None, partial: bool
) -> None:
    assert not assess(" ".join(sounds), language="en", asks=asks, partial=partial).escalate


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="bcdfghjklmpqrstvwxz ,.'-", max_size=300), asks=st.none() | st.sampled_from(sorted(SIGNALS))
)
def test_english_letters_that_make_no_words_do_not_escalate(text: str, asks: str | None) -> None:
    assert not assess(text, language="en", asks=asks).escalate


@pytest.mark.parametrize(
    "word", ["sent him ", "gave them the ", "he is ", "told me not to ", "the bank ", "five hundred "]
)
def test_an_english_word_without_end_takes_no_long_time(word: str) -> None:
    assess(word * 3000, language="en", asks="money_sent")
