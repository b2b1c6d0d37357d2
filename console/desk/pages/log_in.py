"""Logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import RedirectResponse

from campaigns.access import digest_of
from console.desk.navigation import Link
from console.desk.session import (
    LOG_IN,
    Guest,
    Visit,
    check_origin,
    drop_cookie,
    guest,
    local_path,
    set_cookie,
    signed_in,
    start_session,
)

router = APIRouter()
links: tuple[Link, ...] = ()

Ticket = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,100}$")]
Anybody = Annotated[Guest, Depends(guest)]


@router.get(LOG_IN)
async def form(reader: Anybody, next: str = "/") -> Response:  # noqa: A002 (as the address names it)
    """The log-in form."""
    return reader.page("log_in.html", next=local_path(next), login="", said="")


@router.get("/log-in/{ticket}")
async def offer_ticket(reader: Anybody, ticket: Ticket) -> Response:
    """A button that uses a ticket: programs that look at links in advance do not use it up."""
    return reader.page("ticket.html", ticket=ticket)


@router.post("/log-in/{ticket}")
async def use_ticket(reader: Anybody, ticket: Ticket) -> Response:
    """Log in by a ticket, once."""
    check_origin(reader.connection)
    desk = reader.desk
    digest, now = digest_of(ticket), desk.clock()
    user = await desk.store.call(lambda s: s.use_ticket(digest, now=now))
    if user is None:
        said = reader._("This link was used before or is too old. Ask for another one.")
        return reader.page("log_in.html", status=403, next="/", login="", said=said)
    secret, _ = await start_session(desk, user.login)
    answer = RedirectResponse("/", 303)
    set_cookie(answer, desk, secret)
    return answer


@router.post("/log-out")
async def log_out(visit: Annotated[Visit, Depends(signed_in())]) -> Response:
    """End the session."""
    digest = visit.digest
    await visit.desk.store.call(lambda s: s.end_session(digest))
    visit.desk.stream.end_session(digest)
    answer = visit.go(LOG_IN)
    drop_cookie(answer, visit.desk)
    return answer
