"""The standard ladder, rule by rule, on a simulated clock."""

from __future__ import annotations

import pytest

from campaigns.follow_up import FollowUpKind
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
from campaigns.policy import CALL_BACK_URGENCY, decider, parse_policy, standard, urgency
from tests.campaigns.policy.cases import DAY, HIGH, HOUR, LOW, MEDIUM, MINUTE, NOON, NUMBER, Life, at, begun

pytestmark = pytest.mark.unit

DAUGHTER, SON = Relative("+8611100000021", "女儿", "王芳"), Relative("+8611100000022", "儿子", "王强")
VISIT, STOP, RELATIVE = FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE


class TestFirstCall:
    @pytest.mark.parametrize(
        ("grade", "comes_in", "called"),
        [
            (HIGH, "2027-01-13 03:10", "2027-01-13 03:10"),
            (MEDIUM, "2027-01-13 03:10", "2027-01-13 08:30"),
            (LOW, "2027-01-13 03:10", "2027-01-13 09:00"),
            (MEDIUM, "2027-01-13 20:59", "2027-01-13 20:59"),
            (MEDIUM, "2027-01-13 21:00", "2027-01-14 08:30"),
            (LOW, "2027-01-13 20:45", "2027-01-14 09:00"),
        ],
    )
    def test_high_is_called_at_once_and_the_others_inside_their_hours(
        self, grade: Grade, comes_in: str, called: str
    ) -> None:
        assert begun(grade, begins_at=at(comes_in)).step.due_at == at(called)

    def test_hours_are_those_of_the_subjects_own_clock(self) -> None:
        life = begun(MEDIUM, begins_at=at("2027-01-13 12:00"), time_zone="America/New_York")
        assert life.step.due_at == at("2027-01-13 08:30", "America/New_York")
        unknown = begun(MEDIUM, begins_at=at("2027-01-13 12:00"), time_zone="Mars/Olympus")
        assert unknown.step.due_at == at("2027-01-13 12:00")

    def test_the_call_is_not_made_when_the_hours_have_ended(self) -> None:
        assert begun(MEDIUM).step.call_until_at == at("2027-01-13 21:00")
        assert begun(HIGH).step.call_until_at == NOON + 72 * HOUR

    @pytest.mark.parametrize(("grade", "within_s"), [(HIGH, 2 * MINUTE), (MEDIUM, 30 * MINUTE), (LOW, 4 * HOUR)])
    def test_the_first_call_has_a_deadline_that_begins_with_the_calling_hours(
        self, grade: Grade, within_s: float
    ) -> None:
        assert begun(grade).step.first_call_by_at == NOON + within_s
        assert begun(MEDIUM, begins_at=at("2027-01-13 03:00")).step.first_call_by_at == at("2027-01-13 09:00")

    def test_an_officer_may_lift_the_hours_for_a_while(self) -> None:
        life = Life(LOW, begins_at=at("2027-01-13 22:00"))
        life.campaign = life.campaign.__class__(
            1, "spring", life.campaign.state, 0, hours_lifted_until_at=at("2027-01-13 23:00")
        )
        life.decide()
        assert (life.step.due_at, life.step.call_until_at) == (at("2027-01-13 22:00"), at("2027-01-13 23:00"))
        assert life.decide(at("2027-01-13 23:00")).due_at == at("2027-01-14 09:00")

    def test_who_is_overtaken_by_the_end_of_the_hours_is_called_when_they_open_again(self) -> None:
        life = begun(LOW)
        level = life.step.urgency
        assert life.decide(at("2027-01-13 20:30")).due_at == at("2027-01-14 09:00")
        assert life.step.urgency == level

    def test_cool_down_and_daily_limit_of_the_number_are_waited_for(self) -> None:
        life = Life(HIGH)
        life.dials = [NOON - 60]
        assert life.decide().due_at == NOON + 60
        life.dials = [NOON - 60 - n * 600 for n in range(8)]
        assert life.decide().due_at == min(life.dials) + DAY

    @pytest.mark.parametrize(("grade", "ordered"), [(HIGH, []), (MEDIUM, ["sms"]), (LOW, ["sms"])])
    def test_lower_grades_are_sent_a_message_before_they_are_called(self, grade: Grade, ordered: list[str]) -> None:
        assert begun(grade).ordered == ordered


NOT_REACHED = [
    (Outcome.BUSY, [5, 5, 5, 5, 5]),
    (Outcome.NO_ANSWER, [30, 60, 120]),
    (Outcome.REJECTED, [30, 60]),
    (Outcome.VOICEMAIL, [30, 60, 120]),
    (Outcome.POWERED_OFF, [60, 90, 135]),
    (Outcome.UNREACHABLE, [60, 60, 60]),
    (Outcome.FORWARDED, [30]),
    (Outcome.ANSWERED_INCOMPLETE, [2, 6]),
    (Outcome.LINE_FAILURE, [1, 1, 1, 1]),
]


class TestAgain:
    @pytest.mark.parametrize(("outcome", "minutes"), NOT_REACHED)
    def test_each_outcome_has_its_own_delays_and_its_own_limit(self, outcome: Outcome, minutes: list[float]) -> None:
        life = begun(HIGH, cool_down_s=1)
        for delay in minutes:
            before = life.now
            assert life.call(outcome).due_at == max(life.now, before) + delay * MINUTE
        last = life.call(outcome)
        assert last.due_at is None
        assert {"visit", "stop_payment"} <= life.open

    def test_growth_ends_at_the_most(self) -> None:
        policy = parse_policy("after: {no_answer: {delay: 10min, factor: 3, at_most: 1h, limit: 6}}")
        life = begun(HIGH, policy=policy)
        spans = []
        for _ in range(4):
            due_at = life.call(Outcome.NO_ANSWER).due_at
            assert due_at is not None
            spans.append((due_at - life.now) / MINUTE)
        assert spans == [10, 30, 60, 60]

    def test_calls_that_did_not_reach_have_a_limit_together(self) -> None:
        life = begun(HIGH, daily_limit=100)
        mixed = [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.POWERED_OFF, Outcome.VOICEMAIL]
        assert life.calls(*mixed, *mixed[:3]).due_at is not None
        step = life.call(Outcome.VOICEMAIL)
        assert (step.due_at, step.waits) == (None, True)

    def test_calls_that_reached_and_did_not_warn_have_a_limit_of_their_own(self) -> None:
        life = begun(HIGH)
        life.calls(*[Outcome.ANSWERED_INCOMPLETE] * 2, *[Outcome.BUSY] * 2, Outcome.CALLBACK_DUE)
        assert life.step.due_at is not None
        assert life.call(Outcome.CALLBACK_DUE).due_at is None

    def test_our_own_and_the_carriers_failures_use_up_none_of_the_subjects_calls(self) -> None:
        life = begun(HIGH, daily_limit=100)
        life.calls(*[Outcome.BUSY, Outcome.NO_ANSWER, Outcome.VOICEMAIL] * 2, Outcome.UNREACHABLE)
        for _ in range(10):
            assert life.call(Outcome.TRUNK_FAILURE).due_at is not None
        assert life.call(Outcome.LINE_FAILURE).due_at is not None
        assert life.call(Outcome.POWERED_OFF).due_at is None

    def test_a_failure_of_ours_takes_no_urgency_away(self) -> None:
        life = begun(LOW)
        before = life.step.urgency
        assert life.call(Outcome.TRUNK_FAILURE).urgency == before
        life = begun(LOW)
        life.call(Outcome.CALLBACK_DUE)
        assert life.call(Outcome.LINE_FAILURE).urgency == CALL_BACK_URGENCY

    def test_a_failure_of_ours_is_tried_again_soon_when_the_last_one_is_forgotten(self) -> None:
        life = begun(HIGH, daily_limit=100, cool_down_s=1)
        delays = []
        for outcome in [Outcome.TRUNK_FAILURE] * 3 + [Outcome.BUSY] + [Outcome.TRUNK_FAILURE]:
            due_at = life.call(outcome).due_at
            assert due_at is not None
            delays.append((due_at - life.now) / MINUTE)
        assert delays == [1, 2, 4, 5, 1]

    def test_a_call_that_a_human_asked_for_is_made_even_if_the_trunk_fails_first(self) -> None:
        life = begun(HIGH, daily_limit=100)
        life.calls(*[Outcome.BUSY, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.POWERED_OFF] * 2)
        assert life.case.state is CaseState.WAITING
        assert life.records(Conviction.CALL_AGAIN).due_at is not None
        assert life.call(Outcome.TRUNK_FAILURE).due_at is not None

    def test_a_trunk_that_fails_for_days_ends_with_the_lead(self) -> None:
        life = begun(HIGH, daily_limit=10_000)
        while life.case.state is CaseState.QUEUED:
            life.call(Outcome.TRUNK_FAILURE)
        assert NOON + 71 * HOUR < life.now <= NOON + 72 * HOUR
        assert {"visit", "stop_payment"} <= life.open

    def test_a_retry_that_falls_outside_the_hours_waits_for_them(self) -> None:
        life = begun(MEDIUM, begins_at=at("2027-01-13 20:50"))
        step = life.call(Outcome.NO_ANSWER)
        assert step.due_at == at("2027-01-14 08:30")
        assert "calling hours open at 01-14 08:30" in step.why


class TestFraudInProgress:
    @pytest.mark.parametrize("state", [EscalationState.NOBODY_FREE, EscalationState.SUBJECT_LEFT])
    @pytest.mark.parametrize("outcome", [Outcome.CALLBACK_DUE, Outcome.ANSWERED_INCOMPLETE, Outcome.ACKNOWLEDGED])
    def test_a_call_that_no_human_took_is_made_again_at_once_before_all_others(
        self, outcome: Outcome, state: EscalationState
    ) -> None:
        life = begun(LOW, begins_at=at("2027-01-13 20:29"), cool_down_s=10)
        step = life.call(outcome, offered=state, takes_s=120)
        assert step.due_at == life.now + 30
        assert (step.urgency, step.grade) == (CALL_BACK_URGENCY, HIGH)
        assert step.call_until_at == life.case.created_at + 72 * HOUR  # around the clock from now on
        assert "visit" in life.open

    def test_so_is_one_whose_node_died(self) -> None:
        life = begun(MEDIUM)
        step = life.call(Outcome.LINE_FAILURE, offered=EscalationState.SUBJECT_LEFT)
        assert (step.urgency, step.grade) == (CALL_BACK_URGENCY, HIGH)
        joined = begun(MEDIUM)
        assert joined.call(Outcome.LINE_FAILURE, offered=EscalationState.JOINED).urgency == CALL_BACK_URGENCY

    def test_in_the_end_come_officers_and_the_bank_whatever_the_grade_was(self) -> None:
        life = begun(LOW)
        life.calls(*[Outcome.CALLBACK_DUE] * 3)
        assert life.case.state is CaseState.WAITING
        assert life.open >= {"visit", "stop_payment"}


class TestLongBusy:
    def test_three_times_within_a_quarter_of_an_hour_is_a_sign_of_danger(self) -> None:
        life = begun(LOW, relatives=(DAUGHTER,))
        life.calls(Outcome.BUSY, Outcome.BUSY)
        assert (life.step.grade, life.ordered) == (None, ["sms"])
        step = life.call(Outcome.BUSY)
        assert step.grade is HIGH
        assert life.open == {"sms", "relative", "visit"}
        assert step.due_at == life.now + 5 * MINUTE

    def test_three_times_within_a_day_is_none(self) -> None:
        life = begun(LOW)
        for _ in range(3):
            life.call(Outcome.BUSY, after_s=10 * MINUTE)
        assert (life.step.grade, life.ordered) == (None, ["sms"])


ENDS = [
    (Outcome.DENIES, HIGH, {"visit", "stop_payment", "relative"}),
    (Outcome.DENIES, MEDIUM, {"sms", "visit"}),
    (Outcome.DENIES, LOW, {"sms"}),
    (Outcome.WRONG_PERSON, HIGH, {"visit", "stop_payment"}),
    (Outcome.WRONG_PERSON, MEDIUM, {"sms", "relative"}),
    (Outcome.WRONG_PERSON, LOW, {"sms"}),
    (Outcome.INVALID_NUMBER, HIGH, {"visit", "stop_payment"}),
    (Outcome.INVALID_NUMBER, LOW, {"sms"}),
    (Outcome.WARNED, HIGH, {"visit", "stop_payment"}),
    (Outcome.WARNED, MEDIUM, {"sms"}),
    (Outcome.ACKNOWLEDGED, HIGH, set()),
]


class TestEnds:
    @pytest.mark.parametrize(("outcome", "grade", "ordered"), ENDS)
    def test_a_result_orders_what_its_grade_needs(self, outcome: Outcome, grade: Grade, ordered: set[str]) -> None:
        life = begun(grade, relatives=(DAUGHTER,))
        step = life.call(outcome)
        assert step.due_at is None
        assert set(life.ordered) == ordered
        waits = bool(ordered - {"sms"})
        assert (step.waits, step.close_reason) == (waits, "" if waits else outcome.value)

    @pytest.mark.parametrize(
        ("outcome", "at_once"),
        [
            (Outcome.POWERED_OFF, ["sms", "relative"]),
            (Outcome.FORWARDED, ["sms", "relative"]),
            (Outcome.UNREACHABLE, ["sms"]),
            (Outcome.NO_ANSWER, []),
        ],
    )
    def test_what_is_a_bad_sign_at_high_grade_is_acted_on_at_once(self, outcome: Outcome, at_once: list[str]) -> None:
        life = begun(HIGH, relatives=(DAUGHTER,))
        assert life.call(outcome).due_at is not None
        assert life.ordered == at_once

    def test_the_telephone_given_up_at_medium_calls_a_relative_or_else_sends_officers(self) -> None:
        with_daughter, alone = begun(MEDIUM, relatives=(DAUGHTER,)), begun(MEDIUM)
        for life in (with_daughter, alone):
            life.calls(*[Outcome.NO_ANSWER] * 4)
        assert (with_daughter.open, alone.open) == ({"sms", "relative"}, {"sms", "visit"})

    def test_who_denies_may_be_called_again_and_ends_so(self) -> None:
        life = begun(LOW, policy=parse_policy("after: {denies: {delay: 1h, limit: 2}}"))
        assert life.call(Outcome.DENIES).due_at == NOON + HOUR
        assert life.call(Outcome.DENIES).close_reason == "denies"

    def test_a_low_case_ends_with_its_message(self) -> None:
        life = begun(LOW)
        assert life.calls(*[Outcome.NO_ANSWER] * 4).close_reason == "not_reached"

    def test_a_policy_cannot_leave_a_high_case_in_silence(self) -> None:
        policy = parse_policy("in_the_end: {high: []}\nafter: {denies: {in_the_end: {high: []}}}")
        life = begun(HIGH, policy=policy)
        life.call(Outcome.DENIES)
        assert life.open == {"visit", "stop_payment"}

    def test_a_centre_may_be_content_with_the_warning_having_been_heard(self) -> None:
        life = begun(HIGH, policy=parse_policy("convinced_by: [acknowledged, warned]"))
        assert life.call(Outcome.WARNED).close_reason == "warned"
        assert life.ordered == []

    def test_a_lead_is_not_called_after_its_end(self) -> None:
        life = begun(MEDIUM, expires_at=NOON + 20 * MINUTE)
        assert life.step.call_until_at == NOON + 20 * MINUTE
        assert life.call(Outcome.NO_ANSWER).close_reason == "expired"
        assert life.ordered == ["sms"]
        high = begun(HIGH, expires_at=NOON - 1)
        assert (high.step.waits, high.open) == (True, {"visit", "stop_payment"})

    def test_a_lead_that_nobody_had_time_to_call_ends_with_the_means_of_its_grade(self) -> None:
        life = begun(MEDIUM)
        life.decide(NOON + 73 * HOUR)
        assert "visit" in life.open


class TestNotToBeCalled:
    def test_who_asks_not_to_be_called_is_suppressed_for_thirty_days(self) -> None:
        life = begun(MEDIUM)
        step = life.call(Outcome.ANSWERED_INCOMPLETE, signals=["opt_out"])
        assert step.close_reason == "opt_out"
        assert step.suppress == Suppression(NUMBER, "opt_out", "", NOON, NOON + 30 * DAY)

    def test_officers_come_all_the_same_at_high_grade_or_if_it_was_not_their_own_wish(self) -> None:
        high, coached = begun(HIGH), begun(LOW)
        high.call(Outcome.DENIES, signals=["opt_out"])
        coached.call(Outcome.DENIES, signals=["opt_out", "coached"])
        assert high.open >= {"visit", "stop_payment"}
        assert "visit" in coached.open
        assert high.case.state is coached.case.state is CaseState.WAITING

    def test_a_suppressed_number_is_not_called(self) -> None:
        life = Life(MEDIUM)
        life.suppressed = Suppression(NUMBER, "a complaint", "Li", NOON, None)
        step = life.decide()
        assert step.due_at is None
        assert step.why == "the number is suppressed: a complaint"
        high = begun(HIGH)
        high.suppressed = life.suppressed
        assert (high.decide().waits, high.open) == (True, {"visit", "stop_payment"})


class TestHumans:
    def test_their_record_is_awaited_for_a_while(self) -> None:
        life = begun(MEDIUM)
        step = life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        assert (step.waits, life.open) == (True, {"sms"})
        assert life.decide(life.now + 29 * MINUTE).waits
        assert life.decide(life.now + 2 * MINUTE).close_reason == "escalated"

    def test_without_one_a_high_case_goes_on(self) -> None:
        life = begun(HIGH)
        life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        life.decide(life.now + 31 * MINUTE)
        assert life.open == {"visit", "stop_payment"}

    @pytest.mark.parametrize(
        ("conviction", "closed", "ordered"),
        [
            (Conviction.CONVINCED, "convinced", set()),
            (Conviction.NO_FRAUD, "no_fraud", set()),
            (Conviction.MONEY_SENT, "", {"stop_payment", "visit"}),
            (Conviction.NOT_CONVINCED, "", {"visit", "stop_payment", "relative"}),
            (Conviction.WRONG_PERSON, "", {"visit", "stop_payment"}),
        ],
    )
    def test_what_they_record_decides(self, conviction: Conviction, closed: str, ordered: set[str]) -> None:
        life = begun(HIGH, relatives=(DAUGHTER,))
        life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        step = life.records(conviction)
        assert (step.close_reason, life.open) == (closed, ordered)

    def test_a_call_that_they_ask_for_is_made_three_times_at_most(self) -> None:
        life = begun(HIGH)
        life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        for _ in range(3):
            assert life.records(Conviction.CALL_AGAIN).due_at == life.now + 30 * MINUTE
            life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        assert life.records(Conviction.CALL_AGAIN).due_at is None

    def test_a_later_call_goes_before_an_earlier_record(self) -> None:
        life = begun(HIGH)
        life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        life.records(Conviction.CALL_AGAIN)
        assert life.call(Outcome.ACKNOWLEDGED).close_reason == "acknowledged"
        assert life.ordered == []


class TestFollowUps:
    def test_a_case_waits_for_the_visit_and_ends_with_what_the_officers_say(self) -> None:
        life = begun(HIGH)
        life.call(Outcome.DENIES)
        assert life.ends(VISIT, "convinced").close_reason == "convinced"

    def test_who_was_not_met_is_visited_once_more_and_a_relative_and_the_bank_are_asked(self) -> None:
        life = begun(MEDIUM, relatives=(DAUGHTER,))
        life.call(Outcome.DENIES)
        assert life.ends(VISIT, "not_met").waits
        assert life.open == {"sms", "visit", "relative", "stop_payment"}
        life.ends(STOP, "held")
        life.ends(RELATIVE, "refused")
        assert life.ends(VISIT, "not_met").close_reason == "not_met"
        assert life.ordered.count("visit") == 2

    def test_one_relative_after_the_other_and_then_officers(self) -> None:
        life = begun(MEDIUM, relatives=(DAUGHTER, SON))
        life.call(Outcome.WRONG_PERSON)
        asked = [each.data["number"] for each in life.follow_ups if each.kind is RELATIVE]
        assert asked == [DAUGHTER.number]
        life.ends(RELATIVE, "not_reached")
        asked = [each.data["number"] for each in life.follow_ups if each.kind is RELATIVE]
        assert asked == [DAUGHTER.number, SON.number]
        life.ends(RELATIVE, "refused")
        assert life.open == {"sms", "visit"}

    def test_a_relative_who_was_warned_is_the_end_below_high_grade(self) -> None:
        life = begun(MEDIUM, relatives=(DAUGHTER, SON))
        life.call(Outcome.WRONG_PERSON)
        assert life.ends(RELATIVE, "acknowledged").close_reason == "relative_warned"

    def test_only_relations_that_the_policy_allows_are_called(self) -> None:
        life = begun(MEDIUM, policy=parse_policy("relatives: {only: [儿子]}"), relatives=(DAUGHTER, SON))
        life.call(Outcome.WRONG_PERSON)
        assert [each.data["relation"] for each in life.follow_ups if each.kind is RELATIVE] == ["儿子"]

    def test_a_stop_payment_that_could_not_be_delivered_is_asked_for_once_more(self) -> None:
        life = begun(HIGH)
        life.call(Outcome.DENIES)
        life.ends(STOP, "gateway gone", failed=True)
        assert "stop_payment" in life.open
        life.ends(STOP, "gateway gone", failed=True)
        assert "stop_payment" not in life.open
        assert life.case.state is CaseState.WAITING

    def test_money_that_the_officers_find_sent_is_followed_by_the_bank(self) -> None:
        life = begun(MEDIUM)
        life.call(Outcome.DENIES)
        life.ends(VISIT, "money_sent")
        assert "stop_payment" in life.open
        assert life.ends(STOP, "held").close_reason == "money_sent"

    def test_money_sent_is_not_hidden_by_what_came_of_the_visit(self) -> None:
        life = begun(MEDIUM)
        life.call(Outcome.ESCALATED, offered=EscalationState.JOINED)
        life.records(Conviction.MONEY_SENT)
        life.ends(STOP, "too_late")
        life.ends(VISIT, "not_met")
        assert life.ends(VISIT, "not_met").close_reason == "money_sent"

    def test_a_visit_that_met_the_subject_ends_the_calls(self) -> None:
        life = begun(LOW)
        life.calls(*[Outcome.BUSY] * 3)
        assert life.case.state is CaseState.QUEUED
        assert life.ends(VISIT, "met").close_reason == "met"

    def test_accounts_go_with_the_stop_payment_and_what_else_was_heard_to_the_block_list(self) -> None:
        life = begun(HIGH, accounts=("6222000011112222",))
        heard = [
            Mention(MentionKind.ACCOUNT, "6222000099998888", "", 1.0),
            Mention(MentionKind.PHONE, "4001234567", "", 1.0),
            Mention(MentionKind.PHONE, "11100000011", "", 1.0),  # the subject's own
        ]
        life.call(Outcome.DENIES, mentions=heard)
        data = {each.kind.value: each.data for each in life.follow_ups}
        assert data["stop_payment"]["accounts"] == ["6222000011112222", "6222000099998888"]
        assert data["block"]["phones"] == ["4001234567"]

    @pytest.mark.parametrize(("grade", "deadline_s"), [(HIGH, 2 * HOUR), (MEDIUM, DAY)])
    def test_orders_have_the_deadline_of_their_grade(self, grade: Grade, deadline_s: float) -> None:
        life = begun(grade)
        life.call(Outcome.DENIES)
        (visit,) = (each for each in life.follow_ups if each.kind is VISIT)
        assert visit.deadline_at == NOON + deadline_s
        assert visit.data["why"]

    def test_the_deadline_of_a_call_to_a_relative_begins_with_the_calling_hours(self) -> None:
        life = begun(MEDIUM, relatives=(DAUGHTER,), begins_at=at("2027-01-13 20:59"))
        life.call(Outcome.INVALID_NUMBER, takes_s=2 * MINUTE)
        (order,) = (each for each in life.follow_ups if each.kind is RELATIVE)
        assert order.deadline_at == at("2027-01-14 10:30")


class TestRelatives:
    def test_they_are_called_twice_at_most_and_nothing_is_ordered_for_them(self) -> None:
        life = begun(MEDIUM, linked=True)
        assert life.step.due_at == NOON
        assert life.call(Outcome.NO_ANSWER).due_at == NOON + 10 * MINUTE
        assert life.call(Outcome.POWERED_OFF).close_reason == "not_reached"
        assert life.ordered == []

    @pytest.mark.parametrize("outcome", [Outcome.WARNED, Outcome.ACKNOWLEDGED, Outcome.DENIES, Outcome.ESCALATED])
    def test_one_who_was_reached_is_the_end(self, outcome: Outcome) -> None:
        assert begun(MEDIUM, linked=True).call(outcome).close_reason == outcome.value

    def test_they_are_given_up_when_their_hours_were_open_for_so_long(self) -> None:
        life = begun(MEDIUM, linked=True, begins_at=at("2027-01-13 23:00"))
        assert life.step.due_at == at("2027-01-14 08:30")
        assert life.decide(at("2027-01-14 09:30")).close_reason == "not_reached"

    def test_one_who_does_not_want_to_be_called_is_called_no_more(self) -> None:
        life = begun(MEDIUM, linked=True)
        step = life.call(Outcome.ANSWERED_INCOMPLETE, signals=["opt_out"])
        assert (step.close_reason, step.suppress is not None) == ("not_reached", True)
        suppressed = Life(MEDIUM, linked=True)
        suppressed.suppressed = Suppression(NUMBER, "asked", "Li", NOON, None)
        assert suppressed.decide().close_reason == "not_reached"

    def test_one_who_tells_of_fraud_in_progress_is_called_back_at_once(self) -> None:
        life = begun(MEDIUM, linked=True)
        step = life.call(Outcome.CALLBACK_DUE, offered=EscalationState.NOBODY_FREE, takes_s=180)
        assert (step.due_at, step.urgency) == (life.now + 30, CALL_BACK_URGENCY)


def test_every_step_says_why_in_plain_words() -> None:
    life = begun(MEDIUM)
    assert life.step.why == "new"
    assert life.call(Outcome.NO_ANSWER).why == "no_answer 1 of 4, again in 30min"


def test_each_campaign_has_its_own_policy_and_the_others_the_default() -> None:
    life = Life(LOW, begins_at=at("2027-01-13 23:00"))
    night = parse_policy("hours: {low: always}")
    assert decider(life.now)(life.history).due_at == at("2027-01-14 09:00")
    assert decider(life.now, night)(life.history).due_at == life.now
    life.campaign = life.campaign.__class__(1, "spring", life.campaign.state, 0, policy="hours: {low: 10:00-11:00}")
    assert decider(life.now, night)(life.history).due_at == at("2027-01-14 10:00")


def test_a_stored_policy_that_cannot_be_read_leaves_nobody_without_a_next_step() -> None:
    life = Life(LOW)
    life.campaign = life.campaign.__class__(1, "spring", life.campaign.state, 0, policy="hours: {low: never}")
    assert decider(life.now)(life.history).due_at == NOON
    night = parse_policy("hours: {low: 22:00-23:00}")
    assert decider(life.now, night)(life.history).due_at == at("2027-01-13 22:00")


class TestUrgency:
    def test_grades_go_in_order_and_a_call_back_before_all(self) -> None:
        order = [urgency(grade, NOON, standard()) for grade in (LOW, MEDIUM, HIGH)]
        assert order == sorted(order)
        assert order[-1] < CALL_BACK_URGENCY

    @pytest.mark.parametrize(("grade", "waited_s"), [(MEDIUM, 4 * HOUR), (LOW, 24 * HOUR)])
    def test_who_has_waited_long_enough_goes_before_a_new_high_case(self, grade: Grade, waited_s: float) -> None:
        high = urgency(HIGH, NOON, standard())
        assert urgency(grade, NOON - waited_s - 1, standard()) > high
        assert urgency(grade, NOON - waited_s + 1, standard()) < high

    def test_no_grade_is_starved_by_more_high_cases_than_there_are_lines(self) -> None:
        """One line, one call a minute, one new high case each minute for ever: every low case is called in its turn."""
        policy = standard()
        queue = [(-urgency(LOW, NOON + n, policy), LOW, NOON + n) for n in range(5)]
        called: list[tuple[Grade, float]] = []
        for minute in range(3 * 1440):
            now = NOON + minute * MINUTE
            queue.append((-urgency(HIGH, now, policy), HIGH, now))
            queue.sort(key=lambda each: each[0])
            _, grade, came_in = queue.pop(0)
            called.append((grade, now - came_in))
        waits = [waited for grade, waited in called if grade is LOW]
        assert len(waits) == 5
        assert max(waits) <= 24 * HOUR + 10 * MINUTE
        assert max(waited for grade, waited in called if grade is HIGH) <= 10 * MINUTE
