"""The page as a phone: a WebSocket with frames of 20 ms, s16le, mono, 8 kHz, both ways."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, WebSocket
from starlette.websockets import WebSocketDisconnect

from campaigns.staff import Role, Session
from campaigns.store import Store, StoreError
from console.desk.looks import looked
from console.desk.navigation import Link
from console.desk.pages.call import Id
from console.desk.seats import offer, seat
from console.desk.session import Visit, signed_in
from dialer.live import FRAME_BYTES, AudioLink, LiveError

router = APIRouter()
links: tuple[Link, ...] = ()

ENDED, SIGNED_OUT, NOT_YOURS, OVER, ELSEWHERE = 4000, 4401, 4403, 4404, 4409
"""Close codes after which a page does not come back; ``static/phone/phone.js`` has them, too."""

LARGEST = 10 * FRAME_BYTES
"""Bytes of one message; a page sends single frames."""
LOOK_AGAIN_S = 20.0
"""So often it is looked whether the session still is; that it is used keeps it from being idle."""

log = structlog.get_logger(__name__)


@router.websocket("/calls/{attempt_id}/audio")
async def audio(
    socket: WebSocket,
    attempt_id: Id,
    visit: Annotated[Visit, Depends(signed_in(Role.DISSUADER, Role.DUTY_OFFICER))],
) -> None:
    """The sound of a call on which the user is, or that is offered to them."""
    await socket.accept()
    live, login = visit.desk.live, visit.user.login
    call = live.call(attempt_id) if live is not None else None
    if live is None or call is None:
        await socket.close(OVER, "the call is over")
        return
    own = seat(call, login)
    if (own is None or own.phone) and offer(call, login) is None:
        await visit.audit("access.refused", case_id=call.case_id, attempt_id=attempt_id, detail={"path": "audio"})
        await socket.close(NOT_YOURS, "you are not on this call")
        return
    await looked(visit, "call.heard", case_id=call.case_id, attempt_id=attempt_id)
    try:
        async with live.audio(attempt_id, login) as link:
            code, reason = await _carry(socket, link, visit)
    except LiveError as error:
        code, reason = OVER, str(error)
    if code == ENDED and (call := live.call(attempt_id)) is not None and seat(call, login) is not None:
        code, reason = ELSEWHERE, "another page has the sound now"
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it was closed from the other side
        await socket.close(code, reason[:100])


async def _carry(socket: WebSocket, link: AudioLink, visit: Visit) -> tuple[int, str]:
    """Until one side ends it; returns how to close."""
    ways = [
        asyncio.create_task(_listen(socket, link), name="page's microphone"),
        asyncio.create_task(_play(socket, link), name="page's loudspeaker"),
        asyncio.create_task(_watch(visit), name="page's session"),
    ]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _listen(socket: WebSocket, link: AudioLink) -> tuple[int, str]:
    while True:
        try:
            pcm = await socket.receive_bytes()
        except (WebSocketDisconnect, RuntimeError):
            return 1000, ""
        except KeyError:
            return 1003, "frames are binary"
        if len(pcm) > LARGEST or len(pcm) % 2:
            return 1009 if len(pcm) > LARGEST else 1007, "a message holds whole samples, ten frames at most"
        link.send(pcm)


async def _play(socket: WebSocket, link: AudioLink) -> tuple[int, str]:
    try:
        async for frame in link.frames():
            await socket.send_bytes(frame)
    except (WebSocketDisconnect, RuntimeError):
        return 1000, ""
    return ENDED, "the call is over"


async def _watch(visit: Visit) -> tuple[int, str]:
    desk = visit.desk
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        now = desk.clock()
        look = functools.partial(_session, digest=visit.digest, now=now, idle_s=desk.settings.idle_s)
        try:
            if await desk.store.call(look, wake=False) is None:
                return SIGNED_OUT, "logged out"
        except StoreError as error:  # nobody is cut off because the disk is busy
            log.warning("a session cannot be looked at", reason=str(error))


def _session(store: Store, *, digest: str, now: float, idle_s: float) -> Session | None:
    return store.session(digest, now=now, idle_s=idle_s)
