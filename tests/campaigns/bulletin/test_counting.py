"""From histories to figures: what counts, when, and what does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.bulletin.counting import WORST, count
from campaigns.bulletin.figures import Counts, Dimension, Figures, Part, Wait
from campaigns.bulletin.spans import day_of, week_of
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    CaseState,
    Conviction,
    Disposition,
    EscalationRecord,
    EscalationState,
    Grade,
    HeardSignal,
    History,
    Lead,
    Outcome,
)

pytestmark = pytest.mark.unit

DAY = day_of(date(2026, 11, 20), ZoneInfo("Asia/Shanghai"))
T0 = DAY.from_at
HOUR = 3600.0
CAMPAIGN = Campaign(1, "spring", CampaignState.RUNNING, 0.0)


def case(number: int = 1, created_at: float = T0 + HOUR, **more: Any) -> Case:
    lead = more.pop("lead", Lead("+8611100000011"))
    return Case(number, 1, lead, CaseState.QUEUED, 0, None, 0, None, created_at=created_at, **more)


def call(
    dialled_at: float | None, outcome: Outcome | None = Outcome.NO_ANSWER, *, heard: bool = False, **more: Any
) -> Attempt:
    answered_at = dialled_at + 5 if dialled_at is not None and outcome in ANSWERED else None
    result = None
    if outcome is not None:
        result = AttemptResult(outcome, (dialled_at or T0) + 60, answered_at, heard)
    return Attempt(1, 1, "n1", dialled_at or T0, dialled_at, result, **more)


ANSWERED = {Outcome.WARNED, Outcome.ACKNOWLEDGED, Outcome.DENIES, Outcome.VOICEMAIL, Outcome.WRONG_PERSON}
ANSWERED |= {Outcome.ESCALATED, Outcome.CALLBACK_DUE, Outcome.ANSWERED_INCOMPLETE}


def ordered(kind: FollowUpKind, state: FollowUpState = FollowUpState.ORDERED, **more: Any) -> FollowUp:
    timed = {"ordered_at": T0 + HOUR, "deadline_at": T0 + 1000 * HOUR} | more
    return FollowUp(1, 1, None, kind, state, **timed)


def history(own: Case | None = None, **more: Any) -> History:
    return History(own or case(created_at=T0 - HOUR), CAMPAIGN, **more)


def figures(*histories: History, as_of_at: float = T0 + 1000 * HOUR) -> Figures:
    return count(histories, DAY, as_of_at=as_of_at)


def counts(*histories: History) -> Counts:
    return figures(*histories).whole.counts


def nonzero(found: Counts) -> dict[str, float]:
    return {name: getattr(found, name) for name in Counts.__slots__ if getattr(found, name)}


def test_an_empty_day_has_figures_of_nothing() -> None:
    found = figures()
    assert found.whole == Part()
    assert found.days == (Part(),)
    assert len(found.hours) == 24
    assert found.is_whole


def test_what_happened_at_midnight_belongs_to_the_day_that_begins() -> None:
    assert nonzero(counts(history(case(created_at=T0)))) == {"leads": 1}
    assert nonzero(counts(history(case(created_at=DAY.until_at)))) == {}
    assert nonzero(counts(history(case(created_at=T0 - 0.001)))) == {}


@pytest.mark.parametrize(
    ("outcome", "also"),
    [
        (Outcome.NO_ANSWER, {}),
        (Outcome.BUSY, {}),
        (Outcome.VOICEMAIL, {"answered": 1}),
        (Outcome.WRONG_PERSON, {"answered": 1, "wrong_person": 1}),
        (Outcome.ANSWERED_INCOMPLETE, {"answered": 1, "reached": 1}),
        (Outcome.ACKNOWLEDGED, {"answered": 1, "reached": 1, "acknowledged": 1}),
        (Outcome.DENIES, {"answered": 1, "reached": 1, "denied": 1}),
        (Outcome.CALLBACK_DUE, {"answered": 1, "reached": 1, "callbacks": 1}),
        (Outcome.TRUNK_FAILURE, {"failed_calls": 1}),
        (Outcome.LINE_FAILURE, {"failed_calls": 1}),
        (None, {}),
    ],
)
def test_a_call_counts_by_its_outcome(outcome: Outcome | None, also: dict[str, int]) -> None:
    found = figures(history(attempts=(call(T0 + HOUR, outcome),)))
    assert nonzero(found.whole.counts) == {"calls": 1, **also}
    assert found.outcomes == ({} if outcome is None else {outcome.value: 1})


def test_warned_is_who_heard_the_warning_whatever_the_outcome() -> None:
    assert counts(history(attempts=(call(T0, Outcome.ESCALATED, heard=True),))).warned == 1
    assert counts(history(attempts=(call(T0, Outcome.WARNED, heard=False),))).warned == 0


def test_all_that_a_call_led_to_counts_on_the_day_of_its_dialling() -> None:
    late = call(DAY.until_at - 10, Outcome.ACKNOWLEDGED)
    early = call(T0 - 10, Outcome.ACKNOWLEDGED)
    assert nonzero(counts(history(attempts=(early, late)))) == {
        "calls": 1,
        "answered": 1,
        "reached": 1,
        "acknowledged": 1,
    }


def test_a_call_that_was_never_dialled_is_no_call() -> None:
    assert nonzero(counts(history(attempts=(call(None),)))) == {}


@pytest.mark.parametrize(
    ("state", "joined"),
    [
        (EscalationState.JOINED, 1),
        (EscalationState.TRANSFERRED, 1),
        (EscalationState.NOBODY_FREE, 0),
        (EscalationState.SUBJECT_LEFT, 0),
        (EscalationState.OFFERED, 0),
    ],
)
def test_escalated_is_what_a_dissuader_took(state: EscalationState, joined: int) -> None:
    record = EscalationRecord(1, "money_sent", "转了", T0 + 20, state, joined_s=7.0)
    found = counts(history(attempts=(call(T0, Outcome.ESCALATED, escalations=(record, record)),)))
    assert (found.offered, found.escalated) == (1, joined)


def test_who_asks_not_to_be_called_is_counted_and_so_is_a_case_that_ends_for_it() -> None:
    asked = call(T0, Outcome.WARNED, signals=(HeardSignal("opt_out", "别打了", "zh.stop", 3.0),) * 2)
    own = case(created_at=T0 - HOUR, closed_at=T0 + HOUR, closed_reason="opt_out")
    found = counts(history(own, attempts=(asked,)))
    assert (found.opt_outs, found.suppressed, found.closed) == (1, 1, 1)
    assert counts(history(replace(own, closed_reason="acknowledged"))).suppressed == 0


def test_a_relative_s_call_is_neither_a_lead_nor_a_call_to_a_subject() -> None:
    linked = case(linked_case_id=7, relation="女儿", closed_at=T0 + 2 * HOUR)
    found = figures(history(linked, attempts=(call(T0 + HOUR, Outcome.ACKNOWLEDGED),)))
    assert nonzero(found.whole.counts) == {"relative_calls": 1}
    assert found.whole.first_call == Wait()
    assert found.outcomes == {}
    assert list(found.parts[Dimension.GRADE]) == ["medium"]
    assert not found.parts[Dimension.SOURCE]


@pytest.mark.parametrize(
    ("kind", "result", "figure"),
    [
        (FollowUpKind.VISIT, "met", "visits_met"),
        (FollowUpKind.VISIT, "money_sent", "visits_met"),
        (FollowUpKind.VISIT, "not_met", None),
        (FollowUpKind.STOP_PAYMENT, "held", "stop_payments_held"),
        (FollowUpKind.STOP_PAYMENT, "too_late", None),
        (FollowUpKind.RELATIVE, "warned", "relatives_reached"),
        (FollowUpKind.RELATIVE, "refused", "relatives_reached"),
        (FollowUpKind.RELATIVE, "not_reached", None),
    ],
)
def test_an_order_counts_as_met_on_the_day_of_its_end(kind: FollowUpKind, result: str, figure: str | None) -> None:
    done = ordered(kind, FollowUpState.DONE, ordered_at=T0 - HOUR, ended_at=T0 + HOUR, result=result)
    assert nonzero(counts(history(follow_ups=(done,)))) == ({figure: 1} if figure else {})
    assert nonzero(counts(history(follow_ups=(replace(done, ended_at=T0 - 1),)))) == {}
    assert nonzero(counts(history(follow_ups=(replace(done, state=FollowUpState.FAILED),)))) == {}


def test_orders_count_on_the_day_they_are_ordered_and_messages_on_the_day_they_go_out() -> None:
    kinds = (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.BLOCK, FollowUpKind.SMS, FollowUpKind.RELATIVE)
    found = counts(history(follow_ups=tuple(ordered(kind) for kind in kinds)))
    assert nonzero(found) == {"visits_ordered": 1, "stop_payments_ordered": 1, "block_reports": 1}
    sent = ordered(FollowUpKind.SMS, FollowUpState.SENT, ordered_at=T0 - HOUR, sent_at=T0 + 1)
    assert nonzero(counts(history(follow_ups=(sent,)))) == {"sms": 1}
    assert nonzero(counts(history(follow_ups=(replace(sent, sent_at=T0 - 1),)))) == {}


def test_money_is_what_people_recorded_last_within_the_day() -> None:
    def judged(at: float, conviction: Conviction, saved: float | None) -> Disposition:
        return Disposition(1, None, conviction, "陈", at, 20_000.0, saved)

    found = counts(
        history(
            dispositions=(
                judged(T0 + 1, Conviction.NOT_CONVINCED, None),
                judged(T0 + 2, Conviction.CONVINCED, 20_000.0),
                judged(DAY.until_at, Conviction.MONEY_SENT, 0.0),
            )
        )
    )
    assert nonzero(found) == {"judged": 1, "convinced": 1, "amount_at_risk": 20_000.0, "amount_saved": 20_000.0}


def test_the_wait_for_the_first_call_is_counted_once_a_case_from_its_arrival() -> None:
    waits = (60.0, 120.0, 180.0, 6000.0)
    found = figures(
        *(history(case(created_at=T0), attempts=(call(T0 + wait), call(T0 + wait + HOUR))) for wait in waits)
    )
    assert found.whole.first_call == Wait(4, 2.5, 100.0)
    assert figures(history(attempts=(call(T0 - 60), call(T0 + 60)))).whole.first_call == Wait()


def test_the_wait_for_a_human_ends_with_a_dissuader_on_the_line_or_officers_at_the_door() -> None:
    record = EscalationRecord(1, "money_sent", "转了", T0 + 594, EscalationState.JOINED, joined_s=6.0)
    talked = history(case(created_at=T0), attempts=(call(T0 + 500, Outcome.ESCALATED, escalations=(record,)),))
    visit = ordered(FollowUpKind.VISIT, FollowUpState.DONE, ended_at=T0 + 1200, result="met")
    met = history(case(created_at=T0), follow_ups=(visit,))
    both = replace(talked, follow_ups=(visit,))
    assert figures(talked).whole.human == Wait(1, 10.0, 10.0)
    assert figures(met).whole.human == Wait(1, 20.0, 20.0)
    assert figures(both).whole.human == Wait(1, 10.0, 10.0)


def missed_of(*histories: History, as_of_at: float = T0 + 1000 * HOUR) -> list[tuple[str, float, bool]]:
    found = figures(*histories, as_of_at=as_of_at)
    assert found.whole.counts.deadlines_missed == len(found.missed)
    return [(each.what, each.late_s, each.still_open) for each in found.missed]


def test_a_first_call_that_comes_late_is_missed_by_as_much() -> None:
    own = case(created_at=T0, first_call_by_at=T0 + 100)
    assert missed_of(history(own, attempts=(call(T0 + 160),))) == [("first_call", 60.0, False)]
    assert missed_of(history(own, attempts=(call(T0 + 100),))) == []
    assert missed_of(history(replace(own, closed_at=T0 + 50))) == []


def test_what_is_late_tells_the_day_as_it_stood_at_its_end() -> None:
    own = case(created_at=T0, first_call_by_at=DAY.until_at - 600)
    still = [("first_call", 600.0, True)]
    assert missed_of(history(own)) == still
    assert missed_of(history(own, attempts=(call(DAY.until_at + 5),))) == still
    assert missed_of(history(own), as_of_at=DAY.until_at - 400) == [("first_call", 200.0, True)]
    assert missed_of(history(own), as_of_at=DAY.until_at - 700) == []


def test_a_deadline_belongs_to_the_day_in_which_it_falls() -> None:
    visit = ordered(FollowUpKind.VISIT, deadline_at=T0 + 60, ordered_at=T0 - HOUR)
    done = replace(visit, state=FollowUpState.DONE, ended_at=T0 + 90, result="met")
    assert missed_of(history(follow_ups=(done,))) == [("visit", 30.0, False)]
    assert missed_of(history(follow_ups=(replace(visit, deadline_at=T0 - 1),))) == []
    assert missed_of(history(follow_ups=(replace(visit, deadline_at=DAY.until_at + 1),))) == []


def test_the_worst_deadlines_are_named_and_all_are_counted() -> None:
    late = [history(case(n, first_call_by_at=T0 + 1), attempts=(call(T0 + 10 * n),)) for n in range(1, 31)]
    found = figures(*late)
    assert found.whole.counts.deadlines_missed == 30
    assert [each.case_id for each in found.missed] == list(range(30, 30 - WORST, -1))


def test_figures_are_told_apart_by_what_the_leads_say() -> None:
    lead = Lead("+8611100000011", scam_type="刷单返利", grade=Grade.HIGH, group="学生", source="银行")
    first = history(case(lead=replace(lead, precinct="穗城/东山/一所/社区")), attempts=(call(T0 + HOUR),))
    second = history(case(lead=replace(lead, precinct="穗城", grade=Grade.LOW)))
    found = figures(second, first).parts
    assert {name: part.counts.leads for name, part in found[Dimension.SCAM_TYPE].items()} == {"刷单返利": 2}
    assert list(found[Dimension.GRADE]) == ["high", "low"]
    assert {name: part.counts.calls for name, part in found[Dimension.DISTRICT].items()} == {"穗城": 0, "穗城/东山": 1}
    assert list(found[Dimension.GROUP]) == ["学生"]
    assert list(found[Dimension.SOURCE]) == ["银行"]
    assert found[Dimension.GRADE]["high"].first_call.cases == 1


def test_the_parts_of_a_dimension_add_up_to_the_whole() -> None:
    many = [
        history(
            case(n, lead=Lead("+8611100000011", scam_type=f"类型{n % 3}", grade=list(Grade)[n % 3])),
            attempts=(call(T0 + HOUR + n, list(Outcome)[n % len(Outcome)]),),
        )
        for n in range(60)
    ]
    found = figures(*many)
    for parts in found.parts.values():
        assert _sums(part.counts for part in parts.values()) == nonzero(found.whole.counts)
    assert sum(reach.calls for reach in found.hours) == sum(found.outcomes.values()) == 60


def _sums(found: Iterable[Counts]) -> dict[str, float]:
    added: dict[str, float] = {}
    for each in found:
        for name, value in nonzero(each).items():
            added[name] = added.get(name, 0) + value
    return added


def test_hours_are_those_of_the_centre() -> None:
    found = figures(history(attempts=(call(T0 + 9.5 * HOUR, Outcome.WARNED), call(T0 + 9.9 * HOUR))))
    assert [(hour, each.calls, each.reached) for hour, each in enumerate(found.hours) if each.calls] == [(9, 2, 1)]


def test_a_week_is_told_by_its_days() -> None:
    week = week_of(date(2026, 11, 20), DAY.zone)
    found = count(
        [history(case(created_at=T0), attempts=(call(T0 + HOUR),)), history(case(created_at=T0 + 86_400))],
        week,
        as_of_at=week.until_at,
    )
    assert [part.counts.leads for part in found.days] == [0, 0, 0, 0, 1, 1, 0]
    assert found.days[4].first_call == Wait(1, 60.0, 60.0)
    assert found.whole.counts.leads == 2
