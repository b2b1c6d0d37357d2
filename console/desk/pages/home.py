"""Where everybody begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from console.desk.navigation import Link, links_for
from console.desk.session import Visit, signed_in

router = APIRouter()
links: tuple[Link, ...] = ()


@router.get("/")
async def begin(visit: Annotated[Visit, Depends(signed_in())]) -> Response:
    """To the first page of the user's menu."""
    first, *_ = links_for(visit.user, visit.connection.app.state.links)
    return visit.go(first.path)
