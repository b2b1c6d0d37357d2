"""The board of orders: deadlines, feedback, sheets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import Case
from campaigns.staff import Role
from campaigns.store import Store
from console.desk import watch
from tests.console.at_desk import NOON, AtDesk
from tests.console.officer import add_leads, an_order, auditor, lead, officer, officers_desk, plain

pytestmark = pytest.mark.unit

VISIT, STOP, SMS, RELATIVE = (
    FollowUpKind.VISIT,
    FollowUpKind.STOP_PAYMENT,
    FollowUpKind.SMS,
    FollowUpKind.RELATIVE,
)


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtDesk]:
    monkeypatch.setattr(watch, "SPACING_S", 0.0)
    async with officers_desk(tmp_path) as (found, _):
        yield found


@pytest.fixture
async def case(desk: AtDesk) -> Case:
    (found,) = await add_leads(desk, lead(1, name="王芳", scam_type="冒充公检法", precinct="广州市/天河区", age=71))
    return found


def cards(page: str) -> list[int]:
    return [int(each) for each in re.findall(r'id="order-(\d+)"', page)]


async def test_orders_stand_by_state_the_late_ones_first(desk: AtDesk, case: Case) -> None:
    visit = await an_order(desk, case, VISIT, NOON + 900)
    stop = await an_order(desk, case, STOP, NOON - 60)
    sms = await an_order(desk, case, SMS, NOON + 60)
    browser = await auditor(desk)
    page = (await browser.get("/follow-ups")).text
    assert cards(page) == [stop.id, visit.id]
    said = plain(page)
    assert "late 1:00" in said
    assert "left 15:00" in said
    assert "1 late" in said
    assert f'data-until="{NOON + 900}"' in page
    assert cards((await browser.get("/follow-ups?kind=sms")).text) == [sms.id]
    await desk.store.call(lambda s: s.delivered(visit.id, channel="webhook", reference="G1", now=NOON))
    assert cards((await browser.get("/follow-ups/board?state=sent")).text) == [visit.id]
    assert "feedback" not in page
    assert len(await desk.audited("orders.viewed")) == 2


async def test_feedback_is_given_in_a_click_and_the_case_goes_on(desk: AtDesk, case: Case) -> None:
    order = await an_order(desk, case, VISIT, NOON + 900)
    browser = await officer(desk)
    answer = await browser.post(f"/follow-ups/{order.id}/feedback", {"state": "acknowledged", "to": "board"})
    assert answer.headers["location"] == "/follow-ups"
    given = {"state": "done", "result": "convinced", "note": "当面劝阻"}
    answer = await browser.post(f"/follow-ups/{order.id}/feedback", given)
    assert answer.headers["location"] == f"/follow-ups/{order.id}"
    found = await desk.store.call(lambda s: s.follow_up(order.id))
    assert (found.state, found.result, found.note) == (FollowUpState.DONE, "convinced", "当面劝阻")
    after = await desk.store.call(lambda s: s.case(case.id))
    assert after.state.value == "closed"
    told = [(each["by"], each["state"], each["result"]) for each in await desk.audited("order.feedback")]
    assert told == [("qian", "done", "convinced"), ("qian", "acknowledged", "")]
    board = plain((await browser.get("/follow-ups")).text)
    assert board.index("Ended in 24 h") < board.index("convinced")


async def test_feedback_that_cannot_be_is_refused_and_changes_nothing(desk: AtDesk, case: Case) -> None:
    order = await an_order(desk, case, VISIT, NOON + 900)
    browser = await officer(desk)
    wrong = (("done", "held", 409), ("done", "", 409), ("ordered", "", 409), ("finished", "", 422))
    for state, result, status in wrong:
        given = {"state": state, "result": result}
        assert (await browser.post(f"/follow-ups/{order.id}/feedback", given)).status_code == status
    assert (await browser.post("/follow-ups/99/feedback", {"state": "failed"})).status_code == 404
    for other in (await auditor(desk), await desk.signed_in("chen", Role.DISSUADER)):
        assert (await other.post(f"/follow-ups/{order.id}/feedback", {"state": "failed"})).status_code == 403
    assert await desk.store.call(lambda s: s.follow_up(order.id)) == order


async def test_an_order_is_seen_in_full_and_its_sheet_printed(desk: AtDesk, case: Case) -> None:
    order = await an_order(desk, case, VISIT, NOON + 900)

    def fail(store: Store) -> None:
        store.claim_deliveries(now=NOON, lease_s=5, limit=9)
        store.delivery_failed(order.id, error="no route", next_try_at=NOON + 60, now=NOON)

    await desk.store.call(fail)
    browser = await auditor(desk)
    said = plain((await browser.get(f"/follow-ups/{order.id}")).text)
    assert "+8611100000001" in said
    assert "not yet · 1 try · next at 12:01:00" in said
    assert "What became of it" not in said
    sheet = await browser.get(f"/follow-ups/{order.id}/sheet")
    assert "王芳" in sheet.text
    policy = sheet.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"style-src 'sha256-[\w+/=]+'", policy)
    assert "script" not in policy
    assert [each["order"] for each in await desk.audited("order.sheet_viewed")] == [order.id]
    assert [each["case_id"] for each in await desk.audited("order.viewed")] == [case.id]
    relative = await an_order(desk, case, RELATIVE, NOON + 900)
    assert (await browser.get(f"/follow-ups/{relative.id}/sheet")).status_code == 404
    assert (await browser.get("/follow-ups/99")).status_code == 404
