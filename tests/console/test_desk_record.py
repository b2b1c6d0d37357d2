"""What a dissuader records and orders beside a call: kept while it is filled in, filed once, decided on at once."""

from __future__ import annotations

import pytest

from campaigns.follow_up import FollowUpKind
from campaigns.model import CaseState, Conviction
from campaigns.policy import standard
from campaigns.staff import Role
from tests.console.at_desk import NOON, Browser
from tests.console.seeds import DAUGHTER, LEAD, Seeded

pytestmark = pytest.mark.unit

FRAGMENT = {"HX-Request": "true"}
RECORD = {"conviction": "not_convinced", "amount_at_risk": "20万", "amount_saved": "", "note": "believes them"}


@pytest.fixture
async def li(seeded: Seeded) -> Browser:
    seeded.join("li")
    return await seeded.desk.signed_in("li", Role.DISSUADER)


async def test_a_draft_is_there_again_after_a_reload_during_the_call_and_after_it(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}"
    assert (await li.post(f"{path}/draft", RECORD, headers=FRAGMENT)).status_code == 204
    for _ in range(2):
        page = (await li.get(path)).text
        assert "believes them</textarea>" in page
        assert 'value="not_convinced" checked' in page
        assert 'name="amount_at_risk" inputmode="decimal" autocomplete="off" maxlength="40" value="20万"' in page
        await seeded.end() if seeded.live.call(seeded.attempt_id) else None
    assert await seeded.desk.store.call(lambda s: s.dispositions()) == []


async def test_a_draft_is_seen_by_nobody_else(seeded: Seeded, li: Browser) -> None:
    await li.post(f"/calls/{seeded.attempt_id}/draft", RECORD, headers=FRAGMENT)
    zhao = await seeded.desk.signed_in("zhao", Role.DISSUADER)
    assert "believes them" not in (await zhao.get(f"/calls/{seeded.attempt_id}")).text


async def test_a_draft_of_no_call_is_refused(seeded: Seeded, li: Browser) -> None:
    assert (await li.post("/calls/999/draft", RECORD, headers=FRAGMENT)).status_code == 404


async def test_what_is_filed_is_recorded_and_the_draft_forgotten(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}"
    await li.post(f"{path}/draft", RECORD, headers=FRAGMENT)
    answer = await li.post(f"{path}/disposition", {**RECORD, "amount_saved": "150,000"}, headers=FRAGMENT)
    assert 'id="filed"' in answer.text
    (found,) = await seeded.desk.store.call(lambda s: s.dispositions())
    assert (found.case_id, found.attempt_id, found.by) == (seeded.case_id, seeded.attempt_id, "li")
    assert (found.conviction, found.amount_at_risk, found.amount_saved) == (Conviction.NOT_CONVINCED, 200_000, 150_000)
    assert found.note == "believes them"
    assert await seeded.desk.store.call(lambda s: s.draft("li", seeded.attempt_id)) == {}
    (entry,) = await seeded.desk.audited("disposition.filed")
    assert entry["conviction"] == "not_convinced"
    assert "believes" not in str(entry)


async def test_what_is_filed_after_the_call_decides_on_the_case_at_once(seeded: Seeded, li: Browser) -> None:
    woken: list[None] = []
    seeded.desk.desk.on_leads = lambda: woken.append(None)
    await seeded.end()
    await li.post(f"/calls/{seeded.attempt_id}/disposition", {"conviction": "convinced"}, headers=FRAGMENT)
    case = await seeded.desk.store.call(lambda s: s.case(seeded.case_id))
    assert (case.state, case.closed_reason) == (CaseState.CLOSED, "convinced")
    assert woken


async def test_what_is_filed_during_the_call_counts_when_it_ends(seeded: Seeded, li: Browser) -> None:
    await li.post(f"/calls/{seeded.attempt_id}/disposition", {"conviction": "convinced"}, headers=FRAGMENT)
    assert (await seeded.desk.store.call(lambda s: s.case(seeded.case_id))).state is CaseState.CALLING
    await seeded.end()
    assert (await seeded.desk.store.call(lambda s: s.case(seeded.case_id))).closed_reason == "convinced"


async def test_a_call_back_is_planned_by_the_policy(seeded: Seeded, li: Browser) -> None:
    await seeded.end()
    await li.post(f"/calls/{seeded.attempt_id}/disposition", {**RECORD, "conviction": "call_again"}, headers=FRAGMENT)
    case = await seeded.desk.store.call(lambda s: s.case(seeded.case_id))
    assert case.state is CaseState.QUEUED
    assert case.due_at is not None
    assert case.due_at >= NOON + standard().recorded.call_again.delay_s


async def test_pressing_twice_files_once_and_another_word_later_files_again(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}/disposition"
    for _ in range(2):
        assert (await li.post(path, RECORD, headers=FRAGMENT)).status_code == 200
        seeded.desk.clock.now += 5
    assert len(await seeded.desk.store.call(lambda s: s.dispositions())) == 1
    await li.post(path, {**RECORD, "conviction": "convinced"}, headers=FRAGMENT)
    kinds = [each.conviction for each in await seeded.desk.store.call(lambda s: s.dispositions())]
    assert kinds == [Conviction.NOT_CONVINCED, Conviction.CONVINCED]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Choose how it ended"),
        ({"conviction": "perhaps"}, "Choose how it ended"),
        ({"conviction": "convinced", "amount_saved": "a lot"}, "This is no amount"),
    ],
)
async def test_a_record_that_cannot_be_is_refused_with_the_reason(
    seeded: Seeded, li: Browser, data: dict[str, str], told: str
) -> None:
    answer = await li.post(f"/calls/{seeded.attempt_id}/disposition", data, headers=FRAGMENT)
    assert answer.status_code == 422
    assert told in answer.text
    assert await seeded.desk.store.call(lambda s: s.dispositions()) == []


@pytest.mark.parametrize("kind", ["visit", "stop_payment", "sms", "relative"])
async def test_an_order_is_one_click_and_only_one_is_open(seeded: Seeded, li: Browser, kind: str) -> None:
    path = f"/cases/{seeded.case_id}/orders"
    ordered = await seeded.desk.store.call(lambda s: s.follow_ups(seeded.case_id))
    before = [each for each in ordered if each.kind == kind and each.is_open]
    for _ in range(2):
        answer = await li.post(path, {"kind": kind}, headers=FRAGMENT)
        assert answer.status_code == 200
        assert f'id="order-{kind}" class="good" disabled' in answer.text
    made = await seeded.desk.store.call(lambda s: s.follow_ups(seeded.case_id))
    (order,) = [each for each in made if each.kind == kind and each.is_open]
    if not before:
        assert order.by == "li"
        assert order.deadline_at == NOON + standard().deadlines_s[FollowUpKind(kind)][LEAD.grade]
    assert (await seeded.desk.audited("follow_up.ordered"))[0]["kind"] == kind


async def test_a_relative_may_be_given_by_number(seeded: Seeded, li: Browser) -> None:
    path = f"/cases/{seeded.case_id}/orders"
    data = {"kind": "relative", "number": "111 0000 0021", "relation": "daughter"}
    assert (await li.post(path, data, headers=FRAGMENT)).status_code == 200
    made = await seeded.desk.store.call(lambda s: s.follow_ups(seeded.case_id))
    (order,) = [each for each in made if each.kind is FollowUpKind.RELATIVE]
    assert order.data == {"number": DAUGHTER, "relation": "daughter"}
    assert DAUGHTER not in str(await seeded.desk.audited("follow_up.ordered"))


@pytest.mark.parametrize("data", [{"kind": "block"}, {"kind": "flowers"}, {"kind": "relative", "number": "1"}, {}])
async def test_an_order_that_cannot_be_is_refused(seeded: Seeded, li: Browser, data: dict[str, str]) -> None:
    before = await seeded.desk.store.call(lambda s: s.follow_ups())
    assert (await li.post(f"/cases/{seeded.case_id}/orders", data, headers=FRAGMENT)).status_code == 422
    assert await seeded.desk.store.call(lambda s: s.follow_ups()) == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_only_reads_or_administers_records_and_orders_nothing(seeded: Seeded, role: Role) -> None:
    other = await seeded.desk.signed_in("other", role)
    for path in ("draft", "disposition"):
        assert (await other.post(f"/calls/{seeded.attempt_id}/{path}", RECORD)).status_code == 403
    assert (await other.post(f"/cases/{seeded.case_id}/orders", {"kind": "visit"})).status_code == 403
    assert await seeded.desk.store.call(lambda s: s.dispositions()) == []
