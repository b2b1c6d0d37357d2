"""The replies that the judgement learns from are labelled as docs/labelling.md says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from speech.assessment import CRITICAL, SIGNALS, Answer
from speech.modelling.understanding.replies import RepliesError, replies
from tests.speech.corpus import LANGUAGES, corpus, normalised

pytestmark = pytest.mark.unit

LEAST = {"zh-CN": 6000, "en": 3000}
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_there_are_thousands_by_several_pens(language: str) -> None:
    found = replies(language)
    assert len(found) >= LEAST[language]
    assert len({reply.writer for reply in found}) >= 2
    near = sum(reply.near_domain for reply in found)
    assert near >= len(found) / 8


@each_language
def test_labels_do_not_contradict_each_other(language: str) -> None:
    for reply in replies(language):
        assert not reply.signals & reply.may, reply
        if reply.answer is Answer.YES and reply.asks != "contacted":
            assert reply.asks in reply.signals | reply.may, reply


@each_language
def test_every_signal_is_heard_and_escalation_follows_from_the_signals(language: str) -> None:
    found = replies(language)
    heard = Counter(signal for reply in found for signal in reply.signals)
    assert {signal: heard[signal] for signal in SIGNALS if heard[signal] < 15} == {}
    odd = [reply for reply in found if reply.escalate != bool(reply.signals & CRITICAL)]
    assert len(odd) <= 0.02 * len(found)


@each_language
def test_no_writer_repeats_a_reply(language: str) -> None:
    seen = Counter((reply.writer, reply.asks, reply.text) for reply in replies(language))
    assert [each for each, times in seen.items() if times > 1] == []


@each_language
def test_hardly_any_held_out_reply_was_learnt_word_for_word(language: str) -> None:
    learnt = {normalised(reply.text) for reply in replies(language)}
    least = 8 if language == "zh-CN" else 20
    shared = [normalised(reply.text) in learnt for reply in corpus(language, "heldout") if len(reply.text) >= least]
    assert sum(shared) <= 0.02 * len(shared)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("yes\tmoney_sent\tyes", "four or five fields"),
        ("yes\tmoney_spent\tyes\t-", "there is no signal money_spent"),
        ("yes\tmoney_sent\tperhaps\t-", "perhaps"),
        ("yes\t-\tyes\t-", "exactly if something was asked"),
        ("yes\tmoney_sent\tyes\tmoney_sent\tloud", "there is no mark loud"),
    ],
)
def test_a_faulty_line_is_told_with_its_place(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "pen.tsv").write_text(f"## family\n{line}\n")
    with pytest.raises(RepliesError, match=rf"pen\.tsv:2: .*{reason}"):
        replies("en", tmp_path)
