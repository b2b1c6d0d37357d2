"""One day: leads come in, the floor calls, what is ordered is carried out, and time overtakes what it must."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import accumulate
from math import ceil
from random import Random

from campaigns.model import Case, History, NextStep
from campaigns.policy import decider, parse_policy
from campaigns.policy.hours import zone
from campaigns.simulation.clock import Clock
from campaigns.simulation.deliveries import Deliveries
from campaigns.simulation.desk import Desk
from campaigns.simulation.draws import derived
from campaigns.simulation.floor import Floor
from campaigns.simulation.measures import Measures
from campaigns.simulation.people import DAY_S, People, Person
from campaigns.simulation.profile import Profile
from campaigns.simulation.queueing import Waiting
from campaigns.store import Decide, Store

CAMPAIGN = "simulated"
_ARRIVALS, _AGAIN = 4, 5
"""What a source of chance is for; `campaigns.simulation.people` has the others."""
_SWEEP_S = 60.0
"""How often is asked what time has overtaken; oftener changes nothing but the time that a simulation takes."""
_REPORT_S = 600.0
"""Virtual seconds between two reports of progress."""
_PORTION = 500

Progress = Callable[[float, int], None]
"""Told the share of the day that has passed, and the calls so far."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated."""

    profile: Profile
    leads: int
    lines: int
    dissuaders: int
    seed: int = 1
    policy: str = ""
    """YAML text; empty: the standard policy."""

    @classmethod
    def of(
        cls,
        profile: Profile,
        *,
        leads: int | None = None,
        lines: int | None = None,
        dissuaders: int | None = None,
        seed: int = 1,
        policy: str = "",
    ) -> Plan:
        """What is not given is as in the profile."""
        count = profile.leads if leads is None else leads
        return cls(
            profile,
            leads=count,
            lines=lines or max(1, ceil(count / 1000 * profile.lines.per_1000_leads)),
            dissuaders=(
                max(1, ceil(count / 1000 * profile.dissuaders.per_1000_leads)) if dissuaders is None else dissuaders
            ),
            seed=seed,
            policy=policy,
        )

    @property
    def begins_at(self) -> float:
        """When the day begins, by the policy's clock."""
        where = zone(parse_policy(self.policy).time_zone)
        return datetime.combine(self.profile.day, time(), where).timestamp()

    @property
    def ends_at(self) -> float:
        """When it is over."""
        return self.begins_at + DAY_S


class Day:
    """A day in a store that must be empty. `run` it once."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.plan = plan
        self._store = store
        profile, midnight_at = plan.profile, plan.begins_at
        self._clock = Clock(midnight_at - profile.warm_up_h * 3600.0)
        self.measures = Measures(midnight_at)
        self._persons: list[Person] = []
        self._by_number: dict[str, Person] = {}
        self._by_case: dict[int, Person] = {}
        self._never_called: dict[int, Case] = {}
        self._leads = 0
        self._people = People(profile, plan.seed, midnight_at=midnight_at)
        self._waiting = Waiting(self.measures.queue)
        desk = Desk(self._clock, profile.dissuaders, plan.dissuaders, self.measures, midnight_at=midnight_at)
        self._floor = Floor(
            clock=self._clock,
            store=store,
            profile=profile,
            people=self._people,
            desk=desk,
            waiting=self._waiting,
            measures=self.measures,
            lines=plan.lines,
            decide_now=self._decide_now,
            person_of=self._by_number.__getitem__,
        )
        self._deliveries = Deliveries(
            self._clock,
            store,
            profile.follow_ups,
            self._people,
            decide_now=self._decide_now,
            subject_of=self._by_case.__getitem__,
            midnight_at=midnight_at,
        )
        self._desk = desk

    def run(self, progress: Progress | None = None) -> None:
        """Let the day pass."""
        begins_at, clock = self._clock.now, self._clock
        self._store.create_campaign(CAMPAIGN, now=begins_at)
        if self.plan.policy:
            self._store.set_policy(CAMPAIGN, self.plan.policy, now=begins_at, by="simulation")
        self._desk.work()
        arrivals = self._arrivals()
        if arrivals:
            clock.at(arrivals[-1], lambda: self._arrive(arrivals))
        clock.after(_SWEEP_S, self._sweep)
        span_s = self.plan.ends_at - begins_at
        while clock.now < self.plan.ends_at:
            clock.run(min(clock.now + _REPORT_S, self.plan.ends_at))
            if progress is not None:
                progress(1.0 - (self.plan.ends_at - clock.now) / span_s, self._floor.calls)
        self._close_books()

    @property
    def leads(self) -> int:
        """Warnings that came in, the evening before included."""
        return self._leads

    @property
    def persons(self) -> list[Person]:
        """All whom a warning was about, in the order in which they came in."""
        return self._persons

    def _arrivals(self) -> list[float]:
        """When leads come in, the last one first."""
        plan, chance = self.plan, derived(self.plan.seed, _ARRIVALS)
        evening = plan.profile.by_hour[24 - plan.profile.warm_up_h :] if plan.profile.warm_up_h else ()
        before = round(plan.leads * sum(evening) / sum(plan.profile.by_hour))
        found = self._spread(plan.leads, plan.profile.by_hour, plan.begins_at, chance)
        if before:
            found += self._spread(before, evening, plan.begins_at - len(evening) * 3600.0, chance)
        return sorted(found, reverse=True)

    @staticmethod
    def _spread(count: int, weights: tuple[float, ...], from_at: float, chance: Random) -> list[float]:
        sums = list(accumulate(weights))
        hours = (min(bisect(sums, chance.random() * sums[-1]), len(sums) - 1) for _ in range(count))
        return [round(from_at + (hour + chance.random()) * 3600.0, 3) for hour in hours]

    def _arrive(self, arrivals: list[float]) -> None:
        now = arrivals.pop()
        self._leads += 1
        self.measures.count(self.measures.leads, now)
        person = self._warned_of(now)
        self._store.add_leads(CAMPAIGN, [person.lead], now=now, decide=self._decide_now())
        self._floor.look()
        if arrivals:
            self._clock.at(arrivals[-1], lambda: self._arrive(arrivals))

    def _warned_of(self, now: float) -> Person:
        """Somebody new, or somebody who was warned of before."""
        chance = derived(self.plan.seed, _AGAIN, self._leads)
        if self._persons and chance.random() < self.plan.profile.again:
            person = chance.choice(self._persons[-max(1, len(self._persons) // 4) :])
            person.lead = replace(person.lead, grade=self._people.grade(chance))
            return person
        person = self._people.make(len(self._persons), now)
        self._persons.append(person)
        for each in (person, *person.relatives):
            self._by_number[each.lead.number] = each
        return person

    def _decide_now(self) -> Decide:
        """The real decision, watched."""
        now = self._clock.now
        decide = decider(now)

        def watched(history: History) -> NextStep:
            step = decide(history)
            self._watch(history, step, now)
            return step

        return watched

    def _watch(self, history: History, step: NextStep, now: float) -> None:
        case = history.case
        self._by_case[case.id] = self._by_number[case.lead.number]
        if step.due_at is not None:
            due_at = max(step.due_at, history.free_at)
            self._waiting.planned(case.id, due_at, now)
            if not case.attempts:
                first_call_by_at = step.first_call_by_at or case.first_call_by_at
                grade = step.grade or case.lead.grade
                lead = replace(case.lead, grade=grade)
                self._never_called[case.id] = replace(case, lead=lead, due_at=due_at, first_call_by_at=first_call_by_at)
            else:
                self._never_called.pop(case.id, None)
        else:
            self._waiting.gone(case.id, now)
            self._never_called.pop(case.id, None)
        if step.orders:
            self._deliveries.ordered()

    def _sweep(self) -> None:
        """What `campaigns.upkeep` does on a node every few seconds."""
        now, seen = self._clock.now, set[int]()
        while found := [each for each in self._store.to_revise(now=now, limit=_PORTION) if each not in seen]:
            seen.update(found)
            for case_id in found:
                if self._waiting.is_due(case_id):
                    self.measures.count(self.measures.put_off, now)
                self._store.revise(case_id, self._decide_now(), now=now)
        self._store.raise_overdue(now=now)
        self._floor.look()
        self._clock.after(_SWEEP_S, self._sweep)

    def _close_books(self) -> None:
        """The day is over: count what never happened."""
        now, measures = self._clock.now, self.measures
        for level in (measures.lines, measures.talking, measures.on_duty, measures.queue):
            level.settle(now)
        for case in self._never_called.values():
            if case.first_call_by_at is not None and case.first_call_by_at < now:
                measures.first_call(case, now)
