"""A trained judgement beside the rules hears what no rule was written for, says why, and is silent on noise."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from speech.assess import assess
from speech.assessment import CRITICAL, SIGNALS, Answer
from speech.clues import clues
from speech.judgement import COLUMNS, FOLDER, MODEL_RULE, RULED, judgement
from speech.lexicon import LexiconError, lexicon
from speech.reply import prepare
from tests.speech.corpus import LANGUAGES, corpus
from tests.speech.replies import names

pytestmark = pytest.mark.unit

each_language = pytest.mark.parametrize("language", LANGUAGES)


def test_a_language_without_one_does_without(tmp_path: Path) -> None:
    assert judgement("fr", tmp_path) is None


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "en.npz").write_bytes(b"PK\x03\x04 not an archive")
    with pytest.raises(LexiconError, match=r"en\.npz: is damaged .* python -m speech\.modelling\.understanding train"):
        judgement("en", tmp_path)


def test_one_that_knows_other_signals_is_told(tmp_path: Path) -> None:
    table = np.zeros((1, 2), np.float32)
    np.savez(
        tmp_path / "en.npz", hashes=np.zeros(1, np.uint32), weights=table.astype(np.int8), scale=table[0], ruled=table,
        bias=table[0], inner=table, inner_bias=table[0], outer=table,
        limits=np.array("{}"), columns=np.array("money_sent escalate"),
    )  # fmt: skip
    with pytest.raises(LexiconError, match="was trained for other signals"):
        judgement("en", tmp_path)


@each_language
def test_the_bundled_one_is_small_and_judges_every_signal(language: str) -> None:
    assert (FOLDER / f"{language}.npz").stat().st_size < 8_000_000  # a megabyte of English: words no reply holds
    trained = judgement(language)
    assert trained is not None
    assert trained.limits.keys() == SIGNALS | {"escalate"}
    assert trained.ruled.shape == (RULED, len(COLUMNS))


@each_language
def test_what_it_hears_quotes_words_of_the_reply(language: str) -> None:
    heard = 0
    for reply in corpus(language, split="dev"):
        for signal in assess(reply.text, language=language, asks=reply.asks).signals:
            assert signal.words.strip()
            assert signal.words in reply.text
            heard += signal.rule == MODEL_RULE
    assert heard > 20


@pytest.mark.parametrize(
    ("text", "language", "signal", "word"),
    [
        ("the mouse is moving on its own", "en", "remote_access", "moving"),
        ("鼠标自己在那儿动来动去的", "zh-CN", "remote_access", "自己"),
    ],
)
def test_the_words_that_weighed_most_are_quoted(text: str, language: str, signal: str, word: str) -> None:
    trained, rules = judgement(language), lexicon(language)
    assert trained is not None
    reply = prepare(text, rules.grammar)
    start, end = trained.span(clues(reply, rules, None), signal)
    assert word in reply.words(start, end)
    assert reply.words(start, end) in text


@each_language
def test_a_critical_signal_and_a_call_for_a_human_go_together(language: str) -> None:
    for reply in corpus(language, split="dev"):
        result = assess(reply.text, language=language, asks=reply.asks)
        if result.escalate:
            assert names(result) & (CRITICAL | {"distress"}), reply.text
        else:
            assert not names(result) & CRITICAL, reply.text


@each_language
@pytest.mark.parametrize("asks", [None, *sorted(CRITICAL)])
def test_noise_does_not_escalate(asks: str | None, language: str) -> None:
    chance = random.Random(3)
    letters = [chr(code) for code in range(0x21, 0x2FFF) if unicodedata.category(chr(code))[0] in "LPS"]
    for length in (1, 3, 10, 40, 400):
        text = "".join(chance.choices(letters, k=length))
        assert not assess(text, language=language, asks=asks).escalate, text
    for text in ("？！" * 50_000, "啊" * 100_000, "\u200b" * 100_000, "[unk] " * 20_000, "哼哼" * 9, "啦啦啦"):
        result = assess(text, language=language, asks=asks)
        assert not result.escalate, text[:10]
        assert result.answer is not Answer.YES


@each_language
def test_half_a_harmless_reply_rarely_escalates_to_any_question(language: str) -> None:
    quiet = harmless = 0
    for reply in corpus(language, split="dev"):
        if not reply.escalate and reply.escalation_scored:
            ends = [at for at in range(1, len(reply.text)) if language == "zh-CN" or reply.text[at] == " "]
            harmless += 1
            quiet += not any(
                assess(reply.text[:end], language=language, asks=reply.asks, partial=True).escalate for end in ends
            )
    assert quiet / harmless >= {"zh-CN": 0.94, "en": 0.89}[language]


@pytest.mark.parametrize(
    ("text", "escalates"), [("我都不想活了", True), ("死了算了", True), ("好害怕", False), ("吓死我了", False)]
)
def test_words_of_suicide_escalate_and_fear_alone_does_not(text: str, escalates: bool) -> None:
    result = assess(text, language="zh-CN")
    assert result.escalate == escalates
    assert "distress" in names(result)


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
    assert assess(text, language="zh-CN", asks=asks).escalate == escalates


@pytest.mark.parametrize("asks", [None, "money_sent", "about_to_send", "in_contact_now"])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("今晚放包青天", "zh-CN"),
        ("今晚电视放包青天", "zh-CN"),
        ("电视上在演水浒传", "zh-CN"),
        ("把花盆搬进来", "zh-CN"),
        ("they're showing an old film tonight", "en"),
        ("the cat's up on the roof again", "en"),
    ],
)
def test_talk_beside_the_matter_does_not_escalate(text: str, language: str, asks: str | None) -> None:
    result = assess(text, language=language, asks=asks)
    assert not result.escalate
    assert result.answer is not Answer.YES
