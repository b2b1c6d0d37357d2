"""What a dissuader records beside a call, and what they order."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.exceptions import HTTPException

from campaigns.follow_up import FollowUpKind
from campaigns.numbers import NumberError, normalise
from campaigns.staff import Role
from console.desk.looks import looked
from console.desk.navigation import Link
from console.desk.ordering import ORDERED, give_order, what_to_order
from console.desk.pages.call import Id
from console.desk.records import LONGEST, RecordError, file_record, filled, keep_draft, record_of
from console.desk.session import Visit, signed_in

router = APIRouter()
links: tuple[Link, ...] = ()

Staff = Annotated[Visit, Depends(signed_in(Role.DISSUADER, Role.DUTY_OFFICER))]
Reader = Annotated[Visit, Depends(signed_in(Role.DISSUADER, Role.DUTY_OFFICER, Role.AUDITOR))]
Text = Annotated[str, Form(max_length=LONGEST)]


async def _fields(
    conviction: Text = "", amount_at_risk: Text = "", amount_saved: Text = "", note: Text = ""
) -> dict[str, str]:
    return {"conviction": conviction, "amount_at_risk": amount_at_risk, "amount_saved": amount_saved, "note": note}


Fields = Annotated[dict[str, str], Depends(_fields)]


@router.post("/calls/{attempt_id}/draft")
async def draft(visit: Staff, attempt_id: Id, fields: Fields) -> Response:
    """Keep what is filled in so far."""
    await keep_draft(visit, attempt_id, fields)
    return Response(status_code=204)


@router.post("/calls/{attempt_id}/disposition")
async def file(visit: Staff, attempt_id: Id, fields: Fields) -> Response:
    """File it."""
    try:
        told = filled(
            fields,
            missing=visit._("Choose how it ended."),
            no_amount=visit._("This is no amount: write 200000, 20万 or 3.5k."),
        )
    except RecordError as error:
        raise HTTPException(422, str(error)) from None
    attempt = await visit.desk.store.call(lambda s: s.attempt(attempt_id), wake=False)
    made = await file_record(visit, attempt.case_id, attempt_id, told)
    await visit.audit(
        "disposition.filed",
        case_id=attempt.case_id,
        attempt_id=attempt_id,
        detail={"conviction": made.conviction.value},
    )
    return visit.page(
        "disposition.html",
        attempt_id=attempt_id,
        brief_case_id=attempt.case_id,
        just_filed=True,
        **await record_of(visit, attempt.case_id, attempt_id),
    )


@router.get("/cases/{case_id}/orders")
async def orders(visit: Reader, case_id: Id) -> Response:
    """What was ordered, and what may be."""
    await looked(visit, "case.viewed", case_id=case_id)
    return visit.page("case_orders.html", **await what_to_order(visit, case_id))


@router.post("/cases/{case_id}/orders")
async def order(
    visit: Staff,
    case_id: Id,
    kind: Annotated[FollowUpKind, Form()],
    number: Annotated[str, Form(max_length=40)] = "",
    relation: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Order something."""
    if kind not in ORDERED:
        raise HTTPException(422)
    data: dict[str, object] = {}
    if kind is FollowUpKind.RELATIVE and number.strip():
        try:
            data["number"] = normalise(number, region=visit.desk.settings.region)
        except NumberError as error:
            raise HTTPException(422, str(error)) from None
        if relation.strip():
            data["relation"] = relation.strip()
    made = await give_order(visit, case_id, kind, data)
    await visit.audit("follow_up.ordered", case_id=case_id, detail={"order": made.id, "kind": made.kind.value})
    return visit.page("case_orders.html", **await what_to_order(visit, case_id))
