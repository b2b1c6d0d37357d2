"""What a turn that is still going on means: somebody is called halfway only when the next words bear it out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dialer.journal import Journal
from dialer.understanding import BORNE_OUT_S, Understanding
from speech.heard import Partial, Utterance
from tests.dialer.people import Notes

pytestmark = pytest.mark.unit

SENT, MORE, NOBODY = "我已经转了", "我已经转了五万块", "我已经转告我女儿了"
SOON, LATER = 1 + BORNE_OUT_S / 2, 1 + BORNE_OUT_S


@pytest.mark.parametrize(
    ("said", "urgent"),
    [
        ([(1, SENT)], False),
        ([(1, SENT), (SOON, MORE)], False),
        ([(1, SENT), (SOON, MORE), (LATER, MORE + "过去")], True),
        ([(1, SENT), (SOON, NOBODY), (LATER, MORE)], False),
        ([(1, SENT), (LATER, NOBODY)], False),
    ],
)
async def test_who_seems_in_danger_halfway_must_still_seem_so_a_little_later(
    said: Sequence[tuple[float, str]], urgent: bool
) -> None:
    journal = Journal(Notes())
    heard = understanding(journal)
    for at_s, text in said:
        heard.partial(Partial(text, at_s))
    assert (heard.critical is not None) is urgent
    await journal.close()


async def test_the_end_of_a_turn_needs_no_more_words_and_the_next_turn_begins_anew() -> None:
    journal = Journal(Notes())
    heard = understanding(journal)
    heard.partial(Partial(SENT, 1))
    heard.utterance(Utterance(NOBODY, 0.5, 1.2))
    heard.partial(Partial(MORE, LATER))
    assert heard.critical is None
    heard.utterance(Utterance(MORE, 1.5, 2))
    assert heard.critical is not None
    assert heard.critical.name == "money_sent"
    await journal.close()


def understanding(journal: Journal) -> Understanding:
    """That of a call which is past its greeting."""
    heard = Understanding("zh-CN", {}, journal)
    heard.greeting = False
    return heard
