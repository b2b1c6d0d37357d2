"""What the network said, and the outcome that it means."""

from __future__ import annotations

import pytest

from campaigns.model import Outcome
from dialer.causes import OUTCOME_OF_Q850, OUTCOME_OF_SIP, outcome_of

pytestmark = pytest.mark.unit

_BY_CAUSE = {
    Outcome.INVALID_NUMBER: (1, 22, 28),
    Outcome.BUSY: (17,),
    Outcome.NO_ANSWER: (18, 19),
    Outcome.POWERED_OFF: (20,),
    Outcome.REJECTED: (21,),
    Outcome.FORWARDED: (23,),
    Outcome.UNREACHABLE: (3, 27, 55, 87),
    Outcome.TRUNK_FAILURE: (2, 5, 25, 29, 34, 38, 41, 42, 44, 47, 50, 57, 58, 65, 79, 88, 111),
}
_BY_CODE = {
    Outcome.FORWARDED: (300, 301, 302),
    Outcome.INVALID_NUMBER: (404, 410, 484, 485, 604),
    Outcome.NO_ANSWER: (408, 487),
    Outcome.BUSY: (486, 600),
    Outcome.REJECTED: (603, 607),
}


def test_every_row_is_tested() -> None:
    assert {cause for causes in _BY_CAUSE.values() for cause in causes} == set(OUTCOME_OF_Q850)
    assert {code for codes in _BY_CODE.values() for code in codes} == set(OUTCOME_OF_SIP)


@pytest.mark.parametrize(("outcome", "cause"), [(o, c) for o, causes in _BY_CAUSE.items() for c in causes])
@pytest.mark.parametrize("code", [480, 486, 500, 503])
def test_the_cause_decides_whatever_the_code(outcome: Outcome, cause: int, code: int) -> None:
    assert outcome_of(code, cause, "Service Unavailable") is outcome


@pytest.mark.parametrize(("outcome", "code"), [(o, c) for o, codes in _BY_CODE.items() for c in codes])
@pytest.mark.parametrize("seen_ringing", [True, False])
@pytest.mark.parametrize("cause", [None, 16, 31, 102, 127])
def test_the_code_decides_without_a_telling_cause(
    outcome: Outcome, code: int, seen_ringing: bool, cause: int | None
) -> None:
    assert outcome_of(code, cause, "", seen_ringing=seen_ringing) is outcome


@pytest.mark.parametrize(
    "code",
    [400, 401, 402, 405, 407, 413, 415, 420, 423, 481, 482, 483, 488, 500, 501, 502, 503, 504, 505, 513, 606, 608],
)
def test_any_other_code_is_the_trunk(code: int) -> None:
    assert outcome_of(code, None, "Whatever", seen_ringing=True) is Outcome.TRUNK_FAILURE


def test_temporarily_unavailable_is_no_answer_if_it_rang() -> None:
    assert outcome_of(480, None, "Temporarily Unavailable", seen_ringing=True) is Outcome.NO_ANSWER
    assert outcome_of(480, None, "Temporarily Unavailable") is Outcome.UNREACHABLE


def test_forbidden_is_the_subject_if_it_rang_and_the_carrier_if_not() -> None:
    assert outcome_of(403, None, "Forbidden", seen_ringing=True) is Outcome.REJECTED
    assert outcome_of(403, None, "Forbidden") is Outcome.TRUNK_FAILURE
    assert outcome_of(403, 21, "Forbidden") is Outcome.REJECTED


def test_our_own_time_out_is_the_trunk_unless_it_rang() -> None:
    assert outcome_of(408, None, "Request Timeout", by_far_end=False) is Outcome.TRUNK_FAILURE
    assert outcome_of(408, None, "Request Timeout", seen_ringing=True, by_far_end=False) is Outcome.NO_ANSWER


def test_what_never_got_to_sip_is_our_line() -> None:
    assert outcome_of(0, None, "The line process died") is Outcome.LINE_FAILURE


@pytest.mark.parametrize(
    ("phrase", "outcome"),
    [
        ("Power Off", Outcome.POWERED_OFF),
        ("Subscriber absent", Outcome.POWERED_OFF),
        ("用户关机", Outcome.POWERED_OFF),
        ("User busy", Outcome.BUSY),
        ("用户正在通话中", Outcome.BUSY),
        ("Unallocated number", Outcome.INVALID_NUMBER),
        ("空号", Outcome.INVALID_NUMBER),
        ("No answer", Outcome.NO_ANSWER),
        ("无人接听", Outcome.NO_ANSWER),
        ("Not reachable", Outcome.UNREACHABLE),
        ("暂时无法接通", Outcome.UNREACHABLE),
    ],
)
def test_the_phrase_helps_where_the_code_says_little(phrase: str, outcome: Outcome) -> None:
    assert outcome_of(480, None, phrase) is outcome
    assert outcome_of(503, None, phrase) is outcome
    assert outcome_of(603, None, phrase) is Outcome.REJECTED
