"""The corpora are what docs/labelling.md says: complete, consistent, and split so that held-out stays held out."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from speech.assessment import CRITICAL, SIGNALS, Answer
from speech.modelling.understanding.replies import replies as learnt_from
from tests.speech.corpus import LANGUAGES, SPEAKERS, SPLITS, corpus, normalised, split_of
from tests.speech.corpus.blind import blind

pytestmark = pytest.mark.unit

LEAST = {"zh-CN": 820, "en": 320}
SCAM_TYPES = {
    "zh-CN": {
        "通用", "刷单返利", "冒充电商物流客服", "虚假投资理财", "虚假贷款", "虚假征信", "虚假购物服务", "冒充公检法",
        "冒充领导熟人", "网络游戏虚假交易", "网络婚恋交友", "冒充军警购物", "网黑裸聊", "机票退改签",
    },
    "en": {
        "general", "fake police", "fake customer service", "investment", "loan", "romance", "boss", "task", "shopping",
        "credit record", "game trade", "military purchase", "sextortion", "flight change",
    },
}  # fmt: skip
TOO_ALIKE = 0.75
"""Share of pairs of neighbouring letters that two replies have in common."""

each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_there_are_enough_replies_over_every_scam_type(language: str) -> None:
    replies = corpus(language)
    assert len(replies) >= LEAST[language]
    assert {reply.scam_type for reply in replies} == SCAM_TYPES[language]
    assert min(Counter(reply.scam_type for reply in replies).values()) >= (30 if language == "zh-CN" else 7)


@each_language
def test_a_third_are_harmless_replies_from_near_the_domain(language: str) -> None:
    near = [reply for reply in corpus(language) if reply.near_domain]
    assert len(near) >= len(corpus(language)) / 3
    for split in SPLITS:
        assert sum(reply.split == split for reply in near) >= 0.3 * len(corpus(language, split))
    # "Put me on to my wife", "he'll ask for the human": near the domain, and still a signal; but nothing to act on.
    assert [reply.id for reply in near if reply.escalate or reply.signals & CRITICAL] == []


@each_language
def test_every_speaker_is_heard(language: str) -> None:
    speakers = {reply.speaker for reply in corpus(language)} - {None}
    assert speakers <= set(SPEAKERS)
    assert speakers >= {"elderly", "student", "office"}


@each_language
def test_ids_are_unique_and_name_the_family(language: str) -> None:
    replies = corpus(language)
    assert [name for name, times in Counter(reply.id for reply in replies).items() if times > 1] == []
    assert [reply.id for reply in replies if reply.id.rpartition("-")[0] != reply.family] == []


@each_language
def test_labels_name_known_signals_and_do_not_contradict_each_other(language: str) -> None:
    for reply in corpus(language):
        assert reply.signals <= SIGNALS, reply.id
        assert reply.may <= SIGNALS, reply.id
        assert reply.asks is None or reply.asks in SIGNALS, reply.id
        assert not reply.signals & reply.may, reply.id
        assert reply.text == reply.text.strip(), reply.id
        assert (reply.asks is None) == (reply.answer is None), reply.id
        assert reply.text or reply.answer is Answer.NONE, reply.id
        if reply.answer is Answer.YES:
            assert reply.asks in reply.signals, reply.id
        if reply.asks in reply.signals:
            assert reply.answer is Answer.YES or reply.note, reply.id


@each_language
def test_escalation_follows_from_the_signals_unless_a_note_says_why(language: str) -> None:
    odd = [r.id for r in corpus(language) if r.escalate != bool(r.signals & CRITICAL) and not r.note]
    assert odd == []
    doubtful = [reply.id for reply in corpus(language) if not reply.escalation_scored]
    assert len(doubtful) <= 0.04 * len(corpus(language))


@each_language
def test_a_family_lies_in_one_split_and_the_rule_put_it_there(language: str) -> None:
    where = defaultdict(set)
    for reply in corpus(language):
        where[reply.family].add((reply.split, reply.scam_type))
    assert {family: places for family, places in where.items() if len(places) > 1} == {}
    assert {f: split for f, ((split, _),) in where.items() if split != split_of(language, f)} == {}
    assert 0.3 <= len(corpus(language, "heldout")) / len(corpus(language)) <= 0.5


@each_language
@pytest.mark.parametrize("split", SPLITS)
def test_every_signal_and_answer_is_in_both_splits(language: str, split: str) -> None:
    replies = corpus(language, split)
    heard = Counter(signal for reply in replies for signal in reply.signals)
    least = 5 if language == "zh-CN" else 2
    assert {signal: heard[signal] for signal in SIGNALS if heard[signal] < least} == {}
    assert {reply.answer for reply in replies} >= {Answer.YES, Answer.NO, Answer.UNCLEAR}


@each_language
def test_no_reply_is_there_twice(language: str) -> None:
    seen = Counter((reply.asks, normalised(reply.text), "？" in reply.text) for reply in corpus(language))
    assert [reply for reply, times in seen.items() if times > 1] == []


@each_language
def test_held_out_replies_are_worded_differently(language: str) -> None:
    dev = [(reply.id, _pairs(reply.text)) for reply in corpus(language, "dev")]
    alike = []
    for reply in corpus(language, "heldout"):
        pairs = _pairs(reply.text)
        alike += [
            (reply.id, other)
            for other, others in dev
            if pairs and len(pairs & others) >= TOO_ALIKE * len(pairs | others)
        ]
    assert alike == []


def _pairs(text: str) -> frozenset[str]:
    bare = normalised(text)
    return frozenset(bare[place : place + 2] for place in range(len(bare) - 1)) or frozenset({bare} - {""})


@each_language
def test_hardly_any_blind_reply_was_learnt_word_for_word(language: str) -> None:
    replies = blind(language)
    assert len(replies) > 450
    assert sum(reply.near_domain for reply in replies) > 0.25 * len(replies)
    assert {name for reply in replies for name in reply.signals} >= CRITICAL
    learnt = {(normalised(each.text), each.asks) for each in learnt_from(language)}
    long = [reply for reply in replies if len(normalised(reply.text)) > (8 if language == "zh-CN" else 30)]
    assert sum((normalised(reply.text), reply.asks) in learnt for reply in long) < 0.01 * len(long)
