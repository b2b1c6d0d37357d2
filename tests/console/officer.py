"""What tests of the officer's pages begin with: cases, orders, and people who look at them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from campaigns.delivery.document import Writer
from campaigns.delivery.sms_texts import SmsTexts
from campaigns.follow_up import FollowUp, FollowUpKind, Order
from campaigns.model import Case, Grade, Lead
from campaigns.policy import decider
from campaigns.staff import Role
from campaigns.store import Store
from console.desk.context import Limits
from tests.console.at_desk import NOON, AtDesk, Browser, at_desk
from tests.console.live_double import LiveDouble

WRITER = Writer("gz", "Test centre", "96110", SmsTexts(None, centre="Test centre", callback_number="96110"))
LIMITS = Limits(lines=8, calls_per_s=5.0, cool_down_s=120.0, daily_limit=8)


@asynccontextmanager
async def officers_desk(folder: Path, **more: Any) -> AsyncIterator[tuple[AtDesk, LiveDouble]]:
    """A desk with a live floor."""
    live = LiveDouble(clock=NOON)
    async with at_desk(folder, live=live, writer=WRITER, limits=LIMITS, **more) as desk:
        yield desk, live


async def officer(desk: AtDesk, language: str = "en") -> Browser:
    return await desk.signed_in("qian", Role.DUTY_OFFICER, language=language)


async def auditor(desk: AtDesk) -> Browser:
    return await desk.signed_in("shen", Role.AUDITOR)


async def add_leads(desk: AtDesk, *leads: Lead, campaign: str = "spring", at: float | None = None) -> list[Case]:
    """Cases of a campaign, planned by the standard policy."""
    now = desk.clock() if at is None else at

    def add(store: Store) -> list[Case]:
        store.create_campaign(campaign, now=now)
        store.add_leads(campaign, leads, now=now, decide=decider(now))
        return store.cases(campaign=campaign)

    return await desk.store.call(add)


def lead(last: int, grade: Grade = Grade.HIGH, **more: Any) -> Lead:
    return Lead(f"+86111000000{last:02}", grade=grade, **more)


async def an_order(desk: AtDesk, case: Case, kind: FollowUpKind, deadline_at: float) -> FollowUp:
    now = desk.clock()
    return await desk.store.call(lambda s: s.order(case.id, Order(kind, deadline_at), now=now, by="chen"))


def plain(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def tile(text: str, label: str) -> str:
    """The figure of a tile."""
    found = re.search(rf'<span class="label">{label}</span>\s*<strong>(.*?)</strong>', text, re.DOTALL)
    assert found, label
    return plain(found[1])
