"""Whole simulated days: nothing is lost, nothing is broken, and the same again is the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.follow_up import OPEN, FollowUp
from campaigns.model import Attempt, Case, CaseState, EscalationState, Event, Grade
from campaigns.policy import standard as standard_policy
from campaigns.policy.hours import next_open
from campaigns.simulation.day import Day, Plan
from campaigns.simulation.people import DAY_S
from campaigns.simulation.profile import standard
from campaigns.simulation.result import Result, result_of
from campaigns.sqlite_store import DEFAULT_COOL_DOWN_S, DEFAULT_DAILY_LIMIT, SqliteStore

pytestmark = pytest.mark.virtual

LEADS = 2_000


@dataclass(frozen=True)
class Passed:
    """A day that has passed, and all that the store knows of it."""

    plan: Plan
    result: Result
    persons: int
    cases: list[Case]
    attempts: list[Attempt]
    follow_ups: list[FollowUp]
    events: list[Event]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passed]:
    store = SqliteStore(tmp_path_factory.mktemp("day") / "day.sqlite", durable=False)
    plan = Plan.of(standard(), leads=LEADS)
    passing = Day(plan, store)
    passing.run()
    yield Passed(
        plan,
        result_of(passing, store),
        len(passing.persons),
        store.cases(),
        [attempt for each in store.histories(changed_from_at=0.0, changed_until_at=1e12) for attempt in each.attempts],
        store.follow_ups(),
        store.events(limit=10**7),
    )
    store.close()


def test_every_warning_is_accounted_for(day: Passed) -> None:
    warnings = [event for event in day.events if event.kind in {"lead.accepted", "lead.merged"}]
    linked = [case for case in day.cases if case.linked_case_id is not None]
    assert day.result.leads == LEADS
    assert sum(hour.leads for hour in day.result.hours) == LEADS
    assert len(day.cases) - len(linked) >= day.persons
    assert sum(day.result.cases.values()) == len(day.cases)
    assert {case.state for case in day.cases} <= set(CaseState)
    assert len(warnings) <= day.result.warnings + len(linked)
    begun = {event.case_id for event in warnings if event.kind == "lead.accepted"}
    assert begun == {case.id for case in day.cases}


def test_no_case_is_without_a_next_step_and_without_an_end(day: Passed) -> None:
    awaited = {each.case_id for each in day.follow_ups if each.state in OPEN}
    for case in day.cases:
        match case.state:
            case CaseState.QUEUED | CaseState.CALLING:
                assert case.due_at is not None
            case CaseState.WAITING:
                # Feedback of the last half minute may still be to be decided on.
                assert case.id in awaited
            case CaseState.CLOSED:
                assert case.closed_reason
                assert case.closed_at is not None


def test_every_call_of_the_day_has_an_end(day: Passed) -> None:
    open_now = [attempt for attempt in day.attempts if attempt.result is None]
    assert len(open_now) == day.result.cases.get("calling", 0)
    for attempt in day.attempts:
        if attempt.result is not None:
            assert attempt.dialled_at is not None
            assert attempt.dialled_at <= (attempt.result.answered_at or attempt.dialled_at) <= attempt.result.ended_at
            assert all(each.state is not EscalationState.OFFERED for each in attempt.escalations)


def test_no_number_is_called_too_soon_or_too_often(day: Passed) -> None:
    number = {case.id: case.lead.number for case in day.cases}
    dialled: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in sorted(day.attempts, key=lambda each: each.id):
        dialled[number[attempt.case_id]].append(attempt)
    for attempts in dialled.values():
        at = [attempt.dialled_at for attempt in attempts if attempt.dialled_at is not None]
        assert all(later - earlier >= DEFAULT_COOL_DOWN_S for earlier, later in pairwise(at))
        assert all(later - earlier >= DAY_S for earlier, later in zip(at, at[DEFAULT_DAILY_LIMIT:], strict=False))
        for earlier, later in pairwise(attempts):
            assert earlier.result is not None
            assert later.dialled_at is not None
            assert later.dialled_at >= earlier.result.ended_at


def test_no_call_is_made_outside_its_hours(day: Passed) -> None:
    policy, where = standard_policy(), ZoneInfo(standard_policy().time_zone)
    grades: dict[int, list[tuple[float, Grade]]] = defaultdict(list)
    for event in day.events:
        if "grade" in event.data and event.case_id is not None:
            grades[event.case_id].append((event.at, Grade(str(event.data["grade"]))))
    outside = 0
    for attempt in day.attempts:
        assert attempt.dialled_at is not None
        grade = [grade for at, grade in grades[attempt.case_id] if at <= attempt.dialled_at][-1]
        opens_at, _ = next_open(policy.hours[grade], attempt.dialled_at, where)
        assert opens_at == attempt.dialled_at, f"{grade} at {datetime.fromtimestamp(attempt.dialled_at, where)}"
        outside += next_open(policy.hours[Grade.LOW], attempt.dialled_at, where)[0] != attempt.dialled_at
    assert outside > 0, "high grades are called at night"


def test_nobody_is_called_after_having_asked_not_to_be(day: Passed) -> None:
    number = {case.id: case.lead.number for case in day.cases}
    suppressed = {str(event.data["number"]): event.at for event in day.events if event.kind == "suppression.added"}
    assert suppressed
    for attempt in day.attempts:
        assert attempt.dialled_at is not None
        assert attempt.dialled_at <= suppressed.get(number[attempt.case_id], attempt.dialled_at)


def test_no_more_lines_and_dissuaders_are_used_than_there_are(day: Passed) -> None:
    def most(spans: list[tuple[float, float]]) -> int:
        changes = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
        height = highest = 0
        for _, by in changes:
            height += by
            highest = max(highest, height)
        return highest

    ends_at = day.plan.ends_at
    calls = [(a.dialled_at, a.result.ended_at if a.result else ends_at) for a in day.attempts if a.dialled_at]
    assert 1 < most(calls) <= day.plan.lines
    talks = [
        (each.offered_at + each.joined_s, attempt.result.ended_at if attempt.result else ends_at)
        for attempt in day.attempts
        for each in attempt.escalations
        if each.joined_s is not None
    ]
    assert talks
    assert most(talks) <= day.plan.dissuaders


def test_the_figures_are_those_of_the_store(day: Passed) -> None:
    begins_at, result = day.plan.begins_at, day.result
    of_the_day = [a for a in day.attempts if a.dialled_at is not None and a.dialled_at >= begins_at]
    assert result.calls == len(of_the_day) == sum(hour.calls for hour in result.hours)
    offered = [each for a in day.attempts for each in a.escalations if each.offered_at >= begins_at]
    assert result.offered == len(offered)
    joined = [each.joined_s for each in offered if each.joined_s is not None]
    assert result.waits_for_dissuader.cases == len(joined) + result.nobody_free + result.left_waiting
    busy = sum(
        min(a.result.ended_at, day.plan.ends_at) - max(a.dialled_at, begins_at)
        for a in day.attempts
        if a.result and a.dialled_at and a.result.ended_at > begins_at
    )
    assert result.lines_mean == pytest.approx(busy / DAY_S, abs=0.2)
    high = result.first_calls[Grade.HIGH].from_warning
    assert high.median_s is not None
    assert high.median_s < 60


def passed(folder: Path, plan: Plan) -> tuple[Result, list[Event]]:
    store = SqliteStore(folder / f"{plan.seed}-{plan.dissuaders}.sqlite", durable=False)
    day = Day(plan, store)
    day.run()
    found = result_of(day, store), store.events(limit=10**7)
    store.close()
    return found


def test_the_same_seed_gives_the_same_day_and_another_seed_another(tmp_path: Path) -> None:
    plan = Plan.of(standard(), leads=150)
    days = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        days.append(passed(tmp_path / name, plan))
    assert json.dumps(asdict(days[0][0])) == json.dumps(asdict(days[1][0]))
    assert days[0][1] == days[1][1]
    assert passed(tmp_path, replace(plan, seed=2))[1] != days[0][1]


def test_more_dissuaders_never_make_people_wait_longer(tmp_path: Path) -> None:
    vain = []
    for dissuaders in (1, 2, 8):
        result, _ = passed(tmp_path, Plan.of(standard(), leads=300, lines=12, dissuaders=dissuaders))
        vain.append((result.nobody_free + result.left_waiting) / result.offered)
    assert vain[0] > vain[1] >= vain[2]
    assert vain[2] < 0.05


def test_too_few_lines_put_calls_off_and_more_do_not(tmp_path: Path) -> None:
    few, _ = passed(tmp_path, Plan.of(standard(), leads=450, lines=1, dissuaders=2))
    many, _ = passed(tmp_path, Plan.of(standard(), leads=450, lines=10, dissuaders=3))
    assert few.put_off > many.put_off == 0
    assert few.queue_max > many.queue_max


def test_a_policy_of_ones_own_is_followed(tmp_path: Path) -> None:
    hours = 'hours: {high: "10:00-12:00", medium: "10:00-12:00", low: "10:00-12:00"}'
    plan = Plan.of(standard(), leads=150, policy=hours)
    result, _ = passed(tmp_path, plan)
    assert [hour.hour for hour in result.hours if hour.calls] == [10, 11]
