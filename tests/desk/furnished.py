"""A desk as it looks on a busy day, with invented people: the real pages, a real store, and a floor set up by hand."""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from campaigns.access import digest_of
from campaigns.async_store import AsyncStore
from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import (
    AttemptResult,
    Conviction,
    Disposition,
    EscalationState,
    Grade,
    HeardSignal,
    Lead,
    Mention,
    MentionKind,
    Outcome,
    Relative,
    Speaker,
    Suppression,
    Turn,
)
from campaigns.policy import decider, parse_policy
from campaigns.sqlite_store import SqliteStore
from campaigns.staff import Role, Station
from campaigns.store import Store
from dialer.live import LiveCall, LiveOffer, OnCall, Part, Phase, Post, Said
from dissuade.config import ApiSection, CentreSection, Config, DeskSection, NodeSection
from dissuade.desk import serve_desk
from dissuade.intake import intake
from tests.console.live_double import LiveDouble
from tests.console.seeds import write_recording

# The pages are looked at at any hour.
_POLICY = parse_policy("hours: {high: always, medium: always, low: always}", name="any hour")
CAMPAIGN = "春季劝阻"
LIVE = 3
"""The first cases are being called now."""
RECORDING = "recordings/earlier.wav"
USERS = {
    "chen": ("陈志远", Role.DISSUADER),
    "wang": ("王立群", Role.DISSUADER),
    "zhou": ("周雨桐", Role.DISSUADER),
    "li": ("李文博", Role.DUTY_OFFICER),
    "shen": ("沈秋", Role.AUDITOR),
    "root": ("何平", Role.ADMINISTRATOR),
}
LEADS = (
    Lead(
        "+8611100000011",
        name="张秀兰",
        age=72,
        sex="女",
        group="elderly",
        grade=Grade.HIGH,
        scam_type="冒充公检法",
        amount=200_000,
        accounts=("6222000000000011",),
        relatives=(Relative("+8611100000021", "女儿", "刘芳"),),
        precinct="示例市/东城区/和平派出所",
        note="预警来自反诈平台",
    ),
    Lead("+8611100000012", name="李强", age=45, sex="男", grade=Grade.HIGH, scam_type="冒充公检法", amount=50_000),
    Lead("+8611100000013", name="吴霞", age=31, sex="女", grade=Grade.MEDIUM, scam_type="冒充电商物流客服"),
    Lead("+8611100000014", name="孙梅", age=48, sex="女", grade=Grade.MEDIUM, scam_type="刷单返利"),
    Lead("+8611100000015", name="赵静", age=34, sex="女", grade=Grade.LOW, scam_type="冒充电商物流客服"),
    Lead("+8611100000016", name="周涛", age=29, sex="男", grade=Grade.LOW),
)
_SAID = (
    (Speaker.ROBOT, "您好，我是反诈中心语音助手。最近有没有自称警察的人给您打电话？", 1.0, 5.2),
    (Speaker.SUBJECT, "有，他说我涉嫌洗钱，让我不要告诉家人", 6.0, 9.4),
    (Speaker.ROBOT, "他有没有让您把钱转到安全账户？", 10.0, 12.8),
    (Speaker.SUBJECT, "有，他让我马上去银行转二十万", 13.5, 16.9),
)
_SIGNALS = (
    HeardSignal("coached", "不要告诉家人", "rule", 8.2),
    HeardSignal("about_to_send", "马上去银行转", "rule", 15.1),
)
_MENTIONS = (
    Mention(MentionKind.AMOUNT, "200000", "二十万", 16.4),
    Mention(MentionKind.APP, "屏幕共享", "屏幕共享", 17.0),
)


@dataclass(frozen=True, slots=True)
class Furnished:
    """The desk, and what tests open on it."""

    address: str
    store: AsyncStore
    earlier: int
    """A recorded call of yesterday, of case 1."""
    calls: dict[str, int]
    """Calls that go on now, by phase."""
    order: int

    async def cookie(self, login: str) -> str:
        """The secret of a session of that user."""
        secret, now = secrets.token_urlsafe(32), time.time()
        await self.store.call(
            lambda s: s.start_session(
                login, digest_of(secret), csrf=secrets.token_urlsafe(32), now=now, until_at=now + 3600
            )
        )
        return secret


@asynccontextmanager
async def furnished(folder: Path, *, rings_s: float = 600.0) -> AsyncIterator[Furnished]:
    """The desk is served; so long a call rings."""
    now = time.time()
    config = Config(
        node=NodeSection(name="n1", home=folder),
        centre=CentreSection(name="示例市反诈中心"),
        desk=DeskSection(),
        api=ApiSection(requests_per_second=1000),
    )
    write_recording(
        folder / RECORDING, 18.0, loud=[(start, end, int(who is Speaker.ROBOT)) for who, _, start, end in _SAID]
    )
    policy = config.policy.default()
    async with AsyncStore(functools.partial(SqliteStore, folder / "desk.db")) as store:
        earlier, attempts, order = await store.call(lambda s: _fill(s, now))
        live = LiveDouble(clock=now)
        for post in (
            Post("chen", "ringing", now - 6, False, attempts[0]),
            Post("wang", "talking", now - 80, False, attempts[1]),
            Post("zhou", "ready", now - 300, False),
        ):
            live.post(post)
        calls = _live_calls(attempts, now, rings_s)
        for call in calls.values():
            live.put(call)
        served = await serve_desk(config, store, intake(config, policy), policy, live=live)
        numbers = {phase: call.attempt_id for phase, call in calls.items()}
        try:
            yield Furnished(served.address.rstrip("/"), store, earlier, numbers, order)
        finally:
            await served.stop()


def _fill(store: Store, now: float) -> tuple[int, list[int], int]:
    yesterday = now - 86_400
    for login, (name, role) in USERS.items():
        store.add_user(login, name=name, roles=[role], password="", now=yesterday, by="test")
    for login, station in (("chen", Station.READY), ("wang", Station.READY), ("zhou", Station.READY)):
        store.set_station(login, station, now=now - 300)
    store.create_campaign(CAMPAIGN, now=yesterday)
    store.create_campaign("老年人专项", now=yesterday)
    store.add_leads(CAMPAIGN, LEADS, now=yesterday, decide=decider(yesterday, _POLICY))
    (claim,) = store.claim("n1", now=yesterday + 60, lease_s=30, limit=1)
    earlier, at = claim.attempt_id, yesterday + 61
    store.dialled(earlier, now=at)
    store.answered(earlier, now=at + 5)
    for speaker, text, start_s, end_s in _SAID:
        store.add_turn(earlier, Turn(speaker, text, start_s, end_s), now=at + end_s)
    for signal in _SIGNALS:
        store.add_signal(earlier, signal, now=at + 16)
    for mention in _MENTIONS:
        store.add_mention(earlier, mention, now=at + 16)
    offered = store.offer_escalation(earlier, reason="about_to_send", words="马上去银行转", now=at + 17)
    store.end_escalation(offered, EscalationState.NOBODY_FREE, dissuader="", now=at + 37)
    ended = AttemptResult(Outcome.CALLBACK_DUE, at + 50, at + 5, recording=RECORDING, reason="about_to_send was heard")
    store.finish(earlier, ended, decider(at + 50, _POLICY), now=at + 50)
    claims = {each.case.id: each.attempt_id for each in store.claim("n1", now=now - 90, lease_s=3600, limit=10)}
    for case_id, attempt_id in claims.items():
        if case_id > LIVE:
            store.give_back(attempt_id, now=now - 90, reason="")
        else:
            store.dialled(attempt_id, now=now - 89)
            store.answered(attempt_id, now=now - 80)
    case = claim.case.id
    store.record_disposition(
        Disposition(case, earlier, Conviction.NOT_CONVINCED, "chen", at + 90, 200_000, None, "坚持认为对方是警察"),
        now=at + 90,
    )
    order = store.order(case, Order(FollowUpKind.VISIT, now + 1500), now=now - 300, by="chen")
    store.order(case, Order(FollowUpKind.STOP_PAYMENT, now - 120), now=now - 720, by="chen")
    store.suppress(Suppression("+8611100000099", "本人要求", "li", yesterday, None), now=yesterday)
    for seen in ("case.viewed", "recording.heard"):
        store.audit(seen, by="chen", now=now - 60, case_id=case, address="192.0.2.7")
    return earlier, [claims[each] for each in range(1, LIVE + 1)], order.id


def _live_calls(attempts: list[int], now: float, rings_s: float) -> dict[str, LiveCall]:
    said = tuple(Said(speaker, text, start_s) for speaker, text, start_s, _ in _SAID)
    robot = LiveCall(
        attempts[2], 3, CAMPAIGN, LEADS[2], Phase.ROBOT, now - 40, now - 30, transcript=said[:2], node="n1"
    )
    offered = replace(
        robot,
        attempt_id=attempts[0],
        case_id=1,
        lead=LEADS[0],
        phase=Phase.OFFERED,
        transcript=(*said, Said(Speaker.SUBJECT, "他还在", 17.5, final=False)),
        signals=_SIGNALS,
        mentions=_MENTIONS,
        reason="about_to_send",
        words="马上去银行转",
        offered_at=now - 6,
        offers=(LiveOffer("chen", False, now - 6, now + rings_s),),
    )
    joined = replace(
        offered,
        attempt_id=attempts[1],
        case_id=2,
        lead=LEADS[1],
        phase=Phase.JOINED,
        phase_since_at=now - 80,
        offers=(),
        on_call=(OnCall("wang", Part.SPEAKS, phone=False, joined_at=now - 80),),
        transcript=(
            *said,
            Said(Speaker.DISSUADER, "您好，我是民警王立群，请您先挂断那个电话", 19.0, name="wang"),
            Said(Speaker.SUBJECT, "可是他说我不转钱就要抓我", 23.0),
        ),
    )
    return {"offered": offered, "joined": joined, "robot": robot}
