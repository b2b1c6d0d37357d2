"""What holds whatever happens, in whatever order: nobody is called who may not be, and nobody is forgotten."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import CampaignState, CaseState, Claim, Grade, History, Lead, NextStep, Outcome, Suppression
from campaigns.store import Decide, Store
from tests.campaigns.contract.words import COOL_DOWN_S, T0, Opener, result

DAY_S = 86_400.0
LIMIT = 4
ACTIONS = (
    "lead",
    "claim",
    "end",
    "die",
    "give_back",
    "revise",
    "suppress",
    "lift",
    "order",
    "answer",
    "relative",
    "pause",
)
_AWAITED = (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE)


@dataclass
class Story:
    """What the suite itself knows of what happened."""

    store: Store
    names: tuple[str, str]
    numbers: list[str]
    now: float = T0
    held: list[tuple[Claim, bool]] = field(default_factory=list)
    dialled: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Diallings that the trunk carried."""
    suppressed: dict[str, float | None] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)

    def plan(self, amount: int) -> Decide:
        """A careless policy: now and then it wants what it may not have."""
        now = self.now

        def decide(history: History) -> NextStep:
            kind = list(FollowUpKind)[amount % 5]
            orders = (Order(kind, now + 600),) if amount % 3 == 0 else ()
            grade = Grade.HIGH if amount % 7 == 0 else None
            if amount % 11 == 0:
                return NextStep(close_reason="warned", orders=orders, grade=grade)
            if amount % 4 == 0:
                return NextStep(waits=True, orders=orders, grade=grade)
            until_at = now + amount * 40 if amount % 2 else None
            return NextStep(due_at=now + amount, urgency=amount, call_until_at=until_at, orders=orders, grade=grade)

        return decide

    def do(self, action: str, amount: int) -> None:
        store, now, told = self.store, self.now, self.numbers[amount % len(self.numbers)]
        if action == "lead":
            grade = list(Grade)[amount % 3]
            store.add_leads(self.names[amount % 2], [Lead(told, grade=grade)], now=now, decide=self.plan(amount))
        elif action == "claim":
            self.claim(1 + amount % 3, dials=amount % 5 != 0)
        elif action == "die":
            store.recover(now=now, node="n1", decide=self.plan(amount))
            self.held.clear()
        elif action == "revise":
            for case_id in store.to_revise(now=now):
                store.revise(case_id, self.plan(amount), now=now)
        elif action == "suppress":
            until_at = now + amount * 30 if amount % 2 else None
            store.suppress(Suppression(told, "asked", "chen", now, until_at), now=now)
            self.suppressed[told] = until_at
        elif action == "lift":
            store.unsuppress(told, now=now, by="Li")
            self.suppressed.pop(told, None)
        elif action == "pause":
            name = self.names[amount % 2]
            self.paused ^= {name}
            state = CampaignState.PAUSED if name in self.paused else CampaignState.RUNNING
            store.set_campaign_state(name, state, now=now, by="Li")
        elif action in {"order", "answer", "relative"}:
            self.follow(action, amount)
        elif self.held:
            self.end(action, amount)

    def claim(self, limit: int, *, dials: bool) -> None:
        claims = self.store.claim("n1", now=self.now, lease_s=1e9, limit=limit)
        due_at = self.store.next_due_at()
        assert due_at is None or due_at > self.now or len(claims) == limit
        names = {campaign.id: campaign.name for campaign in self.store.campaigns()}
        for claim in claims:
            told = claim.case.lead.number
            assert names[claim.case.campaign_id] not in self.paused
            assert claim.case.call_until_at is None or claim.case.call_until_at > self.now
            assert told not in {each.case.lead.number for each, _ in self.held}
            assert told not in self.suppressed or (self.suppressed[told] or 1e12) <= self.now
            last = self.dialled[told]
            assert not last or self.now - last[-1] >= COOL_DOWN_S
            assert len([at for at in self.counted[told] if self.now - at < DAY_S]) < LIMIT
            if dials:
                self.store.dialled(claim.attempt_id, now=self.now)
                last.append(self.now)
                self.counted[told].append(self.now)
            self.held.append((claim, dials))

    def end(self, action: str, amount: int) -> None:
        claim, was_dialled = self.held.pop()
        if action == "give_back" and not was_dialled:
            self.store.give_back(claim.attempt_id, now=self.now, reason="test")
            return
        outcome = list(Outcome)[amount % len(Outcome)]
        if outcome is Outcome.TRUNK_FAILURE and was_dialled:
            self.counted[claim.case.lead.number].pop()
        self.store.finish(claim.attempt_id, result(outcome, self.now), self.plan(amount), now=self.now)

    def follow(self, action: str, amount: int) -> None:
        mine = [case for name in self.names for case in self.store.cases(campaign=name)]
        if action == "order" and mine:
            order = Order(list(FollowUpKind)[amount % 5], self.now + 600)
            self.store.order(mine[amount % len(mine)].id, order, now=self.now, by="Li")
            return
        ids = {case.id for case in mine}
        open_ones = [each for each in self.store.follow_ups(open_only=True) if each.case_id in ids]
        if not open_ones:
            return
        order = open_ones[amount % len(open_ones)]
        if action == "answer":
            self.store.feedback(order.id, FollowUpState.FAILED, result="x", by="station", now=self.now)
        elif order.kind is FollowUpKind.RELATIVE:
            told = Lead(self.numbers[amount % len(self.numbers)])
            self.store.add_linked_case(order.id, told, relation="", now=self.now, decide=self.plan(amount))

    def check(self) -> None:
        """Nobody is forgotten, and the log tells where everybody stands."""
        for case in (case for name in self.names for case in self.store.cases(campaign=name)):
            history = self.store.history(case.id, now=self.now)
            log = [event.kind for event in self.store.events(case_id=case.id, limit=10_000)]
            kept = [kind for kind in log if kind in _STANDS]
            assert _STANDS[kept[-1]] is case.state, log
            if case.state is CaseState.QUEUED:
                assert case.due_at is not None
                assert case.due_at >= history.free_at
            if case.state is CaseState.WAITING:
                awaited = any(each.is_open and each.kind in _AWAITED for each in history.follow_ups)
                assert awaited or case.id in self.store.to_revise(now=self.now + 3600, limit=100_000)
        running = {
            case.id for name in self.names for case in self.store.cases(campaign=name) if case.state == "calling"
        }
        assert running == {claim.case.id for claim, _ in self.held}


_STANDS = {
    "case.queued": CaseState.QUEUED,
    "case.waiting": CaseState.WAITING,
    "case.closed": CaseState.CLOSED,
    "attempt.claimed": CaseState.CALLING,
    "attempt.given_back": CaseState.QUEUED,
    "attempt.recovered": CaseState.QUEUED,
}


class TestLadder:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(plan=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 400)), min_size=5, max_size=60))
    def test_nobody_is_called_who_may_not_be_and_nobody_is_forgotten(
        self, open_store: Opener, plan: list[tuple[str, int]]
    ) -> None:
        store = open_store(cool_down_s=COOL_DOWN_S, daily_limit=LIMIT)
        tag = len(store.campaigns())  # the database outlives the example
        for campaign in store.campaigns():
            store.set_campaign_state(campaign.name, CampaignState.STOPPED, now=T0, by="test")
        story = Story(store, (f"l{tag}-0", f"l{tag}-1"), [f"+86113{tag:04d}{n:04d}" for n in range(3)])
        for name in story.names:
            store.create_campaign(name, now=T0)
            store.add_leads(name, [Lead(each) for each in story.numbers], now=T0, decide=story.plan(1))
        try:
            for action, amount in plan:
                story.now += amount * amount / 20  # from a moment to some hours
                story.do(action, amount)
            story.check()
        finally:
            store.recover(now=story.now, node="n1", decide=lambda history: NextStep(close_reason="over"))
            store.close()
