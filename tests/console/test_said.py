"""What was said becomes lines with the words that showed a signal marked in place."""

from __future__ import annotations

import pytest

from campaigns.model import Attempt, HeardSignal, Mention, MentionKind, Speaker, Turn
from console.desk.said import URGENT, live_lines, pieces, stored_lines
from dialer.live import Said
from speech.assessment import CRITICAL
from tests.console.live_double import a_call

pytestmark = pytest.mark.unit


def test_the_signals_for_which_a_human_is_called_are_those_of_the_understanding() -> None:
    assert URGENT == CRITICAL


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("I pay now", [("pay now", "bad")], (("I ", ""), ("pay now", "bad"))),
        ("我转账了", [("转账", "bad")], (("我", ""), ("转账", "bad"), ("了", ""))),
        ("I Pay", [("pay", "warn")], (("I ", ""), ("Pay", "warn"))),
        ("pay now soon", [("now soon", "warn"), ("pay now", "bad")], (("pay now", "bad"), (" soon", "warn"))),
        ("nothing", [("pay", "bad"), (" ", "bad")], (("nothing", ""),)),
        ("", [("pay", "bad")], ()),
    ],
)
def test_words_are_marked_where_they_stand(
    text: str, words: list[tuple[str, str]], found: tuple[tuple[str, str], ...]
) -> None:
    assert pieces(text, words) == found


def test_a_signal_stands_with_the_utterance_in_which_it_was_heard() -> None:
    call = a_call(
        transcript=(
            Said(Speaker.ROBOT, "Has it gone?", 1.0),
            Said(Speaker.SUBJECT, "Yes, this morning", 3.0),
            Said(Speaker.ROBOT, "How much?", 6.0),
            Said(Speaker.SUBJECT, "All of it", 8.0),
        ),
        signals=(HeardSignal("money_sent", "this morning", "r", 4.0),),
        mentions=(Mention(MentionKind.AMOUNT, "5000", "All of it", 8.4),),
    )
    lines = live_lines(call)
    assert [[each.name for each in line.signals] for line in lines] == [[], ["money_sent"], [], []]
    assert [len(line.mentions) for line in lines] == [0, 0, 0, 1]
    assert lines[1].pieces[1] == ("this morning", "bad")


def test_a_stored_line_tells_which_dissuader_spoke() -> None:
    turns = (Turn(Speaker.DISSUADER, "Wait", 1.0, 2.0, name="chen"), Turn(Speaker.RELATIVE, "Mother!", 3.0, 4.0))
    lines = stored_lines(Attempt(1, 1, "n1", 0.0, 0.0, None, turns))
    assert [(line.speaker.value, line.name) for line in lines] == [("dissuader", "chen"), ("relative", "")]


def test_a_line_keeps_its_key_while_it_grows_and_others_are_put_before_it() -> None:
    growing = Said(Speaker.SUBJECT, "I pa", 3.0, final=False)
    before = live_lines(a_call(transcript=(growing,), signals=()))
    said = (Said(Speaker.ROBOT, "Well?", 1.0), Said(Speaker.SUBJECT, "I paid", 3.0))
    after = live_lines(a_call(transcript=said, signals=()))
    assert before[0].key == after[1].key
    assert not before[0].final


def test_keys_are_never_alike() -> None:
    same = Said(Speaker.SUBJECT, "yes", 3.0)
    keys = [line.key for line in live_lines(a_call(transcript=(same, same, same), signals=()))]
    assert len(set(keys)) == 3
