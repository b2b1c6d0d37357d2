"""Invented people: who they are, what their telephone does, and what becomes of them.

What a person does in a call depends on the person, on how often they were called and on the time, not on what others
do: the same people meet every number of lines and dissuaders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from random import Random

from campaigns.model import Grade, Lead, Outcome, Relative
from campaigns.simulation.draws import Choice, derived
from campaigns.simulation.profile import Group, Profile

DAY_S = 86_400.0
_RELATIONS = ("女儿", "儿子", "配偶", "父亲", "母亲")
_SUBJECT, _RELATIVE, _CALL = 1, 2, 3
"""What a source of chance is for."""


@dataclass(slots=True)
class Person:
    """Somebody with a telephone, and what nobody sees. Times are seconds since 1970."""

    index: int
    lead: Lead
    talks_longer: float
    picks_up: float
    in_danger: bool
    invalid: bool = False
    wrong_person: bool = False
    off: tuple[float, float] = (0.0, 0.0)
    off_at_night: bool = False
    held: tuple[float, float] = (0.0, 0.0)
    """On the telephone with the fraudster."""
    loses_money_at: float = math.inf
    safe_at: float = math.inf
    """Somebody stopped them; ``inf``: nobody yet."""
    got_back: bool = False
    """The bank still caught the money."""
    calls: int = 0
    subject: Person | None = None
    """Whose relative this is."""
    relatives: list[Person] = field(default_factory=list)

    def is_in_danger(self, at: float) -> bool:
        """Whether money may still be lost, or was."""
        return self.in_danger and at < self.safe_at

    def stop(self, at: float) -> None:
        """Somebody made them stop, from then on."""
        self.safe_at = min(self.safe_at, at)
        self.held = (self.held[0], min(self.held[1], at))

    @property
    def has_lost_money(self) -> bool:
        """Whether nobody stopped them in time; it may still be to come."""
        return self.in_danger and self.loses_money_at < self.safe_at


@dataclass(frozen=True, slots=True)
class Ringing:
    """What a call meets before anybody speaks."""

    outcome: Outcome | None
    """``None``: it is taken."""
    after_s: float


@dataclass(frozen=True, slots=True)
class Talking:
    """What happens once a call is taken."""

    outcome: Outcome
    """``escalated`` says that a human is asked for, not that one came."""
    length_s: float
    """To its end, or until a human is asked for."""
    key_warning_heard: bool
    signal: str = ""
    account: str = ""
    phone: str = ""
    opts_out: bool = False


class People:
    """Makes people, and says what they do."""

    def __init__(self, profile: Profile, seed: int, *, midnight_at: float) -> None:
        """``midnight_at``: when some day begins where the people live."""
        self._profile = profile
        self._seed = seed
        self._midnight_at = midnight_at
        self._grades = Choice({grade: each.share for grade, each in profile.grades.items()})
        self._types = Choice({name: each.share for name, each in profile.scam_types.items()})
        self._groups = Choice({name: each.share for name, each in profile.groups.items()})
        self._precincts = Choice(profile.precincts)
        self._not_taken = Choice(profile.telephone.not_taken)
        self._talks = {False: Choice(profile.talk.safe), True: Choice(profile.talk.in_danger)}
        self._signals = Choice(profile.talk.signals)

    def make(self, index: int, at: float) -> Person:
        """The person whom the warning with that number, which came at ``at``, is about."""
        profile, chance = self._profile, derived(self._seed, _SUBJECT, index)
        grade, scam_type, group = self._grades.draw(chance), self._types.draw(chance), self._groups.draw(chance)
        settings = profile.groups[group]
        in_danger = chance.random() < profile.grades[grade].in_danger
        person = Person(
            index=index,
            lead=Lead(
                number=f"+86111{index:08d}",
                scam_type=scam_type,
                grade=grade,
                sex=chance.choice(("female", "male")),
                age=chance.randint(*settings.ages),
                group=group,
                amount=self._amount(chance),
                source="simulation",
                warned_at=at,
                precinct=self._precincts.draw(chance),
            ),
            talks_longer=settings.talks_longer,
            picks_up=self._habit(chance, settings.picks_up),
            in_danger=in_danger,
        )
        self._telephone(person, at, chance)
        if chance.random() < profile.relatives:
            self._add_relative(person, chance, settings)
        if in_danger:
            self._danger(person, at, chance)
        return person

    def grade(self, chance: Random) -> Grade:
        """Of a warning."""
        return self._grades.draw(chance)

    def ring(self, person: Person, at: float) -> Ringing:
        """What a call to them meets; counts the call."""
        person.calls += 1
        chance = self._of_call(person, 0)
        outcome = self._before_answer(person, at, chance)
        telephone = self._profile.telephone
        span = telephone.ring if outcome is None else telephone.ends_after[outcome]
        return Ringing(outcome, span.draw(chance))

    def talk(self, person: Person, at: float) -> Talking:
        """What happens in a call that was taken now."""
        talk, chance = self._profile.talk, self._of_call(person, 1)
        if person.wrong_person:
            return Talking(Outcome.WRONG_PERSON, talk.length[Outcome.WRONG_PERSON].draw(chance), False)
        in_danger = person.is_in_danger(at)
        outcome = self._talks[in_danger].draw(chance)
        length_s = talk.length[outcome].draw(chance) * person.talks_longer
        heard = outcome in {Outcome.ACKNOWLEDGED, Outcome.WARNED} or (
            outcome is Outcome.DENIES and chance.random() < 0.5
        )
        opts_out = chance.random() < talk.opts_out
        if outcome is not Outcome.ESCALATED:
            return Talking(outcome, length_s, heard, opts_out=opts_out and not in_danger)
        names_account, names_phone = chance.random(), chance.random()
        return Talking(
            outcome,
            length_s,
            heard,
            signal=self._signals.draw(chance),
            account=f"6222{chance.randrange(10**12):012d}" if in_danger and names_account < talk.names_account else "",
            phone=f"111{chance.randrange(10**8):08d}" if in_danger and names_phone < talk.names_phone else "",
        )

    def heeds(self, person: Person) -> bool:
        """Whether somebody in danger who acknowledged the warning stops by themselves."""
        return self._of_call(person, 2).random() < self._profile.talk.heeds_warning

    def chance(self, person: Person, what: int) -> Random:
        """A source of chance for something that is done about a person; ``what`` is 10 or more."""
        return derived(self._seed, _CALL, person.index, person.calls, what)

    def _of_call(self, person: Person, what: int) -> Random:
        return derived(self._seed, _CALL, person.index, person.calls, what)

    def _before_answer(self, person: Person, at: float, chance: Random) -> Outcome | None:
        telephone = self._profile.telephone
        held = person.held[0] <= at < person.held[1]
        hour = self.hour(at)
        fails, engaged, taken = chance.random(), chance.random(), chance.random()
        if person.invalid:
            return Outcome.INVALID_NUMBER
        if fails < telephone.trunk_failure:
            return Outcome.TRUNK_FAILURE
        if held:
            return None if engaged < self._profile.danger.held_and_reached else Outcome.BUSY
        if person.off[0] <= at < person.off[1] or (person.off_at_night and (hour >= 23 or hour < 7)):
            return Outcome.POWERED_OFF
        if engaged < telephone.engaged:
            return Outcome.BUSY
        night = telephone.at_night if hour >= 22 or hour < 8 else 1.0
        return None if taken < person.picks_up * night else self._not_taken.draw(chance)

    def hour(self, at: float) -> float:
        """The hour of the day, with its fraction, where the people live."""
        return (at - self._midnight_at) % DAY_S / 3600.0

    def _amount(self, chance: Random) -> float | None:
        amount = self._profile.amount
        known, sigma = chance.random() < amount.known, math.log(amount.p95 / amount.median) / 1.6448536
        drawn = amount.median * math.exp(sigma * chance.gauss(0.0, 1.0))
        return float(max(100, round(drawn, -2))) if known else None

    def _habit(self, chance: Random, mean: float) -> float:
        alike = self._profile.telephone.people_differ
        return chance.betavariate(mean * alike, (1 - mean) * alike)

    def _telephone(self, person: Person, at: float, chance: Random) -> None:
        telephone = self._profile.telephone
        number, off = chance.random(), chance.random()
        person.invalid = number < telephone.invalid_number
        person.wrong_person = not person.invalid and number < telephone.invalid_number + telephone.wrong_person
        if off < telephone.off:
            length_s = telephone.off_for.draw(chance)
            begins_at = at - length_s * chance.random()
            person.off = (begins_at, begins_at + length_s)
        person.off_at_night = chance.random() < telephone.off_at_night

    def _add_relative(self, person: Person, chance: Random, group: Group) -> None:
        number, relation = f"+861115{person.index:07d}", chance.choice(_RELATIONS)
        person.lead = replace(person.lead, relatives=(Relative(number, relation),))
        person.relatives.append(
            Person(
                index=person.index + 10**8,
                lead=Lead(number),
                talks_longer=1.0,
                picks_up=self._habit(derived(self._seed, _RELATIVE, person.index), self._relatives_pick_up),
                in_danger=False,
                subject=person,
            )
        )

    @property
    def _relatives_pick_up(self) -> float:
        return self._profile.follow_ups.relative.picks_up

    def _danger(self, person: Person, at: float, chance: Random) -> None:
        danger = self._profile.danger
        by_phone = chance.random() < self._profile.scam_types[person.lead.scam_type].by_phone
        since_s, for_s = danger.held_since.draw(chance), danger.held_for.draw(chance)
        person.loses_money_at = at + danger.loses_money_after.draw(chance)
        if by_phone:
            # The fraudster hangs up when the money has gone.
            person.held = (at - since_s, at - since_s + max(for_s, since_s))
            person.loses_money_at = person.held[1]
