"""The words of a campaign: leads, cases, attempts, outcomes and what was heard.

Times are seconds since 1970 in UTC (``float``) and end in ``_at``; spans end in ``_s``. What is ordered beside a call
has its words in `campaigns.follow_up`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from campaigns.follow_up import FollowUp, Order


class Grade(StrEnum):
    """Risk grade of a warning; it decides how strong a step follows (graded, classified handling)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """The graver, the higher."""
        return _RANKS[self]


_RANKS = {Grade.LOW: 0, Grade.MEDIUM: 1, Grade.HIGH: 2}


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
    """Hung up before the key warning was heard, or nobody seemed to follow it."""
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
    WAITING = "waiting"
    """No call is due: what was ordered beside the telephone (a visit, a stop-payment) must come to an end first."""
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
    """Or another human of the centre."""
    RELATIVE = "relative"
    """Somebody who was brought onto the call."""


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody through whom the subject can be reached."""

    number: str
    """E.164."""
    relation: str = ""
    """In the language of the lead: 女儿, wife, colleague."""
    name: str = ""


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
    group: str = ""
    """A group that is warned in its own way: elderly, student, company accountant, ..."""
    amount: float | None = None
    """Money at risk, in the currency of the centre's region."""
    source: str = ""
    """The system or person that gave the warning."""
    warned_at: float | None = None
    """When the warning arose there; ``None``: unknown, the time of import counts."""
    expires_at: float | None = None
    """From when on the warning is void."""
    address: str = ""
    precinct: str = ""
    """Where a visit is ordered: city/district/station/community, ``/`` between, as far as known."""
    time_zone: str = ""
    """IANA name; empty: the campaign's."""
    accounts: tuple[str, ...] = ()
    """Suspect accounts that are known already."""
    relatives: tuple[Relative, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A named queue of cases."""

    id: int
    name: str
    state: CampaignState
    created_at: float
    policy: str = ""
    """Text of its policy (YAML, `campaigns.policy`); empty: the built-in one."""
    hours_lifted_until_at: float | None = None
    """Until when an officer, whose name and reason are in the log, has lifted the calling hours."""


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
    """Not to be called before; ``None`` unless queued or being called."""
    attempts: int
    """Calls claimed so far, one in progress included."""
    last_outcome: Outcome | None
    closed_reason: str = ""
    created_at: float = 0.0
    closed_at: float | None = None
    call_until_at: float | None = None
    """A queued case is not claimed from this time on (its calling hours end); it must be planned anew then."""
    first_call_by_at: float | None = None
    """Deadline of the first attempt."""
    linked_case_id: int | None = None
    """The subject's case, if this is a call to a relative."""
    relation: str = ""
    """What the person called is to the subject; only in a linked case."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A case leased to one node for one attempt. The attempt row exists from the claim on."""

    case: Case
    attempt_id: int
    lease_until_at: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of somebody on the call. Times are seconds into the call's recording."""

    speaker: Speaker
    text: str
    start_s: float
    end_s: float
    step: str = ""
    """The script's step that was speaking or asking."""
    name: str = ""
    """Log-in, or configured phone, of the dissuader who speaks; empty for anybody else."""


@dataclass(frozen=True, slots=True)
class HeardSignal:
    """A sign of fraud in progress, with the words that showed it and the rule that fired."""

    name: str
    words: str
    rule: str
    at_s: float
    """Seconds into the call's recording."""


class MentionKind(StrEnum):
    """What can be told from a transcript that a neighbouring system can act on."""

    PHONE = "phone"
    ACCOUNT = "account"
    AMOUNT = "amount"
    APP = "app"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Mention:
    """A number, sum, app or site that the subject spoke of."""

    kind: MentionKind
    value: str
    """Plain: digits of a number or an account, a decimal sum, a host name, an app's name."""
    words: str
    """As it was said."""
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
    mentions: tuple[Mention, ...] = ()


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
    beside: bool = False
    """Whether somebody spoke with the subject already, and another human was to join them."""


class Act(StrEnum):
    """What a human at the desk did on a call, beside speaking."""

    HELD = "held"
    RESUMED = "resumed"
    LISTENED = "listened"
    WHISPERED = "whispered"
    TAKEN_OVER = "taken_over"


class Conviction(StrEnum):
    """What became of the subject in the judgement of the human who spoke with them."""

    CONVINCED = "convinced"
    NOT_CONVINCED = "not_convinced"
    MONEY_SENT = "money_sent"
    WRONG_PERSON = "wrong_person"
    NO_FRAUD = "no_fraud"
    CALL_AGAIN = "call_again"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What a dissuader or an officer recorded after speaking with the subject."""

    case_id: int
    attempt_id: int | None
    conviction: Conviction
    by: str
    at: float
    amount_at_risk: float | None = None
    amount_saved: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A number that is not called."""

    number: str
    reason: str
    by: str
    at: float
    until_at: float | None
    """``None``: until it is lifted."""


@dataclass(frozen=True, slots=True)
class History:
    """All that the decision on a case's next step may know."""

    case: Case
    campaign: Campaign
    attempts: tuple[Attempt, ...] = ()
    """Oldest first, with signals, mentions and escalations, without turns; one in progress has no result."""
    follow_ups: tuple[FollowUp, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    suppressed: Suppression | None = None
    """In force when asked."""
    free_at: float = 0.0
    """Before this time the number is not dialled, by any campaign: cool-down and daily limit. The store holds to it."""
    subject: Case | None = None
    """The subject's case, when a call to a relative is decided on."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What follows for a case, decided by `campaigns.policy`.

    Exactly one of ``due_at`` (call then), ``waits`` (for what is ordered) and ``close_reason`` is given.
    """

    due_at: float | None = None
    waits: bool = False
    wait_until_at: float | None = None
    """With ``waits``: when to decide anew although nothing has ended. ``None``: when a visit, a stop-payment or a
    relative's call that was ordered has ended, or after an hour if none is open.
    """
    close_reason: str = ""
    urgency: int = 0
    call_until_at: float | None = None
    """With ``due_at``: when the calling hours end; ``None``: never."""
    first_call_by_at: float | None = None
    """Deadline of the first attempt, given when a case begins."""
    grade: Grade | None = None
    """The grade rises to this one."""
    orders: tuple[Order, ...] = ()
    """Ordered unless one of the kind is open or was done for this case."""
    suppress: Suppression | None = None
    """Call this number no more."""
    why: str = ""
    """One line for the case's timeline: why this follows."""

    def __post_init__(self) -> None:
        if (self.due_at is not None) + self.waits + bool(self.close_reason) != 1:
            raise ValueError("a next step calls, waits or closes: exactly one of them")


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


class FoundIn(StrEnum):
    """Where a text was found."""

    LEAD = "lead"
    """The lead's name, number, note, address, accounts or relatives."""
    TURN = "turn"
    SIGNAL = "signal"
    MENTION = "mention"
    DISPOSITION = "disposition"
    """The note of a human's judgement."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in which a text was found."""

    case_id: int
    attempt_id: int | None
    """The call in which it was said; ``None`` in a lead."""
    where: FoundIn
    text: str
    """The whole of what was found: the turn, the words, the parts of the lead with `` · `` between them."""
    at: float
    """When it was stored."""


@dataclass(frozen=True, slots=True)
class Purgeable:
    """What a purge would take away."""

    recordings: int = 0
    calls: int = 0
    """Calls whose words would go."""
    cases: int = 0
    """Closed cases whose personal data would go."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What one portion of a purge took away."""

    recordings: tuple[str, ...] = ()
    """Files to be deleted now, below the home folder; named again until `Store.recordings_deleted`."""
    turns: int = 0
    signals: int = 0
    """Their words; that they were heard stays."""
    mentions: int = 0
    """Their values and words; that there was one stays."""
    cases: int = 0
    """Closed cases whose personal data was taken away."""
    events: int = 0
    """Lines of the log that were redacted."""
    more: bool = False
    """Whether there is more to purge: call again."""
