"""Whether what the dialer stored is what the phones really said and did. Pure; it speaks in plain reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from campaigns.model import Attempt, Outcome
from rehearsal.calls import CallKey, PhoneCall
from rehearsal.measures import Meeting
from rehearsal.scenario import Expectation, Person


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as it should be."""

    number: str
    reason: str


def judge(
    people: Sequence[Person],
    attempts: Mapping[str, Sequence[Attempt]],
    calls: Mapping[CallKey, PhoneCall],
    met: Sequence[Meeting],
    *,
    phones: Collection[str],
) -> list[Mismatch]:
    """Compare, person by person; ``attempts`` by number, oldest first. An empty list is a good rehearsal.

    ``phones`` are the dissuaders of the rehearsal, by name. Whoever else was asked to take a call, or took it, is a
    person at the desk: what they did is not the rehearsal's to expect, and of their sound the store alone knows.
    """
    found = []
    for person in people:
        had = [call for key, call in calls.items() if key.phone == person.number and call.origin == key]
        talks = [meeting for meeting in met if meeting.subject.phone == person.number]
        stored = [attempt for attempt in attempts.get(person.number, ()) if attempt.dialled_at is not None]
        free = {attempt.id for attempt in stored if at_desk(attempt, phones)}
        found += [Mismatch(person.number, reason) for reason in _person(person, stored, had, talks, free)]
    return found


def at_desk(attempt: Attempt, phones: Collection[str]) -> set[str]:
    """Who of those who were asked to take a call, or took it, is none of the rehearsal's dissuaders."""
    asked = {name for record in attempt.escalations for name in (*record.tried, record.dissuader) if name}
    return asked.difference(phones)


def _person(
    person: Person, stored: list[Attempt], had: list[PhoneCall], met: list[Meeting], free: Collection[int]
) -> list[str]:
    """``free`` are the calls of which people at the desk decided what came."""
    if not stored:
        return ["was never called" if not had else "rang, but the dialer stored no call"]
    expected = [attempt for attempt in stored if attempt.id not in free]
    reasons = [reason for attempt in expected for reason in _outcome(person, attempt)]
    if person.behaviour.does != "unassigned":
        if len(stored) != len(had):
            reasons.append(f"the dialer stored {_times(len(stored))}, the phone rang {_times(len(had))}")
        for attempt, call in zip(stored, had, strict=False):
            meeting = next((each for each in met if each.subject == call.key), None)
            reasons += _evidence(attempt, call, meeting, heard=attempt.id not in free)
    for expectation in person.expect:
        if expectation.escalation is not None and not expected:
            continue
        reasons += _expected(expectation, stored, had, met)
    return reasons


def _outcome(person: Person, attempt: Attempt) -> list[str]:
    if attempt.result is None:
        return ["the call was never finished"]
    wanted = [each for each in person.expect if each.outcome]
    stored = attempt.result.outcome
    reasons = []
    for each in wanted:
        names = " or ".join(each.outcome)
        if each.absent and stored in each.outcome:
            reasons.append(f"outcome is {stored}, which it must not be")
        elif not each.absent and stored not in each.outcome:
            reasons.append(f"outcome is {stored} ({attempt.result.reason or 'no reason'}), expected {names}")
    return reasons


def _evidence(attempt: Attempt, call: PhoneCall, meeting: Meeting | None, *, heard: bool) -> list[str]:
    """Whether the phone bears out what was stored, whatever was expected. ``heard``: so do dissuaders' phones."""
    result = attempt.result
    if result is None:
        return []
    reasons = []
    if (result.answered_at is not None) != (call.answered is not None):
        who = "the phone did not answer" if call.answered is None else "the phone answered"
        reasons.append(f"{who}, the dialer stored otherwise")
    if result.outcome is Outcome.BUSY and call.answered is None and (call.refused is None or call.refused.code != 486):
        reasons.append("stored as busy, but the phone never said 486")
    if result.outcome is Outcome.NO_ANSWER and (call.refused or call.answered):
        reasons.append("stored as not answered, but the phone did not just ring")
    if result.key_warning_heard and call.answered and not call.heard:
        reasons.append("the key warning is stored as heard, but nothing was heard at the phone")
    if result.outcome is Outcome.ESCALATED and heard and (meeting is None or not meeting.both_ways):
        reasons.append(f"stored as escalated, but {_silence(meeting)}")
    if result.outcome is not Outcome.ESCALATED and meeting is not None:
        reasons.append(f"spoke with the dissuader {meeting.dissuader.phone}, but is stored as {result.outcome}")
    return reasons


def _expected(expectation: Expectation, stored: list[Attempt], had: list[PhoneCall], met: list[Meeting]) -> list[str]:
    if expectation.signal is not None:
        fired = any(signal.name == expectation.signal for attempt in stored for signal in attempt.signals)
        if fired and expectation.absent:
            return [f"signal {expectation.signal} is stored, which must not be"]
        if not fired and not expectation.absent:
            said = "; ".join(line.text for call in had for line in call.said) or "nothing"
            return [f"signal {expectation.signal} is missing; the phone said: {said}"]
    if expectation.escalation == "rings":
        return _rings(expectation, stored, met)
    if expectation.escalation == "joined":
        return _joined(expectation, met)
    return []


def _rings(expectation: Expectation, stored: list[Attempt], met: list[Meeting]) -> list[str]:
    offered = [record for attempt in stored for record in attempt.escalations]
    rang = any(record.first_ring_s is not None for record in offered) or bool(met)
    if expectation.absent:
        return ["the call was offered to a dissuader, which must not be"] if offered or met else []
    if not rang:
        return ["no dissuader's phone rang"]
    delays = [each.critical_to_ring_s for each in met if each.critical_to_ring_s is not None]
    return _late("the dissuader's phone rang", min(delays, default=None), expectation.within_s)


def _joined(expectation: Expectation, met: list[Meeting]) -> list[str]:
    both = [meeting for meeting in met if meeting.both_ways]
    if expectation.absent:
        return ["spoke with a dissuader, which must not be"] if met else []
    if not both:
        return [f"never spoke with a dissuader: {_silence(met[0] if met else None)}"]
    delays = [each.joined_at - each.critical_at for each in both if each.critical_at is not None]
    return _late("the dissuader was on the line", min(delays, default=None), expectation.within_s)


def _late(what: str, delay_s: float | None, within_s: float | None) -> list[str]:
    if within_s is None:
        return []
    if delay_s is None:
        return [f"no critical word was spoken from which {within_s:g} s could be counted"]
    return [f"{what} {delay_s:.1f} s after the critical word, expected {within_s:g} s"] if delay_s > within_s else []


def _silence(meeting: Meeting | None) -> str:
    if meeting is None:
        return "neither end heard the other"
    if meeting.subject_heard_at is None:
        return "the subject never heard the dissuader"
    return "the dissuader never heard the subject"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
