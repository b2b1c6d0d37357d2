"""What receivers say became of orders: one way in, and the case goes on at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.commands import CommandError, Feedback, parse_command
from campaigns.delivery.feedback import apply_feedback
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import CaseState, History, NextStep
from campaigns.sqlite_store import SqliteStore
from campaigns.store import NotFoundError, StoreError
from tests.campaigns.delivery.cases import lead, waits

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store.db")
    store.create_campaign("spring", now=NOW)
    store.add_leads("spring", [lead(1)], now=NOW, decide=waits)
    yield store
    store.close()


def ordered(store: SqliteStore, kind: FollowUpKind = FollowUpKind.VISIT) -> FollowUp:
    return store.order(1, Order(kind, NOW + 60), now=NOW, by="policy")


def closes_when_met(history: History) -> NextStep:
    met = any(each.result == "met" for each in history.follow_ups)
    return NextStep(close_reason="met") if met else NextStep(waits=True)


def test_feedback_decides_on_the_case_at_once(store: SqliteStore) -> None:
    order = ordered(store)
    for state, result in (("acknowledged", ""), ("done", "met")):
        told = apply_feedback(
            store, order.id, state, result=result, note=" at the door ", by="station", now=NOW, decide=closes_when_met
        )
    assert (told.state, told.result, told.note) == (FollowUpState.DONE, "met", "at the door")
    assert store.case(1).state is CaseState.CLOSED


def test_feedback_that_is_repeated_changes_nothing(store: SqliteStore) -> None:
    order = ordered(store)
    seqs = set()
    for _ in range(3):
        apply_feedback(store, order.id, "done", result="met", by="station", now=NOW, decide=waits)
        seqs.add(store.events(limit=1000)[-1].seq)
    assert len(seqs) == 1


def test_a_result_may_be_left_out_where_there_is_but_one(store: SqliteStore) -> None:
    told = apply_feedback(store, ordered(store, FollowUpKind.SMS).id, "done", by="gateway", now=NOW, decide=waits)
    assert told.result == "delivered"


@pytest.mark.parametrize(
    ("state", "result", "by", "complaint"),
    [
        ("sent", "", "x", "feedback says acknowledged, done, failed"),
        ("gone", "", "x", "not 'gone'"),
        ("done", "", "x", "ends with one of"),
        ("done", "eaten", "x", "ends with one of"),
        ("done", "met", " ", "needs the name"),
    ],
)
def test_feedback_that_makes_no_sense_is_refused(
    state: str, result: str, by: str, complaint: str, store: SqliteStore
) -> None:
    order = ordered(store)
    with pytest.raises(StoreError, match=complaint):
        apply_feedback(store, order.id, state, result=result, by=by, now=NOW, decide=waits)
    assert store.follow_up(order.id).state is FollowUpState.ORDERED


def test_an_unknown_order_is_named(store: SqliteStore) -> None:
    with pytest.raises(NotFoundError, match="no order 99"):
        apply_feedback(store, 99, "done", result="met", by="x", now=NOW, decide=waits)


def test_feedback_comes_as_a_command_too() -> None:
    told = parse_command(b'{"command": "feedback", "order": 7, "state": "done", "result": "met", "by": "station"}')
    assert told == Feedback(command="feedback", order=7, state="done", result="met", by="station", note="")
    with pytest.raises(CommandError, match="state: Input should be"):
        parse_command(b'{"command": "feedback", "order": 7, "state": "sent", "by": "station"}')
