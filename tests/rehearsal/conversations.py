"""Calls written by hand, as the phones would have told them."""

from __future__ import annotations

from rehearsal.calls import CallKey, PhoneCall, by_call
from rehearsal.facts import Answered, Ended, Fact, HeardTalk, Rang, Refused, Said

SUBJECT = "+8611100000012"
DESK = "8001"


def rang(at: float = 0.0, phone: str = SUBJECT, call: int = 1) -> Rang:
    return Rang(at=at, phone=phone, call=call, caller="96110")


def answered(at: float = 1.0, phone: str = SUBJECT) -> Answered:
    return Answered(at=at, phone=phone, call=1)


def refused(code: int, at: float = 0.5) -> Refused:
    return Refused(at=at, phone=SUBJECT, call=1, code=code)


def ended(at: float = 60.0, phone: str = SUBJECT) -> Ended:
    return Ended(at=at, phone=phone, call=1, by="far_end")


def said(start: float, end: float, text: str = "有", *, critical: float | None = None, complete: bool = True) -> Said:
    """The leg's clock and the machine's are the same here."""
    return Said(
        at=start,
        phone=SUBJECT,
        call=1,
        text=text,
        sound="",
        start_s=start,
        end_s=end,
        ended_at=end,
        critical_at=critical,
        critical_s=critical,
        complete=complete,
    )


def heard(start: float, end: float) -> HeardTalk:
    return HeardTalk(at=start, phone=SUBJECT, call=1, start_s=start, end_s=end, ended_at=end)


def calls(*facts: Fact) -> dict[CallKey, PhoneCall]:
    return by_call(facts)


def call(*facts: Fact) -> PhoneCall:
    return by_call([rang(), answered(), *facts, ended()])[CallKey(SUBJECT, 1)]
