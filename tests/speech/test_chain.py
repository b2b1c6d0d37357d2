"""The measurement of the whole chain: a few replies through real calls, and how they are drawn and reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.chain import report
from benchmarks.spoken import Hearing, Session, converse, sample, voice_of
from benchmarks.understood import cause, lost_words, outcome, words
from speech.assessment import Answer
from speech.heard import Partial, Utterance
from speech.modelling.measure import distance
from speech.modelling.understanding.examples import as_recognised
from speech.modelling.voices import HELD_OUT
from tests.speech.corpus import LANGUAGES, Reply, corpus

URGENT = ("我已经转了五万块", "他让我不要告诉家人", "我正在和他通话")
HARMLESS = ("没有我没有转账", "你打错了", "我不认识他")


def reply(text: str, *, escalate: bool = False, asks: str | None = None, split: str = "dev") -> Reply:
    return Reply(
        id=text,
        text=text,
        asks=asks,
        answer=None if asks is None else Answer.YES,
        signals=frozenset({"money_sent"} if escalate else ()),
        may=frozenset(),
        escalate=escalate,
        scam_type="冒充公检法",
        family=text,
        split=split,
        speaker=None,
        near_domain=False,
        recogniser=False,
        note="",
    )


def heard(said: Reply, *turns: str, partials: tuple[str, ...] = ()) -> Hearing:
    before = [Partial(text, 0.5 + number / 10) for number, text in enumerate(partials)]
    return Hearing(said, (*before, *(Utterance(text, 0.2, 2.0 + number) for number, text in enumerate(turns))))


@pytest.mark.wire
async def test_every_reply_comes_through_a_call_to_the_ear_that_listens_for_it(tmp_path: Path) -> None:
    said = [*(reply(text, escalate=True) for text in URGENT), *map(reply, HARMLESS), reply("……")]
    session = await converse(said, "zh-CN", tmp_path, calls=3)
    assert (session.unspoken, [hearing.reply for hearing in session.hearings]) == (1, said[:-1])
    for hearing in session.hearings:
        faults = [distance(text, hearing.text) for text in (*URGENT, *HARMLESS)]
        assert (*URGENT, *HARMLESS)[faults.index(min(faults))] == hearing.reply.text, hearing.text
        assert any(isinstance(event, Partial) for event in hearing.events)


@pytest.mark.unit
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_holds_every_urgent_reply_and_as_many_harmless_ones(language: str) -> None:
    drawn = sample(language, "heldout", 200)
    fit = [each for each in corpus(language, "heldout") if each.escalation_scored and not each.recogniser]
    urgent = [each for each in drawn if each.escalate]
    assert len(drawn) >= 200
    assert urgent == [each for each in fit if each.escalate]
    assert len(drawn) - len(urgent) >= len(urgent)
    assert sum(each.near_domain for each in drawn) >= (len(drawn) - len(urgent)) // 2
    assert drawn == sample(language, "heldout", 200)
    assert len({each.id for each in drawn}) == len(drawn)


@pytest.mark.unit
def test_voices_are_held_out_and_differ() -> None:
    voices = [voice_of(each) for each in corpus("en", "heldout")]
    assert {voice.variant for voice in voices} == set(HELD_OUT)
    assert voice_of(replace(reply("对"), speaker="elderly")).rate_wpm <= 140


@pytest.mark.unit
def test_a_text_is_compared_as_a_recogniser_without_fault_would_write_it() -> None:
    assert as_recognised("她转了3万，对吧？", "zh-CN") == "他转了三万对吧"
    assert as_recognised("No -- I sent $5, didn't I?", "en") == "no i sent five dollars didn't i"
    cut = words("我已经转瞾了", "zh-CN")
    assert "".join(cut) == "我已经转瞾了"
    assert cut[1:4] == ["已经", "转", "瞾"]


@pytest.mark.unit
def test_the_dialer_escalates_on_a_partial_result_that_the_end_takes_back() -> None:
    said = "我已经转了五万块过去"
    found = outcome(heard(reply("x"), "你好", partials=("我已经", "我已经转了", *[said] * 5, f"{said}了")), "zh-CN")
    assert (found.at_once, found.final.escalate) == (True, False)
    assert found.sooner_s == pytest.approx(2.0 + 0.55 - 1.2)


@pytest.mark.unit
def test_a_turn_after_the_answer_answers_no_question() -> None:
    assert outcome(heard(reply("有", asks="money_sent"), "有"), "zh-CN").final.escalate
    assert not outcome(heard(reply("有", asks="money_sent"), "你好", "有"), "zh-CN").final.escalate


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "turns", "why"),
    [
        ("我已经转了五万块", (), "silence"),
        ("我已经转了五万块", ("", "我已经穿了午饭"), "misheard"),
    ],
)
def test_a_lost_escalation_is_put_down_to_its_cause(text: str, turns: tuple[str, ...], why: str) -> None:
    assert cause(outcome(heard(reply(text, escalate=True), *turns), "zh-CN"), "zh-CN") == why


@pytest.mark.unit
def test_a_signal_with_a_word_that_the_model_does_not_know_is_lost_by_the_vocabulary() -> None:
    found = outcome(heard(reply("我已经转了五万块", escalate=True), "我已经穿了衣服"), "zh-CN")
    unknown = tuple(words(found.perfect.signals[0].words, "zh-CN"))
    assert cause(replace(found, unknown=unknown), "zh-CN") == "unknown"


@pytest.mark.unit
def test_words_are_lost_by_sound_not_by_spelling() -> None:
    said = reply("我已经转了五万块", escalate=True)
    lost = {word for _, word in lost_words(outcome(heard(said, "我一经穿了衣服"), "zh-CN"), "zh-CN")}
    assert any("转" in word for word in lost)
    assert not {"我", "已经"} & lost


@pytest.mark.unit
def test_only_of_development_replies_are_words_shown() -> None:
    session = Session((heard(reply("我已经转了五万块", escalate=True), "你好"),), 0, 0)
    shown = {split: "\n".join(report(session, "zh-CN", split, 1)) for split in ("dev", "heldout")}
    assert "转" in shown["dev"]
    assert "转" not in shown["heldout"]
    assert "0.000 (0 of 1)" in shown["heldout"]
