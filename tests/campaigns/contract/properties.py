"""What holds for every history."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.model import (
    CampaignState,
    Claim,
    Grade,
    Lead,
    NextStep,
)
from tests.campaigns.contract.words import (
    COOL_DOWN_S,
    T0,
    URGENCY,
    Opener,
    again,
    decider,
    follows,
    number,
    result,
)

GRADES = (Grade.LOW, Grade.MEDIUM, Grade.HIGH)
a_lead = st.builds(
    Lead,
    number=st.integers(0, 3).map(number),
    name=st.sampled_from(["", "王芳", "李强"]),
    grade=st.sampled_from(GRADES),
    age=st.sampled_from([None, 30, 70]),
)


class TestProperties:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(batches=st.lists(st.lists(a_lead, max_size=6), max_size=4))
    def test_merging_knows_no_order_of_grades_and_loses_nothing(
        self, open_store: Opener, batches: list[list[Lead]]
    ) -> None:
        store = open_store(cool_down_s=COOL_DOWN_S)
        name = f"c{len(store.campaigns())}"  # the database outlives the example
        store.create_campaign(name, now=T0)
        counts = [store.add_leads(name, batch, now=T0, decide=decider(T0)) for batch in batches]
        leads = [one for batch in batches for one in batch]
        cases = {case.lead.number: case for case in store.cases(campaign=name)}
        store.close()
        assert set(cases) == {one.number for one in leads}
        assert sum(count.accepted for count in counts) == len(cases)
        assert sum(count.merged for count in counts) == len(leads) - len(cases)
        for told, case in cases.items():
            own = [one for one in leads if one.number == told]
            assert GRADES.index(case.lead.grade) == max(GRADES.index(one.grade) for one in own)
            assert case.urgency == URGENCY[case.lead.grade]
            assert case.lead.name == next((one.name for one in own if one.name), "")
            assert case.lead.age == next((one.age for one in own if one.age is not None), None)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        plan=st.lists(
            st.tuples(st.sampled_from(["dial", "give_back", "finish", "die", "lead", "wait"]), st.integers(0, 200)),
            max_size=40,
        )
    )
    def test_no_history_calls_a_number_twice_within_its_cool_down(
        self, open_store: Opener, plan: list[tuple[str, int]]
    ) -> None:
        store = open_store(cool_down_s=COOL_DOWN_S)
        tag = len(store.campaigns())  # the database outlives the example
        names = [f"p{tag}-{n}" for n in range(2)]
        own = [f"+86112{tag:04d}{n:04d}" for n in range(3)]
        for campaign in store.campaigns():
            store.set_campaign_state(campaign.name, CampaignState.STOPPED, now=T0, by="test")
        for name in names:
            store.create_campaign(name, now=T0)
            store.add_leads(name, [Lead(n) for n in own], now=T0, decide=decider(T0))
        now = T0
        held: list[tuple[Claim, bool]] = []
        dialled: dict[str, float] = {}
        for action, amount in plan:
            now += amount
            if action == "lead":
                store.add_leads(
                    names[amount % 2], [Lead(own[amount % 3], grade=Grade.HIGH)], now=now, decide=decider(now)
                )
            elif action == "die":
                store.recover(now=now, node="n1", decide=decider(now))
                held.clear()
            elif action == "dial":
                claims = store.claim("n1", now=now, lease_s=1e6, limit=1 + amount % 3)
                due_at = store.next_due_at()
                assert due_at is None or due_at > now or len(claims) == 1 + amount % 3
                for claim in claims:
                    told = claim.case.lead.number
                    assert told not in {c.case.lead.number for c, _ in held}
                    assert now - dialled.get(told, 0.0) >= COOL_DOWN_S
                    if amount % 5:
                        store.dialled(claim.attempt_id, now=now)
                        dialled[told] = now
                    held.append((claim, bool(amount % 5)))
            elif held and action in {"finish", "give_back"}:
                claim, was_dialled = held.pop()
                if action == "give_back" and not was_dialled:
                    store.give_back(claim.attempt_id, now=now, reason="test")
                else:
                    step = again(now + amount) if amount % 2 else NextStep(close_reason="x")
                    store.finish(claim.attempt_id, result(), follows(step), now=now)
        assert store.in_progress() == len(held)
        store.recover(now=now, node="n1", decide=decider(now))
        assert store.in_progress() == 0
        store.close()
