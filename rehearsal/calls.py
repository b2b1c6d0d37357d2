"""The facts of one phone, call by call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rehearsal.facts import Answered, Ended, Fact, HeardTalk, Rang, Ready, Refused, Said


@dataclass(frozen=True, slots=True)
class CallKey:
    """Which call at which phone (a number or a dissuader's user)."""

    phone: str
    call: int


@dataclass(slots=True)
class PhoneCall:
    """One call as the phone had it."""

    key: CallKey
    rang: Rang
    refused: Refused | None = None
    answered: Answered | None = None
    said: list[Said] = field(default_factory=list)
    heard: list[HeardTalk] = field(default_factory=list)
    ended: Ended | None = None

    @property
    def origin(self) -> CallKey:
        """The call that rang here: another one only if this one came of a transfer."""
        return CallKey(self.key.phone, self.rang.transferred_from or self.key.call)

    @property
    def critical_at(self) -> float | None:
        """Monotonic time of the end of the first critical word that was really spoken."""
        return next((line.critical_at for line in self.said if line.critical_at is not None), None)


def by_call(facts: Iterable[Fact]) -> dict[CallKey, PhoneCall]:
    """All calls, in the order in which they rang; lines and talks in the order of their sound."""
    calls: dict[CallKey, PhoneCall] = {}
    for fact in facts:
        if isinstance(fact, Ready):
            continue
        key = CallKey(fact.phone, fact.call)
        match fact:
            case Rang():
                calls[key] = PhoneCall(key, fact)
            case Refused():
                calls[key].refused = fact
            case Answered():
                calls[key].answered = fact
            case Said():
                calls[key].said.append(fact)
            case HeardTalk():
                calls[key].heard.append(fact)
            case Ended():
                calls[key].ended = fact
    for call in calls.values():
        call.said.sort(key=lambda line: line.start_s)
        call.heard.sort(key=lambda talk: talk.start_s)
    return dict(sorted(calls.items(), key=lambda item: item[1].rang.at))
