"""The page of a live call: what is said, who is on it, and what may be done by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.model import HeardSignal, Speaker
from campaigns.staff import Role
from dialer.live import OnCall, Part, Post, Said
from tests.console.at_desk import NOON, Browser
from tests.console.seeds import DAUGHTER, LEAD, Seeded

pytestmark = pytest.mark.unit

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
async def li(seeded: Seeded) -> Browser:
    seeded.join("li")
    return await seeded.desk.signed_in("li", Role.DISSUADER)


async def test_the_page_has_the_talk_the_points_the_case_and_the_form(seeded: Seeded, li: Browser) -> None:
    page = (await li.get(f"/calls/{seeded.attempt_id}")).text
    for shown in (
        "Wang Fang",
        "Who is with you?",
        "Never promise.",
        "With a dissuader",
        'id="record"',
        'id="order-visit"',
    ):
        assert shown in page, shown
    assert f'data-audio="/calls/{seeded.attempt_id}/audio"' in page
    assert 'data-sound="speaks"' in page


async def test_the_live_part_follows_the_talk(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}/live"
    assert 'id="signal-money_sent"' not in (await li.get(path, headers=FRAGMENT)).text
    said = (*seeded.call.transcript[:2], Said(Speaker.DISSUADER, "Stay with me", 12.0, name="Li"))
    said = (*said, Said(Speaker.SUBJECT, "I have paid already", 14.0))
    signals = (*seeded.call.signals, HeardSignal("money_sent", "paid already", "rule", 14.2))
    seeded.live.put(replace(seeded.call, transcript=said, signals=signals))
    text = (await li.get(path, headers=FRAGMENT)).text
    assert 'id="signal-money_sent"' in text
    assert '<mark class="bad">paid already</mark>' in text
    assert text.index("Stay with me") < text.index("I have ")
    assert "he is still" not in text


async def test_what_is_done_at_the_page_is_done_to_the_call_and_written_down(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}"
    at = (seeded.attempt_id, "li")
    for act, data, asked, action in (
        ("mute", {"on": "true"}, ("mute", *at, True), "call.muted"),
        ("mute", {"on": "false"}, ("mute", *at, False), "call.unmuted"),
        ("hold", {"on": "true"}, ("hold", *at, True), "call.held"),
        ("hold", {"on": "false"}, ("hold", *at, False), "call.resumed"),
        ("bring-in", {"dissuader": "zhao"}, ("bring_in", *at, "zhao", ""), "call.brought_in"),
        ("bring-in", {"number": "111 0000 0021"}, ("bring_in", *at, "", DAUGHTER), "call.brought_in"),
        ("leave", {}, ("leave", *at), "call.left"),
    ):
        answer = await li.post(f"{path}/{act}", data, headers=FRAGMENT)
        assert answer.status_code == 200, (act, answer.text)
        assert 'id="callbar"' in answer.text
        assert seeded.live.asked[-1] == asked
        entry, *_ = await seeded.desk.audited(action)
        assert (entry["by"], entry["case_id"]) == ("li", seeded.case_id)
        assert DAUGHTER not in str(entry)


@pytest.mark.parametrize("act", ["hand-back", "hang-up"])
async def test_ending_a_call_shows_that_it_is_over(seeded: Seeded, li: Browser, act: str) -> None:
    answer = await li.post(f"/calls/{seeded.attempt_id}/{act}", headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'id="mute"' not in answer.text
    assert seeded.live.asked[-1] == (act.replace("-", "_"), seeded.attempt_id, "li")


async def test_who_is_not_on_the_call_changes_nothing(seeded: Seeded, li: Browser) -> None:
    zhao = await seeded.desk.signed_in("zhao", Role.DISSUADER)
    path = f"/calls/{seeded.attempt_id}"
    assert 'id="mute"' not in (await zhao.get(path)).text
    for act in ("mute", "hold", "bring-in", "leave", "hand-back", "hang-up"):
        answer = await zhao.post(f"{path}/{act}", {"on": "true", "dissuader": "li"}, headers=FRAGMENT)
        assert answer.status_code == 403, act
    assert seeded.live.asked == []


async def test_a_relative_on_the_call_is_named_by_what_they_are(seeded: Seeded, li: Browser) -> None:
    seeded.live.put(replace(seeded.call, on_call=(*seeded.call.on_call, OnCall(DAUGHTER, Part.SPEAKS, True, NOON))))
    bar = (await li.get(f"/calls/{seeded.attempt_id}/live", headers=FRAGMENT)).text.partition("</section>")[0]
    assert "daughter Wang Jing" in bar
    assert DAUGHTER not in bar


async def test_a_colleague_on_the_call_is_called_by_name(seeded: Seeded, li: Browser) -> None:
    await seeded.desk.store.call(
        lambda s: s.change_user("li", name="Li Wen", now=NOON, by="test"),
    )
    text = (await li.get(f"/calls/{seeded.attempt_id}/live", headers=FRAGMENT)).text
    assert "Li Wen" in text


async def test_who_listens_may_leave_and_nothing_else(seeded: Seeded) -> None:
    seeded.join("li", part=Part.LISTENS)
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    page = (await li.get(f"/calls/{seeded.attempt_id}")).text
    assert 'id="leave"' in page
    assert not any(f'id="{each}"' in page for each in ("mute", "hold", "bring", "hand-back", "hang-up"))
    assert (await li.post(f"/calls/{seeded.attempt_id}/hold", {"on": "true"})).status_code == 403


async def test_a_duty_officer_may_hang_up_without_being_on_the_call(seeded: Seeded, li: Browser) -> None:
    officer = await seeded.desk.signed_in("chen", Role.DUTY_OFFICER)
    assert 'id="hang-up"' in (await officer.get(f"/calls/{seeded.attempt_id}")).text
    assert (await officer.post(f"/calls/{seeded.attempt_id}/hang-up", headers=FRAGMENT)).status_code == 200


async def test_those_who_may_be_brought_in_are_colleagues_who_are_ready_and_relatives(
    seeded: Seeded, li: Browser
) -> None:
    seeded.live.post(Post("zhao", "ready", NOON, phone=False))
    seeded.live.post(Post("qian", "talking", NOON, phone=False, attempt_id=99))
    page = (await li.get(f"/calls/{seeded.attempt_id}")).text
    assert "zhao" in page
    assert "qian" not in page
    assert "Wang Jing" in page


@pytest.mark.parametrize("data", [{}, {"number": "12"}, {"number": LEAD.number}, {"number": "110"}])
async def test_nobody_is_rung_for_a_number_that_cannot_be(seeded: Seeded, li: Browser, data: dict[str, str]) -> None:
    answer = await li.post(f"/calls/{seeded.attempt_id}/bring-in", data, headers=FRAGMENT)
    assert answer.status_code == 422
    assert seeded.live.asked == []


async def test_after_the_call_the_page_has_what_was_stored_and_the_form(seeded: Seeded, li: Browser) -> None:
    await seeded.end()
    page = (await li.get(f"/calls/{seeded.attempt_id}")).text
    assert "The call is over" in page
    assert 'id="record"' in page
    assert 'data-sound=""' in page
    earlier = (await li.get(f"/calls/{seeded.earlier}")).text
    assert "They asked" in earlier
    assert (await li.get("/calls/999")).status_code == 404


async def test_each_opening_is_written_down_and_no_fragment_of_it(seeded: Seeded, li: Browser) -> None:
    path = f"/calls/{seeded.attempt_id}"
    await li.get(path)
    await li.get(f"{path}/live", headers=FRAGMENT)
    await li.get(f"{path}/live", headers=FRAGMENT)
    assert len(await seeded.desk.audited("call.viewed")) == 1
    await li.get(path)
    assert len(await seeded.desk.audited("call.viewed")) == 2


async def test_a_fragment_without_a_page_before_it_is_a_look_of_its_own(seeded: Seeded, li: Browser) -> None:
    await li.get(f"/calls/{seeded.attempt_id}/live", headers=FRAGMENT)
    assert len(await seeded.desk.audited("call.viewed")) == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
async def test_a_live_call_is_for_those_who_work_on_it(seeded: Seeded, role: Role) -> None:
    other = await seeded.desk.signed_in("other", role)
    assert (await other.get(f"/calls/{seeded.attempt_id}")).status_code == 403
    assert (await other.get(f"/calls/{seeded.attempt_id}/live", headers=FRAGMENT)).status_code == 403
