"""A history in which every kind of event occurs."""

from __future__ import annotations

from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import (
    AttemptResult,
    CampaignState,
    EscalationState,
    Grade,
    HeardSignal,
    NextStep,
    Outcome,
    Speaker,
    Turn,
)
from campaigns.policy import decider
from campaigns.store import Store
from tests.campaigns.store_contract import T0, claim_one, follows, lead


def tell_every_event(store: Store) -> None:
    """Live through it."""
    name = store.create_campaign("every event", now=T0).name
    store.set_campaign_state(name, CampaignState.PAUSED, now=T0, by="Li")
    store.set_campaign_state(name, CampaignState.RUNNING, now=T0, by="Li")
    store.add_leads(name, [lead(1), lead(1, Grade.HIGH)], now=T0, decide=decider(T0))
    store.record_import(name, "digest", file="a.csv", read=2, accepted=1, merged=1, rejected=0, now=T0)
    store.give_back(claim_one(store, now=T0).attempt_id, now=T0, reason="no line free")

    now = T0
    for state in EscalationState:
        attempt_id = claim_one(store, now=now, lease_s=900).attempt_id
        store.dialled(attempt_id, now=now + 1)
        store.answered(attempt_id, now=now + 5)
        store.add_turn(attempt_id, Turn(Speaker.SUBJECT, "有", 1.0, 1.5, "ask"), now=now + 7)
        store.add_signal(attempt_id, HeardSignal("contacted", "有", "zh.yes", 1.4), now=now + 7)
        escalation = store.offer_escalation(attempt_id, reason="contacted", words="有", now=now + 8)
        store.escalation_rang(escalation, dissuader="chen", now=now + 9)
        if state is EscalationState.OFFERED:
            store.recover(now=now + 900, decide=decider(now + 900))
        else:
            store.end_escalation(escalation, state, dissuader="chen", now=now + 12)
            step = NextStep(due_at=now + 900, urgency=2000, orders=(Order(FollowUpKind.VISIT, now + 7200),))
            result = AttemptResult(Outcome.CALLBACK_DUE, now + 50, sip_code=200, recording="recordings/1.wav")
            store.finish(attempt_id, result, follows(step), now=now + 50)
        now += 1000
    last = claim_one(store, now=now)
    result = AttemptResult(Outcome.ACKNOWLEDGED, now + 50, key_warning_heard=True)
    store.finish(last.attempt_id, result, follows(NextStep(close_reason="acknowledged")), now=now + 50)
