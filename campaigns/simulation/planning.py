"""How many lines and dissuaders a city needs: the fewest with which a simulated day keeps its targets.

Searched by bisection on a smaller city with the same people, for a day of the whole city takes minutes; scaled up; then
tried on the whole city. The load grows with the number of leads, what must be kept free beside it with its square root
(the square-root staffing rule of queueing theory).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, sqrt

from campaigns.model import Grade
from campaigns.simulation.day import Plan
from campaigns.simulation.result import Result

Simulate = Callable[[Plan], Result]
_DOUBLINGS = 6
"""Of the profile's own numbers, until a day keeps its targets."""
_TRIES = 3
"""Days of the whole city at most."""
_MORE = 1.04
"""What is added when the whole city misses a target."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What a day must keep."""

    high_within_s: float = 120.0
    """95 % of the first calls to high grades, from the warning."""
    human_within_s: float = 20.0
    """95 % of the waits for a dissuader, from the sign of fraud to the first word; who waited in vain counts."""
    late_share: float = 0.05
    """At most so many first calls to medium and low grades after the policy's deadline."""
    put_off_share: float = 0.01
    """At most so many cases, of all calls, that wait for a line until their hours end: the rest is done that day."""

    def human(self, result: Result) -> bool:
        """Whether the dissuaders were enough."""
        waits = result.waits_for_dissuader
        return not waits.cases or (waits.p95_s is not None and waits.p95_s <= self.human_within_s)

    def calls(self, result: Result) -> bool:
        """Whether the lines were enough."""
        high = result.first_calls[Grade.HIGH].from_warning
        if high.cases and (high.p95_s is None or high.p95_s > self.high_within_s):
            return False
        if result.put_off > self.put_off_share * result.calls:
            return False
        others = (result.first_calls[grade] for grade in (Grade.MEDIUM, Grade.LOW))
        return all(each.late <= self.late_share * each.from_warning.cases for each in others)


@dataclass(frozen=True, slots=True)
class Needed:
    """What a search found."""

    targets: Targets
    sample: int
    """Leads of the city that was searched."""
    sample_lines: int
    sample_dissuaders: int
    lines: int
    dissuaders: int
    result: Result
    """The day of the whole city with these."""

    @property
    def kept(self) -> bool:
        """Whether that day kept the targets."""
        return self.targets.calls(self.result) and self.targets.human(self.result)


def search(whole: Plan, simulate: Simulate, *, sample: int, targets: Targets | None = None) -> Needed:
    """Find it. ``whole`` is the city; its lines and dissuaders do not matter. ``sample``: leads of the smaller one."""
    wanted = targets or Targets()
    small, relaxed = _enough(
        Plan.of(whole.profile, leads=min(sample, whole.leads), seed=whole.seed, policy=whole.policy), simulate, wanted
    )
    lines = _fewest(
        int(relaxed.lines_mean),
        min(small.lines, relaxed.lines_max),
        lambda count: wanted.calls(simulate(replace(small, lines=count))),
    )
    dissuaders = _fewest(
        0,
        min(small.dissuaders, max(1, relaxed.dissuaders_max)),
        lambda count: wanted.human(simulate(replace(small, lines=lines, dissuaders=count))),
    )
    times = whole.leads / small.leads
    found = replace(
        whole,
        lines=_scaled(lines, max(hour.lines_mean for hour in relaxed.hours), times),
        dissuaders=_scaled(dissuaders, max(hour.dissuaders_mean for hour in relaxed.hours), times),
    )
    for _ in range(_TRIES):
        result = simulate(found)
        if wanted.calls(result) and wanted.human(result):
            break
        found = replace(
            found,
            lines=found.lines if wanted.calls(result) else ceil(found.lines * _MORE),
            dissuaders=found.dissuaders if wanted.human(result) else ceil(found.dissuaders * _MORE),
        )
    return Needed(wanted, small.leads, lines, dissuaders, result.lines, result.dissuaders, result)


def _enough(plan: Plan, simulate: Simulate, wanted: Targets) -> tuple[Plan, Result]:
    """So many lines and dissuaders that the targets are kept, if that can be, and the day with them."""
    for _ in range(_DOUBLINGS):
        plan = replace(plan, lines=plan.lines * 2, dissuaders=plan.dissuaders * 2)
        result = simulate(plan)
        if wanted.calls(result) and wanted.human(result):
            break
    return plan, result


def _fewest(too_few: int, enough: int, suffices: Callable[[int], bool]) -> int:
    """The smallest number that suffices; ``enough`` is taken to, ``too_few`` is taken not to."""
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if suffices(middle):
            enough = middle
        else:
            too_few = middle
    return enough


def _scaled(found: int, load: float, times: float) -> int:
    """What a city so many times as large needs; ``load``: the mean in use in the busiest hour when there are plenty."""
    spare = found - load
    return max(1, ceil(load * times + spare * sqrt(times)) if spare > 0 else ceil(found * times))
