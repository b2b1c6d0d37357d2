"""Days of an invented centre: leads, calls, orders and judgements in a real store, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from campaigns.follow_up import RESULTS, FollowUpKind, FollowUpState, Order
from campaigns.model import (
    AttemptResult,
    Claim,
    Conviction,
    Disposition,
    EscalationState,
    Grade,
    HeardSignal,
    History,
    Lead,
    Mention,
    MentionKind,
    NextStep,
    Outcome,
    Speaker,
    Suppression,
    Turn,
)
from campaigns.store import Store

DAY_S = 86_400.0
CAMPAIGN = "spring"
SCAM_TYPES = (
    "冒充公检法",
    "刷单返利",
    "虚假投资理财",
    "冒充电商物流客服",
    "虚假征信",
    "虚假网络贷款",
    "冒充领导熟人",
    "",
)
DISTRICTS = ("穗城/东山", "穗城/西关", "穗城/河南", "穗城/白云山", "穗城/珠江口", "")
GROUPS = ("老年人", "学生", "企业财会", "", "", "")
SOURCES = ("预警平台", "通信管理局", "银行", "96110 来电")
SURNAMES = "张王李赵陈杨黄周吴徐孙马朱胡林郭何高罗郑"

REACHED = (
    (Outcome.ACKNOWLEDGED, 30),
    (Outcome.WARNED, 12),
    (Outcome.ANSWERED_INCOMPLETE, 9),
    (Outcome.DENIES, 6),
    (Outcome.ESCALATED, 5),
    (Outcome.CALLBACK_DUE, 1),
    (Outcome.WRONG_PERSON, 4),
)
MISSED = (
    (Outcome.NO_ANSWER, 20),
    (Outcome.BUSY, 6),
    (Outcome.REJECTED, 6),
    (Outcome.POWERED_OFF, 4),
    (Outcome.UNREACHABLE, 2),
    (Outcome.VOICEMAIL, 2),
    (Outcome.TRUNK_FAILURE, 1),
)
ORDERS = {
    Outcome.DENIES: (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE),
    Outcome.CALLBACK_DUE: (FollowUpKind.VISIT,),
    Outcome.ESCALATED: (FollowUpKind.STOP_PAYMENT, FollowUpKind.BLOCK),
    Outcome.NO_ANSWER: (FollowUpKind.SMS,),
    Outcome.BUSY: (FollowUpKind.SMS, FollowUpKind.VISIT),
}
HOURLY = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 9, 14, 15, 13, 9, 11, 14, 14, 13, 11, 9, 9, 8, 5, 2, 1)
"""How many calls an hour has, beside the others."""


class Centre:
    """An invented centre and its random numbers."""

    def __init__(self, store: Store, seed: int = 4) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.numbers = 0
        store.create_campaign(CAMPAIGN, now=0.0)

    def day(self, from_at: float, leads: int, *, calls_in_a_hundred: int = 25) -> None:
        """Let a day pass that begins at ``from_at``: leads come in by the hour, and a share of them is called."""
        for hour, share in enumerate(HOURLY):
            at = from_at + hour * 3600.0
            own = round(leads * share / sum(HOURLY)) or 1
            self.store.add_leads(CAMPAIGN, [self.lead() for _ in range(own)], now=at, decide=_decide(at))
            wanted = max(1, own * calls_in_a_hundred // 100)
            done = 0
            while done < wanted:
                claims = self.store.claim("n1", now=at + 60, lease_s=1e6, limit=min(200, wanted - done))
                if not claims:
                    break
                for n, claim in enumerate(claims):
                    self._call(claim, at + 61 + 3400.0 * (done + n) / wanted, from_at + DAY_S)
                done += len(claims)

    def lead(self) -> Lead:
        """A warning about somebody who does not exist."""
        self.numbers += 1
        draw = self.random
        return Lead(
            number=f"+86111{self.numbers:08d}",
            name=draw.choice(SURNAMES) + "某某",
            scam_type=draw.choices(SCAM_TYPES, (18, 25, 14, 12, 9, 8, 6, 8))[0],
            grade=draw.choices(list(Grade), (15, 35, 50))[0],
            group=draw.choice(GROUPS),
            amount=draw.choice((None, 5000.0, 20_000.0, 100_000.0)),
            source=draw.choices(SOURCES, (60, 20, 15, 5))[0],
            address="望江路 12 号",
            precinct=f"{district}/望江派出所" if (district := draw.choice(DISTRICTS)) else "",
            note="家属称近日常接陌生电话",
        )

    def _call(self, claim: Claim, at: float, until_at: float) -> None:
        draw, store, attempt_id = self.random, self.store, claim.attempt_id
        reached = draw.random() < 0.58
        outcome = _drawn(draw, REACHED if reached else MISSED)
        store.dialled(attempt_id, now=at)
        ended_at, answered_at = at + 25.0, None
        if reached:
            answered_at, ended_at = at + 8.0, at + draw.uniform(30, 180)
            store.answered(attempt_id, now=answered_at)
            self._talk(claim, outcome, at)
        heard = outcome in {Outcome.WARNED, Outcome.ACKNOWLEDGED, Outcome.DENIES, Outcome.ESCALATED}
        orders = tuple(
            Order(kind, ended_at + draw.choice((600, 1800, 7200)), {"accounts": ["6222020000000000000"]})
            for kind in ORDERS.get(outcome, ())
            if draw.random() < 0.8
        )
        step = (
            NextStep(due_at=ended_at + 7200, urgency=10, orders=orders, why=f"{outcome}, call again")
            if not reached
            else NextStep(waits=True, orders=orders, why="the orders must come to an end")
            if orders
            else NextStep(close_reason=outcome.value, why="heard the warning")
        )
        result = AttemptResult(outcome, ended_at, answered_at, heard, 200 if reached else 480, "", "recordings/1.wav")
        store.finish(attempt_id, result, lambda _: step, now=ended_at)
        if outcome in {Outcome.ESCALATED, Outcome.DENIES}:
            self._judge(claim, ended_at + 120)
        if outcome is Outcome.WRONG_PERSON:
            store.suppress(
                Suppression(claim.case.lead.number, "somebody else", "", ended_at, ended_at + 30 * DAY_S), now=ended_at
            )
        self._follow(claim.case.id, ended_at, until_at)

    def _talk(self, claim: Claim, outcome: Outcome, at: float) -> None:
        store, attempt_id = self.store, claim.attempt_id
        store.add_turn(
            attempt_id, Turn(Speaker.ROBOT, "您好，这里是反诈中心，请问有人让您转账吗？", 0.4, 6.0, "ask"), now=at + 15
        )
        store.add_turn(attempt_id, Turn(Speaker.SUBJECT, "他让我转两万到安全账户", 6.8, 9.5, "ask"), now=at + 18)
        store.add_signal(attempt_id, HeardSignal("about_to_send", "转两万", "zh.transfer", 8.0), now=at + 17)
        store.add_mention(attempt_id, Mention(MentionKind.AMOUNT, "20000", "两万", 8.0), now=at + 18)
        if outcome in {Outcome.ESCALATED, Outcome.CALLBACK_DUE}:
            offered = store.offer_escalation(attempt_id, reason="about_to_send", words="转两万", now=at + 18)
            store.escalation_rang(offered, dissuader="陈警官", now=at + 19)
            joined = outcome is Outcome.ESCALATED
            state = EscalationState.JOINED if joined else EscalationState.NOBODY_FREE
            store.end_escalation(offered, state, dissuader="陈警官" if joined else "", now=at + 24)

    def _judge(self, claim: Claim, at: float) -> None:
        risk = self.random.choice((20_000.0, 50_000.0, 300_000.0))
        conviction = self.random.choices(list(Conviction), (60, 15, 8, 1, 6, 10))[0]
        saved = risk if conviction is Conviction.CONVINCED else 0.0
        self.store.record_disposition(
            Disposition(claim.case.id, claim.attempt_id, conviction, "陈警官", at, risk, saved, "已联系家属"), now=at
        )

    def _follow(self, case_id: int, at: float, until_at: float) -> None:
        for ordered in self.store.follow_ups(case_id, open_only=True):
            done_at = at + self.random.expovariate(1 / 3000)
            if ordered.state is not FollowUpState.ORDERED or done_at >= until_at or self.random.random() < 0.1:
                continue
            self.store.delivered(ordered.id, channel="webhook", reference=f"R{ordered.id}", now=at + 5)
            result = self.random.choice(RESULTS[ordered.kind])
            self.store.feedback(
                ordered.id, FollowUpState.DONE, result=result, note="见到本人", by="望江派出所", now=done_at
            )


def _drawn(draw: random.Random, shares: Sequence[tuple[Outcome, int]]) -> Outcome:
    return draw.choices([outcome for outcome, _ in shares], [share for _, share in shares])[0]


_FIRST_CALL_S = {Grade.HIGH: 300.0, Grade.MEDIUM: 7200.0, Grade.LOW: 28_800.0}


def _decide(now: float):  # type: ignore[no-untyped-def]
    def decide(history: History) -> NextStep:
        grade = history.case.lead.grade
        urgency = {Grade.HIGH: 1000, Grade.MEDIUM: 200, Grade.LOW: 100}[grade]
        return NextStep(due_at=now, urgency=urgency, first_call_by_at=now + _FIRST_CALL_S[grade], why="new")

    return decide
