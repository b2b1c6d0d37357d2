"""A dissuader waits, is rung with all they need to know, and takes or declines the call."""

from __future__ import annotations

import re

import pytest

from campaigns.staff import Role, Station
from tests.console.at_desk import AtDesk
from tests.console.seeds import DAUGHTER, Seeded

pytestmark = pytest.mark.unit

FRAGMENT = {"HX-Request": "true"}


async def test_a_station_is_told_to_store_and_floor_and_is_there_after_a_reload(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    assert "You are away" in (await li.get("/desk")).text
    told = await li.post("/desk/station", {"station": "ready"})
    assert 'id="station-ready" class="ready" aria-pressed="true"' in told.text
    assert ("set_station", "li", True, "") in seeded.live.asked
    (presence,) = await seeded.desk.store.call(lambda s: s.presences())
    assert presence.station is Station.READY
    assert "You are ready" in (await li.get("/desk")).text
    await li.post("/desk/station", {"station": "break"})
    assert ("set_station", "li", False, "") in seeded.live.asked
    assert [each["station"] for each in await seeded.desk.audited("station.set")] == ["break", "ready"]


async def test_an_offered_call_shows_who_it_is_what_they_said_and_what_to_say(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    seeded.offer("li")
    page = (await li.get("/desk")).text
    for shown in (
        "Wang Fang",
        "aged 71",
        "elderly",
        "High",
        "fake police",
        "about to send money",
        "<q>transfer the money now</q>",
        '<mark class="bad">transfer the money now</mark>',
        "AnyDesk",
        "6222000000000011",
        "200,000",
        "two hundred thousand",
        "daughter",
        DAUGHTER,
        "To be called back",
        "Stop first.",
    ):
        assert shown in page, shown
    assert re.search(r'class="said subject unfinished".*?he is still', page, re.DOTALL)
    assert f'data-until="{seeded.call.offers[0].until_at}"' in page
    assert 'data-keys="a Enter"' in page
    assert 'data-keys="d Escape"' in page


async def test_who_has_a_telephone_is_told_to_pick_it_up_and_has_no_button_to_accept(seeded: Seeded) -> None:
    await seeded.desk.user("li", Role.DISSUADER, phone="sip:li@192.0.2.9")
    li = await seeded.desk.signed_in("li")
    seeded.offer("li", phone=True)
    page = (await li.get("/desk")).text
    assert "Your phone rings" in page
    assert 'data-keys="a Enter"' not in page


async def test_who_turned_the_keys_of_one_letter_off_has_none(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    seeded.offer("li")
    for chosen, pressed, told in (
        ("off", {"Enter", "Escape"}, {"Enter", "Escape"}),
        ("on", {"a Enter", "d Escape", "1", "2", "3"}, {"A Enter", "D Escape", "1", "2", "3"}),
    ):
        await li.post("/account", {"keys": chosen})
        page = (await li.get("/desk")).text + (await li.get("/desk/bell")).text
        assert set(re.findall(r'data-keys="(.*?)"', page)) == pressed
        assert set(re.findall(r'aria-keyshortcuts="(.*?)"', page)) == told
        assert ("<kbd>" in page) == (chosen == "on")


async def test_the_bell_on_other_pages_tells_the_kind_of_fraud_and_nothing_of_the_subject(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    assert "data-ring" not in (await li.get("/desk/bell", headers=FRAGMENT)).text
    seeded.offer("li")
    bell = (await li.get("/desk/bell", headers=FRAGMENT)).text
    assert "data-ring" in bell
    assert "fake police" in bell
    assert "Wang" not in bell
    assert await seeded.desk.audited("offer.viewed") == []


async def test_what_rings_for_one_does_not_ring_for_another(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    zhao = await seeded.desk.signed_in("zhao", Role.DISSUADER)
    seeded.offer("li")
    assert "Wang Fang" in (await li.get("/desk")).text
    assert "Wang Fang" not in (await zhao.get("/desk")).text
    refused = await zhao.post(f"/calls/{seeded.attempt_id}/accept", headers=FRAGMENT)
    assert refused.status_code == 409
    assert seeded.live.call(seeded.attempt_id) == seeded.call


async def test_of_two_who_accept_one_has_the_call(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    zhao = await seeded.desk.signed_in("zhao", Role.DISSUADER)
    seeded.offer("li", "zhao")
    answers = [await each.post(f"/calls/{seeded.attempt_id}/accept", headers=FRAGMENT) for each in (li, zhao)]
    assert [each.status_code for each in answers] == [204, 409]
    call = seeded.live.call(seeded.attempt_id)
    assert call is not None
    assert [each.name for each in call.on_call] == ["li"]


async def test_accepting_leads_to_the_call_and_a_reload_leads_back_to_it(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    seeded.offer("li")
    path = f"/calls/{seeded.attempt_id}"
    answer = await li.post(f"{path}/accept", headers=FRAGMENT)
    assert answer.headers["HX-Redirect"] == path
    assert (await li.get("/desk")).headers["Location"] == path
    assert (await li.get("/desk/post", headers=FRAGMENT)).headers["HX-Redirect"] == path
    (entry,) = await seeded.desk.audited("call.accepted")
    assert (entry["by"], entry["case_id"]) == ("li", seeded.case_id)


async def test_a_declined_call_goes_on_to_the_next_and_rings_no_more(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    seeded.offer("li")
    assert "data-ring" not in (await li.post(f"/calls/{seeded.attempt_id}/decline", headers=FRAGMENT)).text
    assert ("decline", seeded.attempt_id, "li") in seeded.live.asked
    assert len(await seeded.desk.audited("call.declined")) == 1


async def test_a_look_at_an_offer_is_written_down_once_however_often_its_page_is_renewed(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    seeded.offer("li")
    for _ in range(3):
        assert "Wang Fang" in (await li.get("/desk/post", headers=FRAGMENT)).text
    (entry,) = await seeded.desk.audited("offer.viewed")
    assert entry["case_id"] == seeded.case_id


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.DUTY_OFFICER])
async def test_only_dissuaders_have_a_desk(seeded: Seeded, role: Role) -> None:
    other = await seeded.desk.signed_in("other", role)
    assert (await other.get("/desk")).status_code == 403
    assert (await other.post("/desk/station", {"station": "ready"})).status_code == 403
    assert seeded.live.asked == []


async def test_who_logs_out_is_away_so_that_no_subject_waits_for_them(seeded: Seeded) -> None:
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    await li.post("/desk/station", {"station": "ready"})
    await li.post("/log-out")
    assert seeded.live.asked[-1] == ("set_station", "li", False, "")
    (presence,) = await seeded.desk.store.call(lambda s: s.presences())
    assert presence.station is Station.AWAY


async def test_a_desk_apart_from_the_node_says_where_calls_are_taken(desk: AtDesk) -> None:
    li = await desk.signed_in("li", Role.DISSUADER)
    await li.post("/desk/station", {"station": "ready"})
    assert "another process" in (await li.get("/desk")).text
    assert (await li.post("/calls/1/accept")).status_code == 409
