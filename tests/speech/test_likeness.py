"""A classifier hears what no rule was written for, says why, and is silent on noise."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest

from speech.assess import assess
from speech.assessment import CRITICAL, Answer
from speech.lexicon import FOLDER, LexiconError, lexicon
from speech.likeness import likeness
from speech.reply import prepare
from tests.speech.corpus import corpus
from tests.speech.replies import names

pytestmark = pytest.mark.unit

LANGUAGE = "zh-CN"
DEV = [reply for reply in corpus(LANGUAGE, split="dev") if reply.escalation_scored]


def test_a_language_without_one_does_without(tmp_path: Path) -> None:
    assert likeness("fr", tmp_path) is None


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "zh-CN.likeness.json").write_text('{"threshold": 1}')
    with pytest.raises(LexiconError, match=r"zh-CN\.likeness\.json: is damaged"):
        likeness("zh-CN", tmp_path)


def test_its_alarm_names_the_characters_that_weighed_most_and_waits_for_the_whole_reply() -> None:
    rules, classifier = lexicon(LANGUAGE), likeness(LANGUAGE)
    assert classifier is not None
    heard = [
        (reply, result)
        for reply in DEV
        if (result := assess(reply.text, language=LANGUAGE, asks=reply.asks)).escalate
        and not CRITICAL & names(result)
        and "distress" not in names(result)
    ]
    assert heard
    for reply, result in heard:
        (signal,) = (signal for signal in result.signals if signal.rule.startswith("model:"))
        assert signal.rule == classifier.reason(prepare(reply.text, rules.grammar), rules, reply.asks)
        assert not assess(reply.text, language=LANGUAGE, asks=reply.asks, partial=True).escalate


@pytest.mark.parametrize("asks", [None, *sorted(CRITICAL)])
def test_noise_does_not_escalate(asks: str | None) -> None:
    chance = random.Random(3)
    letters = [chr(code) for code in range(0x21, 0x2FFF) if unicodedata.category(chr(code))[0] in "LPS"]
    for length in (1, 3, 10, 40, 400):
        text = "".join(chance.choices(letters, k=length))
        assert not assess(text, language=LANGUAGE, asks=asks).escalate, text
    for text in ("？！" * 50_000, "啊" * 100_000, "\u200b" * 100_000, "[unk] " * 20_000, "哼哼" * 9, "啦啦啦"):
        result = assess(text, language=LANGUAGE, asks=asks)
        assert not result.escalate, text[:10]
        assert result.answer is not Answer.YES


def test_half_a_harmless_reply_rarely_escalates_to_any_question() -> None:
    quiet = harmless = 0
    for reply in DEV:
        if not reply.escalate:
            harmless += 1
            quiet += not any(
                assess(reply.text[:end], language=LANGUAGE, asks=reply.asks, partial=True).escalate
                for end in range(1, len(reply.text))
            )
    assert quiet / harmless >= 0.94


@pytest.mark.parametrize(
    ("text", "escalates"), [("我都不想活了", True), ("死了算了", True), ("好害怕", False), ("吓死我了", False)]
)
def test_words_of_suicide_escalate_and_fear_alone_does_not(text: str, escalates: bool) -> None:
    result = assess(text, language=LANGUAGE)
    assert result.escalate == escalates
    assert "distress" in names(result)


def test_the_file_holds_weights_of_what_is_said_alone() -> None:
    assert (FOLDER / "zh-CN.likeness.json").stat().st_size < 500_000


@pytest.mark.parametrize(
    ("text", "asks", "escalates"),
    [
        ("我不是没给，我给了", "money_sent", True),
        ("怎么没转，转了的呀", "money_sent", True),
        ("一开始转了，转完银行打电话来给拦回来了", "money_sent", False),
        ("交了，不是，没交成，银行卡余额不够", "money_sent", False),
        ("补课费交给机构了", "money_sent", False),
    ],
)
def test_two_negations_make_a_yes_and_what_was_undone_does_not_count(text: str, asks: str, escalates: bool) -> None:
    assert assess(text, language=LANGUAGE, asks=asks).escalate == escalates
