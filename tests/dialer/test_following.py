"""Whether whoever is heard follows the call."""

from __future__ import annotations

import pytest

from dialer.following import Following, Lost, sureness
from speech.assessment import Answer, Assessment, Signal
from speech.heard import Utterance, Word

pytestmark = pytest.mark.unit

NOTHING = Assessment(Answer.UNCLEAR)
NO = Assessment(Answer.NO)
UNDERSTOOD = Assessment(Answer.YES, (Signal("acknowledges", "明白", "understood"),))
GUESSED = Assessment(Answer.YES, (Signal("acknowledges", "牌子", "model"),))


def turn(words: int, confidence: float, lasts_s: float = 2.0) -> Utterance:
    heard = tuple(Word("字", 0, lasts_s, confidence) for _ in range(words))
    return Utterance("字" * words, 0.0, lasts_s, heard)


def after(*turns: tuple[Utterance, Assessment]) -> Following:
    following = Following()
    for utterance, assessment in turns:
        following.turn(utterance, assessment)
    return following


def test_words_that_the_recogniser_is_unsure_of_twice_are_no_language_of_ours() -> None:
    assert after((turn(5, 0.55), NOTHING)).lost is None
    assert after(*[(turn(5, 0.55), NOTHING)] * 2).lost is Lost.NO_KNOWN_WORDS


def test_words_that_it_is_unsure_of_count_as_little_when_they_seem_to_answer() -> None:
    assert after(*[(turn(5, 0.55), NO)] * 2).lost is Lost.NO_KNOWN_WORDS


def test_a_voice_without_a_word_twice_is_no_language_of_ours() -> None:
    assert after(*[(turn(0, 1.0), NOTHING)] * 2).lost is Lost.NO_KNOWN_WORDS


def test_short_sounds_tell_nothing() -> None:
    assert after(*[(turn(0, 1.0, lasts_s=0.4), NOTHING)] * 3).lost is None


def test_one_answer_that_is_understood_begins_the_count_anew() -> None:
    assert after((turn(5, 0.5), NOTHING), (turn(1, 0.9), NO), (turn(5, 0.5), NOTHING)).lost is None


def test_sure_words_that_answer_nothing_four_times_are_said_to_somebody_else() -> None:
    assert after(*[(turn(5, 0.95), NOTHING)] * 3).lost is None
    assert after(*[(turn(5, 0.95), NOTHING)] * 4).lost is Lost.BESIDE


def test_what_only_the_judgement_takes_for_i_see_is_no_answer() -> None:
    assert after(*[(turn(5, 0.95), GUESSED)] * 4).lost is Lost.BESIDE


def test_prompts_are_no_longer_interrupted_by_what_is_not_said_to_us() -> None:
    assert not after((turn(5, 0.9), NOTHING)).astray
    assert after(*[(turn(5, 0.9), NOTHING)] * 2).astray


@pytest.mark.parametrize(
    ("utterance", "assessment", "believed"),
    [
        (turn(3, 0.9), UNDERSTOOD, True),
        (Utterance("明白了", 0.0, 1.0), UNDERSTOOD, True),
        (turn(3, 0.5), UNDERSTOOD, False),
        (turn(3, 0.9), GUESSED, False),
        (turn(3, 0.9), NO, False),
    ],
)
def test_only_a_sure_i_see_is_believed(utterance: Utterance, assessment: Assessment, *, believed: bool) -> None:
    assert Following().understands(utterance, assessment) is believed


def test_whether_anybody_said_a_word_is_remembered() -> None:
    assert not after((turn(0, 1.0), NOTHING)).anybody
    assert after((turn(1, 1.0), NOTHING), (turn(0, 1.0), NOTHING)).anybody


def test_words_without_confidences_are_sure() -> None:
    assert sureness(Utterance("有", 0.0, 1.0)) == 1.0
