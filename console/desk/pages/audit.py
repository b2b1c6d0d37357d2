"""Who saw and did what, for auditors and administrators. There are no names of subjects in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from campaigns.staff import Role
from console.desk.actions import ACTIONS
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
links: tuple[Link, ...] = (Link("/audit", N_("Audit trail"), frozenset(READERS)),)

_PAGE = 100

Reader = Annotated[Visit, Depends(signed_in(*READERS))]
Words = Annotated[str, Query(max_length=100)]


@router.get("/audit")
async def show(
    visit: Reader,
    by: Words = "",
    action: Words = "",
    case: Annotated[str, Query(pattern=r"^[0-9]{0,18}$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """The trail, newest first."""
    trail = await visit.desk.store.call(
        lambda s: s.audit_trail(
            before=before,
            by=by.strip() or None,
            action=action.strip() or None,
            case_id=int(case) if case else None,
            limit=_PAGE + 1,
        ),
        wake=False,
    )
    asked = {"of": by.strip(), "what": action.strip()}
    await visit.audit(
        "audit.viewed",
        case_id=int(case) if case else None,
        detail={key: value for key, value in asked.items() if value},
    )
    older = trail[_PAGE - 1].seq if len(trail) > _PAGE else None
    return visit.page("audit.html", trail=trail[:_PAGE], by=by, action=action, case=case, older=older, actions=ACTIONS)
