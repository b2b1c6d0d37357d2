"""What a case's history means, read once for all rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    Attempt,
    AttemptResult,
    Case,
    Conviction,
    EscalationState,
    Grade,
    History,
    Mention,
    MentionKind,
    Outcome,
)
from campaigns.policy.model import NOT_REACHED, OURS, Policy

OPT_OUT = "opt_out"
COACHED = "coached"
"""Names of signals (`speech.assessment`)."""

_TAKEN = frozenset({EscalationState.JOINED, EscalationState.TRANSFERRED})


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that is over."""

    attempt: Attempt
    result: AttemptResult
    outcome: Outcome
    """What it means for what follows; see `meaning`."""

    @property
    def spoken(self) -> bool:
        """Whether somebody spoke with the subject."""
        return self.outcome not in NOT_REACHED and self.outcome not in OURS


def meaning(attempt: Attempt, result: AttemptResult) -> Outcome:
    """An outcome, but: a call on which a human was wanted and none came is due again, however it ended, and so is one
    that broke off after.
    """
    offered = attempt.escalations
    if not offered or result.outcome is Outcome.ESCALATED:
        return result.outcome
    taken = any(each.state in _TAKEN for each in offered)
    if result.outcome in OURS or not taken:
        return Outcome.CALLBACK_DUE
    return result.outcome


@dataclass(frozen=True, slots=True)
class Judgement:
    """The latest that a human said of the subject: a dissuader's record, or officers at the door."""

    verdict: str
    """A `Conviction` or a visit's result."""
    at: float


class Facts:
    """A history at a moment, under a policy."""

    def __init__(self, history: History, now: float, policy: Policy) -> None:
        self.history = history
        self.now = now
        self.policy = policy
        self.case: Case = history.case
        self.ended = tuple(
            Ended(each, each.result, meaning(each, each.result)) for each in history.attempts if each.result is not None
        )
        self.last = self.ended[-1] if self.ended else None

    @cached_property
    def grade(self) -> Grade:
        """The lead's, raised by what happened since."""
        if not self.ended:
            return self.case.lead.grade
        raised = [self.policy.rule(each.outcome).raise_to for each in self.ended]
        if self.long_busy:
            raised.append(self.policy.long_busy.raise_to)
        return max((self.case.lead.grade, *(grade for grade in raised if grade)), key=lambda grade: grade.rank)

    @cached_property
    def long_busy(self) -> bool:
        """Whether the line was engaged again and again within a short time."""
        rule = self.policy.long_busy
        at = [_begun(each) for each in self.ended if each.outcome is Outcome.BUSY]
        return any(last - first <= rule.within_s for first, last in zip(at, at[rule.attempts - 1 :], strict=False))

    @property
    def pending(self) -> Outcome | None:
        """The last outcome that says something about the subject."""
        return next((each.outcome for each in reversed(self.ended) if each.outcome not in OURS), None)

    def times(self, outcome: Outcome) -> int:
        """How many attempts ended so."""
        return sum(each.outcome is outcome for each in self.ended)

    def total(self, outcomes: frozenset[Outcome]) -> int:
        """How many attempts ended in one of them."""
        return sum(each.outcome in outcomes for each in self.ended)

    @property
    def expires_at(self) -> float:
        """From when on the subject is called no more."""
        own = self.case.lead.expires_at
        return self.case.created_at + self.policy.expires_after_s if own is None else own

    def heard(self, signal: str) -> bool:
        """Whether a signal was heard in any call of the case."""
        return any(each.name == signal for ended in self.ended for each in ended.attempt.signals)

    @cached_property
    def judgement(self) -> Judgement | None:
        """What a human said last, unless the subject was spoken with since."""
        if not self.history.dispositions and not self.history.follow_ups:
            return None
        latest = max(self._judgements(), key=lambda each: each.at, default=None)
        spoken = next((each for each in reversed(self.ended) if each.spoken), None)
        if latest is None or (spoken is not None and latest.at < spoken.attempt.claimed_at):
            return None
        return latest

    def _judgements(self) -> Iterator[Judgement]:
        for each in self.history.dispositions:
            yield Judgement(each.conviction.value, each.at)
        for order in self.of(FollowUpKind.VISIT):
            if order.state is FollowUpState.DONE and order.result != "not_met" and order.ended_at is not None:
                yield Judgement(order.result, order.ended_at)

    @property
    def convinced(self) -> bool:
        """Whether somebody has convinced the subject, or found that there is nothing to be convinced of."""
        if self.judgement is not None:
            return self.judgement.verdict in {Conviction.CONVINCED, Conviction.NO_FRAUD, "met"}
        return self.pending in self.policy.convinced_by

    def of(self, kind: FollowUpKind) -> tuple[FollowUp, ...]:
        """The orders of a kind, oldest first."""
        return tuple(each for each in self.history.follow_ups if each.kind is kind)

    def heard_values(self, *kinds: MentionKind) -> dict[str, Mention]:
        """What was spoken of in all calls, each value once."""
        spoken = chain.from_iterable(each.mentions for each in self.history.attempts)
        return {each.value: each for each in spoken if each.kind in kinds}


def _begun(ended: Ended) -> float:
    return ended.attempt.dialled_at or ended.attempt.claimed_at
