"""The stream of changes for open pages: ``/stream?on=floor&on=case-7``; see `console.desk.stream` for the names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.stream import HEARTBEAT_S, SPACING_S

router = APIRouter()
links: tuple[Link, ...] = ()

Name = Annotated[str, Query(pattern=r"^[a-z_]{1,30}(-[0-9]{1,19})?$")]


@router.get("/stream")
async def stream(
    visit: Annotated[Visit, Depends(signed_in())], on: Annotated[list[Name], Query(min_length=1, max_length=50)]
) -> Response:
    """Names of what changes, as server-sent events without personal data."""
    return StreamingResponse(_changes(visit, on), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _changes(visit: Visit, names: list[str]) -> AsyncIterator[str]:
    with visit.desk.stream.subscribe(names, session=visit.digest) as subscription:
        while not subscription.over:
            changed = await subscription.take(timeout_s=HEARTBEAT_S)
            yield "".join(f"event: {name}\ndata: {name}\n\n" for name in changed) or ": still there\n\n"
            await asyncio.sleep(SPACING_S)
