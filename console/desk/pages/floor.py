"""The floor, live: lines, calls, who waits for a human, dissuaders, the queue, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from starlette.exceptions import HTTPException

from campaigns.counts import CampaignCount, QueueCount
from campaigns.model import CampaignState, Grade
from campaigns.staff import Role
from console.desk.navigation import Link
from console.desk.pages.call import Id, found_call, live_desk
from console.desk.session import Visit, signed_in
from console.desk.texts import N_
from dialer.live import Part, Phase

router = APIRouter()
links: tuple[Link, ...] = (Link("/floor", N_("Floor"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR, Role.DISSUADER})),)

_GRADES = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)

Anybody = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR, Role.DISSUADER))]
Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Officer = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]


class Piece(StrEnum):
    """A part of the page that is fetched anew when something changes."""

    TILES = "tiles"
    ALARMS = "alarms"
    CALLS = "calls"
    PEOPLE = "people"
    QUEUE = "queue"


_PERSONAL = frozenset({Piece.CALLS})
_OFFICERS = frozenset({Piece.ALARMS, Piece.CALLS})


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A grade, over all running campaigns."""

    grade: Grade
    now: int
    soon: int
    later: int
    overdue: int
    overdue_since_at: float | None


def queue_rows(counts: Sequence[CampaignCount]) -> list[QueueRow]:
    """The queue by grade: only what may be called."""
    of_grade: dict[Grade, list[QueueCount]] = defaultdict(list)
    for each in counts:
        if each.campaign.state is CampaignState.RUNNING:
            for own in each.queued:
                of_grade[own.grade].append(own)
    return [
        QueueRow(
            grade,
            sum(each.now for each in of_grade[grade]),
            sum(each.soon for each in of_grade[grade]),
            sum(each.later for each in of_grade[grade]),
            sum(each.overdue for each in of_grade[grade]),
            min((each.overdue_since_at for each in of_grade[grade] if each.overdue_since_at is not None), default=None),
        )
        for grade in _GRADES
    ]


@router.get("/floor")
async def show(visit: Anybody, wall: bool = False) -> Response:
    """The whole floor; ``wall`` is for a display that is read from afar."""
    whole = visit.may(Role.DUTY_OFFICER, Role.AUDITOR)
    if whole:
        visit.desk.looks.goes_on(visit.digest, "floor.viewed", 0, now=visit.desk.clock())
        await visit.audit("floor.viewed")
    return visit.page("floor.html", **await _seen(visit, fresh=False), whole=whole, wall=wall)


@router.get("/floor/{piece}")
async def part(visit: Anybody, piece: Piece) -> Response:
    """One part of the floor as it is now."""
    whole = visit.may(Role.DUTY_OFFICER, Role.AUDITOR)
    if piece in _OFFICERS and not whole:
        await visit.audit("access.refused", detail={"path": visit.connection.url.path})
        raise HTTPException(403, visit._("Your roles do not allow this."))
    if piece in _PERSONAL and not visit.desk.looks.goes_on(visit.digest, "floor.viewed", 0, now=visit.desk.clock()):
        await visit.audit("floor.viewed")
    return visit.page(f"floor_{piece}.html", **await _seen(visit, fresh=True), whole=whole)


@router.post("/floor/calls/{attempt_id}/join")
async def join(visit: Officer, attempt_id: Id, part: Annotated[Part, Form()]) -> Response:
    """Come onto a call: to listen, or to whisper to the dissuader."""
    if part is Part.SPEAKS:
        raise HTTPException(422)
    case_id = found_call(visit, attempt_id).case_id
    await visit.audit("call.heard", case_id=case_id, attempt_id=attempt_id, detail={"part": part.value})
    await live_desk(visit).listen(attempt_id, visit.user.login, part)
    return visit.go(f"/calls/{attempt_id}")


@router.post("/floor/calls/{attempt_id}/take-over")
async def take_over(visit: Officer, attempt_id: Id) -> Response:
    """Speak with the subject instead of those who do."""
    await visit.audit("call.taken_over", case_id=found_call(visit, attempt_id).case_id, attempt_id=attempt_id)
    await live_desk(visit).take_over(attempt_id, visit.user.login)
    return visit.go(f"/calls/{attempt_id}")


@router.post("/floor/calls/{attempt_id}/hang-up")
async def hang_up(visit: Officer, attempt_id: Id) -> Response:
    """End a call."""
    await visit.audit("call.hung_up", case_id=found_call(visit, attempt_id).case_id, attempt_id=attempt_id)
    await live_desk(visit).hang_up(attempt_id, visit.user.login)
    return visit.go("/floor")


async def _seen(visit: Visit, *, fresh: bool) -> dict[str, Any]:
    floor = await visit.desk.watch.now(fresh=fresh)
    return {
        "floor": floor,
        "queue": queue_rows(floor.work.counts),
        "may_act": visit.may(Role.DUTY_OFFICER) and floor.state is not None,
        "phases": Phase,
    }
