"""The stream of changes for open pages: ``/stream?on=floor&on=case-7``; see `console.desk.stream` for the names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from console.desk.navigation import Link
from console.desk.session import Visit, peek, signed_in
from console.desk.stream import HEARTBEAT_S, SPACING_S

router = APIRouter()
links: tuple[Link, ...] = ()

_STAFF = "user"
"""Events of this kind may end the session."""
Name = Annotated[str, Query(pattern=r"^[a-z_]{1,30}(-[0-9]{1,19})?$")]


@router.get("/stream")
async def stream(
    visit: Annotated[Visit, Depends(signed_in())], on: Annotated[list[Name], Query(min_length=1, max_length=50)]
) -> Response:
    """Names of what changes, as server-sent events without personal data."""
    return StreamingResponse(_changes(visit, on), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/session")
async def session(visit: Annotated[Visit, Depends(signed_in())]) -> Response:
    """Whether the session goes on: 204, or 401. A page whose stream broke off asks."""
    return Response(status_code=204)


async def _changes(visit: Visit, names: list[str]) -> AsyncIterator[str]:
    desk, loop = visit.desk, asyncio.get_running_loop()
    asked = frozenset(names)
    with desk.stream.subscribe([*names, _STAFF], session=visit.digest) as subscription:
        checked_at = loop.time()
        while not subscription.over:
            changed = await subscription.take(timeout_s=HEARTBEAT_S)
            if _STAFF in changed or loop.time() - checked_at >= HEARTBEAT_S:
                checked_at = loop.time()
                if await peek(desk, visit.digest) is None:
                    return
            yield (
                "".join(f"event: {name}\ndata: {name}\n\n" for name in changed if name in asked) or ": still there\n\n"
            )
            await asyncio.sleep(SPACING_S)
