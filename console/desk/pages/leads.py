"""Leads from a file into a campaign: look at the columns, see what would become of them, import."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Response, UploadFile
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from campaigns.importing import ImportReport
from campaigns.intake.reading import MAX_WORKBOOK_BYTES
from campaigns.intake.words import HEADINGS
from campaigns.messages import Tongue
from campaigns.model import Campaign
from campaigns.staff import Role
from console.desk.leads_words import FATES, FIELDS
from console.desk.leads_work import Task, look, rejected, take
from console.desk.navigation import Link
from console.desk.pages.campaigns import campaign_of
from console.desk.session import Visit, signed_in
from console.desk.uploads import FOLDER, Upload, Uploads

router = APIRouter()
links: tuple[Link, ...] = ()

MOST_BYTES = MAX_WORKBOOK_BYTES
SHOWN_ERRORS = 50

Officer = Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]
CampaignId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Token = Annotated[str, Path(max_length=40)]
Texts = Annotated[list[str], Form()]


@router.post("/campaigns/{campaign_id}/leads")
async def bring(visit: Officer, campaign_id: CampaignId, file: Annotated[UploadFile, File()]) -> Response:
    """Take over a file to look at; nothing is imported yet."""
    campaign = await campaign_of(visit, campaign_id)
    if not file.filename:
        raise HTTPException(422, visit._("Choose a file first."))
    if file.size is None or file.size > MOST_BYTES:
        raise HTTPException(413, visit._("The file is too large; split it."))
    name, source, now, by = file.filename, file.file, visit.desk.clock(), visit.user.login
    upload = await asyncio.to_thread(lambda: _uploads(visit).add(source, name, campaign_id, by=by, now=now))
    await visit.audit("leads.uploaded", detail={"campaign": campaign.name, "file": upload.file})
    return visit.go(f"/campaigns/{campaign_id}/leads/{upload.token}")


@router.get("/campaigns/{campaign_id}/leads/{token}")
async def show(visit: Officer, campaign_id: CampaignId, token: Token) -> Response:
    """A file that waits to be imported, or what became of it. Its preview comes later: that may take a while."""
    campaign, upload = await _known(visit, campaign_id, token)
    if upload.done:
        await visit.audit("leads.report_viewed", detail={"campaign": campaign.name, "file": upload.file})
        return visit.page("leads_done.html", campaign=campaign, upload=upload, done=upload.done, shown=SHOWN_ERRORS)
    return visit.page("leads.html", campaign=campaign, upload=upload)


@router.get("/campaigns/{campaign_id}/leads/{token}/preview")
async def show_preview(visit: Officer, campaign_id: CampaignId, token: Token) -> Response:
    """The columns of a file, and what would become of its leads now."""
    campaign, upload = await _known(visit, campaign_id, token)
    if upload.done:
        return visit.go(f"/campaigns/{campaign_id}/leads/{token}")
    looked = await visit.desk.apart.do(look(_task(visit, campaign, upload)))
    await visit.audit("leads.previewed", detail={"campaign": campaign.name, "file": upload.file})
    return visit.page(
        "leads_preview.html",
        campaign=campaign,
        upload=upload,
        looked=looked,
        preview=looked.preview,
        fields=FIELDS,
        fates=FATES,
        shown=SHOWN_ERRORS,
    )


@router.post("/campaigns/{campaign_id}/leads/{token}/columns")
async def change_columns(
    visit: Officer,
    campaign_id: CampaignId,
    token: Token,
    *,
    heading: Texts = [],  # noqa: B006 (FastAPI copies it)
    field: Texts = [],  # noqa: B006
    was: Texts = [],  # noqa: B006
    sheet: Annotated[str, Form(max_length=200)] = "",
    again: Annotated[bool, Form()] = False,
) -> Response:
    """Say what columns hold, which sheet is meant, and whether a file is imported once more."""
    _, upload = await _known(visit, campaign_id, token)
    if len({len(heading), len(field), len(was)}) != 1 or any(each and each not in HEADINGS for each in field):
        raise HTTPException(422)
    # Columns that were taken for what they are stay as they are: the same file is then known as the same.
    changed = {name: chosen for name, chosen, before in zip(heading, field, was, strict=True) if chosen != before}
    mapping = {**upload.mapping, **changed} if sheet == upload.sheet else {}
    fresh = replace(upload, mapping=mapping, sheet=sheet, again=again)
    await asyncio.to_thread(_uploads(visit).keep, fresh)
    return visit.go(f"/campaigns/{campaign_id}/leads/{token}")


@router.post("/campaigns/{campaign_id}/leads/{token}/import")
async def carry_out(visit: Officer, campaign_id: CampaignId, token: Token) -> Response:
    """Import the file."""
    campaign, upload = await _known(visit, campaign_id, token)
    if upload.done:
        return visit.go(f"/campaigns/{campaign_id}/leads/{token}")
    report = await visit.desk.apart.do(take(_task(visit, campaign, upload), _rejects(visit).absolute()))
    if isinstance(report, str):
        raise HTTPException(422, report)
    rejects = report.rejects_file.name if report.rejects_file is not None else ""
    done = _told(report)
    await asyncio.to_thread(_uploads(visit).finish, upload, done, rejects)
    counted = {key: done[key] for key in ("read", "accepted", "merged", "rejected")}
    await visit.audit("leads.imported", detail={"campaign": campaign.name, "file": upload.file, **counted})
    visit.desk.on_leads()
    return visit.go(f"/campaigns/{campaign_id}/leads/{token}")


@router.post("/campaigns/{campaign_id}/leads/{token}/drop")
async def drop(visit: Officer, campaign_id: CampaignId, token: Token) -> Response:
    """Take the file away without importing it."""
    campaign, upload = await _known(visit, campaign_id, token)
    await asyncio.to_thread(_uploads(visit).drop, upload)
    await visit.audit("leads.dropped", detail={"campaign": campaign.name, "file": upload.file})
    return visit.go(f"/campaigns/{campaign_id}")


@router.get("/campaigns/{campaign_id}/leads/{token}/rejects")
async def rejects(visit: Officer, campaign_id: CampaignId, token: Token) -> Response:
    """The rows that cannot be taken, with line, reason and mend, to be mended and brought again."""
    campaign, upload = await _known(visit, campaign_id, token)
    await visit.audit("leads.rejects_downloaded", detail={"campaign": campaign.name, "file": upload.file})
    if upload.done:
        path = _rejects(visit) / upload.rejects
        if not upload.rejects or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, filename=upload.rejects)
    with tempfile.TemporaryDirectory(dir=_uploads(visit).path(upload).parent) as folder:
        made = await visit.desk.apart.do(rejected(_task(visit, campaign, upload), FilePath(folder)))
        if made is None:
            raise HTTPException(404)
        content = await asyncio.to_thread(made.read_bytes)
    kind = "application/x-ndjson" if made.suffix == ".jsonl" else "text/csv; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="rejected{made.suffix}"'}
    return Response(content, media_type=kind, headers=headers)


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.desk.home / FOLDER)


def _rejects(visit: Visit) -> FilePath:
    return visit.desk.home / "rejects"


async def _known(visit: Visit, campaign_id: int, token: str) -> tuple[Campaign, Upload]:
    campaign = await campaign_of(visit, campaign_id)
    by, now = visit.user.login, visit.desk.clock()
    upload = await asyncio.to_thread(lambda: _uploads(visit).get(token, campaign_id, by=by, now=now))
    if upload is None:
        raise HTTPException(404, visit._("This file is no longer here. Bring it again."))
    return campaign, upload


def _task(visit: Visit, campaign: Campaign, upload: Upload) -> Task:
    tongue: Tongue = "zh" if visit.language.startswith("zh") else "en"
    return Task(
        _uploads(visit).path(upload).absolute(),
        campaign.name,
        visit.desk.intake,
        visit.desk.policy,
        tongue,
        visit.desk.clock(),
        upload.mapping,
        upload.sheet,
        upload.again,
    )


def _told(report: ImportReport) -> dict[str, object]:
    return {
        "read": report.read,
        "accepted": report.accepted,
        "merged": report.merged,
        "rejected": report.rejected,
        "proposed": report.proposed,
        "imported_before_at": report.imported_before_at,
        "errors": [
            {"line": each.line, "heading": each.heading, "reason": each.reason, "mend": each.mend}
            for each in report.errors[:SHOWN_ERRORS]
        ],
    }
