"""Logging in and out."""

from __future__ import annotations

import contextlib
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import RedirectResponse

from campaigns.access import digest_of
from campaigns.staff import Role, Station, User
from console.desk.entrance import entrance_of
from console.desk.navigation import Link
from console.desk.session import (
    LOG_IN,
    Guest,
    Visit,
    check_origin,
    cookie_name,
    drop_cookie,
    guest,
    local_path,
    set_cookie,
    signed_in,
    start_session,
)
from console.desk.stations import stand
from dialer.live import LiveError

router = APIRouter()
links: tuple[Link, ...] = ()

Ticket = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,100}$")]
Anybody = Annotated[Guest, Depends(guest)]


@router.get(LOG_IN)
async def form(reader: Anybody, next: str = "/") -> Response:  # noqa: A002 (as the address names it)
    """The log-in form."""
    return reader.page("log_in.html", next=local_path(next), login="", said="")


@router.post(LOG_IN)
async def by_password(
    reader: Anybody,
    login: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",  # noqa: A002
) -> Response:
    """Log in by name and password."""
    check_origin(reader.connection)
    name = login.strip().lower()
    user = await entrance_of(reader.connection).by_password(name, password, reader.address)
    if user is None:
        said = reader._("Log-in name or password is wrong.")
        return reader.page("log_in.html", status=403, next=local_path(next), login=name, said=said)
    return await _come_in(reader, user, local_path(next))


@router.get("/log-in/{ticket}")
async def offer_ticket(reader: Anybody, ticket: Ticket) -> Response:
    """A button that uses a ticket: programs that look at links in advance do not use it up."""
    return reader.page("ticket.html", ticket=ticket)


@router.post("/log-in/{ticket}")
async def use_ticket(reader: Anybody, ticket: Ticket) -> Response:
    """Log in by a ticket, once."""
    check_origin(reader.connection)
    user = await entrance_of(reader.connection).by_ticket(ticket, reader.address)
    if user is None:
        said = reader._("This link was used before or is too old. Ask for another one.")
        return reader.page("log_in.html", status=403, next="/", login="", said=said)
    login = user.login
    has_password = await reader.desk.store.call(lambda s: s.password(login), wake=False)
    return await _come_in(reader, user, "/" if has_password else "/account")


async def _come_in(reader: Guest, user: User, path: str) -> Response:
    """Begin a session of its own, whatever the browser had before."""
    desk, now, login, address = reader.desk, reader.desk.clock(), user.login, reader.address
    before = digest_of(reader.connection.cookies.get(cookie_name(desk), ""))
    await desk.store.call(lambda s: s.end_session(before), wake=False)
    desk.stream.end_session(before)
    secret, _ = await start_session(desk, login)
    await desk.store.call(lambda s: s.audit("session.started", by=login, now=now, address=address), wake=False)
    answer = RedirectResponse(path, 303)
    set_cookie(answer, desk, secret)
    return answer


@router.post("/log-out")
async def log_out(visit: Annotated[Visit, Depends(signed_in())]) -> Response:
    """End the session. Who takes calls is away from then on, so that no subject waits for somebody who has gone."""
    digest = visit.digest
    if visit.may(Role.DISSUADER):
        with contextlib.suppress(LiveError):  # what a node misses it reads in the store
            await stand(visit, Station.AWAY)
    await visit.audit("session.ended")
    await visit.desk.store.call(lambda s: s.end_session(digest))
    visit.desk.stream.end_session(digest)
    answer = visit.go(LOG_IN)
    drop_cookie(answer, visit.desk)
    return answer
