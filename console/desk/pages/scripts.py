"""What the robot says: scripts by language and scam type, and their prompts by ear."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from starlette.exceptions import HTTPException

from campaigns.staff import Role
from console.desk.library import Library, LibraryError, ScriptEntry
from console.desk.navigation import Link
from console.desk.session import Visit, signed_in
from console.desk.texts import N_

router = APIRouter()
links: tuple[Link, ...] = (Link("/scripts", N_("Scripts"), frozenset({Role.DUTY_OFFICER, Role.AUDITOR})),)

VERSIONS = {
    "standard": N_("For the subject"),
    "elderly": N_("For an elderly subject"),
    "relative": N_("For a relative"),
    "callback": N_("For a call-back"),
}
"""Whom a version is for; see `scripts.model.VERSIONS`."""
TURNOFFS = {
    "yes": N_("yes"),
    "no": N_("no"),
    "or_else": N_("unclear twice"),
    "unclear": N_("unclear"),
    "silence": N_("silence"),
    "next": N_("then"),
    "end": N_("ends with"),
    "escalate": N_("hands over to a dissuader"),
}
"""See `console.desk.library.Turnoff`."""

Reader = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER, Role.AUDITOR))]
Name = Annotated[str, Path(max_length=200)]


@router.get("/scripts")
async def show(visit: Reader) -> Response:
    """All scripts, by language."""
    entries = sorted(
        _library(visit).scripts(),
        key=lambda each: (each.language != visit.language, each.language, each.scam_type, _place(each)),
    )
    shelves = [(tag, list(own)) for tag, own in groupby(entries, key=lambda each: each.language)]
    return visit.page("scripts.html", shelves=shelves, versions=VERSIONS)


@router.get("/scripts/{name}")
async def one(visit: Reader, name: Name) -> Response:
    """The steps of a script."""
    library = _library(visit)
    script = library.script(name)
    if script is None:
        raise HTTPException(404, visit._("There is no such script."))
    about = (script.entry.language, script.entry.scam_type)
    siblings = sorted((each for each in library.scripts() if (each.language, each.scam_type) == about), key=_place)
    steps = {step.name for step in script.steps}
    return visit.page(
        "script.html", script=script, siblings=siblings, known=steps, versions=VERSIONS, turnoffs=TURNOFFS
    )


@router.get("/scripts/{name}/say/{step}")
async def hear(visit: Reader, name: Name, step: Name, again: bool = False) -> Response:
    """A prompt as it is heard on the line."""
    try:
        sound = await _library(visit).speak(name, step, again=again)
    except LibraryError as error:
        raise HTTPException(404, str(error)) from None
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "private, max-age=600"})


def _place(entry: ScriptEntry) -> int:
    """Of a version among the others."""
    return list(VERSIONS).index(entry.version) if entry.version in VERSIONS else len(VERSIONS)


def _library(visit: Visit) -> Library:
    if visit.desk.library is None:
        raise HTTPException(404, visit._("The scripts are not known here."))
    return visit.desk.library
