"""The three figures, from what the phones told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.calls import CallKey
from rehearsal.crossing import Crossing
from rehearsal.measures import measure, meetings, reply_delays, spread
from tests.rehearsal.conversations import DESK, SUBJECT, answered, call, calls, ended, heard, rang, said

pytestmark = pytest.mark.unit

HERE, THERE = CallKey(SUBJECT, 1), CallKey(DESK, 1)


def crossing(speaker: CallKey, listener: CallKey, at: float) -> Crossing:
    return Crossing(speaker, listener, "好的", at, 0.95)


def test_a_spread_is_median_nearest_rank_and_longest() -> None:
    figures = spread([0.5, *[0.6] * 18, 0.9, 2.0])
    assert figures is not None
    assert (figures.count, figures.median_s, figures.p95_s, figures.longest_s) == (21, 0.6, 0.9, 2.0)


def test_of_nothing_there_is_no_spread() -> None:
    assert spread([]) is None


def test_a_reply_is_timed_from_the_end_of_speech_to_the_first_sound() -> None:
    assert reply_delays(call(said(2, 4), heard(4.7, 8), said(9, 10), heard(10.6, 12))) == pytest.approx([0.7, 0.6])


def test_a_line_that_the_robot_talked_over_to_its_end_has_no_reply() -> None:
    assert reply_delays(call(said(2, 4), heard(1, 6), heard(9, 10))) == []


def test_a_line_that_made_the_robot_fall_silent_is_timed() -> None:
    assert reply_delays(call(heard(1, 2.5), said(2, 4), heard(4.8, 6))) == pytest.approx([0.8])


def test_a_line_that_nothing_followed_before_the_next_has_no_reply() -> None:
    assert reply_delays(call(said(2, 4), said(8, 9), heard(9.5, 11))) == pytest.approx([0.5])


def test_a_line_cut_short_by_the_end_of_the_call_has_no_reply() -> None:
    assert reply_delays(call(said(2, 4, complete=False), heard(5, 6))) == []


def test_lines_said_while_held_for_a_human_are_left_out() -> None:
    talk = call(said(2, 4), heard(4.7, 8), said(9, 10), heard(16, 17))
    assert reply_delays(talk, held_from=8.5) == pytest.approx([0.7])


def test_the_line_whose_critical_word_rang_the_dissuader_is_still_timed() -> None:
    assert reply_delays(call(said(2, 4), heard(4.7, 8)), held_from=3.5) == pytest.approx([0.7])


def test_lines_after_the_critical_one_are_left_out_even_if_nobody_came() -> None:
    talk = call(said(2, 4, critical=3.5), heard(4.3, 8), said(9, 10), heard(16, 17))
    assert reply_delays(talk) == pytest.approx([0.3])


def test_two_who_heard_each_other_have_met() -> None:
    both = calls(
        rang(), answered(), said(5, 8, critical=6.5), ended(), rang(7.3, DESK), answered(9.3, DESK), ended(30, DESK)
    )
    (meeting,) = meetings(both, [crossing(THERE, HERE, 13.0), crossing(HERE, THERE, 16.0)], {DESK})
    assert (meeting.subject, meeting.dissuader) == (HERE, THERE)
    assert meeting.both_ways
    assert meeting.critical_to_ring_s == pytest.approx(0.8)
    assert meeting.ring_to_joined_s == pytest.approx(5.7)


def test_who_was_only_heard_has_met_one_way() -> None:
    both = calls(rang(), answered(), ended(), rang(7, DESK), answered(9, DESK), ended(30, DESK))
    (meeting,) = meetings(both, [crossing(HERE, THERE, 13.0)], {DESK})
    assert not meeting.both_ways
    assert meeting.subject_heard_at is None


def test_who_only_sounds_like_whom_a_dissuader_met_has_met_nobody() -> None:
    alike = CallKey("+8611100000099", 7)
    both = calls(rang(), answered(), ended(), rang(7, DESK), answered(9, DESK), ended(30, DESK))
    both[alike] = replace(both[HERE], key=alike)
    crossed = [crossing(HERE, THERE, 13.0), crossing(alike, THERE, 13.1), crossing(THERE, HERE, 16.0)]
    assert [meeting.subject for meeting in meetings(both, crossed, {DESK})] == [HERE]


def test_a_rehearsal_without_escalation_has_no_figures_for_it() -> None:
    figures = measure(calls(rang(), answered(), said(2, 4), heard(4.5, 6), ended()), [], {DESK})
    assert figures.reply is not None
    assert figures.reply.count == 1
    assert figures.critical_to_ring is None
    assert figures.ring_to_joined is None


def test_the_dissuaders_own_talk_is_no_reply_of_the_robot() -> None:
    desk = [fact.model_copy(update={"phone": DESK}) for fact in (said(10, 12), heard(13, 14))]
    both = calls(rang(), answered(), ended(), rang(7, DESK), answered(9, DESK), *desk, ended(30, DESK))
    assert measure(both, [], {DESK}).reply is None
