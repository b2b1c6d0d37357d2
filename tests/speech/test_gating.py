"""Recognition behind voice activity hears what a recogniser hears that is given everything, also of quiet voices."""

from __future__ import annotations

import pytest

from benchmarks.gating import Listeners, hits, on_the_line
from speech.ear import EarSettings
from speech.modelling.measure import units
from tests.speech.callers import say

pytestmark = pytest.mark.voice

WORDS = {"zh-CN": ("有", "没有", "转了", "是的"), "en": ("yes", "no", "not yet", "i did")}
AROUND_S = 1.5


@pytest.mark.parametrize("gain_db", [0, -10, -20])
@pytest.mark.parametrize("language", WORDS)
def test_no_word_of_a_short_answer_is_lost_because_something_is_held_back(language: str, gain_db: float) -> None:
    listeners = Listeners(language, EarSettings(language=language))
    for text in WORDS[language]:
        for voice in ("f4", "quincy", "Nguyen"):
            spoken = say(text, voice=voice, language=language[:2], before_s=AROUND_S, after_s=AROUND_S)
            everything, behind = listeners.both(on_the_line(spoken, gain_db, None))
            wanted, got = (units(heard.text, language[:2]) for heard in (everything, behind))
            assert len(hits(wanted, got)) == len(wanted), (text, voice, wanted, got)
            assert behind.decoded_s < everything.decoded_s / 2


def test_words_are_found_in_the_order_in_which_they_were_said() -> None:
    assert hits("abcd", "abcd") == {0, 1, 2, 3}
    assert hits("abcd", "xbd") == {1, 3}
    assert hits("aab", "ab") == {0, 2} or hits("aab", "ab") == {1, 2}
    assert hits("abc", "cab") == {0, 1}
    assert hits("a", "") == set()
