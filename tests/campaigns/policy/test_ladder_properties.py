"""Whatever happens to a case: no call it may not get, and always a next step or an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.follow_up import RESULTS, FollowUpKind
from campaigns.model import (
    CaseState,
    Conviction,
    EscalationState,
    Grade,
    Mention,
    MentionKind,
    Outcome,
    Relative,
    Suppression,
)
from campaigns.policy import Policy, parse_policy, standard
from campaigns.policy.hours import Hours
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS
from campaigns.policy.windows import clock_of
from tests.campaigns.policy.cases import DAY, HOUR, MINUTE, NUMBER, Life

pytestmark = pytest.mark.unit

ENOUGH_STEPS = 600
ZONES = ("", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo")
BEGINS = [
    datetime(2027, 1, 13, 4, tzinfo=ZoneInfo("UTC")).timestamp(),
    datetime(2027, 3, 13, 20, tzinfo=ZoneInfo("America/New_York")).timestamp(),  # clocks go forward in the night
    datetime(2027, 11, 6, 20, tzinfo=ZoneInfo("America/New_York")).timestamp(),  # clocks go back in the night
    datetime(2027, 4, 3, 22, tzinfo=ZoneInfo("Australia/Lord_Howe")).timestamp(),  # back by half an hour
]
POLICIES = [
    standard(),
    parse_policy("hours: {high: always, medium: '01:15-02:45, 22:30-00:30', low: 'sat,sun 00:00-24:00'}"),
    parse_policy("calls: {not_reached: 3, not_warned: 2}\nconvinced_by: [acknowledged, warned]\nbefore_calling: {}"),
    parse_policy(
        "after: {trunk_failure: {delay: 5min}, busy: {limit: 20}, denies: {delay: 1h, limit: 2}}\n"
        "in_the_end: {high: [], medium: [], low: []}\n"
        "visits: {tries: 3}\nexpires_after: 6h"
    ),
]
policies = st.sampled_from(POLICIES)
leads = st.fixed_dictionaries(
    {
        "grade": st.sampled_from(list(Grade)),
        "time_zone": st.sampled_from(ZONES),
        "begins_at": st.sampled_from(BEGINS).flatmap(lambda at: st.floats(0, DAY).map(lambda more: at + more)),
        "relatives": st.lists(st.integers(1, 3), max_size=3).map(
            lambda own: tuple(Relative(f"+86111000001{n:02d}", "女儿") for n in own)
        ),
        "linked": st.sampled_from([False, False, False, True]),
        "expires_in_s": st.sampled_from([None, None, 30 * MINUTE, 20 * HOUR]),
    }
)


def open_by_the_clock(life: Life, moment: float) -> bool:
    """Whether the subject's own clock shows calling hours, or an officer lifted them."""
    lifted = life.campaign.hours_lifted_until_at
    if lifted is not None and moment < lifted:
        return True
    return wall_clock_open(life.policy.hours[life.case.lead.grade], clock_of(life.case.lead, life.policy), moment)


def wall_clock_open(hours: Hours, where: ZoneInfo, moment: float) -> bool:
    """Whether a clock on the wall there shows calling hours."""
    if hours.days is None:
        return True
    wall = datetime.fromtimestamp(moment, where)
    minute = wall.hour * 60 + wall.minute
    return any(start <= minute < end for start, end in hours.days[wall.weekday()])


def check_call(life: Life, moment: float) -> None:
    """A call is about to be made."""
    assert open_by_the_clock(life, moment), f"outside the window: {moment}"
    assert life.history.suppressed is None
    assert moment >= life.free_at
    assert sum(dial > moment - DAY for dial in life.dials) < life.daily_limit
    outcomes = [each.result.outcome for each in life.attempts if each.result and not each.escalations]
    if life.case.linked_case_id is not None:
        assert sum(outcome not in OURS for outcome in outcomes) < life.policy.relatives.limit
        return
    if any(each.conviction is Conviction.CALL_AGAIN for each in life.dispositions):
        return  # what a human asks for goes before the limits of the robot
    assert sum(outcome in NOT_REACHED for outcome in outcomes) < life.policy.calls.not_reached
    assert sum(outcome in NOT_WARNED for outcome in outcomes) < life.policy.calls.not_warned
    for outcome in set(outcomes):
        limit = life.policy.rule(outcome).limit
        assert limit is None or outcomes.count(outcome) < limit


def check_step(life: Life) -> None:
    """A step was decided on."""
    step = life.step
    assert step.why
    if step.due_at is not None:
        assert step.due_at >= life.now
        assert step.call_until_at is not None
        assert step.call_until_at > step.due_at
        assert step.urgency > 0
        assert open_by_the_clock(life, step.due_at)
        assert open_by_the_clock(life, (step.due_at + step.call_until_at) / 2)
        assert open_by_the_clock(life, step.call_until_at - 0.001)
    if life.case.linked_case_id is not None:
        assert not step.orders
        assert not step.waits
        return
    if step.waits:
        assert life.open & {"visit", "stop_payment", "relative"} or record_awaited(life), step
    if step.due_at is None and life.case.lead.grade is Grade.HIGH and not convinced(life) and not record_awaited(life):
        assert {"visit", "stop_payment"} <= set(life.ordered), step


def record_awaited(life: Life) -> bool:
    """A dissuader has just spoken with the subject."""
    last = life.attempts[-1].result if life.attempts else None
    if last is None or last.outcome is not Outcome.ESCALATED:
        return False
    return life.now < last.ended_at + life.policy.recorded.within_s


def convinced(life: Life) -> bool:
    """By the subject's own word or a human's, as told by the test's own reading of the history."""
    human = [(each.at, each.conviction.value) for each in life.dispositions]
    human += [
        (each.ended_at or 0.0, each.result)
        for each in life.follow_ups
        if each.kind is FollowUpKind.VISIT and each.state.value == "done" and each.result != "not_met"
    ]
    if any(verdict in {"convinced", "no_fraud", "met"} for _, verdict in human):
        return True
    return any(each.result and each.result.outcome in life.policy.convinced_by for each in life.attempts)


def live(life: Life, chance: Random) -> None:
    """Until the case is closed."""
    life.decide()
    check_step(life)
    outcomes = chance.sample(list(Outcome), chance.choice([1, 2, 4, len(Outcome)]))
    for _ in range(ENOUGH_STEPS):
        if life.case.state is CaseState.CLOSED:
            return
        if chance.random() < 0.15:
            something_happens(life, chance)
        elif life.case.state is CaseState.WAITING:
            time_passes(life, chance)
        else:
            due_call(life, chance, outcomes)
        check_step(life)
    pytest.fail(f"no end after {ENOUGH_STEPS} steps: {life.step}")


def due_call(life: Life, chance: Random, outcomes: list[Outcome]) -> None:
    case = life.case
    assert case.due_at is not None
    assert case.call_until_at is not None
    late_s = chance.choice([0.0, 0.0, 0.0, 40 * MINUTE, 9 * HOUR])
    moment = max(life.now, case.due_at) + late_s
    if moment >= case.call_until_at or life.history.suppressed:
        life.decide(max(life.now, min(moment, case.call_until_at)))
        return
    life.now = moment
    check_call(life, moment)
    outcome = chance.choice(outcomes)
    offered = None
    if outcome is Outcome.ESCALATED:
        offered = EscalationState.JOINED
    elif outcome not in NOT_REACHED and chance.random() < 0.2:
        offered = chance.choice([EscalationState.NOBODY_FREE, EscalationState.SUBJECT_LEFT])
    life.call(
        outcome,
        signals=[name for name in ("opt_out", "coached", "denies") if chance.random() < 0.04],
        mentions=[
            Mention(kind, str(chance.randrange(10**8, 10**8 + 3)), "", 1.0)
            for kind in MentionKind
            if chance.random() < 0.1
        ],
        offered=offered,
        takes_s=chance.choice([1.0, 40.0, 300.0]),
    )


def time_passes(life: Life, chance: Random) -> None:
    """A receiver answers, or a record is too late."""
    waited_for = sorted(life.open & {"visit", "stop_payment", "relative"})
    if not waited_for:
        life.decide(life.now + 10 * MINUTE)
        return
    kind = FollowUpKind(chance.choice(waited_for))
    life.ends(kind, chance.choice(RESULTS[kind]), failed=chance.random() < 0.3, after_s=chance.choice([1.0, 5 * HOUR]))


def something_happens(life: Life, chance: Random) -> None:
    what = chance.randrange(6)
    life.now += chance.choice([1.0, HOUR])
    if what == 0 and life.open:
        kind = FollowUpKind(chance.choice(sorted(life.open)))
        life.ends(kind, chance.choice(RESULTS[kind]), failed=chance.random() < 0.3)
        return
    if what == 1 and life.attempts:
        life.records(chance.choice(list(Conviction)))
        return
    if what == 2:
        life.suppressed = Suppression(NUMBER, "asked", "Li", life.now, chance.choice([None, life.now + DAY]))
    elif what == 3:
        life.case = replace(life.case, lead=replace(life.case.lead, grade=Grade.HIGH))
    elif what == 4:
        life.campaign = replace(life.campaign, hours_lifted_until_at=life.now + chance.choice([-HOUR, HOUR, DAY]))
    elif what == 5:
        life.suppressed = None
    life.decide()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy=policies, lead=leads, seed=st.integers(0, 2**32))
def test_no_history_leads_to_a_call_that_may_not_be_or_to_a_case_without_end(
    policy: Policy, lead: dict[str, object], seed: int
) -> None:
    expires_in_s = lead.pop("expires_in_s")
    begins_at = lead["begins_at"]
    assert isinstance(begins_at, float)
    if isinstance(expires_in_s, float):
        lead["expires_at"] = begins_at + expires_in_s
    live(Life(policy=policy, **lead), Random(seed))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES[1:]),
    day=st.integers(0, 364),
    hours=st.sampled_from(
        ["01:15-02:45", "22:30-03:10", "00:00-24:00", "mon-fri 02:00-03:00", "08:30-21:00; sun 1:00-2:00"]
    ),
)
def test_windows_are_exact_minute_by_minute_on_days_when_clocks_are_changed(zone: str, day: int, hours: str) -> None:
    policy = parse_policy(f"hours: {{medium: '{hours}'}}\ntime_zone: {zone}")
    start = datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(days=day)
    changes = {"America/New_York": (3, 14), "Europe/London": (3, 28), "Australia/Lord_Howe": (4, 3)}
    if day % 2 and zone in changes:
        start = datetime(2027, *changes[zone], tzinfo=ZoneInfo("UTC")) - timedelta(hours=day % 12)
    for minute in range(0, 36 * 60, 7):
        begins_at = start.timestamp() + minute * 60
        life = Life(policy=policy, begins_at=begins_at)
        step = life.decide()
        if open_by_the_clock(life, begins_at):
            assert step.due_at == begins_at
        check_step(life)
        if step.due_at is not None and step.due_at > begins_at:
            assert not open_by_the_clock(life, step.due_at - 1)
