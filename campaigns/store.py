"""The store's contract: what every database behind a campaign must do.

`tests/campaigns/store_contract.py` holds the suite that each implementation passes. The contract is free of any one
database's habits: no rowids, no SQL outside an implementation, times are handed in, every method is one transaction
that also appends its events. All methods are blocking; the floor calls them from one thread of its own.

A store is opened with a ``cool_down_s`` and a ``daily_limit``: whatever a policy asks for, a number is not called
again, by any campaign, before that many seconds have passed since it was last dialled, nor more often than that in
any 24 hours (calls that failed at the trunk do not count), nor while it is being called, nor while it is suppressed.
``due_at`` of a queued case is never earlier than that. A number that was recorded as dialled stays so even if the power
fails.

What follows for a case is decided by a `Decide` that is handed in, a pure function of the case's history. It is called
inside the transaction that carries its decision out, so nothing can happen in between; it must not use the store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from campaigns.access import AccessStore
from campaigns.counts import Board, CallSeen, CampaignCount
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Act,
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    Claim,
    Disposition,
    EscalationState,
    Event,
    Found,
    HeardSignal,
    History,
    ImportCount,
    Lead,
    Mention,
    NextStep,
    Purgeable,
    Purged,
    Suppression,
    Turn,
)
from campaigns.staff import StaffStore

Decide = Callable[[History], NextStep]
"""What follows for a case."""


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what to do."""


class NotFoundError(StoreError):
    """No such campaign, case, attempt, follow-up or user."""


class LeaseLostError(StoreError):
    """The attempt is no longer this node's: its lease ran out and the case was taken back."""


class Store(AccessStore, StaffStore, Protocol):
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

    def set_policy(self, name: str, policy: str, *, now: float, by: str) -> Campaign:
        """Give a campaign another policy (its text is taken as checked); raises `NotFoundError`.

        Cases keep the step they have until they are next decided on; `queued` names those worth revising.
        """
        ...

    def lift_hours(self, name: str, until_at: float, *, now: float, by: str, why: str) -> Campaign:
        """Let a campaign call outside its hours until then.

        Raises `NotFoundError`, and `StoreError` without who and why.
        """
        ...

    def add_leads(self, campaign: str, leads: Iterable[Lead], *, now: float, decide: Decide) -> ImportCount:
        """Open a case for each lead, or merge it into the number's open case in the campaign: the grade may rise,
        blanks are filled, accounts and relatives are added, nothing else changes. A new case, and one whose grade
        rose, is decided on. Leads are drawn one by one, each carried out before the next. Raises `NotFoundError`.
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

    def claim(self, node: str, *, now: float, lease_s: float, limit: int, least_urgency: int = 0) -> list[Claim]:
        """Lease the most urgent due cases of running campaigns to ``node``, each with a new attempt; none twice, and
        none below ``least_urgency`` (`campaigns.policy.urgency`).

        A case whose calling hours have ended (`Case.call_until_at`) is passed over. A power cut may undo a claim before
        it is dialled; the case is queued again then.
        """
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

    def add_mention(self, attempt_id: int, mention: Mention, *, now: float) -> None:
        """Record a number, sum, app or site that was spoken of; the same one twice in a call is one."""
        ...

    def add_act(self, attempt_id: int, act: Act, *, by: str, now: float) -> None:
        """Record what somebody at the desk, by log-in, did on a call. Raises `NotFoundError`."""
        ...

    def offer_escalation(self, attempt_id: int, *, reason: str, words: str, now: float, beside: bool = False) -> int:
        """Record that a live call is offered to the dissuaders; returns the escalation's id.

        With ``beside`` somebody speaks with the subject already: see `EscalationRecord`.
        """
        ...

    def escalation_rang(self, escalation_id: int, *, dissuader: str, now: float) -> None:
        """Record that a dissuader's phone rings."""
        ...

    def end_escalation(self, escalation_id: int, state: EscalationState, *, dissuader: str, now: float) -> None:
        """Record that the legs were joined, or that nobody took the call."""
        ...

    def finish(self, attempt_id: int, result: AttemptResult, decide: Decide, *, now: float) -> NextStep:
        """End an attempt and carry out what follows for its case, which is returned. Raises `LeaseLostError`."""
        ...

    def revise(self, case_id: int, decide: Decide, *, now: float) -> NextStep | None:
        """Decide anew on a case that nobody is calling, and carry it out; ``None``, and nothing is done, if it is being
        called or closed. A plan that stays the same leaves no trace. Raises `NotFoundError`.
        """
        ...

    def to_revise(self, *, now: float, limit: int = 500) -> list[int]:
        """Cases that time or feedback has overtaken: queued ones whose calling hours or whose lead has ended or whose
        number is suppressed; waiting ones whose `NextStep.wait_until_at` has come; and both when a visit, a
        stop-payment or a relative's call has ended, or a human's judgement was recorded, since they were decided on.
        """
        ...

    def queued(self, campaign: str, *, after: int = 0, limit: int = 500) -> list[int]:
        """Queued cases of a campaign with ids above ``after``, in order: what to revise when its policy changes."""
        ...

    def history(self, case_id: int, *, now: float) -> History:
        """All that is known of a case; raises `NotFoundError`."""
        ...

    def suppress(self, suppression: Suppression, *, now: float) -> None:
        """Call a number no more, by any campaign; a later suppression of the number replaces an earlier one."""
        ...

    def unsuppress(self, number: str, *, now: float, by: str) -> bool:
        """Lift a suppression; whether there was one."""
        ...

    def suppressions(self, *, now: float) -> list[Suppression]:
        """Those in force, oldest first."""
        ...

    def standing(self, numbers: Sequence[str], *, now: float, campaign: str | None = None) -> Mapping[str, History]:
        """For each number that is known, the history of its latest case in any campaign (an open one first, and with
        ``campaign`` that campaign's open one before all others), with `History.suppressed` and `History.free_at`.
        Numbers never heard of are absent unless suppressed or dialled.
        """
        ...

    def order(self, case_id: int, order: Order, *, now: float, by: str) -> FollowUp:
        """A person orders something for a case; the open one of that kind if there is one. Raises `NotFoundError`."""
        ...

    def follow_up(self, follow_up_id: int) -> FollowUp:
        """One order; raises `NotFoundError`."""
        ...

    def claim_deliveries(
        self, *, now: float, lease_s: float, limit: int, kinds: Collection[FollowUpKind] = tuple(FollowUpKind)
    ) -> list[FollowUp]:
        """Orders of these kinds to be delivered now, the one with the earliest deadline first; each counts one more
        try and is not given out again for ``lease_s`` seconds.
        """
        ...

    def put_off(self, follow_up_id: int, *, until_at: float) -> None:
        """A claimed order cannot be tried before then; it was no try, and no event tells of it."""
        ...

    def delivery_begun(self, follow_up_id: int, *, now: float) -> None:
        """Record, before an order leaves for a receiver that cannot tell a repetition, that it may have it from now on
        (`FollowUp.begun_at`), until `delivered` or `delivery_failed` says; on disk when this returns.
        """
        ...

    def follow_up_by_reference(self, channel: str, reference: str) -> FollowUp | None:
        """The order that a channel delivered and its receiver knows by this name, the latest if there are several."""
        ...

    def delivered(self, follow_up_id: int, *, channel: str, reference: str, now: float) -> FollowUp:
        """The receiver has it: ``sent``, unless feedback was quicker. Raises `NotFoundError`."""
        ...

    def delivery_failed(self, follow_up_id: int, *, error: str, next_try_at: float | None, now: float) -> FollowUp:
        """A delivery failed; ``None`` gives up and ends the order as ``failed``. Raises `NotFoundError`."""
        ...

    def feedback(
        self, follow_up_id: int, state: FollowUpState, *, result: str = "", note: str = "", by: str, now: float
    ) -> FollowUp:
        """What the receiver says became of it; repeated feedback changes nothing. Raises `NotFoundError`, and
        `StoreError` for a change that `campaigns.follow_up.MAY_BECOME` does not allow or an unknown result.
        """
        ...

    def add_linked_case(self, follow_up_id: int, lead: Lead, *, relation: str, now: float, decide: Decide) -> Case:
        """The call to a relative that an order asks for; the same case if it was made before. When it closes, the order
        is done: warned, acknowledged, refused or not_reached, with the case's closing reason as its note. It is no
        subject's case: leads for its number open one, and `standing` leaves it out. Raises `NotFoundError`.
        """
        ...

    def raise_overdue(self, *, now: float) -> list[Event]:
        """Append an event for each deadline that has passed since the last time: first attempts
        (``case.overdue``) and follow-ups (``follow_up.overdue``). Returns them.
        """
        ...

    def overdue(self, *, now: float) -> tuple[list[Case], list[FollowUp]]:
        """Cases whose first attempt, and open follow-ups whose end, is late now."""
        ...

    def queue_counts(self, *, now: float, closed_since_at: float) -> list[CampaignCount]:
        """How much each campaign has to do, oldest campaign first, and how many cases it closed since then."""
        ...

    def board(
        self,
        *,
        now: float,
        ended_since_at: float,
        kinds: Collection[FollowUpKind] = tuple(FollowUpKind),
        limit: int = 200,
    ) -> Board:
        """Open orders and those that ended since then, of these kinds, at most ``limit`` of each, and counts of
        all that are open. Among more orders than any day has, the oldest that ended may be left out.
        """
        ...

    def record_disposition(self, disposition: Disposition, *, now: float) -> None:
        """Write down a human's judgement; the latest counts. Raises `NotFoundError`."""
        ...

    def note(self, kind: str, data: Mapping[str, object], *, now: float, campaign: str | None = None) -> Event:
        """Append an event that belongs to no case: ``breaker.opened``, ... Raises `NotFoundError`."""
        ...

    def recover(self, *, now: float, decide: Decide, node: str | None = None) -> list[Attempt]:
        """Take back the cases of dead nodes (leases that ran out) and, with ``node``, all that this node held before
        it was started again. Attempts that had dialled end as ``line_failure`` and their cases are decided on; the
        others are due at once and their attempts are dropped. An escalation still open ends as ``subject_left``.
        Returns what was taken back.
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

    def calls_in_progress(self, *, limit: int = 200) -> list[CallSeen]:
        """Calls that are claimed and not finished, over all nodes, oldest first."""
        ...

    def breakers(self) -> list[Event]:
        """The latest event of each node about its trunk: ``breaker.opened`` or ``breaker.closed``."""
        ...

    def cases(self, *, campaign: str | None = None) -> list[Case]:
        """All cases, oldest first."""
        ...

    def case(self, case_id: int) -> Case:
        """One case; raises `NotFoundError`."""
        ...

    def linked_cases(self, case_id: int) -> list[Case]:
        """The calls to relatives that were made for a case, oldest first."""
        ...

    def attempts(self, *, campaign: str | None = None, case_id: int | None = None, limit: int = 1000) -> list[Attempt]:
        """Attempts, newest first, without turns."""
        ...

    def attempt(self, attempt_id: int) -> Attempt:
        """One attempt with its turns, signals and escalations; raises `NotFoundError`."""
        ...

    def follow_ups(self, case_id: int | None = None, *, open_only: bool = False) -> list[FollowUp]:
        """What was ordered for a case, or for all, oldest first."""
        ...

    def dispositions(self, case_id: int | None = None) -> list[Disposition]:
        """What humans recorded, oldest first."""
        ...

    def histories(self, *, changed_from_at: float, changed_until_at: float) -> Iterator[History]:
        """All cases that were opened, called, closed, judged or followed up in that span (end excluded) or that are
        late by a deadline in it, by id: what a bulletin counts, and some that changed after it. Not one transaction:
        read page by page, so that a long reader stops nobody.
        """
        ...

    def search(self, text: str, *, limit: int = 50, campaign: str | None = None) -> list[Found]:
        """Where a text stands, newest first: in turns, words of signals, mentions, leads and notes of dispositions.

        Parts of ``text`` that are separated by spaces or marks must all stand in the same place, in any order. Each may
        be any part of a word or number: one Chinese character, the last four digits. Case, width and marks do not
        matter. Nothing is found for a text without a letter or digit. Raises `NotFoundError`.
        """
        ...

    def purge(
        self,
        *,
        recordings_before_at: float | None = None,
        transcripts_before_at: float | None = None,
        personal_before_at: float | None = None,
        now: float,
        limit: int = 500,
    ) -> Purged:
        """Take away what is older than that, at most ``limit`` calls and ``limit`` cases at a time; ``None`` keeps.

        Recordings and transcripts (turns, words of signals, mentions, and these in the events) go by the end of the
        attempt; personal data (name, number, address, relatives, accounts, notes, unfinished forms, what was ordered
        with them, and these in the events) by the closing of the case, and only of closed cases. A number is replaced
        by a random word that begins with ``purged-``. What a bulletin counts stays: rows, times, outcomes, kinds,
        grade, group, age, precinct, amounts. Each portion is one short transaction that appends ``data.purged`` if it
        took something away; call again while `Purged.more`.
        """
        ...

    def purgeable(
        self,
        *,
        recordings_before_at: float | None = None,
        transcripts_before_at: float | None = None,
        personal_before_at: float | None = None,
    ) -> Purgeable:
        """How much `purge` would take away in all."""
        ...

    def wipe_remains(self, *, within_s: float | None = None) -> bool:
        """Take what was purged or overwritten out of the database's files, too, where it can still be read in places
        that are free. Nobody can write meanwhile: with ``within_s``, nothing is done if it is likely to take longer.
        Whether it was done; not all of it is if somebody reads for longer than a writer waits.
        """
        ...

    def recordings_deleted(self, recordings: Sequence[str], *, now: float) -> None:
        """These files are gone: attempts name them no more."""
        ...

    def events(self, *, after: int = 0, limit: int = 500, case_id: int | None = None) -> list[Event]:
        """Events with ``seq`` greater than ``after``, in order, without gaps that may still be filled later; with
        ``case_id``, those of one case. What is returned is on disk.
        """
        ...

    def cursor(self, name: str) -> int:
        """How far a reader of the events has come; 0 at first."""
        ...

    def set_cursor(self, name: str, seq: int) -> None:
        """Remember how far a reader has come."""
        ...
