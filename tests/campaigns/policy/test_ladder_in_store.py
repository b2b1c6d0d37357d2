"""The standard ladder through the real store: many cases together, with everything that answers."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.follow_up import RESULTS, FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    AttemptResult,
    CaseState,
    Claim,
    Conviction,
    Disposition,
    EscalationState,
    Grade,
    HeardSignal,
    Lead,
    Outcome,
    Relative,
    Suppression,
)
from campaigns.policy import decider, standard
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS
from campaigns.policy.windows import clock_of
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Store, StoreError
from tests.campaigns.policy.cases import DAY, HOUR, MINUTE, NOON
from tests.campaigns.policy.test_ladder_properties import wall_clock_open

pytestmark = pytest.mark.unit

COOL_DOWN_S, DAILY_LIMIT = 120.0, 5
ZONES = ("", "America/New_York", "Europe/London")


class Centre:
    """A node, its receivers and its people, on a simulated clock."""

    def __init__(self, store: Store, chance: Random) -> None:
        self.store, self.chance, self.now = store, chance, NOON
        self.dials: list[tuple[str, float, bool]] = []
        self.outcomes = chance.sample(list(Outcome), chance.choice([2, 5, len(Outcome)]))

    def run(self) -> None:
        """Until every case is closed."""
        while any(case.state is not CaseState.CLOSED for case in self.store.cases()):
            assert self.now < NOON + 30 * DAY, [c for c in self.store.cases() if c.state is not CaseState.CLOSED]
            for case_id in self.store.to_revise(now=self.now):
                self.store.revise(case_id, decider(self.now), now=self.now)
            self.store.raise_overdue(now=self.now)
            self.deliver()
            for order in self.store.follow_ups(open_only=True):
                self.answer(order)
            for _ in range(2):
                for claim in self.store.claim("n1", now=self.now, lease_s=HOUR, limit=1):
                    self.call(claim)
            due_at = self.store.next_due_at()
            later = self.now + self.chance.choice([MINUTE, 20 * MINUTE, 3 * HOUR])
            self.now = max(self.now + 1, later if due_at is None else min(later, due_at))

    def call(self, claim: Claim) -> None:
        store, case, chance = self.store, claim.case, self.chance
        self.check(claim)
        store.dialled(claim.attempt_id, now=self.now)
        outcome = chance.choice(self.outcomes)
        ended_at = self.now + chance.choice([2.0, 90.0])
        self.dials.append((case.lead.number, self.now, outcome is not Outcome.TRUNK_FAILURE))
        spoken = outcome not in NOT_REACHED | OURS
        if spoken:
            store.answered(claim.attempt_id, now=self.now + 1)
            if chance.random() < 0.05:
                store.add_signal(claim.attempt_id, HeardSignal("opt_out", "别打了", "rule", 1.0), now=self.now + 1)
        if outcome is Outcome.ESCALATED or (spoken and chance.random() < 0.2):
            offered = store.offer_escalation(claim.attempt_id, reason="money_sent", words="转了", now=self.now + 1)
            state = EscalationState.JOINED if outcome is Outcome.ESCALATED else EscalationState.NOBODY_FREE
            store.end_escalation(offered, state, dissuader="陈警官", now=self.now + 2)
        if chance.random() < 0.03:
            store.recover(now=ended_at, node="n1", decide=decider(ended_at))  # the node died and came back
        else:
            store.finish(claim.attempt_id, AttemptResult(outcome, ended_at=ended_at), decider(ended_at), now=ended_at)
        if outcome is Outcome.ESCALATED and chance.random() < 0.7:
            said = Disposition(case.id, None, chance.choice(list(Conviction)), "陈警官", ended_at + 60)
            store.record_disposition(said, now=ended_at + 60)

    def check(self, claim: Claim) -> None:
        """A call may be made now."""
        case = self.store.case(claim.case.id)
        hours, where = standard().hours[case.lead.grade], clock_of(case.lead, standard())
        assert wall_clock_open(hours, where, self.now)
        history = self.store.history(case.id, now=self.now)
        assert history.suppressed is None
        recent = [each for each in self.dials if each[0] == case.lead.number and each[1] > self.now - DAY]
        assert sum(carried for *_, carried in recent) < DAILY_LIMIT
        assert not recent or self.now - recent[-1][1] >= COOL_DOWN_S
        ended = [each.result.outcome for each in history.attempts if each.result]
        if case.linked_case_id is not None:
            assert sum(each not in OURS for each in ended) < standard().relatives.limit
        elif not any(each.conviction is Conviction.CALL_AGAIN for each in history.dispositions):
            assert sum(each in NOT_REACHED for each in ended) < standard().calls.not_reached
            assert sum(each in NOT_WARNED for each in ended) < standard().calls.not_warned

    def deliver(self) -> None:
        for order in self.store.claim_deliveries(now=self.now, lease_s=MINUTE, limit=50):
            if self.chance.random() < 0.1:
                again = None if order.tries > 2 else self.now + MINUTE
                self.store.delivery_failed(order.id, error="the receiver is down", next_try_at=again, now=self.now)
                continue
            if order.kind is FollowUpKind.RELATIVE:
                lead = Lead(str(order.data["number"]), grade=self.store.case(order.case_id).lead.grade)
                try:
                    self.store.add_linked_case(order.id, lead, relation="女儿", now=self.now, decide=decider(self.now))
                except StoreError as error:
                    self.store.delivery_failed(order.id, error=str(error), next_try_at=None, now=self.now)
                    continue
            self.store.delivered(order.id, channel="test", reference=str(order.id), now=self.now)

    def answer(self, order: FollowUp) -> None:
        if order.state is not FollowUpState.SENT or order.kind is FollowUpKind.RELATIVE or self.chance.random() < 0.6:
            return
        result = self.chance.choice(RESULTS[order.kind])
        self.store.feedback(order.id, FollowUpState.DONE, result=result, by="station", now=self.now)


def test_a_lead_that_raises_the_grade_brings_the_first_call_forward(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", durable=False)
    store.create_campaign("spring", now=NOON)
    number = "+8611100000011"
    store.add_leads("spring", [Lead(number, grade=Grade.LOW)], now=NOON, decide=decider(NOON))
    store.add_leads("spring", [Lead(number, grade=Grade.HIGH)], now=NOON + 60, decide=decider(NOON + 60))
    (case,) = store.cases()
    store.close()
    assert (case.due_at, case.first_call_by_at) == (NOON + 60, NOON + 60 + 2 * MINUTE)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_lead_comes_to_its_end_and_no_call_is_made_that_may_not_be(seed: int) -> None:
    chance = Random(seed)
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "store.db", cool_down_s=COOL_DOWN_S, daily_limit=DAILY_LIMIT, durable=False)
        live_through(store, chance)
        store.close()


def live_through(store: Store, chance: Random) -> None:
    for campaign in ("spring", "autumn"):
        store.create_campaign(campaign, now=NOON)
        leads = [
            Lead(
                f"+8611100000{n:03d}",
                grade=chance.choice(list(Grade)),
                time_zone=chance.choice(ZONES),
                relatives=tuple(Relative(f"+8611100001{chance.randrange(4):03d}", "女儿") for _ in range(n % 3)),
            )
            for n in range(4)
        ]
        store.add_leads(campaign, leads, now=NOON, decide=decider(NOON))
    store.suppress(Suppression("+8611100000003", "asked", "Li", NOON, NOON + DAY), now=NOON)
    centre = Centre(store, chance)
    centre.run()
    convinced = {"acknowledged", "convinced", "no_fraud", "met"}
    for case in store.cases():
        ordered = {each.kind for each in store.follow_ups(case.id)}
        assert case.closed_reason
        if case.linked_case_id is not None:
            assert not ordered
        elif case.lead.grade is Grade.HIGH and case.closed_reason not in convinced:
            assert {FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT} <= ordered, case
    assert not any(each.is_open and each.kind is FollowUpKind.RELATIVE for each in store.follow_ups())
    assert store.next_due_at() is None
