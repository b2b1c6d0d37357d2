"""The day's bulletin and the week's review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from starlette.exceptions import HTTPException

from campaigns.bulletin.page import to_html
from campaigns.bulletin.review import Bulletin
from campaigns.bulletin.saving import Format
from campaigns.bulletin.spans import SpanKind, today
from campaigns.bulletin.tidy import to_csv, to_json
from campaigns.delivery.wording import language_of
from campaigns.staff import Role
from console.desk.bulletins import Wanted
from console.desk.framed import framed
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/bulletin", N_("Bulletin"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR})),)

EARLIEST = date(2000, 1, 1)
KINDS = {SpanKind.DAY: N_("Of a day"), SpanKind.WEEK: N_("Of a week")}
FILES: Mapping[Format, tuple[str, Callable[[Bulletin], str]]] = {
    Format.CSV: ("text/csv; charset=utf-8", to_csv),
    Format.JSON: ("application/json", to_json),
}

Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Kind = Annotated[SpanKind, Query()]
Day = Annotated[date | None, Query()]
Campaign = Annotated[str, Query(max_length=200)]


@router.get("/bulletin")
async def show(visit: Reader, kind: Kind = SpanKind.DAY, day: Day = None, campaign: Campaign = "") -> Response:
    """A page with the bulletin in it; by default that of yesterday."""
    wanted = _wanted(visit, kind, day, campaign)
    latest = _today(visit)
    step = timedelta(days=1 if kind is SpanKind.DAY else 7)
    campaigns = await visit.desk.store.call(lambda s: s.campaigns(), wake=False)
    return visit.page(
        "bulletin.html",
        wanted=wanted,
        kinds=KINDS,
        latest=latest,
        before=wanted.day - step,
        after=min(wanted.day + step, latest) if wanted.day < latest else None,
        campaigns=campaigns,
        query=f"kind={kind.value}&day={wanted.day}" + (f"&campaign={quote(campaign)}" if campaign else ""),
    )


@router.get("/bulletin/page")
async def page(visit: Reader, kind: Kind = SpanKind.DAY, day: Day = None, campaign: Campaign = "") -> Response:
    """The bulletin itself, as it is printed and sent."""
    found = await visit.desk.bulletins_made.get(_wanted(visit, kind, day, campaign))
    return framed(to_html(found, language_of(visit.language)))


@router.get("/bulletin/file/{format}")
async def file(
    visit: Reader,
    format: Format,  # noqa: A002 (as the address names it)
    kind: Kind = SpanKind.DAY,
    day: Day = None,
    campaign: Campaign = "",
) -> Response:
    """The bulletin as a file to keep."""
    found = await visit.desk.bulletins_made.get(_wanted(visit, kind, day, campaign))
    name = quote(f"{found.name}.{format.value}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    if format is Format.HTML:
        answer = framed(to_html(found, language_of(visit.language)))
        answer.headers.update(headers)
        return answer
    media_type, written = FILES[format]
    return Response(written(found), media_type=media_type, headers=headers)


def _wanted(visit: Visit, kind: SpanKind, day: date | None, campaign: str) -> Wanted:
    latest = _today(visit)
    wanted = day or latest - timedelta(days=1)
    if not EARLIEST <= wanted <= latest:
        raise HTTPException(422, visit._("This day has not begun."))
    return Wanted(kind, wanted, campaign)


def _today(visit: Visit) -> date:
    return today(visit.desk.clock(), ZoneInfo(visit.desk.settings.time_zone))
