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
    staff: bool = True
    """Whether they work here; else a relative, who hears no whisper."""


def hearing(subject: Party, seats: Mapping[Party, Seat], *, held: bool = False) -> frozenset[tuple[Party, Party]]:
    """Return all pairs of who is heard and who hears it.

    The subject and relatives hear those who speak; staff hear all who speak or whisper; all beside the subject hear it.
    While the subject is held, it hears nobody and nobody hears it.
    """
    confidants = {party for party, seat in seats.items() if seat.staff}
    pairs = {
        (speaker, listener)
        for speaker, seat in seats.items()
        for listener in (subject, *seats)
        if speaker != listener and _is_heard(seat, by_staff=listener in confidants)
    }
    pairs |= {(subject, listener) for listener in seats}
    return frozenset(pair for pair in pairs if not (held and subject in pair))


def _is_heard(seat: Seat, *, by_staff: bool) -> bool:
    match seat.part:
        case Part.SPEAKS:
            return not seat.muted
        case Part.WHISPERS:
            return not seat.muted and by_staff
        case Part.LISTENS:
            return False
