"""A call, or a whole case, told from beginning to end, as text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.case_file.reading import CaseFile
from campaigns.case_file.telling import MENTION, SIGNAL, Entry, ended, entries, heard, offered
from campaigns.case_file.telling import clock as clock_in
from campaigns.follow_up import FollowUp
from campaigns.model import Attempt, Case
from campaigns.store import Store

_MARKED = {SIGNAL: "! signal", MENTION: "* heard"}


def clock(at: float) -> str:
    """A time as the reader's wall clock shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def timeline(attempt: Attempt, case: Case, ordered: Sequence[FollowUp], home: Path) -> str:
    """Who was called, what was said and noticed, who took it, how it ended, what follows, where the recording is."""
    return "\n".join([*_head(attempt, case), "", *_call(attempt, home, clock), *_next(attempt, case, ordered)])


def case_timeline(file: CaseFile, home: Path, zone: ZoneInfo) -> str:
    """Who it is about, and everything that happened, in order."""
    lines = [*_subject(file), ""]
    for entry in entries(file, "en", zone):
        lines += _entry(entry, home, zone)
    for relative in file.relatives:
        lines += ["", f"call to a relative ({relative.case.relation}), case {relative.case.id}", ""]
        lines += [line for entry in entries(relative, "en", zone) for line in _entry(entry, home, zone)]
    return "\n".join(lines)


def recording_path(attempt: Attempt, home: Path) -> Path | None:
    """Where the recording is."""
    if attempt.result is None or not attempt.result.recording:
        return None
    return home / attempt.result.recording


def write_timelines(store: Store, campaign: str, home: Path, folder: Path) -> None:
    """One text file for each call of a campaign."""
    folder.mkdir(mode=0o700, exist_ok=True)
    cases = {case.id: case for case in store.cases(campaign=campaign)}
    ordered = store.follow_ups()
    for listed in store.attempts(campaign=campaign):
        attempt = store.attempt(listed.id)
        own = [each for each in ordered if each.attempt_id == attempt.id]
        text = timeline(attempt, cases[attempt.case_id], own, home)
        (folder / f"call-{attempt.id}.txt").write_text(text + "\n", encoding="utf-8")


def _head(attempt: Attempt, case: Case) -> Iterator[str]:
    lead = case.lead
    yield f"call {attempt.id} of case {case.id}: {lead.number} {lead.name}".rstrip()
    yield f"  {lead.scam_type or 'scam type unknown'}, grade {lead.grade}, {lead.language}, by node {attempt.node}"
    yield f"  dialled {clock(attempt.dialled_at)}" if attempt.dialled_at else "  never dialled"
    if attempt.result and attempt.result.answered_at:
        yield f"  answered {clock(attempt.result.answered_at)}"


def _call(attempt: Attempt, home: Path, when: Callable[[float], str]) -> Iterator[str]:
    """What was said and noticed, who took it, how it ended."""
    for line in heard(attempt):
        yield f"  {line.at_s:6.1f} s  {line.name or _MARKED.get(line.who, line.who):<9} {line.text}"
    for record in attempt.escalations:
        yield f"  offered to the dissuaders because of {offered(record)}"
    yield f"  ended {when(attempt.result.ended_at)}: {ended(attempt)}" if attempt.result else "  in progress"
    if path := recording_path(attempt, home):
        yield f"  recording (left: the person called, right: robot): {path}"


def _next(attempt: Attempt, case: Case, ordered: Sequence[FollowUp]) -> Iterator[str]:
    if attempt.result is None:
        return
    if ordered:
        yield f"  ordered: {', '.join(each.kind for each in ordered)}"
    if case.due_at is not None:
        yield f"  due again {clock(case.due_at)}"
    elif case.closed_reason:
        yield f"  case closed: {case.closed_reason}"


def _subject(file: CaseFile) -> Iterator[str]:
    case, lead = file.case, file.case.lead
    yield f"case {case.id} of campaign {file.history.campaign.name}: {lead.number} {lead.name}".rstrip()
    facts = (lead.scam_type or "scam type unknown", f"grade {lead.grade}", lead.group, lead.precinct, lead.address)
    yield f"  {', '.join(fact for fact in facts if fact)}"
    standing = f"{case.state}: {case.closed_reason}" if case.closed_reason else str(case.state)
    yield f"  {standing}, {case.attempts} calls"
    if case.linked_case_id is not None:
        yield f"  {case.relation or 'a relative'} of the subject of case {case.linked_case_id}"


def _entry(entry: Entry, home: Path, zone: ZoneInfo) -> Iterator[str]:
    yield f"{clock_in(entry.at, zone)}  {'! ' if entry.is_alarm else ''}{entry.what}"
    if entry.why:
        yield f"    why: {entry.why}"
    if entry.note:
        yield f"    note: {entry.note}"
    if entry.call is not None:
        yield from (f"  {line}" for line in _call(entry.call, home, lambda at: clock_in(at, zone)))
