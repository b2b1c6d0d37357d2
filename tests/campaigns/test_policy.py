"""What follows an outcome: the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.model import Attempt, AttemptResult, Case, CaseState, Grade, Lead, NextStep, Outcome
from campaigns.policy import CALL_BACK_URGENCY, PolicySettings, Retry, next_step, urgency

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0
MINUTE = 60.0
HIGH, MEDIUM, LOW = Grade.HIGH, Grade.MEDIUM, Grade.LOW
SETTINGS = PolicySettings()


def case(grade: Grade = MEDIUM, level: int = 200) -> Case:
    return Case(1, 1, Lead("+8611100000011", grade=grade), CaseState.CALLING, level, NOW, 1, None)


def attempts(*outcomes: Outcome, dialled_at: float | None = None) -> list[Attempt]:
    return [
        Attempt(n, 1, "n1", NOW - 7200, dialled_at, AttemptResult(outcome, NOW - 7200))
        for n, outcome in enumerate(outcomes, 1)
    ]


def step(
    outcome: Outcome, grade: Grade = MEDIUM, history: list[Attempt] | None = None, settings: PolicySettings = SETTINGS
) -> NextStep:
    return next_step(case(grade), AttemptResult(outcome, NOW), history or [], now=NOW, settings=settings)


RETRIES = [
    (Outcome.BUSY, 5, 6),
    (Outcome.NO_ANSWER, 30, 4),
    (Outcome.REJECTED, 30, 3),
    (Outcome.POWERED_OFF, 60, 4),
    (Outcome.UNREACHABLE, 60, 4),
    (Outcome.VOICEMAIL, 30, 4),
    (Outcome.FORWARDED, 30, 2),
    (Outcome.ANSWERED_INCOMPLETE, 2, 3),
    (Outcome.CALLBACK_DUE, 0.5, 3),
    (Outcome.TRUNK_FAILURE, 1, 30),
    (Outcome.LINE_FAILURE, 1, 5),
]


@pytest.mark.parametrize(("outcome", "minutes", "limit"), RETRIES)
def test_an_outcome_is_worth_another_call_after_its_delay_and_up_to_its_limit(
    outcome: Outcome, minutes: float, limit: int
) -> None:
    first = step(outcome)
    assert first.due_at == NOW + minutes * MINUTE
    assert not first.close_reason
    assert step(outcome, history=attempts(*[outcome] * (limit - 2))).due_at is not None
    last = step(outcome, history=attempts(*[outcome] * (limit - 1)))
    assert (last.due_at, last.close_reason) == (None, "not_reached")


CLOSES = [
    (Outcome.WARNED, HIGH, ()),
    (Outcome.ACKNOWLEDGED, HIGH, ()),
    (Outcome.ESCALATED, HIGH, ()),
    (Outcome.WRONG_PERSON, HIGH, ("visit",)),
    (Outcome.WRONG_PERSON, MEDIUM, ()),
    (Outcome.INVALID_NUMBER, HIGH, ("visit",)),
    (Outcome.INVALID_NUMBER, LOW, ()),
    (Outcome.DENIES, HIGH, ("visit", "stop_payment")),
    (Outcome.DENIES, MEDIUM, ("visit",)),
    (Outcome.DENIES, LOW, ("sms",)),
]


@pytest.mark.parametrize(("outcome", "grade", "follow_ups"), CLOSES)
def test_an_outcome_that_closes_a_case_orders_what_its_grade_needs(
    outcome: Outcome, grade: Grade, follow_ups: tuple[str, ...]
) -> None:
    assert step(outcome, grade) == NextStep(close_reason=outcome.value, follow_ups=follow_ups)


@pytest.mark.parametrize(("grade", "follow_ups"), [(HIGH, ("visit",)), (MEDIUM, ("sms",)), (LOW, ("sms",))])
def test_who_was_never_reached_gets_the_next_stronger_means(grade: Grade, follow_ups: tuple[str, ...]) -> None:
    history = attempts(*[Outcome.NO_ANSWER] * 3)
    assert step(Outcome.NO_ANSWER, grade, history) == NextStep(close_reason="not_reached", follow_ups=follow_ups)


def test_a_call_back_is_most_urgent_and_orders_a_visit() -> None:
    back = step(Outcome.CALLBACK_DUE, LOW)
    assert (back.urgency, back.follow_ups) == (CALL_BACK_URGENCY, ("visit",))
    assert back.urgency > urgency(HIGH, 1e9, Outcome.BUSY)


def test_the_cool_down_counts_from_dialling() -> None:
    under_way = [Attempt(9, 1, "n1", NOW - 20, NOW - 10, None)]
    assert step(Outcome.CALLBACK_DUE, history=under_way).due_at == NOW - 10 + SETTINGS.cool_down_s
    talked = [Attempt(9, 1, "n1", NOW - 500, NOW - 400, None)]
    assert step(Outcome.CALLBACK_DUE, history=talked).due_at == NOW + 30


def test_all_attempts_together_have_a_limit_in_which_our_own_failures_do_not_count() -> None:
    mixed = [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.POWERED_OFF] * 3
    assert step(Outcome.UNREACHABLE, history=attempts(*mixed)).close_reason == "not_reached"
    ours = [*mixed[:-1], *[Outcome.TRUNK_FAILURE] * 9]
    assert step(Outcome.UNREACHABLE, history=attempts(*ours)).due_at is not None


def test_a_failure_of_ours_takes_no_urgency_away() -> None:
    urgent = replace(case(LOW), urgency=CALL_BACK_URGENCY)
    after = next_step(urgent, AttemptResult(Outcome.TRUNK_FAILURE, NOW), [], now=NOW, settings=SETTINGS)
    assert after.urgency == CALL_BACK_URGENCY


def test_waiting_raises_low_above_fresh_medium_but_nothing_above_high() -> None:
    assert urgency(LOW, 11 * 3600) > urgency(MEDIUM)
    assert urgency(MEDIUM, 1e9, Outcome.BUSY) < urgency(HIGH)
    assert urgency(HIGH, 0, Outcome.BUSY) > urgency(HIGH)
    assert step(Outcome.NO_ANSWER, history=attempts(Outcome.BUSY)).urgency == urgency(MEDIUM, 7200)


def test_settings_say_what_is_wrong_with_them() -> None:
    with pytest.raises(ValueError, match="busy"):
        PolicySettings(retries={Outcome.BUSY: Retry(60, 0)})
    with pytest.raises(ValueError, match="cool_down_s"):
        PolicySettings(cool_down_s=-1)


def test_an_outcome_without_a_retry_is_given_up() -> None:
    assert step(Outcome.BUSY, HIGH, settings=PolicySettings(retries={})) == NextStep(
        close_reason="not_reached", follow_ups=("visit",)
    )


@given(
    history=st.lists(st.sampled_from(list(Outcome)), max_size=60),
    outcome=st.sampled_from(list(Outcome)),
    grade=st.sampled_from(list(Grade)),
    dialled_ago=st.floats(0, 1e5),
)
def test_every_history_leads_to_a_next_call_or_an_end(
    history: list[Outcome], outcome: Outcome, grade: Grade, dialled_ago: float
) -> None:
    following = step(outcome, grade, attempts(*history, dialled_at=NOW - dialled_ago))
    assert (following.due_at is None) == bool(following.close_reason)
    if following.due_at is not None:
        assert following.due_at > NOW
        assert following.urgency > 0
        assert not history or following.due_at >= NOW - dialled_ago + SETTINGS.cool_down_s


@given(grades=st.lists(st.sampled_from(list(Grade)), min_size=2, max_size=2), waited=st.floats(0, 1e7))
def test_urgency_never_falls_with_waiting(grades: list[Grade], waited: float) -> None:
    assert urgency(grades[0], waited + 1) >= urgency(grades[0], waited) >= urgency(grades[0])
