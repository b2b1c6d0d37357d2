"""The search for the fewest lines and dissuaders, over days whose outcome is a formula."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.simulation.day import Plan
from campaigns.simulation.measures import FirstCalls, Hour, Waits
from campaigns.simulation.planning import Targets, search
from campaigns.simulation.profile import standard
from campaigns.simulation.result import Result, Saved

pytestmark = pytest.mark.unit


def known(plan: Plan, lines_needed: float, dissuaders_needed: float, *, low_late: bool = False) -> Result:
    """A day that keeps its targets if there are so many lines and dissuaders for 1,000 leads."""
    enough_lines = plan.lines >= lines_needed * plan.leads / 1000
    enough_dissuaders = plan.dissuaders >= dissuaders_needed * plan.leads / 1000
    soon, late = Waits(100, 1.0, 5.0, 9.0), Waits(100, 1.0, 500.0, None)
    first = FirstCalls(soon if enough_lines or low_late else late, soon, 0)
    load = plan.leads / 1000
    return Result(
        day="2027-01-12",
        seed=1,
        leads=plan.leads,
        lines=plan.lines,
        dissuaders=plan.dissuaders,
        calls=1,
        lines_max=plan.lines,
        lines_p95=1,
        lines_mean=1.0,
        dissuaders_max=plan.dissuaders,
        dissuaders_p95=1,
        first_calls={
            "high": first,
            "medium": FirstCalls(soon, soon, 0),
            "low": FirstCalls(soon, soon, 0 if enough_lines else 6),
        },
        waits_for_dissuader=soon if enough_dissuaders else late,
        offered=1,
        nobody_free=0,
        left_waiting=0,
        queue_max=0,
        put_off=0,
        hours=(Hour(0, 1, 1, 1, 1, lines_needed * load, 1, 1, 1, dissuaders_needed * load, 0, 0, 0),),
        saved=Saved(0, 0, 0, 0, 0),
        cases={},
        warnings=1,
        linked=0,
    )


@pytest.mark.parametrize("low_late", [False, True])
def test_the_fewest_are_found_and_tried_on_the_whole_city(low_late: bool) -> None:
    whole = Plan.of(standard(), leads=60_000)
    seen: list[Plan] = []

    def simulate(plan: Plan) -> Result:
        seen.append(plan)
        return known(plan, 3.0, 0.5, low_late=low_late)

    found = search(whole, simulate, sample=6_000)
    assert (found.sample_lines, found.sample_dissuaders) == (18, 3)
    assert (found.lines, found.dissuaders) == (180, 30)
    assert found.kept
    assert [plan.leads for plan in seen if plan.leads != 6_000] == [60_000]


def test_what_a_small_city_keeps_free_grows_with_the_square_root() -> None:
    whole = Plan.of(standard(), leads=100_000)

    def simulate(plan: Plan) -> Result:
        busy = replace(known(plan, 3.0, 0.5).hours[0], lines_mean=1.0 * plan.leads / 1000)
        return replace(known(plan, 3.0, 0.5), hours=(busy,)) if plan.leads == 1_000 else known(plan, 1.0, 0.5)

    found = search(whole, simulate, sample=1_000)
    assert found.sample_lines == 3
    assert found.lines == 100 + 2 * 10


def test_a_whole_city_that_misses_its_targets_gets_more_and_is_tried_again() -> None:
    whole = Plan.of(standard(), leads=60_000)
    found = search(whole, lambda plan: known(plan, 3.0, 0.5 if plan.leads == 6_000 else 0.54), sample=6_000)
    assert found.kept
    assert (found.lines, found.dissuaders) == (180, 34)
    assert found.result.dissuaders == 34


def test_targets_that_cannot_be_kept_are_told() -> None:
    whole = Plan.of(standard(), leads=2_000)
    found = search(whole, lambda plan: known(plan, 3.0, 1e9), sample=500)
    assert not found.kept


def test_who_waited_in_vain_counts_against_the_target() -> None:
    result = known(Plan.of(standard(), leads=1_000), 3.0, 0.5)
    targets = Targets()
    assert targets.human(replace(result, waits_for_dissuader=Waits.of([5.0] * 96, endless=4)))
    assert not targets.human(replace(result, waits_for_dissuader=Waits.of([5.0] * 94, endless=6)))
    assert targets.human(replace(result, waits_for_dissuader=Waits.of([])))


def test_work_that_is_left_for_another_day_counts_against_the_target() -> None:
    result = replace(known(Plan.of(standard(), leads=1_000), 3.0, 0.5), calls=1_000)
    assert Targets().calls(replace(result, put_off=10))
    assert not Targets().calls(replace(result, put_off=11))
