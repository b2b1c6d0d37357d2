"""What a carrier's announcement or a voicemail greeting says about an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from campaigns.model import Outcome

OUTCOME_OF_ANNOUNCEMENT: Mapping[str, Outcome] = MappingProxyType(
    {
        "powered_off": Outcome.POWERED_OFF,
        "invalid_number": Outcome.INVALID_NUMBER,
        "number_changed": Outcome.INVALID_NUMBER,
        # 停机 (unpaid) and barred lines come back, so they are no invalid numbers.
        "out_of_service": Outcome.UNREACHABLE,
        "restricted": Outcome.UNREACHABLE,
        "unreachable": Outcome.UNREACHABLE,
        "busy_elsewhere": Outcome.BUSY,
        "no_answer": Outcome.NO_ANSWER,
        "forwarded": Outcome.FORWARDED,
        "voicemail": Outcome.VOICEMAIL,
        "network_busy": Outcome.TRUNK_FAILURE,
    }
)
"""Kinds of `speech.announcements.classify`, in early media as well as after an answer."""
