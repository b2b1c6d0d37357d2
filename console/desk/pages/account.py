"""One's own account."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Response
from starlette.exceptions import HTTPException

from campaigns.passwords import PasswordError, hash_password
from campaigns.staff import Role
from console.desk.entrance import entrance_of
from console.desk.navigation import Link
from console.desk.session import Visit, set_cookie, signed_in, start_session
from console.desk.texts import N_, TAGS

router = APIRouter()
links: tuple[Link, ...] = (Link("/account", N_("My account"), frozenset(Role)),)

Myself = Annotated[Visit, Depends(signed_in())]
Password = Annotated[str, Form(max_length=1000)]

THEMES = ("light", "dark")
PHONE = re.compile(r"(sips?:[^\s<>\"]{1,200})?")

# What `campaigns.passwords` may say of a new password.
REFUSALS = (
    N_("a password has at least 10 characters; a few words are easy to remember"),
    N_("a password has at most 256 characters"),
    N_("this password is little more than the log-in name; choose another"),
    N_("this password is among the first that are tried; choose another"),
)


@router.get("/account")
async def show(visit: Myself) -> Response:
    """Who I am and how I want my pages."""
    return await _page(visit)


@router.post("/account")
async def change(
    visit: Myself,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    keys: Annotated[Literal["on", "off"], Form()] = "on",
    phone: Annotated[str, Form()] = "",
) -> Response:
    """Language, colours, keys and telephone."""
    if language not in {"", *TAGS} or theme not in {"", *THEMES}:
        raise HTTPException(422)
    if not PHONE.fullmatch(phone.strip()):
        return await _page(visit, status=422, wrong_phone=phone.strip())
    now, login = visit.desk.clock(), visit.user.login
    await visit.desk.store.call(
        lambda s: s.change_user(
            login, language=language, theme=theme, keys=keys == "on", phone=phone.strip(), now=now, by=login
        )
    )
    await visit.audit("account.changed")
    return visit.go("/account")


@router.post("/account/password")
async def change_password(visit: Myself, new: Password, again: Password, old: Password = "") -> Response:
    """Another password; all sessions of the user end, and this one is replaced."""
    desk, login, now = visit.desk, visit.user.login, visit.desk.clock()
    if await desk.store.call(lambda s: s.password(login), wake=False) and not await entrance_of(visit.connection).again(
        visit.user, old
    ):
        return await _page(visit, status=403, said=visit._("The old password is wrong."))
    if new != again:
        return await _page(visit, status=422, said=visit._("The new password was typed differently the second time."))
    try:
        hashed = await asyncio.to_thread(hash_password, new, login=login)
    except PasswordError as error:
        return await _page(visit, status=422, said=visit._(str(error)))
    await desk.store.call(lambda s: s.set_password(login, hashed, now=now, by=login))
    await visit.audit("password.changed")
    desk.stream.end_session(visit.digest)
    secret, _ = await start_session(desk, login)
    answer = visit.go("/account")
    set_cookie(answer, desk, secret)
    return answer


async def _page(visit: Visit, *, status: int = 200, said: str = "", wrong_phone: str = "") -> Response:
    login = visit.user.login
    has_password = bool(await visit.desk.store.call(lambda s: s.password(login), wake=False))
    return visit.page("account.html", status=status, said=said, wrong_phone=wrong_phone, has_password=has_password)
