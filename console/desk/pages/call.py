"""The live call: what is said, what is known, what to do; and what remains of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Response
from starlette.exceptions import HTTPException

from campaigns.model import Attempt, Lead
from campaigns.numbers import NumberError, normalise
from campaigns.staff import Role
from campaigns.store import Store
from console.desk.brief import Talk, brief_of, live_talk, stored_talk
from console.desk.looks import looked, opened
from console.desk.navigation import Link
from console.desk.ordering import what_to_order
from console.desk.people import names_of, people_of
from console.desk.records import record_of
from console.desk.seats import seat
from console.desk.session import Visit, signed_in
from dialer.live import LiveCall, LiveDesk, LiveError, OnCall, Part, Phase

router = APIRouter()
links: tuple[Link, ...] = ()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Staff = Annotated[Visit, Depends(signed_in(Role.DISSUADER, Role.DUTY_OFFICER))]


@router.get("/calls/{attempt_id}")
async def show(visit: Staff, attempt_id: Id) -> Response:
    """Everything about one call."""
    found = await _find(visit, attempt_id)
    await opened(visit, "call.viewed", case_id=found.case_id, attempt_id=attempt_id)
    brief = await brief_of(visit, found.case_id, attempt_id)
    return visit.page(
        "call.html",
        brief=brief,
        **await _live(visit, attempt_id, found),
        **await record_of(visit, found.case_id, attempt_id),
        **await what_to_order(visit, found.case_id),
    )


@router.get("/calls/{attempt_id}/live")
async def live(visit: Staff, attempt_id: Id) -> Response:
    """What of it changes while it goes on."""
    found = await _find(visit, attempt_id)
    await looked(visit, "call.viewed", case_id=found.case_id, attempt_id=attempt_id)
    return visit.page("call_live.html", **await _live(visit, attempt_id, found))


@router.post("/calls/{attempt_id}/mute")
async def mute(visit: Staff, attempt_id: Id, on: Annotated[bool, Form()]) -> Response:
    """Be heard by nobody, or again."""
    call = _mine(visit, attempt_id)
    await live_desk(visit).mute(attempt_id, visit.user.login, on=on)
    return await _done(visit, call, "call.muted" if on else "call.unmuted")


@router.post("/calls/{attempt_id}/hold")
async def hold(visit: Staff, attempt_id: Id, on: Annotated[bool, Form()]) -> Response:
    """Part the subject from the humans, or join them again."""
    call = _mine(visit, attempt_id, speaks=True)
    await live_desk(visit).hold(attempt_id, visit.user.login, on=on)
    return await _done(visit, call, "call.held" if on else "call.resumed")


@router.post("/calls/{attempt_id}/bring-in")
async def bring_in(
    visit: Staff,
    attempt_id: Id,
    dissuader: Annotated[str, Form(max_length=100)] = "",
    number: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """A second dissuader, or a relative by number."""
    call = _mine(visit, attempt_id, speaks=True)
    if bool(dissuader.strip()) == bool(number.strip()):
        raise HTTPException(422, visit._("Choose a colleague, or give a number."))
    try:
        wanted = normalise(number, region=visit.desk.settings.region) if number.strip() else ""
    except NumberError as error:
        raise HTTPException(422, str(error)) from None
    if wanted == call.lead.number:
        raise HTTPException(422, visit._("This is the subject's own number."))
    await live_desk(visit).bring_in(attempt_id, visit.user.login, dissuader=dissuader.strip(), number=wanted)
    return await _done(visit, call, "call.brought_in", {"dissuader": dissuader} if dissuader else {"relative": True})


@router.post("/calls/{attempt_id}/leave")
async def leave(visit: Staff, attempt_id: Id) -> Response:
    """Leave it to those who remain."""
    call = _mine(visit, attempt_id)
    await live_desk(visit).leave(attempt_id, visit.user.login)
    return await _done(visit, call, "call.left")


@router.post("/calls/{attempt_id}/hand-back")
async def hand_back(visit: Staff, attempt_id: Id) -> Response:
    """The robot says the closing words."""
    call = _mine(visit, attempt_id, speaks=True)
    await live_desk(visit).hand_back(attempt_id, visit.user.login)
    return await _done(visit, call, "call.handed_back")


@router.post("/calls/{attempt_id}/hang-up")
async def hang_up(visit: Staff, attempt_id: Id) -> Response:
    """End it."""
    call = found_call(visit, attempt_id)
    if not visit.may(Role.DUTY_OFFICER):
        _mine(visit, attempt_id, speaks=True)
    await live_desk(visit).hang_up(attempt_id, visit.user.login)
    return await _done(visit, call, "call.hung_up")


def live_desk(visit: Visit) -> LiveDesk:
    """The floor of this process; raises `LiveError` if calls go on in another."""
    if visit.desk.live is None:
        raise LiveError(visit._("Calls go on in another process. Take them at the desk of that node."))
    return visit.desk.live


def found_call(visit: Visit, attempt_id: int) -> LiveCall:
    """A call in progress; raises `LiveError` when it is over."""
    call = live_desk(visit).call(attempt_id)
    if call is None:
        raise LiveError(visit._("This call is over."))
    return call


def _mine(visit: Visit, attempt_id: int, *, speaks: bool = False) -> LiveCall:
    """A call on which the user is; raises `LiveError`, or 403 for somebody else's."""
    call = found_call(visit, attempt_id)
    own = seat(call, visit.user.login)
    if own is None or (speaks and own.part is not Part.SPEAKS):
        raise HTTPException(403, visit._("You are not on this call."))
    return call


async def _done(visit: Visit, call: LiveCall, action: str, detail: dict[str, object] | None = None) -> Response:
    await visit.audit(action, case_id=call.case_id, attempt_id=call.attempt_id, detail=detail)
    found = await _find(visit, call.attempt_id)
    return visit.page("call_live.html", **await _live(visit, call.attempt_id, found))


@dataclass(frozen=True, slots=True)
class _Found:
    """A call, from the floor while it goes on there, else from the store."""

    case_id: int
    lead: Lead
    begun_at: float
    talk: Talk
    live: LiveCall | None = None
    stored: Attempt | None = None


async def _find(visit: Visit, attempt_id: int) -> _Found:
    """A call; raises `NotFoundError`."""
    if visit.desk.live is not None and (call := visit.desk.live.call(attempt_id)) is not None:
        return _Found(call.case_id, call.lead, call.started_at, live_talk(call), live=call)

    def read(store: Store) -> tuple[Attempt, Lead]:
        attempt = store.attempt(attempt_id)
        return attempt, store.case(attempt.case_id).lead

    attempt, lead = await visit.desk.store.call(read, wake=False)
    return _Found(attempt.case_id, lead, attempt.claimed_at, stored_talk(attempt), stored=attempt)


async def _live(visit: Visit, attempt_id: int, found: _Found) -> dict[str, Any]:
    call, stored = found.live, found.stored
    own: OnCall | None = seat(call, visit.user.login) if call is not None else None
    result = stored.result if stored is not None else None
    return {
        "attempt_id": attempt_id,
        "case_id": found.case_id,
        "names": await names_of(visit.desk),
        "lead": found.lead,
        "call": call,
        "begun_at": found.begun_at,
        "talk": found.talk,
        "own": own,
        "speaks": own is not None and own.part is Part.SPEAKS,
        "phase": call.phase if call is not None else Phase.ENDED if result is not None else None,
        "result": result,
        "officer": visit.may(Role.DUTY_OFFICER),
        "takes_calls": visit.may(Role.DISSUADER),
        **_may_be_brought(visit, found),
    }


def _may_be_brought(visit: Visit, found: _Found) -> dict[str, Any]:
    if found.live is None or visit.desk.live is None:
        return {"colleagues": (), "relatives": ()}
    people = people_of(visit.desk.live.state(), ())
    free = tuple(each for each in people if each.takes_calls and each.login != visit.user.login)
    return {"colleagues": free, "relatives": tuple(each for each in found.lead.relatives if each.number)}
