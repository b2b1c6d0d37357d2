"""What came of a rehearsal, lead by lead, ready to be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaigns.follow_up import FollowUp
from campaigns.model import Attempt, Case, CaseState, EscalationState, Speaker
from rehearsal.measures import Measures, Meeting
from rehearsal.scenario import Scenario
from rehearsal.verdict import Mismatch
from speech.assessment import CRITICAL


@dataclass(frozen=True, slots=True)
class HeardSign:
    """A signal with its words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Human:
    """Who was on the line, and how fast."""

    name: str
    rang_s: float | None
    """Seconds from the subject's critical word to this dissuader's phone ringing."""
    joined_s: float | None
    """Seconds from there to the first sound between the two."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lead."""

    number: str
    name: str
    behaviour: str
    outcome: str
    """Of the last call; empty if there was none."""
    heard: str
    """The last telling words, as recognised."""
    signals: tuple[HeardSign, ...]
    human: Human | None
    next_call_s: float | None
    """Seconds until it is called again; ``None`` if the case is closed."""
    closed_reason: str
    follow_ups: tuple[str, ...]
    calls: int
    good: bool


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """All of it."""

    name: str
    title: str
    folder: Path
    rows: Sequence[Row]
    measures: Measures
    mismatches: Sequence[Mismatch]
    """Outcomes that differ from what the phone really said or did."""
    failures: Sequence[str]
    """What went wrong with the run as a whole."""
    campaign_s: float
    """Seconds from the dialer's start to its end."""
    total_s: float

    @property
    def good(self) -> bool:
        """Whether every outcome is what really happened."""
        return not self.mismatches and not self.failures


@dataclass(frozen=True, slots=True)
class Stored:
    """What the dialer left in its store."""

    cases: Sequence[Case]
    attempts: Mapping[str, Sequence[Attempt]]
    """By number, oldest first, with turns and signals."""
    follow_ups: Sequence[FollowUp]


def summarise(
    scenario: Scenario, stored: Stored, met: Sequence[Meeting], mismatches: Sequence[Mismatch], *, now: float
) -> list[Row]:
    """One row a person, in the scenario's order."""
    wrong = {mismatch.number for mismatch in mismatches}
    by_number = {case.lead.number: case for case in stored.cases}
    names = {each.user: each.name or each.user for each in scenario.dissuaders}
    phones = frozenset(names.values())
    rows = []
    for person in scenario.people:
        case = by_number.get(person.number)
        had = stored.attempts.get(person.number, ())
        last = had[-1] if had else None
        meeting = next((each for each in met if each.subject.phone == person.number), None)
        queued = case is not None and case.state is CaseState.QUEUED and case.due_at is not None
        rows.append(
            Row(
                number=person.number,
                name=person.lead.name,
                behaviour=person.behaviour_name,
                outcome=str(last.result.outcome) if last and last.result else "",
                heard=_telling(last) if last else "",
                signals=_signals(had),
                human=_human(meeting, names) if meeting else _at_desk(had, phones),
                next_call_s=round(max(case.due_at - now, 0)) if queued and case and case.due_at else None,
                closed_reason=case.closed_reason if case else "",
                follow_ups=tuple(each.kind for each in stored.follow_ups if case and each.case_id == case.id),
                calls=len(had),
                good=person.number not in wrong,
            )
        )
    return rows


def _human(meeting: Meeting, names: Mapping[str, str]) -> Human:
    rang_s = meeting.critical_to_ring_s
    joined_s = None if meeting.critical_at is None else meeting.joined_at - meeting.critical_at
    return Human(
        name=names.get(meeting.dissuader.phone, meeting.dissuader.phone),
        rang_s=None if rang_s is None else round(rang_s, 2),
        joined_s=None if joined_s is None else round(joined_s, 2),
    )


def _at_desk(attempts: Sequence[Attempt], phones: Collection[str]) -> Human | None:
    """Who took the call at a page, of which no phone of the rehearsal can tell."""
    records = [record for attempt in attempts for record in attempt.escalations]
    names = [record.dissuader for record in records if record.state is EscalationState.JOINED]
    return next((Human(name, None, None) for name in names if name not in phones), None)


def _signals(attempts: Sequence[Attempt]) -> tuple[HeardSign, ...]:
    """Each signal once, with the words that showed it first; critical ones before the others."""
    first: dict[str, str] = {}
    for attempt in attempts:
        for signal in attempt.signals:
            first.setdefault(signal.name, signal.words)
    return tuple(HeardSign(name, first[name]) for name in sorted(first, key=lambda name: name not in CRITICAL))


def _telling(attempt: Attempt) -> str:
    """The turn that showed the first critical signal, else the last signal, else the last one, else the network's."""
    turns = [turn.text for turn in attempt.turns if turn.speaker is Speaker.SUBJECT and turn.text]
    critical = [signal for signal in attempt.signals if signal.name in CRITICAL][:1]
    for signal in critical or attempt.signals[-1:]:
        for text in turns:
            if signal.words and signal.words in text:
                return text
    if turns:
        return turns[-1]
    return attempt.result.reason if attempt.result else ""
