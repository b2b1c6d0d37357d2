"""What the phones of a run tell of it: calls that were up at each moment, gaps in the robot's sound, calls a second."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rehearsal.calls import PhoneCall, by_call
from rehearsal.facts import of_run
from rehearsal.measures import spread

GAP_S = 0.06
"""A longer silence between two packets is heard as a gap."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time, monotonic, and how many calls were up on average."""

    start: float
    end: float
    calls: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of the robot's sound, call by call."""

    calls: int
    packets: int
    lost: int
    over: int
    """Calls with a gap longer than `GAP_S`."""
    moments: int
    """At the fewest, how many moments these calls can have had them at: where that is one, the machine stood still."""
    p95_s: float
    """Of the longest gaps of the calls; nearest rank."""
    longest_s: float
    phones_late_s: float
    """The latest packet that a phone itself sent."""


def told(folder: Path) -> list[PhoneCall]:
    """All calls of a run."""
    return list(by_call(of_run(folder)).values())


def fullest(calls: Iterable[PhoneCall], share: float = 0.8) -> Span:
    """The longest time in which there were nearly as many calls as ever; raises `ValueError` without a call."""
    changes = sorted(
        change
        for call in calls
        if call.answered is not None and call.ended is not None
        for change in ((call.answered.at, 1), (call.ended.at, -1))
    )
    if not changes:
        raise ValueError("no call was answered")
    up, steps = 0, []
    for (at, change), (following, _) in pairwise(changes):
        up += change
        steps.append((at, following, up))
    most = max(up for _, _, up in steps)
    best: list[tuple[float, float, int]] = []
    run: list[tuple[float, float, int]] = []
    for step in [*steps, (0.0, 0.0, 0)]:
        if step[2] >= share * most:
            run.append(step)
            continue
        if run and (not best or run[-1][1] - run[0][0] > best[-1][1] - best[0][0]):
            best = run
        run = []
    span_s = best[-1][1] - best[0][0]
    return Span(best[0][0], best[-1][1], sum((end - start) * up for start, end, up in best) / span_s)


def gaps(calls: Iterable[PhoneCall], dissuaders: Collection[str] = ()) -> Gaps:
    """How whole the robot's sound was."""
    up = [
        (call.answered.at, call.ended.at, call.ended.wire)
        for call in calls
        if call.key.phone not in dissuaders and call.answered and call.ended and call.ended.wire
    ]
    wires = [wire for _, _, wire in up]
    gapped = [(since, until) for since, until, wire in up if wire.longest_gap_s > GAP_S]
    longest = spread(wire.longest_gap_s for wire in wires)
    return Gaps(
        calls=len(wires),
        packets=sum(wire.packets for wire in wires),
        lost=sum(wire.lost for wire in wires),
        over=len(gapped),
        moments=_moments(gapped),
        p95_s=longest.p95_s if longest else 0.0,
        longest_s=longest.longest_s if longest else 0.0,
        phones_late_s=max((wire.sent_late_s for wire in wires), default=0.0),
    )


def _moments(spans: Iterable[tuple[float, float]]) -> int:
    """The fewest moments of which each of these times holds one."""
    count, last = 0, float("-inf")
    for since, until in sorted(spans, key=lambda span: span[1]):
        if since > last:
            count, last = count + 1, until
    return count


def started_a_second(calls: Sequence[PhoneCall]) -> float:
    """Calls that rang a second, from the first to the last."""
    rang = sorted(call.rang.at for call in calls)
    return (len(rang) - 1) / (rang[-1] - rang[0]) if len(rang) > 1 else 0.0
