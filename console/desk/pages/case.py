"""A case from its lead to its end, its recordings, and the search for one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from campaigns.case_file.reading import CaseFile, read_case
from campaigns.case_file.telling import entries, offered
from campaigns.delivery.wording import language_of
from campaigns.model import Attempt, Case, Found
from campaigns.search import Excerpt, excerpt
from campaigns.staff import Role
from campaigns.store import Store
from console.desk.brief import Talk, stored_talk
from console.desk.looks import opened
from console.desk.navigation import Link
from console.desk.ordering import what_to_order
from console.desk.pages.call import Id
from console.desk.people import names_of
from console.desk.records import record_of
from console.desk.said import gravity
from console.desk.session import Visit, signed_in
from console.desk.sound import SoundError, recording_file
from console.desk.texts import N_

router = APIRouter()
ROLES = frozenset({Role.DISSUADER, Role.DUTY_OFFICER, Role.AUDITOR})
links = (Link("/cases", N_("Cases"), ROLES),)

Reader = Annotated[Visit, Depends(signed_in(*ROLES))]

_LATEST = 40
_HITS = 60


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, as the page shows it."""

    at: float
    what: str
    why: str
    note: str
    is_alarm: bool
    call: Attempt | None = None
    talk: Talk | None = None
    offers: tuple[str, ...] = ()
    heard: bool = False
    """Whether there is a recording."""
    marks: str = "[]"
    """Signals in the recording, as JSON."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a text was found."""

    found: Found
    case: Case
    excerpt: Excerpt


@router.get("/cases")
async def search(visit: Reader, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Cases in which a text stands; without one, those that were called last."""
    text = q.strip()
    if not text:
        latest = await visit.desk.store.call(_latest, wake=False)
        await visit.audit("cases.listed")
        return visit.page("cases.html", q="", hits=None, latest=latest)

    def look(store: Store) -> list[Hit]:
        found = store.search(text, limit=_HITS)
        cases = {each.case_id: store.case(each.case_id) for each in found}
        return [Hit(each, cases[each.case_id], excerpt(each.text, text)) for each in found]

    hits = await visit.desk.store.call(look, wake=False)
    await visit.audit("cases.searched", detail={"found": len(hits)})
    return visit.page("cases.html", q=text, hits=hits, latest=())


@router.get("/cases/{case_id}")
async def show(visit: Reader, case_id: Id) -> Response:
    """Everything that happened to a case."""
    now = visit.desk.clock()
    file = await visit.desk.store.call(lambda s: read_case(s, case_id, now=now), wake=False)
    await opened(visit, "case.viewed", case_id=case_id)
    last = file.attempts[-1].id if file.attempts else None
    return visit.page(
        "case.html",
        file=file,
        lead=file.case.lead,
        names=await names_of(visit.desk),
        told=_told(visit, file),
        attempt_id=last,
        points=visit.desk.talking_points(file.case.lead.language, file.case.lead.scam_type),
        **await record_of(visit, case_id, last),
        **await what_to_order(visit, case_id),
    )


def _latest(store: Store) -> list[tuple[Attempt, Case]]:
    seen: dict[int, Attempt] = {}
    for attempt in store.attempts(limit=4 * _LATEST):
        seen.setdefault(attempt.case_id, attempt)
    return [(attempt, store.case(case_id)) for case_id, attempt in list(seen.items())[:_LATEST]]


def _told(visit: Visit, file: CaseFile) -> list[Told]:
    language, zone = language_of(visit.language), ZoneInfo(visit.desk.settings.time_zone)
    found = []
    for each in entries(file, language, zone):
        call = each.call
        if call is None:
            found.append(Told(each.at, each.what, each.why, each.note, each.is_alarm))
            continue
        talk = stored_talk(call)
        marks = [{"at": signal.at_s, "grave": gravity(signal.name)} for signal in call.signals]
        found.append(
            Told(
                each.at,
                each.what,
                each.why,
                each.note,
                each.is_alarm,
                call,
                talk,
                tuple(offered(record, language) for record in call.escalations),
                _has_recording(visit, call),
                json.dumps(marks),
            )
        )
    return found


def _has_recording(visit: Visit, attempt: Attempt) -> bool:
    try:
        recording_file(visit.desk.home, attempt.result.recording if attempt.result else "")
    except SoundError:
        return False
    return True
