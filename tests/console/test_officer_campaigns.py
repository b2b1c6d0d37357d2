"""Campaigns at the desk: start, pause, resume, stop, calling hours, policy; numbers that nobody calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.model import CampaignState, Grade, Suppression
from campaigns.staff import Role
from console.desk import watch
from console.desk.ladder import ladder, lasting
from tests.console.at_desk import NOON, AtDesk, Browser
from tests.console.officer import add_leads, auditor, lead, officer, officers_desk, plain, tile

pytestmark = pytest.mark.unit

NIGHT = NOON + 12 * 3600


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtDesk]:
    monkeypatch.setattr(watch, "SPACING_S", 0.0)
    async with officers_desk(tmp_path) as (found, _):
        yield found


async def state(desk: AtDesk) -> CampaignState:
    (campaign,) = await desk.store.call(lambda s: s.campaigns())
    return campaign.state


async def test_a_new_campaign_is_paused_and_is_started_paused_resumed_and_stopped_for_sure(desk: AtDesk) -> None:
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    desk.desk.on_leads = wake
    browser = await officer(desk)
    made = await browser.post("/campaigns", {"name": " 春季  预警 "})
    assert (made.status_code, made.headers["location"]) == (303, "/campaigns/1")
    assert await state(desk) is CampaignState.PAUSED
    page = (await browser.get("/campaigns/1")).text
    assert "春季 预警" in page
    for wanted in (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.RUNNING):
        assert (await browser.post("/campaigns/1/state", {"state": wanted.value})).status_code == 303
        assert await state(desk) is wanted
    unsure = await browser.post("/campaigns/1/state", {"state": "stopped"})
    assert (unsure.status_code, await state(desk)) == (422, CampaignState.RUNNING)
    await browser.post("/campaigns/1/state", {"state": "stopped", "sure": "yes"})
    assert await state(desk) is CampaignState.STOPPED
    audited = [each["state"] for each in await desk.audited("campaign.state")]
    assert audited == ["stopped", "running", "paused", "running"]
    assert [each["campaign"] for each in await desk.audited("campaign.created")] == ["春季 预警"]
    assert woken == 2
    events = await desk.store.call(lambda s: s.events(limit=100))
    assert {e.data["by"] for e in events if e.kind == "campaign.state"} == {"qian"}


async def test_a_campaign_needs_a_name_of_its_own(desk: AtDesk) -> None:
    browser = await officer(desk)
    assert (await browser.post("/campaigns", {"name": "  "})).status_code == 422
    await browser.post("/campaigns", {"name": "spring"})
    again = await browser.post("/campaigns", {"name": "spring"})
    assert (again.status_code, "of this name already" in again.text) == (409, True)
    assert (await browser.get("/campaigns/7")).status_code == 404


async def test_the_list_tells_how_far_campaigns_are(desk: AtDesk) -> None:
    await add_leads(desk, lead(1), lead(2), at=NOON - 600)
    await add_leads(desk, lead(3, Grade.LOW), campaign="summer")
    browser = await auditor(desk)
    said = plain((await browser.get("/campaigns/table")).text)
    assert "spring Running 2 0 0 2 0 0 0" in said
    assert "summer Running 1 0 0 0 0 0 0" in said
    page = (await browser.get("/campaigns")).text
    assert "New campaign" not in page
    assert "Robot calls at once 8" in plain(page)
    one = (await browser.get("/campaigns/1")).text
    assert (tile(one, "Due now"), tile(one, "First calls late")) == ("2", "2")
    for path, data in (("", {"name": "x"}), ("/1/state", {"state": "paused"}), ("/1/hours", {"until": "", "why": ""})):
        assert (await browser.post(f"/campaigns{path}", data)).status_code == 403
    for role in (Role.DISSUADER, Role.ADMINISTRATOR):
        other = await desk.signed_in(role.value.replace("_", "-"), role)
        assert (await other.get("/campaigns")).status_code == 403


async def test_calling_hours_are_lifted_with_who_and_why_and_cases_are_planned_anew(desk: AtDesk) -> None:
    desk.clock.now = NIGHT
    await add_leads(desk, lead(1, Grade.LOW))
    browser = await officer(desk)
    assert tile((await browser.get("/campaigns/1")).text, "Due now") == "0"
    for until, why in (("2026-11-21T02:00", " "), ("2026-11-19T02:00", "x"), ("2026-12-21T02:00", "x"), ("soon", "x")):
        assert (await browser.post("/campaigns/1/hours", {"until": until, "why": why})).status_code == 422
    given = {"until": "2026-11-21T02:00", "why": "集中预警"}
    assert (await browser.post("/campaigns/1/hours", given)).status_code == 303
    page = (await browser.get("/campaigns/1")).text
    assert tile(page, "Due now") == "1"
    assert "Lifted until 2026-11-21 02:00: calls go out at any hour. qian: 集中预警" in plain(page)
    desk.clock.now = NIGHT + 3 * 3600
    assert "Lifted until" not in (await browser.get("/campaigns/1")).text
    (event,) = [e for e in await desk.store.call(lambda s: s.events(limit=99)) if e.kind == "campaign.hours_lifted"]
    assert (event.data["by"], event.data["why"], event.data["until_at"]) == ("qian", "集中预警", NIGHT + 2 * 3600)
    assert len(await desk.audited("campaign.hours_lifted")) == 1


async def test_the_policy_is_shown_as_a_ladder_beside_its_text(desk: AtDesk) -> None:
    await add_leads(desk, lead(1))
    own = "time_zone: Asia/Urumqi\nafter:\n  busy: {delay: 7min, limit: 2}\n"
    await desk.store.call(lambda s: s.set_policy("spring", own, now=NOON, by="x"))
    page = (await (await auditor(desk)).get("/campaigns/1/policy")).text
    said = plain(page)
    assert "Busy after 7 min 2 times" in said
    assert "First call within 2 min" in said
    assert "Asia/Urumqi" in page
    assert "over which it is laid" in said


def test_a_ladder_shows_every_outcome_once_and_what_a_high_case_gets_whatever_a_policy_says(desk: AtDesk) -> None:
    shown = ladder(desk.desk.policy)
    outcomes = [rung.outcome.value for floor in shown.floors for rung in floor.rungs]
    assert len(outcomes) == len(set(outcomes)) == 17
    wrong_person = next(r for floor in shown.floors for r in floor.rungs if r.outcome == "wrong_person")
    assert wrong_person.in_the_end[0] == (Grade.HIGH, ("visit", "stop_payment"))


@pytest.mark.parametrize(
    ("span_s", "english", "chinese"),
    [(0, "0 s", "0秒"), (90, "1 min 30 s", "1分钟30秒"), (90_000, "1 d 1 h", "1天1小时")],
)
def test_spans_are_written_as_people_say_them(span_s: float, english: str, chinese: str) -> None:
    assert (lasting(span_s, "en"), lasting(span_s, "zh-CN")) == (english, chinese)


async def suppressed(desk: AtDesk) -> list[Suppression]:
    return await desk.store.call(lambda s: s.suppressions(now=desk.clock()))


async def test_a_number_is_suppressed_with_reason_and_end_and_lifted(desk: AtDesk) -> None:
    browser = await officer(desk)
    given = {"number": "111 0000 0042", "why": "本人要求", "days": "30"}
    assert (await browser.post("/suppressions", given)).status_code == 303
    await browser.post("/suppressions", {"number": "+86 111 0000 0043", "why": "警员", "days": "0"})
    assert await suppressed(desk) == [
        Suppression("+8611100000042", "本人要求", "qian", NOON, NOON + 30 * 86_400),
        Suppression("+8611100000043", "警员", "qian", NOON, None),
    ]
    page = (await browser.get("/suppressions", params={"number": "0043"})).text
    assert "+8611100000043" in page
    assert "+8611100000042" not in page
    lifted = await browser.post("/suppressions/lift", {"number": "+8611100000042"})
    assert lifted.status_code == 303
    assert [each.number for each in await suppressed(desk)] == ["+8611100000043"]
    assert (await browser.post("/suppressions/lift", {"number": "+8611100000042"})).status_code == 409
    for action, count in (("suppression.added", 2), ("suppression.lifted", 1), ("suppressions.viewed", 1)):
        assert len(await desk.audited(action)) == count, action


@pytest.mark.parametrize(
    ("number", "why", "days", "said"),
    [
        ("110", "x", "0", "从不拨打"),
        ("12", "x", "0", ""),
        ("111 0000 0042", "  ", "0", "请填写原因"),
        ("111 0000 0042", "x", "17", ""),
    ],
)
async def test_what_cannot_be_suppressed_is_explained(
    desk: AtDesk, number: str, why: str, days: str, said: str
) -> None:
    browser: Browser = await officer(desk, language="zh-CN")
    answer = await browser.post("/suppressions", {"number": number, "why": why, "days": days})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await suppressed(desk) == []


async def test_the_auditor_reads_suppressions_and_changes_none(desk: AtDesk) -> None:
    await desk.store.call(lambda s: s.suppress(Suppression("+8611100000042", "x", "y", NOON, None), now=NOON))
    browser = await auditor(desk)
    page = (await browser.get("/suppressions")).text
    assert "+8611100000042" in page
    assert "/suppressions/lift" not in page
    for path, data in (("", {"number": "111 0000 0043", "why": "x"}), ("/lift", {"number": "+8611100000042"})):
        assert (await browser.post(f"/suppressions{path}", data)).status_code == 403
    assert len(await suppressed(desk)) == 1
