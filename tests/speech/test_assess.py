"""A reply is understood: who has sent money is told from who has not."""

from __future__ import annotations

import pytest

from benchmarks.assessment import escalation, judge
from speech.assess import SURE_ENOUGH, YES_RULE, assess
from speech.assessment import Answer
from speech.modelling.understanding.labelled import Labelled
from tests.speech.replies import FOLDER, labelled, names

pytestmark = pytest.mark.unit

ZH, EN = labelled("zh-CN"), labelled("en")


def means(reply: Labelled, language: str) -> None:
    result = assess(reply.text, language=language, asks=reply.asks)
    assert reply.signals <= names(result) <= reply.signals | reply.unscored
    assert result.escalate == reply.escalate
    if reply.answer is not None:
        assert result.answer == reply.answer


@pytest.mark.parametrize("reply", ZH, ids=lambda reply: f"{reply.text}[{reply.asks}]")
def test_mandarin(reply: Labelled) -> None:
    means(reply, "zh-CN")


@pytest.mark.parametrize("reply", EN, ids=lambda reply: f"{reply.text}[{reply.asks}]")
def test_english(reply: Labelled) -> None:
    means(reply, "en")


def test_the_tables_are_large_and_a_third_of_them_is_harmless() -> None:
    for replies, least in ((ZH, 150), (EN, 80)):
        assert len(replies) >= least
        assert sum(not reply.escalate for reply in replies) >= len(replies) / 3


@pytest.mark.parametrize(("language", "precision", "recall"), [("zh-CN", 0.85, 0.55), ("en", 0.9, 0.85)])
def test_wording_that_no_rule_was_written_for(language: str, precision: float, recall: float) -> None:
    found = escalation(judge(labelled(f"{language}-unseen"), language))
    assert found.precision >= precision
    assert found.recall >= recall


def test_english_replies_that_widened_the_rules_stay_understood() -> None:
    rows = [line.split(" | ") for line in (FOLDER / "en-escalation.txt").read_text(encoding="utf-8").splitlines()]
    wrong = [
        text
        for text, asks, mark in (row for row in rows if not row[0].startswith("#"))
        if assess(text, language="en", asks=None if asks == "-" else asks).escalate != (mark == "E")
    ]
    assert len(wrong) <= 0.06 * len(rows), wrong


@pytest.mark.parametrize(
    "words", ["i want to end it all", "i'd be better off dead", "i've got nothing left to live for"]
)
def test_words_of_suicide_escalate(words: str) -> None:
    assert assess(words, language="en").escalate
    assert not assess(words.replace("i", "he said he", 1), language="en").escalate


@pytest.mark.parametrize("reply", ZH[:60], ids=lambda reply: reply.text)
def test_spaces_between_recognised_words_do_not_matter(reply: Labelled) -> None:
    plain = "".join(char for char in reply.text if char not in "，。[]unk")
    spaced = assess(" ".join(plain), language="zh-CN", asks=reply.asks)
    joined = assess(plain, language="zh-CN", asks=reply.asks)
    assert (names(spaced), spaced.answer) == (names(joined), joined.answer)


def test_a_signal_quotes_what_was_said_and_names_its_rule() -> None:
    signal, *beside = assess("把 严正码 告诉 他 了", language="zh-CN").signals
    assert signal.name == "credentials_shared"
    assert {each.name for each in beside} <= {"contacted"}, "which it implies, and which need not be told beside it"
    assert signal.words in "把 严正码 告诉 他 了"
    assert "严正码" in signal.words
    assert signal.rule == "secret-given"


def test_a_contraction_is_quoted_as_it_was_said() -> None:
    result = assess("He's told me not to tell anyone, I'm scared", language="en")
    assert [signal.words for signal in result.signals if signal.name == "distress"] == ["I'm scared"]


def test_a_yes_asserts_what_was_asked() -> None:
    (signal,) = assess("对", language="zh-CN", asks="in_contact_now").signals
    assert (signal.name, signal.words, signal.rule) == ("in_contact_now", "对", YES_RULE)


@pytest.mark.parametrize("asks", ["money_sent", "in_contact_now", "remote_access", "contacted"])
@pytest.mark.parametrize(
    ("text", "language"), [("没有", "zh-CN"), ("不是", "zh-CN"), ("no", "en"), ("not at all", "en")]
)
def test_a_no_is_no_signal(text: str, language: str, asks: str) -> None:
    result = assess(text, language=language, asks=asks)
    assert (result.answer, result.signals, result.risk, result.escalate) == (Answer.NO, (), 0.0, False)


def test_words_that_the_recogniser_doubts_do_not_escalate() -> None:
    text = "我 转了 三万"
    doubted = assess(text, language="zh-CN", confidences=[0.9, SURE_ENOUGH - 0.1, 0.9])
    sure = assess(text, language="zh-CN", confidences=[0.1, SURE_ENOUGH, 0.1])
    assert names(doubted) == names(sure) == {"money_sent"}
    assert not doubted.escalate
    assert sure.escalate
    assert doubted.risk < sure.risk


def test_risk_grows_with_every_sign_and_stays_below_one() -> None:
    one = assess("他让我转账", language="zh-CN").risk
    two = assess("他让我转账，还让我不要告诉家人", language="zh-CN").risk
    three = assess("他让我转账，还让我不要告诉家人，我已经转了三万", language="zh-CN").risk
    assert 0 < one < two < three < 1


def test_signals_come_with_the_gravest_first() -> None:
    result = assess("有个警察打电话，我已经转了五万", language="zh-CN", asks="contacted")
    assert [signal.name for signal in result.signals] == ["money_sent", "contacted"]


def test_nothing_said_is_no_answer() -> None:
    assert assess(" ，。", language="zh-CN", asks="contacted").answer is Answer.NONE


def test_a_regional_tag_uses_its_language() -> None:
    assert assess("i sent the money", language="en-GB").escalate


@pytest.mark.parametrize(("replies", "language", "least"), [(ZH, "zh-CN", 0.97), (EN, "en", 0.94)], ids=["zh-CN", "en"])
def test_half_a_harmless_reply_rarely_escalates(replies: list[Labelled], language: str, least: float) -> None:
    quiet = heard = 0
    for reply in replies:
        if not reply.escalate:
            ends = [at for at in range(1, len(reply.text)) if language == "zh-CN" or reply.text[at] == " "]
            heard += 1
            quiet += not any(assess(reply.text[:end], language=language, partial=True).escalate for end in ends)
    assert quiet / heard >= least


def test_a_critical_word_escalates_before_the_sentence_is_over() -> None:
    assert not assess("我转了", language="zh-CN", partial=True).escalate
    assert assess("我转了三千", language="zh-CN", partial=True).escalate
    assert assess("我现在正在和他打电话", language="zh-CN", partial=True).escalate
    assert assess("i am on the phone with him", language="en", partial=True).escalate


@pytest.mark.parametrize("text", ["喂你好", "喂，你好", "喂，您好"])
def test_a_greeting_is_not_taken_for_a_voice_that_did_not_arrive(text: str) -> None:
    assert not names(assess(text, language="zh-CN"))
    assert names(assess("喂，喂", language="zh-CN")) == {"did_not_hear"}
