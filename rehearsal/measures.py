"""How fast it was, by what the phones saw and heard alone."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import median

from rehearsal.calls import CallKey, PhoneCall
from rehearsal.crossing import Crossing
from rehearsal.facts import Said

BEFORE_S = 1.0
"""A phone that began to ring so shortly before the end of the critical word may be ringing because of it."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Some values in seconds, in short."""

    count: int
    median_s: float
    p95_s: float
    """Nearest rank."""
    longest_s: float


@dataclass(frozen=True, slots=True)
class Meeting:
    """A subject and a dissuader who really heard each other, or one the other."""

    subject: CallKey
    dissuader: CallKey
    rang_at: float
    """Monotonic: the dissuader's phone."""
    subject_heard_at: float | None
    """The first sound of the dissuader's voice at the subject's phone."""
    dissuader_heard_at: float | None
    """The first sound of the subject's voice at the dissuader's phone."""
    critical_at: float | None
    """The end of the critical word that the subject had spoken before."""

    @property
    def joined_at(self) -> float:
        """The first sound that crossed, either way."""
        return min(at for at in (self.subject_heard_at, self.dissuader_heard_at) if at is not None)

    @property
    def both_ways(self) -> bool:
        """Whether each heard the other."""
        return self.subject_heard_at is not None and self.dissuader_heard_at is not None

    @property
    def critical_to_ring_s(self) -> float | None:
        """Seconds from the critical word to the dissuader's phone ringing."""
        return None if self.critical_at is None else self.rang_at - self.critical_at

    @property
    def ring_to_joined_s(self) -> float:
        """Seconds from the dissuader's phone ringing to the first sound across."""
        return self.joined_at - self.rang_at


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of a rehearsal; ``None`` where it never came to that."""

    reply: Spread | None
    """End of the callee's speech to the robot's first sound."""
    critical_to_ring: Spread | None
    """End of the critical word to the dissuader's phone ringing, where one was not in a call; negative where the
    word was understood before it was out."""
    critical_to_ring_waited: Spread | None
    """The same where every dissuader was in a call when the word was said."""
    ring_to_joined: Spread | None
    """The dissuader's phone ringing to the first sound between the two."""


def spread(values: Iterable[float]) -> Spread | None:
    """Median and 95th percentile (nearest rank) of some seconds; ``None`` of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return Spread(len(ordered), round(median(ordered), 3), round(p95, 3), round(ordered[-1], 3))


def meetings(
    calls: Mapping[CallKey, PhoneCall], crossings: Sequence[Crossing], dissuaders: Collection[str]
) -> list[Meeting]:
    """Who met whom, by the sound that crossed; in order of the dissuader's ringing.

    A dissuader's call is with one subject. Where one heard and was heard in it, others who seem to have crossed one way
    only said the same at the same time in a voice that is much alike: of a hundred calls there are some.
    """
    heard: dict[tuple[CallKey, CallKey], dict[bool, float]] = {}
    for each in crossings:
        at_desk = each.listener.phone in dissuaders
        subject, desk = (each.speaker, each.listener) if at_desk else (each.listener, each.speaker)
        pair = (calls[subject].origin, desk)
        first = heard.setdefault(pair, {})
        first[at_desk] = min(each.at, first.get(at_desk, each.at))
    found = [
        Meeting(
            subject=subject,
            dissuader=desk,
            rang_at=calls[desk].rang.at,
            subject_heard_at=first.get(False),
            dissuader_heard_at=first.get(True),
            critical_at=calls[subject].critical_at,
        )
        for (subject, desk), first in heard.items()
    ]
    sure = {each.dissuader for each in found if each.both_ways}
    found = [each for each in found if each.both_ways or each.dissuader not in sure]
    return sorted(found, key=lambda meeting: meeting.rang_at)


def reply_delays(call: PhoneCall, held_from: float | None = None) -> list[float]:
    """Seconds from the end of each line to the other side's first sound after it; of those that `replies` gives."""
    return [delay_s for _, delay_s in replies(call, held_from)]


def replies(call: PhoneCall, held_from: float | None = None) -> list[tuple[Said, float]]:
    """Lines that were replied to, with the seconds from their end to the other side's first sound after it.

    Left out are lines that the other side talked over to their end or beyond, lines that nothing followed before the
    next one, and lines begun after the critical word was spoken or after ``held_from`` (monotonic): from then on the
    subject is held for a human, or speaks with one, and the robot has nothing to answer.
    """
    held_at = min(at for at in (call.critical_at, held_from, math.inf) if at is not None)
    found: list[tuple[Said, float]] = []
    lines = [line for line in call.said if line.complete]
    for line, following in zip_longest(lines, lines[1:]):
        if line.at >= held_at:
            break
        over = any(talk.start_s <= line.end_s < talk.end_s for talk in call.heard)
        reply = next((talk.start_s for talk in call.heard if talk.start_s > line.end_s), None)
        if over or reply is None or (following is not None and reply >= following.start_s):
            continue
        found.append((line, reply - line.end_s))
    return found


def measure(calls: Mapping[CallKey, PhoneCall], crossings: Sequence[Crossing], dissuaders: Collection[str]) -> Measures:
    """The figures, over all calls; ``dissuaders`` are the users that are no subjects."""
    met = meetings(calls, crossings, dissuaders)
    held_from = {meeting.subject: meeting.rang_at for meeting in reversed(met)}
    replies = [
        delay
        for key, call in calls.items()
        if key.phone not in dissuaders and call.answered and call.origin == key
        for delay in reply_delays(call, held_from.get(key))
    ]
    rings: dict[bool, list[float]] = {True: [], False: []}
    for each in met:
        if each.critical_to_ring_s is not None and each.critical_at is not None:
            rings[_somebody_free(calls, dissuaders, each.critical_at)].append(each.critical_to_ring_s)
    return Measures(
        reply=spread(replies),
        critical_to_ring=spread(rings[True]),
        critical_to_ring_waited=spread(rings[False]),
        ring_to_joined=spread(each.ring_to_joined_s for each in met),
    )


def _somebody_free(calls: Mapping[CallKey, PhoneCall], dissuaders: Collection[str], at: float) -> bool:
    """Whether the phone of any dissuader was in no call just before ``at``; a word may be understood before its end."""
    before = at - BEFORE_S
    busy = {
        key.phone
        for key, call in calls.items()
        if key.phone in dissuaders and call.rang.at <= before and (call.ended is None or call.ended.at > before)
    }
    return len(busy) < len(dissuaders)
