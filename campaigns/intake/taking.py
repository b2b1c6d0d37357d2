"""Leads that another system hands over: each row is answered for by itself. Behind HTTP and MQTT."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from campaigns.async_store import AsyncStore
from campaigns.importing import LeadReader, RowError
from campaigns.intake.errors import SourceError
from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.intake.reading import read_json
from campaigns.intake.scam_types import Proposer, built_in
from campaigns.messages import Tongue, said
from campaigns.model import History, Lead, NextStep
from campaigns.policy import Policy, decider
from campaigns.preview import Preview, Previewer, campaign_of
from campaigns.store import NotFoundError, Store

MAX_ROWS = 5_000
"""Leads in one message."""
MAX_BYTES = 8 * 1024 * 1024
"""Size of one message."""
_TOGETHER = 250
"""Leads in one transaction: calls in progress wait no longer for the store."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How leads are taken: a centre's settings."""

    defaults: LeadDefaults = field(default_factory=LeadDefaults)
    headings: Headings = field(default_factory=Headings)
    proposer: Proposer = field(default_factory=built_in)
    tongue: Tongue = "en"
    policy: Policy | None = None
    """Of campaigns that have none of their own; ``None``: the standard one."""
    campaign: str = ""
    """Into which leads go that name none."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row."""

    line: int
    """Its place in the list, or its line; from 1."""
    result: str
    """``accepted``: a case was opened; ``merged``: it belongs to an open one; ``rejected``: see ``reason``."""
    case_id: int | None = None
    due_at: float | None = None
    """When a new case is called first; ``None`` if it is not, or not new."""
    scam_type_proposed: bool = False
    column: str = ""
    reason: str = ""
    mend: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. ``read`` is the sum of ``accepted``, ``merged`` and ``rejected``."""

    campaign: str
    read: int
    accepted: int
    merged: int
    rejected: int
    proposed: int
    ignored_keys: tuple[str, ...]
    rows: tuple[RowResult, ...]


@dataclass
class _Parsed:
    reader: LeadReader
    leads: list[tuple[int, Lead, bool]] = field(default_factory=list)
    """Line, lead, and whether its scam type was proposed."""


async def take(store: AsyncStore, content: bytes, campaign: str, intake: Intake, *, now: float) -> Taken:
    """Take over the leads in a JSON message into a campaign that exists.

    Raises `SourceError` for a message that is none, and `NotFoundError` for a campaign that is not there.
    """
    parsed = await asyncio.to_thread(_parse, content, intake, now)
    _, known = await store.call(lambda s: campaign_of(s, campaign), wake=False)
    if not known:
        raise NotFoundError(f"there is no campaign {campaign!r}; `dissuade campaign create` makes one")
    results: list[RowResult] = [_refused(error) for _, error in parsed.reader.refused]
    for start in range(0, len(parsed.leads), _TOGETHER):
        part = parsed.leads[start : start + _TOGETHER]
        results += await store.call(functools.partial(_add, leads=part, campaign=campaign, intake=intake, now=now))
    results.sort(key=lambda each: each.line)
    count = {kind: sum(each.result == kind for each in results) for kind in ("accepted", "merged", "rejected")}
    return Taken(
        campaign=campaign,
        read=parsed.reader.read,
        **count,
        proposed=parsed.reader.proposed,
        ignored_keys=tuple(parsed.reader.source.ignored),
        rows=tuple(results),
    )


async def take_message(store: AsyncStore, content: bytes, intake: Intake, *, now: float) -> Taken:
    """As `take`, into the campaign that the message names (``{"campaign": "spring", "leads": [...]}``), or the usual.

    Raises `SourceError` and `NotFoundError`.
    """
    if len(content) > MAX_BYTES:
        raise SourceError(said("file.large", name="the message", limit=MAX_BYTES // 2**20))
    campaign = await asyncio.to_thread(_named_campaign, content) or intake.campaign
    if not campaign:
        raise SourceError(said("message.campaign"))
    taken = await take(store, content, campaign, intake, now=now)
    return replace(taken, ignored_keys=tuple(key for key in taken.ignored_keys if key != "campaign"))


def _named_campaign(content: bytes) -> str:
    """The campaign in an object that holds leads, or is one."""
    if not content.lstrip().startswith(b"{"):
        return ""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return ""  # what is wrong with it is told by those who read the leads
    named = value.get("campaign") if isinstance(value, dict) else None
    return named if isinstance(named, str) else ""


async def preview(store: AsyncStore, content: bytes, campaign: str, intake: Intake, *, now: float) -> Preview:
    """What would become of the leads in a JSON message; nothing is written. Raises `SourceError`."""
    parsed = await asyncio.to_thread(_parse, content, intake, now)
    into, known = await store.call(lambda s: campaign_of(s, campaign), wake=False)
    previewer = Previewer(into, known, now, decider(now, intake.policy))
    for start in range(0, len(parsed.leads), _TOGETHER):
        leads = [lead for _, lead, _ in parsed.leads[start : start + _TOGETHER]]
        numbers = [lead.number for lead in leads]
        standing = await store.call(
            lambda s, asked=numbers: s.standing(asked, now=now, campaign=campaign),  # type: ignore[misc]
            wake=False,
        )
        previewer.add(leads, standing)
    return previewer.result(parsed.reader)


def _parse(content: bytes, intake: Intake, now: float) -> _Parsed:
    source = read_json(content, name="the message", headings=intake.headings)
    parsed = _Parsed(LeadReader(source, intake.defaults, now, intake.tongue, intake.proposer))
    reader = parsed.reader
    for row in source.rows():
        if reader.read >= MAX_ROWS:
            raise SourceError(said("file.rows", name="the message", limit=MAX_ROWS))
        before = reader.proposed
        lead = reader.lead(row)
        if lead is not None:
            parsed.leads.append((row.line, lead, reader.proposed > before))
    return parsed


def _refused(error: RowError) -> RowResult:
    return RowResult(
        error.line, "rejected", column=error.heading, reason=error.reason, mend=error.mend, code=error.code
    )


def _add(
    store: Store, *, leads: Sequence[tuple[int, Lead, bool]], campaign: str, intake: Intake, now: float
) -> list[RowResult]:
    """Add leads and tell what became of each.

    A decision that is asked for tells which: the store draws leads one by one and carries each out before the next.
    """
    results = [RowResult(line, "merged", scam_type_proposed=proposed) for line, _, proposed in leads]
    decide = decider(now, intake.policy)
    drawn = -1
    opened: set[int] = set()
    known = {history.case.id for history in _standing(store, leads, campaign, now).values()}

    def draw() -> Iterator[Lead]:
        nonlocal drawn
        for drawn, (_, lead, _) in enumerate(leads):  # noqa: B007 (told to `decided`)
            yield lead

    def decided(history: History) -> NextStep:
        step = decide(history)
        case = history.case
        if case.id not in opened and case.id not in known:
            opened.add(case.id)
            due_at = None if step.due_at is None else max(step.due_at, history.free_at)
            results[drawn] = replace(results[drawn], result="accepted", case_id=case.id, due_at=due_at)
        return step

    store.add_leads(campaign, draw(), now=now, decide=decided)
    after = _standing(store, leads, campaign, now)
    return [
        each if each.case_id is not None else replace(each, case_id=after[lead.number].case.id)
        for each, (_, lead, _) in zip(results, leads, strict=True)
    ]


def _standing(store: Store, leads: Sequence[tuple[int, Lead, bool]], campaign: str, now: float) -> dict[str, History]:
    numbers = [lead.number for _, lead, _ in leads]
    return dict(store.standing(numbers, now=now, campaign=campaign))
