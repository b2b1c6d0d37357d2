"""The words of a campaign: leads, cases, attempts, outcomes and what was heard.

Times are seconds since 1970 in UTC (``float``) and end in ``_at``; spans end in ``_s``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Grade(StrEnum):
    """Risk grade of a warning; it decides how strong a step follows (graded, classified handling)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Outcome(StrEnum):
    """How one attempt ended. Each has a name of its own because what follows differs."""

    BUSY = "busy"
    """486, or an announcement "in another call". Long busy is itself a sign of fraud in progress."""
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    POWERED_OFF = "powered_off"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    VOICEMAIL = "voicemail"
    FORWARDED = "forwarded"
    ANSWERED_INCOMPLETE = "answered_incomplete"
    """Hung up before the key warning was heard."""
    WARNED = "warned"
    """Heard the key warning."""
    ACKNOWLEDGED = "acknowledged"
    """Heard the key warning and said so."""
    DENIES = "denies"
    """Insists on not being defrauded."""
    WRONG_PERSON = "wrong_person"
    ESCALATED = "escalated"
    """A human dissuader spoke with the subject."""
    CALLBACK_DUE = "callback_due"
    """Fraud in progress was heard but no dissuader was free: queued as most urgent."""
    TRUNK_FAILURE = "trunk_failure"
    """The carrier or the network failed, not the subject."""
    LINE_FAILURE = "line_failure"
    """Our own process died in mid-call."""


class CaseState(StrEnum):
    """Where a case stands. ``QUEUED`` cases have a ``due_at``; ``CALLING`` cases are leased by one node."""

    QUEUED = "queued"
    CALLING = "calling"
    CLOSED = "closed"


class CampaignState(StrEnum):
    """Only the cases of a ``RUNNING`` campaign are claimed."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Speaker(StrEnum):
    """Who said a turn."""

    ROBOT = "robot"
    SUBJECT = "subject"
    DISSUADER = "dissuader"


@dataclass(frozen=True, slots=True)
class Lead:
    """One warning as it came in (the builtin ``Warning`` keeps its name)."""

    number: str
    """E.164, e.g. ``+8655501000011``."""
    name: str = ""
    scam_type: str = ""
    """A label of the police set (冒充公检法, 冒充电商物流客服, ...); empty if unknown."""
    grade: Grade = Grade.MEDIUM
    language: str = "zh-CN"
    """BCP 47 tag of the script to be used."""
    sex: str = ""
    age: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A named queue of cases."""

    id: int
    name: str
    state: CampaignState
    created_at: float


@dataclass(frozen=True, slots=True)
class Case:
    """One subject and scam type being worked on; new leads for the same number merge into the open case."""

    id: int
    campaign_id: int
    lead: Lead
    state: CaseState
    urgency: int
    """Higher goes first. See `campaigns.policy`."""
    due_at: float | None
    """Not to be called before; ``None`` when closed."""
    attempts: int
    """Calls claimed so far, one in progress included."""
    last_outcome: Outcome | None
    closed_reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A case leased to one node for one attempt. The attempt row exists from the claim on."""

    case: Case
    attempt_id: int
    lease_until_at: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of the robot, the subject or the dissuader. Times are seconds into the call's recording."""

    speaker: Speaker
    text: str
    start_s: float
    end_s: float
    step: str = ""
    """The script's step that was speaking or asking."""


@dataclass(frozen=True, slots=True)
class HeardSignal:
    """A sign of fraud in progress, with the words that showed it and the rule that fired."""

    name: str
    words: str
    rule: str
    at_s: float
    """Seconds into the call's recording."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """All that the floor knows when an attempt has ended."""

    outcome: Outcome
    ended_at: float
    answered_at: float | None = None
    key_warning_heard: bool = False
    sip_code: int | None = None
    reason: str = ""
    """Human-readable cause: SIP phrase, Q.850 text, announcement words, script ending."""
    recording: str = ""
    """Path below the home folder, POSIX separators."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call, as stored."""

    id: int
    case_id: int
    node: str
    claimed_at: float
    dialled_at: float | None
    """When the INVITE left; ``None`` if it never did."""
    result: AttemptResult | None
    turns: tuple[Turn, ...] = ()
    signals: tuple[HeardSignal, ...] = ()
    escalations: tuple[EscalationRecord, ...] = ()


class EscalationState(StrEnum):
    """How offering a live call to the dissuaders went."""

    OFFERED = "offered"
    JOINED = "joined"
    TRANSFERRED = "transferred"
    """Handed over by blind transfer (REFER)."""
    NOBODY_FREE = "nobody_free"
    SUBJECT_LEFT = "subject_left"


@dataclass(frozen=True, slots=True)
class EscalationRecord:
    """A live call offered to dissuaders. Spans are seconds since the offer; ``None`` if it never happened."""

    id: int
    reason: str
    """Name of the signal that caused it."""
    words: str
    offered_at: float
    state: EscalationState
    dissuader: str = ""
    first_ring_s: float | None = None
    joined_s: float | None = None
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextStep:
    """What follows an attempt, decided by `campaigns.policy`. Exactly one of ``due_at`` and ``close_reason`` is set."""

    due_at: float | None = None
    urgency: int = 0
    close_reason: str = ""
    follow_ups: tuple[str, ...] = ()
    """Kinds ordered: ``sms``, ``visit``, ``relative``, ``stop_payment``."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something ordered for a case beside the next call."""

    id: int
    case_id: int
    attempt_id: int | None
    """The attempt whose end ordered it."""
    kind: str
    """``sms``, ``visit``, ``relative``, ``stop_payment``."""
    state: str
    """``ordered``; what becomes of it later gets a name of its own."""
    at: float


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only log. ``seq`` rises without reuse and names the event to every receiver."""

    seq: int
    at: float
    kind: str
    """``lead.accepted``, ``attempt.dialled``, ``call.turn``, ``call.signal``, ``escalation.joined``, ..."""
    campaign_id: int | None = None
    case_id: int | None = None
    attempt_id: int | None = None
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportCount:
    """What became of a batch of leads."""

    accepted: int = 0
    """New cases."""
    merged: int = 0
    """Merged into an open case (a lead that changed nothing counts here too)."""
