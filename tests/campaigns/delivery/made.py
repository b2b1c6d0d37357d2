"""A case as it may look when something is ordered for it."""

from __future__ import annotations

from typing import Any

from campaigns.delivery.channel import Parcel
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    CaseState,
    Conviction,
    Disposition,
    HeardSignal,
    History,
    Lead,
    Mention,
    MentionKind,
    Outcome,
)
from tests.campaigns.delivery.cases import lead, writer

AT = 1_800_000_000.0
MENTIONS = (
    Mention(MentionKind.PHONE, "+8611100000077", "幺幺幺零零七七", 4.0),
    Mention(MentionKind.PHONE, "11100000001", "我的号码", 5.0),
    Mention(MentionKind.ACCOUNT, "6222000000000009", "六二二二零九", 6.0),
    Mention(MentionKind.ACCOUNT, "6222000000000001", "六二二二零一", 6.5),
    Mention(MentionKind.AMOUNT, "200000", "二十万", 7.0),
    Mention(MentionKind.APP, "屏幕共享会议", "会议软件", 8.0),
    Mention(MentionKind.SITE, "example.invalid", "那个网站", 9.0),
)


def parcel(kind: FollowUpKind, *, data: dict[str, object] | None = None, **more: Any) -> Parcel:
    return writer().parcel(order(kind, data or {}), history(lead(1, **more)))


def order(kind: FollowUpKind, data: dict[str, object], id_: int = 42) -> FollowUp:
    return FollowUp(id_, 17, 3, kind, FollowUpState.ORDERED, AT, AT + 7200, "陈警官", data)


def history(of: Lead, *follow_ups: FollowUp, mentions: tuple[Mention, ...] = MENTIONS) -> History:
    case = Case(17, 1, of, CaseState.WAITING, 1, None, 2, Outcome.DENIES)
    first, last = (
        Attempt(
            id_,
            17,
            "n1",
            AT,
            AT + 60 * id_,
            AttemptResult(outcome, AT + 60 * id_ + 30, answered_at=AT, key_warning_heard=outcome is Outcome.DENIES),
            signals=(HeardSignal("coached", words, "r", 3.0), HeardSignal("about_to_send", words, "r", 5.0)),
            mentions=mentions,
        )
        for id_, outcome, words in ((1, Outcome.ANSWERED_INCOMPLETE, "先说的"), (2, Outcome.DENIES, "他不让我挂电话"))
    )
    said = Disposition(17, None, Conviction.NOT_CONVINCED, "officer Li", AT, amount_at_risk=250_000.0)
    return History(case, Campaign(1, "spring", CampaignState.RUNNING, AT), (first, last), follow_ups, (said,))
