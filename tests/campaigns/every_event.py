"""A history in which every kind of event occurs."""

from __future__ import annotations

from campaigns.access import Scope
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Act,
    AttemptResult,
    CampaignState,
    Claim,
    Conviction,
    Disposition,
    EscalationState,
    Grade,
    HeardSignal,
    Mention,
    MentionKind,
    NextStep,
    Outcome,
    Speaker,
    Suppression,
    Turn,
)
from campaigns.staff import Role, Station
from campaigns.store import Store
from tests.campaigns.store_contract import T0, claim_one, decider, follows, lead, number


def tell_every_event(store: Store) -> None:
    """Live through it."""
    name = store.create_campaign("every event", now=T0).name
    store.set_campaign_state(name, CampaignState.PAUSED, now=T0, by="Li")
    store.set_campaign_state(name, CampaignState.RUNNING, now=T0, by="Li")
    store.set_policy(name, "hours: none", now=T0, by="Li")
    store.lift_hours(name, T0 + 3600, now=T0, by="Li", why="a wave of calls")
    store.add_leads(name, [lead(1), lead(1, Grade.HIGH)], now=T0, decide=decider(T0))
    store.record_import(name, "digest", file="a.csv", read=2, accepted=1, merged=1, rejected=0, now=T0)
    store.give_back(claim_one(store, now=T0).attempt_id, now=T0, reason="no line free")

    now = T0
    for state in EscalationState:
        _call(store, claim_one(store, now=now, lease_s=900), state, now)
        now += 1000
    last = claim_one(store, now=now)
    result = AttemptResult(Outcome.DENIES, now + 50, key_warning_heard=True)
    store.finish(last.attempt_id, result, follows(NextStep(waits=True, why="the visit")), now=now + 50)
    _follow(store, last.case.id, now)
    _judge(store, last, now)


def _call(store: Store, claim: Claim, state: EscalationState, now: float) -> None:
    attempt_id = claim.attempt_id
    store.dialled(attempt_id, now=now + 1)
    store.answered(attempt_id, now=now + 5)
    store.add_turn(attempt_id, Turn(Speaker.SUBJECT, "有", 1.0, 1.5, "ask"), now=now + 7)
    store.add_signal(attempt_id, HeardSignal("contacted", "有", "zh.yes", 1.4), now=now + 7)
    store.add_mention(attempt_id, Mention(MentionKind.AMOUNT, "20000", "两万", 1.2), now=now + 7)
    for act in Act:
        store.add_act(attempt_id, act, by="wu", now=now + 7)
    escalation = store.offer_escalation(attempt_id, reason="contacted", words="有", now=now + 8)
    store.escalation_rang(escalation, dissuader="chen", now=now + 9)
    if state is EscalationState.OFFERED:
        store.recover(now=now + 900, decide=decider(now + 900))
        return
    store.end_escalation(escalation, state, dissuader="chen", now=now + 12)
    step = NextStep(due_at=now + 900, urgency=2000, grade=Grade.HIGH, orders=(Order(FollowUpKind.VISIT, now + 7200),))
    result = AttemptResult(Outcome.CALLBACK_DUE, now + 50, sip_code=200, recording="recordings/1.wav")
    store.finish(attempt_id, result, follows(step), now=now + 50)


def _follow(store: Store, case_id: int, now: float) -> None:
    """The visit is delayed, sent, acknowledged and done; the message fails; both are late."""
    visit = store.order(case_id, Order(FollowUpKind.VISIT, now + 60), now=now, by="Li").id
    message = store.order(case_id, Order(FollowUpKind.SMS, now + 60), now=now, by="Li").id
    store.delivery_failed(visit, error="the receiver is down", next_try_at=now + 20, now=now + 10)
    store.delivered(visit, channel="webhook", reference="V1", now=now + 20)
    store.feedback(visit, FollowUpState.ACKNOWLEDGED, by="station", now=now + 30)
    store.add_leads("every event", [lead(2)], now=now, decide=follows(NextStep(due_at=now, first_call_by_at=now + 60)))
    store.raise_overdue(now=now + 1e6)
    store.feedback(visit, FollowUpState.DONE, result="met", by="station", now=now + 1e6)
    store.delivery_failed(message, error="no such number", next_try_at=None, now=now + 1e6)


def _judge(store: Store, last: Claim, now: float) -> None:
    judged = Disposition(last.case.id, last.attempt_id, Conviction.CONVINCED, "chen", now, 20000.0, 20000.0)
    store.record_disposition(judged, now=now)
    store.suppress(Suppression(number(9), "asked us not to", "chen", now, None), now=now)
    store.unsuppress(number(9), now=now, by="Li")
    store.add_token("platform", "k1", "digest", scopes=[Scope.LEADS], now=now, by="Li")
    store.revoke_token("platform", now=now, by="Li")
    store.add_user("chen", name="Chen", roles=[Role.DISSUADER], password="", now=now, by="Li")
    store.change_user("chen", phone="sip:chen@127.0.0.1", now=now, by="Li")
    store.add_ticket("chen", "digest", until_at=now + 900, now=now, by="Li")
    store.set_station("chen", Station.READY, now=now)
    store.note("breaker.opened", {"node": "n1", "failed": 5, "of": 6, "probe_at": now + 30}, now=now)
    store.note("breaker.closed", {"node": "n1", "open_s": 32.0, "probes": 1}, now=now + 32)
    rose = {"node": "n1", "level": "tight", "late_s": 0.25, "busy": 0.7, "lost_frames": 0}
    store.note("pressure.rose", rose, now=now + 40)
    store.note("pressure.fell", {"node": "n1", "level": "free", "lasted_s": 8.0}, now=now + 48)
    (low,) = (case for case in store.cases() if case.lead.number == number(2))
    store.revise(low.id, follows(NextStep(close_reason="expired", grade=Grade.HIGH)), now=now)
    assert store.purge(recordings_before_at=now + 1e6, now=now + 1e6).recordings == ("recordings/1.wav",)
    store.recordings_deleted(["recordings/1.wav"], now=now + 1e6)
