"""Campaigns: how far they are, start and stop, calling hours, policy."""

from __future__ import annotations

import functools
import math
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Path, Response
from starlette.exceptions import HTTPException

from campaigns.counts import CampaignCount
from campaigns.model import Campaign, CampaignState
from campaigns.policy import Policy, decider, policy_of
from campaigns.policy.reading import STANDARD_FILE
from campaigns.staff import AuditEntry, Role
from campaigns.store import Store
from console.desk.ladder import ladder, lasting
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/campaigns", N_("Campaigns"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR})),)

LONGEST_LIFT_S = 2 * 86_400.0
REVISED_AT_ONCE = 200
"""Queued cases planned anew in a breath, so that no call waits."""

Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Officer = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]
CampaignId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Form(max_length=200)]


@router.get("/campaigns")
async def show(visit: Reader) -> Response:
    """All campaigns."""
    return await _list(visit)


@router.get("/campaigns/table")
async def table(visit: Reader) -> Response:
    """The table of all campaigns as it is now."""
    work = await visit.desk.watch.work(fresh=True)
    return visit.page("campaigns_table.html", counts=work.counts)


@router.post("/campaigns")
async def create(visit: Officer, name: Text) -> Response:
    """Make a campaign; it is paused until somebody starts it."""
    wanted, now, by = " ".join(name.split()), visit.desk.clock(), visit.user.login
    if not wanted or not wanted.isprintable():
        return await _list(visit, status=422, said=visit._("Give the campaign a name."))

    def make(store: Store) -> Campaign | None:
        if any(each.name == wanted for each in store.campaigns()):
            return None
        store.create_campaign(wanted, now=now)
        return store.set_campaign_state(wanted, CampaignState.PAUSED, now=now, by=by)

    made = await visit.desk.store.call(make)
    if made is None:
        return await _list(visit, status=409, said=visit._("There is a campaign of this name already."))
    await visit.audit("campaign.created", detail={"campaign": wanted})
    return visit.go(f"/campaigns/{made.id}")


@router.get("/campaigns/{campaign_id}")
async def one(visit: Reader, campaign_id: CampaignId) -> Response:
    """One campaign."""
    return await _page(visit, campaign_id)


@router.get("/campaigns/{campaign_id}/counts")
async def counts(visit: Reader, campaign_id: CampaignId) -> Response:
    """Its figures as they are now."""
    work = await visit.desk.watch.work(fresh=True)
    return visit.page("campaign_counts.html", count=_of(work.counts, campaign_id))


@router.get("/campaigns/{campaign_id}/policy")
async def show_policy(visit: Reader, campaign_id: CampaignId) -> Response:
    """What follows for each case: the ladder, and the text that it is made of."""
    campaign = await campaign_of(visit, campaign_id)
    used = policy_of(campaign, visit.desk.policy)
    return visit.page(
        "policy.html",
        campaign=campaign,
        policy=used,
        ladder=ladder(used),
        own=campaign.policy,
        standard=STANDARD_FILE.read_text(encoding="utf-8"),
        lasting=lambda span_s: lasting(span_s, visit.language),
    )


@router.post("/campaigns/{campaign_id}/state")
async def change_state(
    visit: Officer, campaign_id: CampaignId, state: Annotated[CampaignState, Form()], sure: Annotated[str, Form()] = ""
) -> Response:
    """Start, pause, resume or stop; to stop it one must be sure."""
    campaign = await campaign_of(visit, campaign_id)
    if state is CampaignState.STOPPED and sure != "yes":
        return await _page(visit, campaign_id, status=422, said=visit._("Say that you are sure to stop the campaign."))
    now, by = visit.desk.clock(), visit.user.login
    if state is not campaign.state:
        await visit.desk.store.call(lambda s: s.set_campaign_state(campaign.name, state, now=now, by=by))
        await visit.audit("campaign.state", detail={"campaign": campaign.name, "state": state.value})
    if state is CampaignState.RUNNING:
        visit.desk.on_leads()
    return visit.go(f"/campaigns/{campaign_id}")


@router.post("/campaigns/{campaign_id}/hours")
async def lift_hours(visit: Officer, campaign_id: CampaignId, until: Text, why: Text) -> Response:
    """Call outside the calling hours until then."""
    campaign = await campaign_of(visit, campaign_id)
    now, by = visit.desk.clock(), visit.user.login
    until_at = _moment(until, visit.desk.settings.time_zone)
    if not why.strip() or not now < until_at <= now + LONGEST_LIFT_S:
        said = visit._("Say why, and name a time within the next 48 hours.")
        return await _page(visit, campaign_id, status=422, said=said)
    reason = why.strip()
    await visit.desk.store.call(lambda s: s.lift_hours(campaign.name, until_at, now=now, by=by, why=reason))
    await visit.audit("campaign.hours_lifted", detail={"campaign": campaign.name, "until_at": until_at, "why": reason})
    await _plan_anew(visit, campaign.name)
    return visit.go(f"/campaigns/{campaign_id}")


async def campaign_of(visit: Visit, campaign_id: int) -> Campaign:
    """A campaign; 404 if there is none."""
    found = await visit.desk.store.call(lambda s: s.campaigns(), wake=False)
    for each in found:
        if each.id == campaign_id:
            return each
    raise HTTPException(404, visit._("There is no such campaign."))


async def _list(visit: Visit, *, status: int = 200, said: str = "") -> Response:
    work = await visit.desk.watch.work(fresh=visit.connection.scope["method"] != "GET")
    return visit.page(
        "campaigns.html",
        status=status,
        counts=work.counts,
        limits=visit.desk.limits,
        said=said,
        may_act=visit.may(Role.DUTY_OFFICER),
        lasting=lambda span_s: lasting(span_s, visit.language),
    )


async def _page(visit: Visit, campaign_id: int, *, status: int = 200, said: str = "") -> Response:
    campaign = await campaign_of(visit, campaign_id)
    work = await visit.desk.watch.work(fresh=True)
    used: Policy = policy_of(campaign, visit.desk.policy)
    return visit.page(
        "campaign.html",
        status=status,
        campaign=campaign,
        count=_of(work.counts, campaign_id),
        ladder=ladder(used),
        limits=visit.desk.limits,
        lifted=await _lifted(visit, campaign),
        said=said,
        may_act=visit.may(Role.DUTY_OFFICER),
        lasting=lambda span_s: lasting(span_s, visit.language),
    )


async def _lifted(visit: Visit, campaign: Campaign) -> AuditEntry | None:
    """Who lifted the hours that are lifted now, and why; ``None`` if it was not done at the desk."""
    if (campaign.hours_lifted_until_at or 0.0) <= visit.desk.clock():
        return None
    trail = await visit.desk.store.call(lambda s: s.audit_trail(action="campaign.hours_lifted", limit=50), wake=False)
    wanted = {"campaign": campaign.name, "until_at": campaign.hours_lifted_until_at}
    return next((each for each in trail if wanted.items() <= each.detail.items()), None)


def _of(counted: list[CampaignCount], campaign_id: int) -> CampaignCount:
    for each in counted:
        if each.campaign.id == campaign_id:
            return each
    raise HTTPException(404)


def _moment(text: str, zone: str) -> float:
    """Of an ``<input type="datetime-local">``; not a number if it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


async def _plan_anew(visit: Visit, name: str) -> None:
    """Decide anew on the queued cases of a campaign."""
    store, after = visit.desk.store, 0
    while ids := await store.call(functools.partial(_queued, name=name, after=after), wake=False):
        decide_at = visit.desk.clock()
        await store.call(functools.partial(_revise, case_ids=ids, now=decide_at, policy=visit.desk.policy))
        after = ids[-1]
    visit.desk.on_leads()


def _queued(store: Store, *, name: str, after: int) -> list[int]:
    return store.queued(name, after=after, limit=REVISED_AT_ONCE)


def _revise(store: Store, *, case_ids: list[int], now: float, policy: Policy) -> None:
    decide = decider(now, policy)
    for case_id in case_ids:
        store.revise(case_id, decide, now=now)
