"""What a carrier's announcement or a voicemail greeting says about an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from campaigns.model import Outcome
from speech.announcements import AnnouncementKind

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
