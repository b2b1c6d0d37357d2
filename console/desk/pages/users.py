"""Who works at the desk, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Response
from starlette.exceptions import HTTPException

from campaigns.staff import Role
from campaigns.store import NotFoundError, StoreError
from console.desk.entrance import make_ticket
from console.desk.navigation import Link
from console.desk.pages.account import PHONE
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/users", N_("Users"), frozenset({Role.ADMINISTRATOR})),)

Administrator = Annotated[Visit, Depends(signed_in(Role.ADMINISTRATOR))]
Login = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Text = Annotated[str, Form(max_length=200)]
Roles = Annotated[list[Role], Form()]


@router.get("/users")
async def show(visit: Administrator) -> Response:
    """All users."""
    return await _page(visit)


@router.post("/users")
async def add(visit: Administrator, login: Text, roles: Roles, name: Text = "", phone: Text = "") -> Response:
    """Make a user, who comes in by a link that is shown once."""
    now, by, wanted = visit.desk.clock(), visit.user.login, login.strip().lower()
    _check_phone(visit, phone)
    try:
        await visit.desk.store.call(
            lambda s: s.add_user(
                wanted, name=name.strip(), roles=roles, password="", phone=phone.strip(), now=now, by=by
            )
        )
    except StoreError:
        said = visit._(
            "This log-in name is taken, or is not made of lower case letters, digits, dots, hyphens and underscores."
        )
        return await _page(visit, status=409, said=said)
    await visit.audit("user.added", detail={"login": wanted, "roles": sorted(roles)})
    return await _with_link(visit, wanted)


@router.get("/users/{login}")
async def one(visit: Administrator, login: Login) -> Response:
    """One user."""
    return await _user_page(visit, login)


@router.post("/users/{login}")
async def change(visit: Administrator, login: Login, roles: Roles, name: Text = "", phone: Text = "") -> Response:
    """Name, roles and telephone."""
    _check_phone(visit, phone)
    return await _changed(visit, login, name=name.strip(), roles=roles, phone=phone.strip())


@router.post("/users/{login}/disable")
async def disable(visit: Administrator, login: Login) -> Response:
    """Let somebody in no more; they are logged out everywhere."""
    return await _changed(visit, login, disabled=True)


@router.post("/users/{login}/enable")
async def enable(visit: Administrator, login: Login) -> Response:
    """Let somebody in again."""
    return await _changed(visit, login, disabled=False)


@router.post("/users/{login}/log-out")
async def log_out(visit: Administrator, login: Login) -> Response:
    """Log somebody out everywhere."""
    await visit.desk.store.call(lambda s: s.end_sessions(login))
    await visit.audit("user.logged_out", detail={"login": login})
    return visit.go(f"/users/{login}")


@router.post("/users/{login}/link")
async def link(visit: Administrator, login: Login, reset: Annotated[bool, Form()] = False) -> Response:
    """A link that lets somebody in once; with ``reset`` the password is void, and a new one is asked for."""
    now, by = visit.desk.clock(), visit.user.login
    if reset:
        await visit.desk.store.call(lambda s: s.set_password(login, "", now=now, by=by))
        await visit.audit("user.password_reset", detail={"login": login})
    return await _with_link(visit, login)


async def _changed(
    visit: Visit,
    login: str,
    *,
    name: str | None = None,
    roles: list[Role] | None = None,
    phone: str | None = None,
    disabled: bool | None = None,
) -> Response:
    now, by = visit.desk.clock(), visit.user.login
    try:
        user = await visit.desk.store.call(
            lambda s: s.change_user(login, name=name, roles=roles, phone=phone, disabled=disabled, now=now, by=by)
        )
    except NotFoundError:
        raise
    except StoreError:
        said = visit._("This is the only administrator. Give somebody else that role first.")
        return await _user_page(visit, login, status=409, said=said)
    await visit.audit(
        "user.changed",
        detail={"login": login, "roles": sorted(user.roles), "disabled": user.disabled_at is not None},
    )
    return visit.go(f"/users/{login}")


async def _with_link(visit: Visit, login: str) -> Response:
    path = await make_ticket(visit.desk, login, by=visit.user.login)
    await visit.audit("user.ticket_made", detail={"login": login})
    scheme = "https" if visit.desk.settings.https else "http"
    return await _user_page(visit, login, ticket=f"{scheme}://{visit.connection.headers['host']}{path}")


async def _page(visit: Visit, *, status: int = 200, said: str = "") -> Response:
    users = await visit.desk.store.call(lambda s: s.users(), wake=False)
    return visit.page("users.html", status=status, users=users, roles=tuple(Role), said=said)


async def _user_page(visit: Visit, login: str, *, status: int = 200, said: str = "", ticket: str = "") -> Response:
    found = await visit.desk.store.call(lambda s: s.user(login), wake=False)
    if found is None:
        raise HTTPException(404)
    return visit.page("user.html", status=status, found=found, roles=tuple(Role), said=said, ticket=ticket)


def _check_phone(visit: Visit, phone: str) -> None:
    if not PHONE.fullmatch(phone.strip()):
        raise HTTPException(422, visit._("This is no SIP address."))
