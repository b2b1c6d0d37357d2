"""What is ordered beside the telephone, carried out by invented receivers who answer after a while."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from campaigns.delivery.feedback import apply_feedback
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import Conviction, Disposition, Grade, Lead
from campaigns.simulation.clock import Clock
from campaigns.simulation.people import DAY_S, People, Person
from campaigns.simulation.profile import FollowUps
from campaigns.store import Decide, Store, StoreError

CHANNEL = "simulation"
_DELAY_S = 1.0
"""From an order to its delivery."""
_LEASE_S = 60.0
_PORTION = 200


class Deliveries:
    """Delivers what was ordered, and brings back the answers."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        settings: FollowUps,
        people: People,
        *,
        decide_now: Callable[[], Decide],
        subject_of: Callable[[int], Person],
        midnight_at: float,
    ) -> None:
        """``subject_of``: the person whom a case is about."""
        self._clock = clock
        self._store = store
        self._settings = settings
        self._people = people
        self._decide_now = decide_now
        self._subject_of = subject_of
        self._midnight_at = midnight_at
        self._asked = False

    def ordered(self) -> None:
        """Something was ordered just now."""
        if not self._asked:
            self._asked = True
            self._clock.after(_DELAY_S, self._deliver)

    def _deliver(self) -> None:
        self._asked = False
        found = self._store.claim_deliveries(now=self._clock.now, lease_s=_LEASE_S, limit=_PORTION)
        for order in found:
            person = self._subject_of(order.case_id)
            chance = self._people.chance(person, 100 + order.id)
            match order.kind:
                case FollowUpKind.RELATIVE:
                    self._call_relative(order, person)
                case FollowUpKind.SMS:
                    self._message(order, chance)
                case FollowUpKind.VISIT:
                    self._visit(order, person, chance)
                case FollowUpKind.STOP_PAYMENT:
                    self._stop_payment(order, person, chance)
                case FollowUpKind.BLOCK:
                    self._block(order, chance)
        if len(found) == _PORTION:
            self.ordered()

    def _call_relative(self, order: FollowUp, person: Person) -> None:
        """As `campaigns.delivery.relative` does it."""
        now, subject = self._clock.now, person.lead
        number = order.data.get("number") or next((each.number for each in subject.relatives), None)
        lead = Lead(
            number=str(number),
            scam_type=subject.scam_type,
            grade=subject.grade,
            source=f"relative of case {order.case_id}",
            warned_at=subject.warned_at,
        )
        relation = next((each.relation for each in subject.relatives if each.number == number), "")
        try:
            if number is None:
                raise StoreError("no relative is known")
            case = self._store.add_linked_case(order.id, lead, relation=relation, now=now, decide=self._decide_now())
        except StoreError as error:
            self._store.delivery_failed(order.id, error=str(error), next_try_at=None, now=now)
            self._store.revise(order.case_id, self._decide_now(), now=now)
        else:
            self._store.delivered(order.id, channel="call", reference=f"case {case.id}", now=now)

    def _message(self, order: FollowUp, chance: Random) -> None:
        fails = chance.random() < self._settings.sms.fails
        self._sent(order)
        state, result = (FollowUpState.FAILED, "undelivered") if fails else (FollowUpState.DONE, "delivered")
        self._answer(order, self._settings.sms.done_after.draw(chance), lambda: (state, result))

    def _visit(self, order: FollowUp, person: Person, chance: Random) -> None:
        settings = self._settings.visit
        self._sent(order)
        if chance.random() < settings.no_answer:
            return
        grade = self._store.case(order.case_id).lead.grade  # it may have risen
        acknowledged_s = settings.acknowledged_after.draw(chance)
        done_s = acknowledged_s + settings.done_after.draw(chance) * settings.longer[grade]
        if grade is not Grade.HIGH:
            done_at = working_time(
                self._clock.now,
                done_s,
                midnight_at=self._midnight_at,
                open_from=settings.open_from,
                open_until=settings.open_until,
            )
            done_s = done_at - self._clock.now
        self._answer(order, acknowledged_s, lambda: (FollowUpState.ACKNOWLEDGED, ""))
        met, convinced = chance.random() >= settings.not_met, chance.random() < settings.convinces
        self._answer(order, done_s, lambda: (FollowUpState.DONE, self._met(order, person, met, convinced)))

    def _met(self, order: FollowUp, person: Person, met: bool, convinced: bool) -> str:
        """What officers find; money that is still there is recorded as saved when they convince."""
        now = self._clock.now
        if not met:
            return "not_met"
        if not person.in_danger:
            return "no_fraud"
        if person.loses_money_at <= min(now, person.safe_at):
            return "money_sent"
        if not convinced and person.is_in_danger(now):
            return "met"
        person.stop(now)
        self._store.record_disposition(
            Disposition(
                order.case_id,
                None,
                Conviction.CONVINCED,
                by="officer",
                at=now,
                amount_at_risk=person.lead.amount,
                amount_saved=person.lead.amount,
            ),
            now=now,
        )
        return "convinced"

    def _stop_payment(self, order: FollowUp, person: Person, chance: Random) -> None:
        settings = self._settings.stop_payment
        self._sent(order)
        if chance.random() < settings.no_answer:
            return
        acknowledged_s = settings.acknowledged_after.draw(chance)
        refused = chance.random() < settings.refused
        self._answer(order, acknowledged_s, lambda: (FollowUpState.ACKNOWLEDGED, ""))
        self._answer(
            order,
            acknowledged_s + settings.done_after.draw(chance),
            lambda: (FollowUpState.DONE, self._held(person, refused)),
        )

    def _held(self, person: Person, refused: bool) -> str:
        now = self._clock.now
        if refused:
            return "refused"
        if person.has_lost_money and person.loses_money_at <= now:
            if now > person.loses_money_at + self._settings.stop_payment.too_late_after_s:
                return "too_late"
            person.got_back = True
        else:
            person.stop(now)
        return "held"

    def _block(self, order: FollowUp, chance: Random) -> None:
        refused = chance.random() < self._settings.block.refused
        self._sent(order)
        result = "refused" if refused else "blocked"
        self._answer(order, self._settings.block.done_after.draw(chance), lambda: (FollowUpState.DONE, result))

    def _sent(self, order: FollowUp) -> None:
        self._store.delivered(order.id, channel=CHANNEL, reference=f"S{order.id}", now=self._clock.now)

    def _answer(self, order: FollowUp, after_s: float, answer: Callable[[], tuple[FollowUpState, str]]) -> None:
        def tell() -> None:
            state, result = answer()
            apply_feedback(
                self._store,
                order.id,
                state,
                result=result,
                by=CHANNEL,
                now=self._clock.now,
                decide=self._decide_now(),
            )

        self._clock.after(after_s, tell)


def working_time(at: float, after_s: float, *, midnight_at: float, open_from: int, open_until: int) -> float:
    """When work of that length, begun at ``at``, is done by people who work in those hours of each day alone."""
    left_s = after_s
    while True:
        day_at = midnight_at + math.floor((at - midnight_at) / DAY_S) * DAY_S
        begun_at, closes_at = max(at, day_at + open_from * 3600.0), day_at + open_until * 3600.0
        if begun_at + left_s <= closes_at:
            return begun_at + left_s
        left_s -= max(0.0, closes_at - begun_at)
        at = day_at + DAY_S
