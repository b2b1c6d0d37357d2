"""The store's contract: what every database behind a campaign must do.

`tests/campaigns/store_contract.py` holds the suite that each implementation passes. The contract is free of any one
database's habits: no rowids, no SQL outside an implementation, times are handed in, every method is one transaction
that also appends its events. All methods are blocking; the floor calls them from one thread of its own.

A store is opened with a ``cool_down_s``: whatever a policy asks for, a number is not called again, by any campaign,
before that many seconds have passed since it was last dialled, nor while it is being called. ``due_at`` of a queued
case is never earlier than that. A number that was recorded as dialled stays so even if the power fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    Claim,
    EscalationState,
    Event,
    FollowUp,
    HeardSignal,
    ImportCount,
    Lead,
    NextStep,
    Turn,
)


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what to do."""


class NotFoundError(StoreError):
    """No such campaign, case or attempt."""


class LeaseLostError(StoreError):
    """The attempt is no longer this node's: its lease ran out and the case was taken back."""


class Store(Protocol):
    """Campaigns, cases, attempts and events, shared by all nodes."""

    def close(self) -> None:
        """Release the database."""
        ...

    def create_campaign(self, name: str, *, now: float) -> Campaign:
        """Make a running campaign, or return the one of that name."""
        ...

    def campaigns(self) -> list[Campaign]:
        """All campaigns, oldest first."""
        ...

    def set_campaign_state(self, name: str, state: CampaignState, *, now: float, by: str) -> Campaign:
        """Start, pause or stop a campaign; raises `NotFoundError`."""
        ...

    def add_leads(self, campaign: str, leads: Iterable[Lead], *, now: float) -> ImportCount:
        """Queue leads; one for a number with an open case in the campaign merges into it: the grade may rise, blanks
        are filled, nothing else changes. Raises `NotFoundError`.
        """
        ...

    def record_import(
        self, campaign: str, digest: str, *, file: str, read: int, accepted: int, merged: int, rejected: int, now: float
    ) -> None:
        """Remember that a file, named by a digest of its content, was imported into the campaign."""
        ...

    def imported_at(self, campaign: str, digest: str) -> float | None:
        """When a file of that content was imported into the campaign; ``None`` if never."""
        ...

    def claim(self, node: str, *, now: float, lease_s: float, limit: int) -> list[Claim]:
        """Lease the most urgent due cases of running campaigns to ``node``, each with a new attempt; none twice."""
        ...

    def renew(self, node: str, attempt_ids: Sequence[int], *, now: float, lease_s: float) -> list[int]:
        """Lengthen the leases of attempts in progress; returns those that are no longer this node's."""
        ...

    def give_back(self, attempt_id: int, *, now: float, reason: str) -> None:
        """Return a claimed case whose number was never dialled; it is due again at once and the attempt is dropped.

        Raises `LeaseLostError` when it was taken back before, `StoreError` when the number was dialled.
        """
        ...

    def dialled(self, attempt_id: int, *, now: float) -> None:
        """Record, before the INVITE leaves, that the number is being called; it is on disk when this returns.

        Raises `LeaseLostError` when the lease has run out, taken back or not: then do not dial.
        """
        ...

    def answered(self, attempt_id: int, *, now: float) -> None:
        """Record the answer."""
        ...

    def add_turn(self, attempt_id: int, turn: Turn, *, now: float) -> None:
        """Record an utterance."""
        ...

    def add_signal(self, attempt_id: int, signal: HeardSignal, *, now: float) -> None:
        """Record a signal."""
        ...

    def offer_escalation(self, attempt_id: int, *, reason: str, words: str, now: float) -> int:
        """Record that a live call is offered to the dissuaders; returns the escalation's id."""
        ...

    def escalation_rang(self, escalation_id: int, *, dissuader: str, now: float) -> None:
        """Record that a dissuader's phone rings."""
        ...

    def end_escalation(self, escalation_id: int, state: EscalationState, *, dissuader: str, now: float) -> None:
        """Record that the legs were joined, or that nobody took the call."""
        ...

    def finish(self, attempt_id: int, result: AttemptResult, step: NextStep, *, now: float) -> None:
        """End an attempt, queue or close its case and order the follow-ups (one of a kind is ordered once for a case).

        Raises `LeaseLostError`.
        """
        ...

    def recover(self, *, now: float, node: str | None = None, cool_down_s: float) -> list[Attempt]:
        """Take back the cases of dead nodes (leases that ran out) and, with ``node``, all that this node held before
        it was started again. Attempts that had dialled end as ``line_failure`` and their cases are due when the
        cool-down since the dialling has passed; the others are due at once and their attempts are dropped. An
        escalation still open ends as ``subject_left`` and its case becomes most urgent. Returns what was taken back.
        """
        ...

    def next_due_at(self) -> float | None:
        """When the next queued case of a running campaign is due; ``None`` when there is none that can be.

        A case whose number is being called for another campaign does not count until that call has ended.
        """
        ...

    def in_progress(self) -> int:
        """How many attempts are claimed and not finished, over all nodes."""
        ...

    def cases(self, *, campaign: str | None = None) -> list[Case]:
        """All cases, oldest first."""
        ...

    def case(self, case_id: int) -> Case:
        """One case; raises `NotFoundError`."""
        ...

    def attempts(self, *, campaign: str | None = None, case_id: int | None = None, limit: int = 1000) -> list[Attempt]:
        """Attempts, newest first, without turns."""
        ...

    def attempt(self, attempt_id: int) -> Attempt:
        """One attempt with its turns, signals and escalations; raises `NotFoundError`."""
        ...

    def follow_ups(self, case_id: int | None = None) -> list[FollowUp]:
        """What was ordered for a case, or for all, oldest first."""
        ...

    def events(self, *, after: int = 0, limit: int = 500) -> list[Event]:
        """Events with ``seq`` greater than ``after``, in order, without gaps that may still be filled later."""
        ...

    def cursor(self, name: str) -> int:
        """How far a reader of the events has come; 0 at first."""
        ...

    def set_cursor(self, name: str, seq: int) -> None:
        """Remember how far a reader has come."""
        ...
