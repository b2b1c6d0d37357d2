"""Spoken English is contracted, and the model hears it."""

from __future__ import annotations

import pytest

from speech.modelling.build import DATA, RECIPES
from speech.modelling.contractions import WORDS, as_spoken, contracted
from speech.modelling.corpus import Corpus
from speech.modelling.lexicon import read_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("no i have not sent it", "no i haven't sent it"),
        ("i am on the phone and they are waiting", "i'm on the phone and they're waiting"),
        ("yes i am", "yes i am"),
        ("i have sent it", "i've sent it"),
        ("i have a friend", "i have a friend"),
        ("i can not", "i can't"),
    ],
)
def test_what_fluent_speech_runs_together(full: str, short: str) -> None:
    assert " ".join(contracted(full.split())) == short


def test_both_ways_to_say_it_are_counted() -> None:
    assert list(as_spoken([("i", "am", "here"), ("no",)])) == [("i", "am", "here"), ("i'm", "here"), ("no",)]


def test_every_contraction_is_in_the_vocabulary_and_in_the_sentences() -> None:
    assert set(read_words(DATA / "en" / "words.txt")) >= WORDS
    drawn = as_spoken(Corpus(DATA / "en" / "sentences.txt").draw(20, RECIPES["en"].seed))
    said = {word for sentence in drawn for word in sentence}
    assert {"don't", "didn't", "i'm", "haven't", "i've", "he's"} <= said
