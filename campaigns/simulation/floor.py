"""The floor on virtual time: claims what is due as fast as lines and trunk allow, and carries each call to its end."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.model import (
    AttemptResult,
    Claim,
    Conviction,
    Disposition,
    EscalationState,
    HeardSignal,
    Mention,
    MentionKind,
    Outcome,
)
from campaigns.simulation.clock import Clock, Happening
from campaigns.simulation.desk import Desk, Offer
from campaigns.simulation.measures import Measures
from campaigns.simulation.people import People, Person, Talking
from campaigns.simulation.profile import Profile
from campaigns.simulation.queueing import Waiting
from campaigns.store import Decide, Store

NODE = "simulated"
_LEASE_S = 86_400.0
"""Nobody dies here: no lease runs out."""
_POLL_S = 1.0
"""When the queue is looked at again if the store gave nothing out (`dialer.floor.FloorSettings.poll_s`)."""
_APOLOGY_S = 12.0
"""What the robot says when no dissuader is free; the length is that of the bundled scripts."""
_HUMAN, _RELATIVE, _JUDGED = 10, 11, 12
"""What a source of chance is for (`People.chance`)."""


class Floor:
    """Calls. `look` whenever there may be something to do."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: Store,
        profile: Profile,
        people: People,
        desk: Desk,
        waiting: Waiting,
        measures: Measures,
        lines: int,
        decide_now: Callable[[], Decide],
        person_of: Callable[[str], Person],
    ) -> None:
        """``person_of``: who has that number."""
        self._clock = clock
        self._store = store
        self._profile = profile
        self._people = people
        self._desk = desk
        self._waiting = waiting
        self._measures = measures
        self._lines = lines
        self._spacing_s = 100.0 / (lines * profile.lines.calls_per_second_per_100)
        self._decide_now = decide_now
        self._person_of = person_of
        self._free_at = 0.0
        self._next: Happening | None = None
        self.calls = 0
        """Started so far."""

    def look(self) -> None:
        """Start a call if there is one to start, and see when to look again."""
        if self._next is not None:
            self._next.call_off()
            self._next = None
        now = self._clock.now
        if self._measures.lines.height >= self._lines:
            return  # the end of a call looks again
        if not self._waiting.any_due(now):
            next_at = self._waiting.next_at()
            if next_at is not None:
                self._look_at(next_at)
        elif now < self._free_at:
            self._look_at(self._free_at)
        else:
            claims = self._store.claim(NODE, now=now, lease_s=_LEASE_S, limit=1)
            if claims:
                self._free_at = now + self._spacing_s
                self._start(claims[0])
                self._look_at(self._free_at)
            else:
                self._look_at(now + _POLL_S)

    def _look_at(self, at: float) -> None:
        self._next = self._clock.at(at, self.look)

    def _start(self, claim: Claim) -> None:
        now, measures = self._clock.now, self._measures
        self.calls += 1
        self._waiting.gone(claim.case.id, now)
        measures.lines.change(1, now)
        measures.count(measures.calls, now)
        if claim.case.attempts == 1:
            measures.first_call(claim.case, now)
        person = self._person_of(claim.case.lead.number)
        self._store.dialled(claim.attempt_id, now=now)
        ringing = self._people.ring(person, now)
        call = _Call(self, claim, person)
        if ringing.outcome is None:
            self._clock.after(ringing.after_s, call.answered)
        else:
            self._clock.after(ringing.after_s, lambda: call.finish(ringing.outcome or Outcome.NO_ANSWER))


class _Call:
    """One call from dialling to its end."""

    __slots__ = ("_answered_at", "_case", "_clock", "_floor", "_heard", "_id", "_person", "_store")

    def __init__(self, floor: Floor, claim: Claim, person: Person) -> None:
        self._floor = floor
        self._clock = floor._clock
        self._store = floor._store
        self._case = claim.case
        self._id = claim.attempt_id
        self._person = person
        self._answered_at: float | None = None
        self._heard = False

    def answered(self) -> None:
        now = self._clock.now
        self._answered_at = now
        self._store.answered(self._id, now=now)
        talking = self._floor._people.talk(self._person, now)
        self._clock.after(talking.length_s, lambda: self._spoken(talking))

    def _spoken(self, talking: Talking) -> None:
        now, person = self._clock.now, self._person
        self._heard = talking.key_warning_heard
        if talking.opts_out:
            self._signal("opt_out")
        if talking.outcome is Outcome.ESCALATED:
            self._escalate(talking)
            return
        if talking.outcome in {Outcome.ACKNOWLEDGED, Outcome.WARNED} and person.subject is not None:
            self._pass_on(person.subject)
        if talking.outcome is Outcome.ACKNOWLEDGED and person.is_in_danger(now) and self._floor._people.heeds(person):
            person.stop(now)
        self.finish(talking.outcome)

    def _pass_on(self, subject: Person) -> None:
        """A relative was warned, and may stop the subject."""
        settings, chance = self._floor._profile.follow_ups.relative, self._floor._people.chance(self._person, _RELATIVE)
        if chance.random() < settings.passes_it_on:
            subject.stop(self._clock.now + settings.passes_on_after.draw(chance))

    def _signal(self, name: str) -> None:
        at_s = self._clock.now - (self._answered_at or self._clock.now)
        self._store.add_signal(self._id, HeardSignal(name, "", "simulated", round(at_s, 1)), now=self._clock.now)

    def _escalate(self, talking: Talking) -> None:
        store, now = self._store, self._clock.now
        self._signal(talking.signal)
        for kind, value in ((MentionKind.ACCOUNT, talking.account), (MentionKind.PHONE, talking.phone)):
            if value:
                at_s = round(now - (self._answered_at or now), 1)
                store.add_mention(self._id, Mention(kind, value, value, at_s), now=now)
        offered = store.offer_escalation(self._id, reason=talking.signal, words="", now=now)

        def end(state: EscalationState, name: str = "") -> None:
            store.end_escalation(offered, state, dissuader=name, now=self._clock.now)

        def joined(name: str, talk_s: float, wrap_up_s: float) -> None:
            end(EscalationState.JOINED, name)
            self._heard = True
            self._clock.after(talk_s, lambda: self._talked(name, wrap_up_s))

        def nobody() -> None:
            end(EscalationState.NOBODY_FREE)
            self._clock.after(_APOLOGY_S, lambda: self.finish(Outcome.CALLBACK_DUE))

        def left() -> None:
            end(EscalationState.SUBJECT_LEFT)
            self.finish(Outcome.CALLBACK_DUE)

        self._floor._desk.offer(
            Offer(
                urgency=self._case.urgency,
                chance=self._floor._people.chance(self._person, _HUMAN),
                talks_longer=self._person.talks_longer,
                rang=lambda name: store.escalation_rang(offered, dissuader=name, now=self._clock.now),
                joined=joined,
                nobody=nobody,
                left=left,
            )
        )

    def _talked(self, name: str, wrap_up_s: float) -> None:
        """The dissuader has spoken with the subject, and writes down how it went."""
        now, person, settings = self._clock.now, self._person, self._floor._profile.dissuaders
        chance = self._floor._people.chance(person, _JUDGED)
        convinces, forgets = chance.random() < settings.convinces, chance.random() < settings.no_record
        conviction = Conviction.NO_FRAUD
        amount = saved = None
        if person.in_danger:
            amount = person.lead.amount
            if person.loses_money_at <= min(now, person.safe_at):
                conviction = Conviction.MONEY_SENT
            elif convinces or not person.is_in_danger(now):
                conviction, saved = Conviction.CONVINCED, amount
                person.stop(now)
            else:
                conviction = Conviction.NOT_CONVINCED
        self.finish(Outcome.ESCALATED)
        if not forgets:
            written = Disposition(self._case.id, self._id, conviction, name, now + wrap_up_s, amount, saved)
            self._clock.after(wrap_up_s, lambda: self._record(written))

    def _record(self, written: Disposition) -> None:
        now = self._clock.now
        self._store.record_disposition(written, now=now)
        self._store.revise(written.case_id, self._floor._decide_now(), now=now)

    def finish(self, outcome: Outcome) -> None:
        floor, now = self._floor, self._clock.now
        result = AttemptResult(
            outcome,
            ended_at=now,
            answered_at=self._answered_at,
            key_warning_heard=self._heard and self._answered_at is not None,
            reason="simulated",
        )
        self._store.finish(self._id, result, floor._decide_now(), now=now)
        floor._measures.lines.change(-1, now)
        floor.look()
