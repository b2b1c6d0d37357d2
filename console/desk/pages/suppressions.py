"""Numbers that no campaign calls."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Response
from starlette.exceptions import HTTPException

from campaigns.messages import Tongue
from campaigns.model import Suppression
from campaigns.numbers import NumberError, normalise
from campaigns.staff import Role
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/suppressions", N_("Do not call"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR})),)

DAY_S = 86_400.0
DAYS = (1, 7, 30, 90, 365)
"""For how many days a number may be suppressed, beside for ever."""
SHOWN = 300

Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Officer = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]
Text = Annotated[str, Form(max_length=200)]


@router.get("/suppressions")
async def show(visit: Reader, number: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Those in force, the latest first; ``number``: only those that hold these digits."""
    await visit.audit("suppressions.viewed")
    return await _page(visit, sought=number)


@router.post("/suppressions")
async def add(visit: Officer, number: Text, why: Text, days: Annotated[int, Form()] = 0) -> Response:
    """Call a number no more, for so many days; 0: until that is lifted."""
    if days and days not in DAYS:
        raise HTTPException(422)
    reason = why.strip()
    if not reason:
        return await _page(visit, status=422, said=visit._("Say why."), number=number)
    try:
        found = normalise(number, region=visit.desk.settings.region)
    except NumberError as error:
        tongue: Tongue = "zh" if visit.language.startswith("zh") else "en"
        return await _page(visit, status=422, said=error.said.text(tongue), number=number, why=reason)
    now, by = visit.desk.clock(), visit.user.login
    wanted = Suppression(found, reason, by, now, now + days * DAY_S if days else None)
    await visit.desk.store.call(lambda s: s.suppress(wanted, now=now))
    await visit.audit("suppression.added", detail={"days": days})
    return visit.go("/suppressions")


@router.post("/suppressions/lift")
async def lift(visit: Officer, number: Text) -> Response:
    """Let a number be called again."""
    now, by = visit.desk.clock(), visit.user.login
    there = await visit.desk.store.call(lambda s: s.unsuppress(number, now=now, by=by))
    if not there:
        return await _page(visit, status=409, said=visit._("This number was not suppressed any more."))
    await visit.audit("suppression.lifted")
    visit.desk.on_leads()
    return visit.go("/suppressions")


async def _page(
    visit: Visit, *, status: int = 200, said: str = "", sought: str = "", number: str = "", why: str = ""
) -> Response:
    now = visit.desk.clock()
    found = await visit.desk.store.call(lambda s: s.suppressions(now=now), wake=False)
    digits = re.sub(r"\D", "", sought)
    shown = [each for each in reversed(found) if digits in each.number]
    return visit.page(
        "suppressions.html",
        status=status,
        suppressions=shown[:SHOWN],
        found=len(shown),
        total=len(found),
        sought=sought,
        said=said,
        number=number,
        why=why,
        days=DAYS,
        may_act=visit.may(Role.DUTY_OFFICER),
    )
