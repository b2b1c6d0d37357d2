"""Who hears whom on a call, as a table. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from dialer.live import Part

Party = TypeVar("Party", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Seat:
    """What a party beside the subject does."""

    part: Part
    muted: bool = False


def hearing(subject: Party, seats: Mapping[Party, Seat], *, held: bool = False) -> frozenset[tuple[Party, Party]]:
    """Return all pairs of who is heard and who hears it.

    The subject hears those who speak; everybody else hears all who speak or whisper, and the subject. While the subject
    is held, it hears nobody and nobody hears it.
    """
    pairs = {
        (speaker, listener)
        for speaker, seat in seats.items()
        for listener in (subject, *seats)
        if speaker != listener and _is_heard(seat, by_subject=listener == subject)
    }
    pairs |= {(subject, listener) for listener in seats}
    return frozenset(pair for pair in pairs if not (held and subject in pair))


def _is_heard(seat: Seat, *, by_subject: bool) -> bool:
    match seat.part:
        case Part.SPEAKS:
            return not seat.muted
        case Part.WHISPERS:
            return not seat.muted and not by_subject
        case Part.LISTENS:
            return False
