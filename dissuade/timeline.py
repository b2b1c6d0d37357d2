"""One call told from beginning to end, as text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from campaigns.follow_up import FollowUp
from campaigns.model import Attempt, Case, EscalationRecord, Speaker
from campaigns.store import Store

_WHO = {Speaker.ROBOT: "robot", Speaker.SUBJECT: "person", Speaker.DISSUADER: "dissuader"}


def clock(at: float) -> str:
    """A time as the reader's wall clock shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def timeline(attempt: Attempt, case: Case, ordered: Sequence[FollowUp], home: Path) -> str:
    """Who was called, what was said and noticed, who took it, how it ended, what follows, where the recording is."""
    return "\n".join([*_head(attempt, case), *_said(attempt), *_offers(attempt), *_end(attempt, case, ordered, home)])


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


def _said(attempt: Attempt) -> Iterator[str]:
    lines = [(turn.start_s, _WHO[turn.speaker], turn.text or "(no words)") for turn in attempt.turns]
    lines += [(sign.at_s, "! signal", f"{sign.name}: “{sign.words}” ({sign.rule})") for sign in attempt.signals]
    if lines:
        yield ""
    for at_s, who, what in sorted(lines, key=lambda line: line[0]):
        yield f"  {at_s:6.1f} s  {who:<9} {what}"


def _offers(attempt: Attempt) -> Iterator[str]:
    for record in attempt.escalations:
        yield ""
        yield f"  offered to the dissuaders because of {record.reason} “{record.words}”: {record.state}"
        if steps := ", ".join(_steps(record)):
            yield f"    {steps}"


def _steps(record: EscalationRecord) -> Iterator[str]:
    if record.dissuader:
        yield record.dissuader
    if record.first_ring_s is not None:
        yield f"first phone rang after {record.first_ring_s:.1f} s"
    if record.joined_s is not None:
        yield f"joined after {record.joined_s:.1f} s"


def _end(attempt: Attempt, case: Case, ordered: Sequence[FollowUp], home: Path) -> Iterator[str]:
    result = attempt.result
    yield ""
    if result is None:
        yield "  in progress"
        return
    code = f", SIP {result.sip_code}" if result.sip_code else ""
    yield f"  ended {clock(result.ended_at)}: {result.outcome} ({result.reason or 'no reason given'}{code})"
    yield f"  key warning {'heard' if result.key_warning_heard else 'not heard'}"
    if ordered:
        yield f"  ordered: {', '.join(each.kind for each in ordered)}"
    if case.due_at is not None:
        yield f"  due again {clock(case.due_at)}"
    elif case.closed_reason:
        yield f"  case closed: {case.closed_reason}"
    if path := recording_path(attempt, home):
        yield f"  recording (left: the person called, right: robot): {path}"
