"""The board of orders: what was ordered beside the telephone, how late it is, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Response
from starlette.exceptions import HTTPException

from campaigns.counts import Board
from campaigns.delivery.feedback import apply_feedback
from campaigns.delivery.sheet import KINDS, NoSheetError, render
from campaigns.follow_up import MAY_BECOME, RESULTS, FollowUp, FollowUpKind, FollowUpState
from campaigns.model import History
from campaigns.policy import decider
from campaigns.staff import Role
from campaigns.store import Store
from console.desk.framed import framed
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/follow-ups", N_("Orders"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR})),)

ENDED_S = 86_400.0
"""Orders that ended are shown for so long."""
BUT_SMS = frozenset(FollowUpKind) - {FollowUpKind.SMS}
"""What is shown unless a kind is chosen: nobody reads thousands of messages that go out by themselves."""
OPEN_STATES = (FollowUpState.ORDERED, FollowUpState.SENT, FollowUpState.ACKNOWLEDGED)

Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Officer = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]
OrderId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Kind = Annotated[FollowUpKind | None, Query()]
State = Annotated[FollowUpState | None, Query()]


@router.get("/follow-ups")
async def show(visit: Reader, kind: Kind = None, state: State = None) -> Response:
    """The board."""
    visit.desk.looks.goes_on(visit.digest, "orders.viewed", 0, now=visit.desk.clock())
    await visit.audit("orders.viewed")
    return visit.page("follow_ups.html", **await _seen(visit, kind, state))


@router.get("/follow-ups/board")
async def board(visit: Reader, kind: Kind = None, state: State = None) -> Response:
    """The board as it is now."""
    if not visit.desk.looks.goes_on(visit.digest, "orders.viewed", 0, now=visit.desk.clock()):
        await visit.audit("orders.viewed")
    return visit.page("follow_ups_board.html", **await _seen(visit, kind, state))


@router.get("/follow-ups/{order_id}")
async def one(visit: Reader, order_id: OrderId) -> Response:
    """All about one order."""
    return await _page(visit, order_id)


@router.get("/follow-ups/{order_id}/sheet")
async def sheet(visit: Reader, order_id: OrderId) -> Response:
    """Its printable sheet."""
    if visit.desk.writer is None:
        raise HTTPException(404)
    order, history = await _known(visit, order_id)
    try:
        text = render(visit.desk.writer.parcel(order, history).document)
    except NoSheetError:
        raise HTTPException(404, visit._("Orders of this kind have no sheet.")) from None
    await visit.audit("order.sheet_viewed", case_id=order.case_id, detail={"order": order_id})
    return framed(text)


@router.post("/follow-ups/{order_id}/feedback")
async def feedback(
    visit: Officer,
    order_id: OrderId,
    state: Annotated[FollowUpState, Form()],
    *,
    result: Annotated[str, Form(max_length=100)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
    to: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Write down what became of it; the case is decided on anew at once."""
    now, by = visit.desk.clock(), visit.user.login
    decide = decider(now, visit.desk.policy)
    order = await visit.desk.store.call(
        lambda s: apply_feedback(s, order_id, state, result=result, note=note, by=by, now=now, decide=decide)
    )
    told = {"order": order_id, "state": order.state.value, "result": order.result}
    await visit.audit("order.feedback", case_id=order.case_id, detail=told)
    visit.desk.on_leads()
    return visit.go("/follow-ups" if to == "board" else f"/follow-ups/{order_id}")


async def _seen(visit: Visit, kind: FollowUpKind | None, state: FollowUpState | None) -> dict[str, Any]:
    now = visit.desk.clock()
    found: Board = await visit.desk.store.apart(
        lambda s: s.board(now=now, ended_since_at=now - ENDED_S, kinds={kind} if kind else BUT_SMS), wake=False
    )
    columns = [(each, [pair for pair in found.open if pair[0].state is each]) for each in OPEN_STATES]
    return {
        "board": found,
        "columns": [(each, orders) for each, orders in columns if state in {None, each}],
        "kinds": tuple(FollowUpKind),
        "kind": kind,
        "state": state,
        "totals": {each: sum(n for (k, _), n in found.counts.items() if k is each) for each in FollowUpKind},
        "results": RESULTS,
        "sheets": KINDS,
        "may_become": MAY_BECOME,
        "may_act": visit.may(Role.DUTY_OFFICER),
    }


async def _page(visit: Visit, order_id: int) -> Response:
    order, history = await _known(visit, order_id)
    await visit.audit("order.viewed", case_id=order.case_id, detail={"order": order_id})
    return visit.page(
        "follow_up.html",
        order=order,
        case=history.case,
        campaign=history.campaign,
        results=RESULTS,
        sheet=order.kind in KINDS and visit.desk.writer is not None,
        may_become=MAY_BECOME,
        may_act=visit.may(Role.DUTY_OFFICER),
    )


async def _known(visit: Visit, order_id: int) -> tuple[FollowUp, History]:
    now = visit.desk.clock()

    def find(store: Store) -> tuple[FollowUp, History]:
        order = store.follow_up(order_id)
        return order, store.history(order.case_id, now=now)

    return await visit.desk.store.call(find, wake=False)
