"""What the recogniser made of the replies that the judgement learns from."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.modelling.understanding.examples import as_recognised
from speech.modelling.understanding.heard import heard, key
from speech.modelling.understanding.hearing import hear, is_of_use
from speech.modelling.understanding.replies import replies

LANGUAGE = "zh-CN"


@pytest.mark.unit
def test_everything_misheard_belongs_to_a_reply_and_keeps_its_meaning() -> None:
    texts = {key(each.text): each.text for each in replies(LANGUAGE)}
    found = heard(LANGUAGE)
    assert found
    assert not {
        name: words
        for name, words in found.items()
        if name not in texts or not is_of_use(LANGUAGE, as_recognised(texts[name], LANGUAGE), words)
    }


@pytest.mark.unit
@pytest.mark.parametrize(
    ("language", "said", "words", "of_use"),
    [
        ("zh-CN", "我昨天已经把钱转过去了", "我昨天已经把前转过去了", True),
        ("zh-CN", "我昨天已经把钱转过去了", "我昨天已经把钱转过去了", False),
        ("zh-CN", "我昨天没有把钱转过去", "我昨天有把钱转过去", False),
        ("zh-CN", "我昨天已经把钱转过去了", "昨天几把前穿过去", False),
        ("en", "i did not send it to him", "i did not send it to them", True),
        ("en", "i didn't send it to him", "i did send it to him", False),
        ("en", "i sent it to him", "i never sent it to him", False),
    ],
)
def test_of_use_is_what_was_misheard_but_still_means_the_same(
    language: str, said: str, words: str, of_use: bool
) -> None:
    assert is_of_use(language, said, words) is of_use


@pytest.mark.voice
def test_replies_are_said_and_heard(tmp_path: Path) -> None:
    assert hear(LANGUAGE, 12, tmp_path) == len(heard(LANGUAGE, tmp_path)) > 0
    first = sorted({each.text for each in replies(LANGUAGE)}, key=key)[:12]
    assert set(heard(LANGUAGE, tmp_path)) <= {key(text) for text in first}
