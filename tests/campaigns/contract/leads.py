"""Campaigns, and the leads that come into them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaigns.model import (
    CampaignState,
    CaseState,
    Grade,
    ImportCount,
    Lead,
    NextStep,
    Outcome,
)
from campaigns.store import NotFoundError, Store
from tests.campaigns.contract.words import (
    CALL_BACK_URGENCY,
    LEASE_S,
    T0,
    URGENCY,
    again,
    claim_one,
    decider,
    follows,
    kinds,
    last_seq,
    lead,
    number,
    result,
)


class TestCampaigns:
    def test_a_campaign_is_made_running_and_once(self, store: Store) -> None:
        first = store.create_campaign("autumn", now=T0)
        assert first.state is CampaignState.RUNNING
        assert store.create_campaign("autumn", now=T0 + 1) == first
        assert [campaign.name for campaign in store.campaigns()] == ["spring", "autumn"]
        assert kinds(store).count("campaign.created") == 2

    def test_a_change_of_state_says_who_and_a_repetition_says_nothing(self, store: Store) -> None:
        for _ in range(2):
            campaign = store.set_campaign_state("spring", CampaignState.PAUSED, now=T0, by="officer Li")
            assert campaign.state is CampaignState.PAUSED
        (event,) = [event for event in store.events() if event.kind == "campaign.state"]
        assert event.data == {"name": "spring", "state": "paused", "by": "officer Li"}

    def test_an_unknown_campaign_is_an_error(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match="winter"):
            store.set_campaign_state("winter", CampaignState.PAUSED, now=T0, by="x")
        with pytest.raises(NotFoundError, match="winter"):
            store.add_leads("winter", [lead(1)], now=T0, decide=decider(T0))

    @pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.STOPPED])
    def test_only_running_campaigns_are_claimed(self, store: Store, state: CampaignState) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        store.set_campaign_state("spring", state, now=T0, by="x")
        assert store.claim("n1", now=T0, lease_s=LEASE_S, limit=9) == []
        assert store.next_due_at() is None
        store.set_campaign_state("spring", CampaignState.RUNNING, now=T0, by="x")
        assert store.next_due_at() == T0
        assert len(store.claim("n1", now=T0, lease_s=LEASE_S, limit=9)) == 1


class TestLeads:
    def test_a_lead_becomes_a_queued_case_that_is_due_at_once(self, store: Store) -> None:
        full = Lead(number(1), "王芳", "冒充公检法", Grade.HIGH, "zh-CN", "female", 71, "独居")
        assert store.add_leads("spring", [full], now=T0, decide=decider(T0)) == ImportCount(accepted=1)
        (case,) = store.cases(campaign="spring")
        assert (case.lead, case.state, case.due_at, case.attempts) == (full, CaseState.QUEUED, T0, 0)
        assert store.case(case.id) == case
        assert store.cases(campaign="none") == []

    def test_the_same_leads_twice_change_nothing(self, store: Store) -> None:
        leads = [lead(1, Grade.HIGH, name="王芳"), lead(2)]
        store.add_leads("spring", leads, now=T0, decide=decider(T0))
        before = store.cases(), last_seq(store)
        assert store.add_leads("spring", leads, now=T0 + 5, decide=decider(T0 + 5)) == ImportCount(merged=2)
        assert (store.cases(), last_seq(store)) == before

    def test_a_merge_raises_the_grade_with_its_urgency_and_fills_blanks_only(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.LOW, name="王芳")], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(1, Grade.HIGH, name="别人", age=71, note="独居")], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(1, Grade.LOW, sex="female")], now=T0, decide=decider(T0))
        (case,) = store.cases()
        assert case.lead == lead(1, Grade.HIGH, name="王芳", age=71, note="独居", sex="female")
        assert case.urgency == URGENCY[Grade.HIGH]
        changed = [event.data["changed"] for event in store.events() if event.kind == "lead.merged"]
        assert [sorted(map(str, c)) for c in changed if isinstance(c, list)] == [["age", "grade", "note"], ["sex"]]

    def test_a_lead_that_raises_no_grade_leaves_the_plan_alone(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, Grade.HIGH)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(Outcome.CALLBACK_DUE), follows(again(T0 + 1, CALL_BACK_URGENCY)), now=T0)
        store.add_leads("spring", [lead(1, Grade.HIGH, age=71)], now=T0, decide=follows(NextStep(close_reason="no")))
        (case,) = store.cases()
        assert (case.state, case.urgency, case.due_at) == (CaseState.QUEUED, CALL_BACK_URGENCY, T0 + 1)

    def test_a_lead_for_a_closed_case_opens_a_new_one(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        store.finish(claim.attempt_id, result(Outcome.WARNED), follows(NextStep(close_reason="warned")), now=T0)
        assert store.add_leads("spring", [lead(1)], now=T0 + 9, decide=decider(T0 + 9)).accepted == 1
        assert [case.state for case in store.cases()] == [CaseState.CLOSED, CaseState.QUEUED]

    def test_campaigns_have_cases_of_their_own(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        assert store.add_leads("autumn", [lead(1)], now=T0, decide=decider(T0)).accepted == 1

    def test_an_error_in_mid_batch_leaves_nothing_behind(self, store: Store) -> None:
        def broken() -> Iterator[Lead]:
            yield lead(1)
            raise RuntimeError("the file ended")

        before = last_seq(store)
        with pytest.raises(RuntimeError):
            store.add_leads("spring", broken(), now=T0, decide=decider(T0))
        assert store.cases() == []
        assert last_seq(store) == before
        assert store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0)).accepted == 1

    def test_an_imported_file_is_remembered_for_its_campaign(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        assert store.imported_at("spring", "abc") is None
        store.record_import("spring", "abc", file="a.csv", read=3, accepted=1, merged=1, rejected=1, now=T0)
        store.record_import("spring", "abc", file="a.csv", read=3, accepted=0, merged=2, rejected=1, now=T0 + 5)
        assert store.imported_at("spring", "abc") == T0 + 5
        assert store.imported_at("autumn", "abc") is None
