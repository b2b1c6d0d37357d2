"""What a simulated day says to a planner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.model import Grade
from campaigns.simulation.day import Day
from campaigns.simulation.measures import FirstCalls, Hour, Waits
from campaigns.simulation.people import Person
from campaigns.store import Store


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of those who were in danger, as nobody but a simulation can know."""

    in_danger: int
    stopped_in_time: int
    """Somebody, or the warning itself, stopped them before the money went."""
    money_went: int
    """By the end of the day; those whose bank still caught it included."""
    caught_by_bank: int
    still_open: int

    @classmethod
    def of(cls, persons: Sequence[Person], at: float) -> Saved:
        """Of these, at the end of the day."""
        endangered = [each for each in persons if each.in_danger]
        went = [each for each in endangered if each.has_lost_money and each.loses_money_at <= at]
        stopped = sum(each.safe_at <= min(at, each.loses_money_at) for each in endangered)
        return cls(
            in_danger=len(endangered),
            stopped_in_time=stopped,
            money_went=len(went),
            caught_by_bank=sum(each.got_back for each in went),
            still_open=len(endangered) - stopped - len(went),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """A simulated day. Counts are of the day itself, without the evening before."""

    day: str
    seed: int
    leads: int
    lines: int
    dissuaders: int
    """As many as are on duty in the busiest hours."""
    calls: int
    lines_max: int
    lines_p95: int
    lines_mean: float
    dissuaders_max: int
    dissuaders_p95: int
    first_calls: Mapping[str, FirstCalls]
    """By grade."""
    waits_for_dissuader: Waits
    """From the sign of fraud to the first word; those who waited in vain count as longer than any."""
    offered: int
    nobody_free: int
    """A call-back was promised."""
    left_waiting: int
    """The subject hung up."""
    queue_max: int
    put_off: int
    """Cases that waited for a line until their calling hours ended: they are called another day."""
    hours: tuple[Hour, ...]
    saved: Saved
    cases: Mapping[str, int]
    """All cases at the end of the day, the evening before included, by their state."""
    warnings: int
    """Warnings that came in, the evening before included."""
    linked: int
    """Cases that are calls to relatives."""


def result_of(day: Day, store: Store) -> Result:
    """What a day that has passed came to."""
    measures, plan = day.measures, day.plan
    cases = store.cases()
    hours = tuple(measures.hour(hour) for hour in range(24))
    offered, nobody, left = (sum(each.values()) for each in (measures.offered, measures.nobody_free, measures.left))
    return Result(
        day=plan.profile.day.isoformat(),
        seed=plan.seed,
        leads=plan.leads,
        lines=plan.lines,
        dissuaders=plan.dissuaders,
        calls=sum(measures.calls.values()),
        lines_max=measures.lines.highest(),
        lines_p95=max(hour.lines_p95 for hour in hours),
        lines_mean=round(measures.lines.mean(), 1),
        dissuaders_max=measures.talking.highest(),
        dissuaders_p95=max(hour.dissuaders_p95 for hour in hours),
        first_calls={grade.value: measures.first_calls(grade) for grade in Grade},
        waits_for_dissuader=Waits.of(measures.joined_s, endless=nobody + left),
        offered=offered,
        nobody_free=nobody,
        left_waiting=left,
        queue_max=measures.queue.highest(),
        put_off=sum(measures.put_off.values()),
        hours=hours,
        saved=Saved.of(day.persons, plan.ends_at),
        cases=dict(sorted(Counter(case.state.value for case in cases).items())),
        warnings=day.leads,
        linked=sum(case.linked_case_id is not None for case in cases),
    )
