"""What people and programs are shown of a rehearsal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import (
    Attempt,
    AttemptResult,
    Case,
    CaseState,
    EscalationRecord,
    EscalationState,
    HeardSignal,
    Lead,
    Outcome,
    Speaker,
    Turn,
)
from rehearsal.calls import CallKey
from rehearsal.measures import Measures, Meeting, Spread
from rehearsal.report import render, to_json
from rehearsal.scenario import LIBRARY, Scenario
from rehearsal.summary import RehearsalReport, Stored, summarise
from rehearsal.verdict import Mismatch

pytestmark = pytest.mark.unit

SCENARIO = Scenario.load(LIBRARY / "demo-zh.yaml")
SENT, BUSY = "+8611100000012", "+8611100000013"
MET = Meeting(CallKey(SENT, 1), CallKey("8001", 1), 7.0, 12.0, 14.0, 6.5)


def case(number: str, *, due_at: float | None) -> Case:
    state = CaseState.CLOSED if due_at is None else CaseState.QUEUED
    return Case(int(number[-2:]), 1, Lead(number), state, 0, due_at, 1, None, "escalated" if due_at is None else "")


STORED = Stored(
    cases=[case(SENT, due_at=None), case(BUSY, due_at=1300.0)],
    attempts={
        SENT: [
            Attempt(
                id=1,
                case_id=12,
                node="n",
                claimed_at=0,
                dialled_at=0,
                result=AttemptResult(Outcome.ESCALATED, ended_at=60),
                turns=(
                    Turn(Speaker.ROBOT, "请问", 1, 2),
                    Turn(Speaker.SUBJECT, "有我已经转了五万块", 3, 5),
                    Turn(Speaker.SUBJECT, "好的我知道了", 8, 9),
                ),
                signals=(HeardSignal("acknowledges", "知道了", "r", 9), HeardSignal("money_sent", "转了", "r", 4)),
            )
        ],
        BUSY: [Attempt(2, 13, "n", 0, 0, AttemptResult(Outcome.BUSY, ended_at=1, reason="Busy Here"))],
    },
    follow_ups=[FollowUp(1, 12, 1, FollowUpKind.STOP_PAYMENT, FollowUpState.ORDERED, 60, 660)],
)


def report(*mismatches: Mismatch) -> RehearsalReport:
    some = Spread(20, 0.64, 0.8, 0.98)
    rows = summarise(SCENARIO, STORED, [MET], mismatches, now=1000.0)
    return RehearsalReport(
        "demo-zh", SCENARIO.title, Path("x"), rows, Measures(some, some, None, some), mismatches, [], 1, 2
    )


def shown(what: RehearsalReport, width: int) -> str:
    console = Console(width=width, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115
    console.print(render(what))
    return console.export_text()


def test_the_row_shows_the_words_that_mattered_most() -> None:
    row = next(row for row in report().rows if row.number == SENT)
    assert row.heard == "有我已经转了五万块"
    assert [sign.name for sign in row.signals] == ["money_sent", "acknowledges"]


def test_the_row_says_who_came_and_how_fast_by_the_wire() -> None:
    human = next(row for row in report().rows if row.number == SENT).human
    assert human is not None
    assert (human.name, human.rang_s, human.joined_s) == ("陈警官", 0.5, 5.5)


def test_the_row_names_whoever_took_the_call_at_a_page() -> None:
    record = EscalationRecord(1, "money_sent", "转了", 4, EscalationState.JOINED, "demo", tried=("demo",))
    taken = replace(STORED.attempts[SENT][0], escalations=(record,))
    rows = summarise(SCENARIO, replace(STORED, attempts={SENT: [taken]}), [], [], now=1000.0)
    human = next(row for row in rows if row.number == SENT).human
    assert human is not None
    assert (human.name, human.rang_s, human.joined_s) == ("demo", None, None)


def test_the_row_says_what_follows() -> None:
    rows = {row.number: row for row in report().rows}
    assert (rows[SENT].closed_reason, rows[SENT].follow_ups) == ("escalated", ("stop_payment",))
    assert rows[BUSY].next_call_s == 300


def test_a_network_s_refusal_is_shown_where_nobody_spoke() -> None:
    assert next(row for row in report().rows if row.number == BUSY).heard == "Busy Here"


def test_every_lead_has_its_row_in_the_rehearsal_s_order() -> None:
    assert [row.number for row in report().rows] == [person.number for person in SCENARIO.people]


@pytest.mark.parametrize("width", [100, 120])
def test_the_table_fits_and_loses_nothing(width: int) -> None:
    text = shown(report(), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    assert "escalated" in text
    assert "0.64 s" in text


def test_numbers_are_masked_for_people() -> None:
    assert SENT not in shown(report(Mismatch(SENT, "was never called")), 120)


def test_what_is_wrong_is_told_below_and_marked_in_its_row() -> None:
    wrong = report(Mismatch(SENT, "was never called"))
    assert not wrong.good
    assert "+86111****0012 was never called" in shown(wrong, 120)
    assert [row.number for row in wrong.rows if not row.good] == [SENT]


def test_a_failure_of_the_run_as_a_whole_is_no_good_rehearsal() -> None:
    assert report().good
    assert not replace(report(), failures=["the dialer ended with exit status 3"]).good


def test_programs_get_all_of_it_as_json() -> None:
    data = json.loads(to_json(report(Mismatch(SENT, "was never called"))))
    assert data["good"] is False
    assert data["rows"][0]["number"] == SENT
    assert data["rows"][0]["human"] == {"name": "陈警官", "rang_s": 0.5, "joined_s": 5.5}
    assert data["measures"]["reply"]["median_s"] == 0.64
    assert data["mismatches"] == [{"number": SENT, "reason": "was never called"}]
