"""One's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.exceptions import HTTPException

from campaigns.staff import Role
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_, TAGS

router = APIRouter()
links = (Link("/account", N_("My account"), frozenset(Role)),)

THEMES = ("light", "dark")


@router.get("/account")
async def show(visit: Annotated[Visit, Depends(signed_in())]) -> Response:
    """Who I am and how I want my pages."""
    return visit.page("account.html", themes=THEMES)


@router.post("/account")
async def change(
    visit: Annotated[Visit, Depends(signed_in())],
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
) -> Response:
    """Language and theme."""
    if language not in {"", *TAGS} or theme not in {"", *THEMES}:
        raise HTTPException(422)
    now, login = visit.desk.clock(), visit.user.login
    await visit.desk.store.call(lambda s: s.change_user(login, language=language, theme=theme, now=now, by=login))
    return visit.go("/account")
