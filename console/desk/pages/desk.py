"""Where a dissuader waits for calls: ready, on a break or away, and the call that rings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response

from campaigns.staff import Role, Station
from console.desk.brief import brief_of, live_talk
from console.desk.looks import looked
from console.desk.navigation import Link
from console.desk.pages.call import Id, found_call, live_desk
from console.desk.people import names_of
from console.desk.seats import call_of, floor_of, offered_to
from console.desk.session import Visit, signed_in
from console.desk.stations import stand, standing
from console.desk.texts import N_

router = APIRouter()
links = (Link("/desk", N_("My desk"), frozenset({Role.DISSUADER})),)

Dissuader = Annotated[Visit, Depends(signed_in(Role.DISSUADER))]

KEYS = ((Station.READY, "1"), (Station.BREAK, "2"), (Station.AWAY, "3"))


@router.get("/desk")
async def show(visit: Dissuader) -> Response:
    """The offered call, or what there is to do without one. Whoever is on a call is taken to it."""
    if (call := call_of(visit.desk.live, visit.user.login)) is not None:
        return visit.go(f"/calls/{call.attempt_id}")
    return visit.page("desk.html", **await _post(visit))


@router.get("/desk/post")
async def post(visit: Dissuader) -> Response:
    """The page's live part."""
    if (call := call_of(visit.desk.live, visit.user.login)) is not None:
        return visit.go(f"/calls/{call.attempt_id}")
    return visit.page("desk_post.html", **await _post(visit))


@router.get("/desk/bell")
async def bell(visit: Dissuader) -> Response:
    """Station and ringing call, at the top of every page. It shows nothing of the subject but the kind of fraud."""
    return await _bell(visit)


@router.post("/desk/station")
async def set_station(visit: Dissuader, station: Annotated[Station, Form()]) -> Response:
    """Say where one stands."""
    await stand(visit, station)
    return await _bell(visit)


@router.post("/calls/{attempt_id}/accept")
async def accept(visit: Dissuader, attempt_id: Id) -> Response:
    """Take the call that rings."""
    call = found_call(visit, attempt_id)
    await live_desk(visit).accept(attempt_id, visit.user.login)
    await visit.audit("call.accepted", case_id=call.case_id, attempt_id=attempt_id)
    return visit.go(f"/calls/{attempt_id}")


@router.post("/calls/{attempt_id}/decline")
async def decline(visit: Dissuader, attempt_id: Id) -> Response:
    """Let the next one take it."""
    call = found_call(visit, attempt_id)
    await live_desk(visit).decline(attempt_id, visit.user.login)
    await visit.audit("call.declined", case_id=call.case_id, attempt_id=attempt_id)
    return await _bell(visit)


async def _bell(visit: Visit) -> Response:
    login = visit.user.login
    return visit.page(
        "bell.html",
        station=await standing(visit),
        stations=KEYS,
        found=offered_to(visit.desk.live, login),
        own_call=call_of(visit.desk.live, login),
    )


async def _post(visit: Visit) -> dict[str, Any]:
    desk, user = visit.desk, visit.user
    found = offered_to(desk.live, user.login)
    values: dict[str, Any] = {
        "station": await standing(visit),
        "live": floor_of(desk.live) is not None,
        "phone": user.phone,
        "found": found,
    }
    if found is not None:
        call, _ = found
        await looked(visit, "offer.viewed", case_id=call.case_id, attempt_id=call.attempt_id)
        values["talk"] = live_talk(call)
        values["names"] = await names_of(desk)
        values["brief"] = await brief_of(visit, call.case_id, call.attempt_id)
    return values
