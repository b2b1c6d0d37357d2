"""What was stored, held against what the phone really said and did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from campaigns.model import Attempt, AttemptResult, EscalationRecord, EscalationState, HeardSignal, Outcome
from rehearsal.calls import CallKey
from rehearsal.facts import Fact
from rehearsal.measures import Meeting
from rehearsal.scenario import Behaviour, Expectation, LeadEntry, Person, Voice, load_behaviours
from rehearsal.verdict import judge
from tests.rehearsal.conversations import DESK, SUBJECT, answered, calls, ended, heard, rang, refused, said

pytestmark = pytest.mark.unit

BOOK = load_behaviours("zh-CN")
MET = Meeting(CallKey(SUBJECT, 1), CallKey(DESK, 1), 7.0, 12.0, 14.0, 6.5)
SPOKE = (rang(), answered(), said(5, 8, "有，我已经转了五万块", critical=6.5), heard(9, 12), ended())


def attempt(
    outcome: Outcome, *, was_answered: bool = True, signals: Iterable[str] = (), offered: bool = False
) -> Attempt:
    result = AttemptResult(outcome, ended_at=60.0, answered_at=1.0 if was_answered else None)
    record = EscalationRecord(1, "money_sent", "转了", 6.6, EscalationState.JOINED, "陈警官", first_ring_s=0.4)
    return Attempt(
        id=1,
        case_id=1,
        node="n",
        claimed_at=0.0,
        dialled_at=0.1,
        result=result,
        signals=tuple(HeardSignal(name, "转了", "rule", 6.0) for name in signals),
        escalations=(record,) if offered else (),
    )


def person(behaviour: str, *expect: Expectation) -> Person:
    chosen = BOOK.behaviours[behaviour]
    changed = chosen.model_copy(update={"expect": expect}) if expect else chosen
    return Person(number=SUBJECT, lead=LeadEntry(), behaviour_name=behaviour, behaviour=changed, voice=Voice())


def reasons(who: Person, attempts: list[Attempt], facts: Iterable[Fact], met: Iterable[Meeting] = ()) -> list[str]:
    found = judge([who], {SUBJECT: attempts}, calls(*facts), list(met), phones=["陈警官"])
    assert all(mismatch.number == SUBJECT for mismatch in found)
    return [mismatch.reason for mismatch in found]


GOOD = {
    "not_contacted": (attempt(Outcome.WARNED), SPOKE),
    "busy": (attempt(Outcome.BUSY, was_answered=False), (rang(), refused(486), ended())),
    "rings_out": (attempt(Outcome.NO_ANSWER, was_answered=False), (rang(), ended())),
    "voicemail": (attempt(Outcome.VOICEMAIL), SPOKE),
    "powered_off": (attempt(Outcome.POWERED_OFF, was_answered=False), (rang(), said(1, 4), refused(480), ended())),
    "another_person": (attempt(Outcome.WRONG_PERSON), SPOKE),
    "denies": (attempt(Outcome.DENIES), SPOKE),
    "hangs_up_early": (attempt(Outcome.ANSWERED_INCOMPLETE), SPOKE),
}


@pytest.mark.parametrize("behaviour", GOOD)
def test_what_really_happened_is_accepted(behaviour: str) -> None:
    stored, facts = GOOD[behaviour]
    assert reasons(person(behaviour), [stored], facts) == []


@pytest.mark.parametrize("behaviour", GOOD)
def test_another_outcome_is_a_mismatch(behaviour: str) -> None:
    stored, facts = GOOD[behaviour]
    assert stored.result
    wrong = replace(stored, result=replace(stored.result, outcome=Outcome.UNREACHABLE))
    assert any("outcome is unreachable" in reason for reason in reasons(person(behaviour), [wrong], facts))


@pytest.mark.parametrize(("behaviour", "signal"), [("in_contact_now", "in_contact_now"), ("sent_money", "money_sent")])
def test_an_escalation_with_both_ends_heard_is_accepted(behaviour: str, signal: str) -> None:
    stored = attempt(Outcome.ESCALATED, signals=[signal], offered=True)
    assert reasons(person(behaviour), [stored], SPOKE, [MET]) == []


def test_stored_as_escalated_but_never_joined_is_a_mismatch() -> None:
    stored = attempt(Outcome.ESCALATED, signals=["money_sent"], offered=True)
    assert reasons(person("sent_money"), [stored], SPOKE) == [
        "stored as escalated, but neither end heard the other",
        "never spoke with a dissuader: neither end heard the other",
    ]


def test_joined_one_way_only_is_a_mismatch() -> None:
    stored = attempt(Outcome.ESCALATED, signals=["money_sent"], offered=True)
    deaf = replace(MET, subject_heard_at=None)
    assert "stored as escalated, but the subject never heard the dissuader" in reasons(
        person("sent_money"), [stored], SPOKE, [deaf]
    )


def test_who_spoke_with_a_dissuader_must_be_stored_as_escalated() -> None:
    found = reasons(person("not_contacted"), [attempt(Outcome.WARNED)], SPOKE, [MET])
    assert "spoke with the dissuader 8001, but is stored as warned" in found


def test_a_call_that_a_person_took_at_the_desk_is_judged_by_the_store() -> None:
    joined = EscalationRecord(1, "money_sent", "转了", 6.6, EscalationState.JOINED, "demo", tried=("demo",))
    stored = replace(attempt(Outcome.ESCALATED, signals=["money_sent"]), escalations=(joined,))
    assert reasons(person("sent_money"), [stored], SPOKE) == []


def test_a_call_that_a_person_at_the_desk_let_ring_ends_as_they_made_it() -> None:
    nobody = EscalationRecord(1, "money_sent", "转了", 6.6, EscalationState.NOBODY_FREE, tried=("demo",))
    stored = replace(attempt(Outcome.CALLBACK_DUE, signals=["money_sent"]), escalations=(nobody,))
    assert reasons(person("sent_money"), [stored], SPOKE) == []


def test_a_person_at_the_desk_does_not_excuse_what_a_phone_said() -> None:
    joined = EscalationRecord(1, "money_sent", "转了", 6.6, EscalationState.JOINED, "demo")
    stored = replace(attempt(Outcome.ESCALATED), escalations=(joined,))
    assert reasons(person("sent_money"), [stored], [rang(), ended()]) == [
        "the phone did not answer, the dialer stored otherwise",
        "signal money_sent is missing; the phone said: nothing",
    ]


def test_a_missing_signal_is_told_with_what_was_said() -> None:
    stored = attempt(Outcome.ESCALATED, offered=True)
    assert "signal money_sent is missing; the phone said: 有，我已经转了五万块" in reasons(
        person("sent_money"), [stored], SPOKE, [MET]
    )


def test_a_signal_that_must_not_be_is_a_mismatch() -> None:
    who = person("not_contacted", Expectation(signal="money_sent", absent=True))
    assert reasons(who, [attempt(Outcome.WARNED, signals=["money_sent"])], SPOKE) == [
        "signal money_sent is stored, which must not be"
    ]


def test_a_call_offered_to_a_dissuader_for_nothing_is_a_mismatch() -> None:
    assert reasons(person("not_contacted"), [attempt(Outcome.WARNED, offered=True)], SPOKE) == [
        "the call was offered to a dissuader, which must not be"
    ]


@pytest.mark.parametrize(("within_s", "late"), [(1.0, False), (0.4, True)])
def test_a_dissuader_s_phone_must_ring_in_time(within_s: float, late: bool) -> None:
    who = person("sent_money", Expectation(escalation="rings", within_s=within_s))
    found = reasons(who, [attempt(Outcome.ESCALATED, offered=True)], SPOKE, [MET])
    assert found == (["the dissuader's phone rang 0.5 s after the critical word, expected 0.4 s"] if late else [])


def test_a_phone_that_nobody_called_is_a_mismatch() -> None:
    assert reasons(person("busy"), [], ()) == ["was never called"]


def test_a_call_that_only_the_phone_knows_is_a_mismatch() -> None:
    assert reasons(person("busy"), [], (rang(), refused(486), ended())) == ["rang, but the dialer stored no call"]


def test_a_call_that_only_the_store_knows_is_a_mismatch() -> None:
    stored = attempt(Outcome.NO_ANSWER, was_answered=False)
    assert reasons(person("rings_out"), [stored], ()) == ["the dialer stored once, the phone rang 0 times"]


def test_stored_as_busy_by_a_phone_that_was_not_is_a_mismatch() -> None:
    found = reasons(person("busy"), [attempt(Outcome.BUSY, was_answered=False)], (rang(), ended()))
    assert found == ["stored as busy, but the phone never said 486"]


def test_stored_as_unanswered_but_answered_is_a_mismatch() -> None:
    found = reasons(person("rings_out"), [attempt(Outcome.NO_ANSWER, was_answered=False)], SPOKE)
    assert "the phone answered, the dialer stored otherwise" in found


def test_a_call_that_was_never_finished_is_a_mismatch() -> None:
    stored = replace(attempt(Outcome.WARNED), result=None)
    assert reasons(person("not_contacted"), [stored], SPOKE) == ["the call was never finished"]


def test_a_number_that_the_carrier_does_not_know_has_no_phone_to_ask() -> None:
    stored = attempt(Outcome.INVALID_NUMBER, was_answered=False)
    assert reasons(person("unassigned"), [stored], ()) == []


def test_every_behaviour_is_judged() -> None:
    assert set(GOOD) | {"in_contact_now", "sent_money", "rejects", "unassigned"} == set(BOOK.behaviours)
    assert all(isinstance(each, Behaviour) and each.expect for each in BOOK.behaviours.values())
