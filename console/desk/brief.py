"""What a dissuader must know of a case before the first word, and of the talk as it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.model import Attempt, Case, Disposition, HeardSignal, Lead, Mention
from console.desk.said import Line, gravity, live_lines, stored_lines
from console.desk.session import Visit
from console.desk.talking import TalkingPoints
from dialer.live import LiveCall


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said and noticed on one call."""

    lines: tuple[Line, ...]
    signals: tuple[HeardSignal, ...]
    """Each once, the gravest first, otherwise as they were heard."""
    mentions: tuple[Mention, ...]
    """Each value once."""
    reason: str = ""
    """Signal for which a human was called, if one was."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """The case of a call."""

    case: Case
    campaign: str
    earlier: tuple[Attempt, ...]
    """Other calls of the case, newest first, without turns."""
    dispositions: tuple[Disposition, ...]
    """Newest first."""
    mentions: tuple[Mention, ...]
    """Of the other calls, each value once."""
    points: TalkingPoints | None

    @property
    def lead(self) -> Lead:
        """Who it is about."""
        return self.case.lead


def live_talk(call: LiveCall) -> Talk:
    """Of a call that goes on."""
    mentions = _each_once(call.mentions)
    return Talk(tuple(live_lines(call)), _gravest_first(call.signals), mentions, call.reason, call.words)


def stored_talk(attempt: Attempt) -> Talk:
    """Of a call as the store knows it."""
    offered = attempt.escalations[-1] if attempt.escalations else None
    return Talk(
        tuple(stored_lines(attempt)),
        _gravest_first(attempt.signals),
        _each_once(attempt.mentions),
        offered.reason if offered else "",
        offered.words if offered else "",
    )


async def brief_of(visit: Visit, case_id: int, attempt_id: int) -> Brief:
    """The case of a call; raises `NotFoundError`."""
    now = visit.desk.clock()
    history = await visit.desk.store.call(lambda s: s.history(case_id, now=now), wake=False)
    lead = history.case.lead
    earlier = tuple(each for each in reversed(history.attempts) if each.id != attempt_id)
    return Brief(
        case=history.case,
        campaign=history.campaign.name,
        earlier=earlier,
        dispositions=tuple(reversed(history.dispositions)),
        mentions=_each_once(mention for attempt in earlier for mention in attempt.mentions),
        points=visit.desk.talking_points(lead.language, lead.scam_type),
    )


def _gravest_first(heard: Sequence[HeardSignal]) -> tuple[HeardSignal, ...]:
    found = {each.name: each for each in reversed(heard)}
    order = {"bad": 0, "warn": 1, "plain": 2}
    return tuple(sorted(found.values(), key=lambda each: (order[gravity(each.name)], each.at_s)))


def _each_once(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    found: dict[tuple[str, str], Mention] = {}
    for each in mentions:
        found.setdefault((each.kind, each.value), each)
    return tuple(found.values())
