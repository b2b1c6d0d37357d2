"""What an announcement, a greeting of a machine or a tone says about an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from campaigns.model import Outcome
from speech.announcements import AnnouncementKind, AnnouncementMatch
from speech.answering import Answerer, Verdict

OUTCOME_OF_ANNOUNCEMENT: Mapping[AnnouncementKind, Outcome] = MappingProxyType(
    {
        AnnouncementKind.POWERED_OFF: Outcome.POWERED_OFF,
        AnnouncementKind.INVALID_NUMBER: Outcome.INVALID_NUMBER,
        AnnouncementKind.NUMBER_CHANGED: Outcome.INVALID_NUMBER,
        # 停机 (unpaid) and barred lines come back, so they are no invalid numbers.
        AnnouncementKind.OUT_OF_SERVICE: Outcome.UNREACHABLE,
        AnnouncementKind.RESTRICTED: Outcome.UNREACHABLE,
        AnnouncementKind.UNREACHABLE: Outcome.UNREACHABLE,
        AnnouncementKind.BUSY_ELSEWHERE: Outcome.BUSY,
        AnnouncementKind.NO_ANSWER: Outcome.NO_ANSWER,
        AnnouncementKind.FORWARDED: Outcome.FORWARDED,
        AnnouncementKind.VOICEMAIL: Outcome.VOICEMAIL,
        # Somebody or something else answers for the subject: the case stays open, as when a line is forwarded.
        AnnouncementKind.MENU: Outcome.FORWARDED,
        AnnouncementKind.ASSISTANT: Outcome.FORWARDED,
        AnnouncementKind.NETWORK_BUSY: Outcome.TRUNK_FAILURE,
    }
)
"""In early media as well as after an answer."""

OUTCOME_OF_TONE: Mapping[Answerer, Outcome] = MappingProxyType(
    {
        Answerer.BUSY: Outcome.BUSY,
        Answerer.CONGESTION: Outcome.TRUNK_FAILURE,
        # A tone alone closes no case: the number may exist all the same.
        Answerer.UNOBTAINABLE: Outcome.UNREACHABLE,
        Answerer.SPECIAL: Outcome.UNREACHABLE,
        Answerer.VOICEMAIL: Outcome.VOICEMAIL,
    }
)
"""Of what is told without words; a voicemail by its beep."""


@dataclass(frozen=True, slots=True)
class Machine:
    """No person is at the other end."""

    outcome: Outcome
    """Of an attempt that ends here."""
    reason: str
    assistant: bool = False
    """It asks who is calling; a person may come."""


def announced(match: AnnouncementMatch) -> Machine:
    """What words say."""
    assistant = match.kind is AnnouncementKind.ASSISTANT
    return Machine(OUTCOME_OF_ANNOUNCEMENT[match.kind], f"announcement: {match.words}", assistant)


def judged(verdict: Verdict) -> Machine | None:
    """What a verdict says; ``None`` unless it is a machine or a tone that ends an attempt."""
    if verdict.announcement is not None:
        return announced(AnnouncementMatch(verdict.announcement, verdict.evidence))
    outcome = OUTCOME_OF_TONE.get(verdict.kind)
    return None if outcome is None else Machine(outcome, f"{verdict.kind}: {verdict.evidence}")
