"""Recordings, to be listened to in the browser."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.exceptions import HTTPException

from campaigns.model import Attempt
from campaigns.staff import Role
from console.desk.looks import looked
from console.desk.navigation import Link
from console.desk.pages.call import Id
from console.desk.session import Visit, signed_in
from console.desk.sound import SoundError, peaks, recording_file

router = APIRouter()
links: tuple[Link, ...] = ()

Listener = Annotated[Visit, Depends(signed_in(Role.DISSUADER, Role.DUTY_OFFICER, Role.AUDITOR))]


@router.get("/calls/{attempt_id}/recording")
async def recording(visit: Listener, attempt_id: Id) -> Response:
    """The WAV file, or a range of it."""
    attempt, path = await _found(visit, attempt_id)
    await looked(visit, "recording.heard", case_id=attempt.case_id, attempt_id=attempt_id)
    return FileResponse(path, media_type="audio/wav", headers={"Content-Disposition": "inline"})


@router.get("/calls/{attempt_id}/recording/peaks")
async def picture(visit: Listener, attempt_id: Id) -> Response:
    """How loud it is when."""
    _, path = await _found(visit, attempt_id)
    try:
        found = await asyncio.to_thread(peaks, path)
    except SoundError as error:
        raise _none(visit) from error
    return JSONResponse(dataclasses.asdict(found))


async def _found(visit: Visit, attempt_id: int) -> tuple[Attempt, FilePath]:
    attempt = await visit.desk.store.call(lambda s: s.attempt(attempt_id), wake=False)
    try:
        name = attempt.result.recording if attempt.result else ""
        return attempt, await asyncio.to_thread(recording_file, visit.desk.home, name)
    except SoundError as error:
        raise _none(visit) from error


def _none(visit: Visit) -> HTTPException:
    return HTTPException(404, visit._("There is no recording of this call."))
