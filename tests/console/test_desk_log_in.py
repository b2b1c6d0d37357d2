"""Logging in, staying in, and logging out."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from campaigns.staff import Role
from console.desk import DeskSettings
from console.desk.entrance import LINK_S, make_ticket
from tests.console.at_desk import ADDRESS, NOON, QUICK, AtDesk, Browser, at_desk

pytestmark = pytest.mark.unit

PASSWORD = "four plain words here"
HASH = QUICK.hash(PASSWORD)


async def log_in(browser: Browser, login: str = "wang", password: str = PASSWORD, **more: str) -> httpx.Response:
    return await browser.client.post("/log-in", data={"login": login, "password": password, **more})


def cookie(answer: httpx.Response) -> str:
    return answer.headers.get("set-cookie", "")


async def test_name_and_password_let_in_and_lead_back_to_the_page_asked_for(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    browser = await desk.browser()
    sent = await browser.get("/audit")
    assert (sent.status_code, sent.headers["location"]) == (303, "/log-in?next=/audit")
    form = await browser.get(sent.headers["location"])
    assert '<input type="hidden" name="next" value="/audit">' in form.text
    answer = await log_in(browser, " Wang ", next="/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")
    assert re.search(r"dissuade=[\w-]{43};.* HttpOnly;.*SameSite=lax", cookie(answer))
    assert (await browser.get("/audit")).status_code == 200
    assert await desk.audited("session.started") == [{"by": "wang", "address": ADDRESS, "case_id": None}]


@pytest.mark.parametrize(("login", "password"), [("wang", "another four words"), ("nobody", PASSWORD), ("wang", "")])
async def test_a_wrong_name_and_a_wrong_password_are_refused_alike(desk: AtDesk, login: str, password: str) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    answer = await log_in(await desk.browser(), login, password)
    assert (answer.status_code, cookie(answer)) == (403, "")
    assert "Log-in name or password is wrong." in answer.text
    assert len(await desk.audited("session.refused")) == 1


async def test_who_has_no_password_yet_cannot_log_in_by_an_empty_one(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR)
    assert (await log_in(await desk.browser(), password="")).status_code == 403


async def test_who_was_shut_out_is_not_let_in(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    inside = await desk.signed_in("wang")
    await desk.store.call(lambda s: s.change_user("wang", disabled=True, now=NOON, by="test"))
    assert (await inside.get("/account")).status_code == 303
    assert (await log_in(await desk.browser())).status_code == 403


async def test_failures_make_a_name_wait_longer_each_time_from_whichever_address(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    waits = []
    for each in range(8):
        answer = await log_in(await desk.browser(address=f"192.0.2.{each}"), password="guess")
        while answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            assert f"Try again in {waits[-1]} seconds" in answer.text
            desk.clock.now += waits[-1]
            answer = await log_in(await desk.browser(address=f"192.0.2.{each}"), password="guess")
        assert answer.status_code == 403
    assert waits == [1, 2, 4]
    assert (await log_in(await desk.browser())).status_code == 429, "the right password waits, too"
    desk.clock.now += 60
    assert (await log_in(await desk.browser())).status_code == 303
    assert (await log_in(await desk.browser(), password="guess")).status_code == 403, "all is forgotten then"


async def test_failures_make_an_address_wait_whatever_the_names(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    browser = await desk.browser()
    for each in range(20):
        assert (await log_in(browser, f"name{each}", "x" * 300)).status_code == 403
    assert (await log_in(browser)).status_code == 429
    assert (await log_in(await desk.browser(address="192.0.2.99"))).status_code == 303


async def test_a_link_lets_in_once_and_looking_at_it_uses_nothing_up(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR)
    path = await make_ticket(desk.desk, "wang", by="test")
    browser = await desk.browser()
    for _ in range(2):
        seen = await browser.get(path)
        assert (seen.status_code, cookie(seen)) == (200, "")
    answer = await browser.client.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account"), "to choose a password"
    assert (await browser.get("/audit")).status_code == 200
    again = await (await desk.browser()).client.post(path)
    assert (again.status_code, cookie(again)) == (403, "")


async def test_a_link_is_good_for_an_hour(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR)
    path = await make_ticket(desk.desk, "wang", by="test")
    desk.clock.now += LINK_S
    assert (await (await desk.browser()).client.post(path)).status_code == 403


async def test_another_session_begins_with_each_log_in_and_the_one_before_ends(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    browser = await desk.browser()
    browser.client.cookies.set("dissuade", "set-by-somebody-else", domain="localhost.local")
    await log_in(browser)
    first = browser.client.cookies["dissuade"]
    assert first != "set-by-somebody-else"
    await log_in(browser)
    assert browser.client.cookies["dissuade"] != first
    old = await desk.browser()
    old.client.cookies.set("dissuade", first, domain="localhost.local")
    assert (await old.get("/account")).status_code == 303


async def test_the_store_does_not_know_what_the_cookie_says(desk: AtDesk, tmp_path: Path) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    browser = await desk.browser()
    await log_in(browser)
    secret = browser.client.cookies["dissuade"].encode()
    assert all(secret not in file.read_bytes() for file in tmp_path.glob("store.db*"))


async def test_a_session_that_is_not_used_ends_and_one_that_is_used_ends_in_a_day(desk: AtDesk) -> None:
    idle, used, open_page = [await desk.signed_in("wang", Role.AUDITOR) for _ in range(3)]
    for _ in range(3):
        desk.clock.now += 3.9 * 3600
        assert (await used.get("/account")).status_code == 200
        assert (await open_page.get("/session", headers={"HX-Request": "true"})).status_code == 204
    desk.clock.now += 0.4 * 3600
    assert (await idle.get("/account")).status_code == 303
    assert (await open_page.get("/session", headers={"HX-Request": "true"})).status_code == 401, "nobody did anything"
    desk.clock.now += 11.5 * 3600
    assert (await used.get("/account")).status_code == 200
    desk.clock.now += 0.5 * 3600
    assert (await used.get("/account")).status_code == 303


async def test_a_page_that_stays_open_does_not_outlive_its_session(tmp_path: Path) -> None:
    async with at_desk(tmp_path, settings=DeskSettings(session_s=3600.0, language="en")) as desk:
        browser = await desk.signed_in("wang", Role.AUDITOR)
        desk.clock.now += 3599
        assert (await browser.get("/session", headers={"HX-Request": "true"})).status_code == 204
        desk.clock.now += 1
        assert (await browser.get("/session", headers={"HX-Request": "true"})).status_code == 401


async def test_log_out_ends_the_session_in_the_store_too(desk: AtDesk) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)
    secret = browser.client.cookies["dissuade"]
    answer = await browser.post("/log-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert "dissuade" not in browser.client.cookies
    browser.client.cookies.set("dissuade", secret, domain="localhost.local")
    assert (await browser.get("/account")).status_code == 303


async def test_with_https_the_cookie_is_for_this_host_over_https_alone(tmp_path: Path) -> None:
    async with at_desk(tmp_path, settings=DeskSettings(https=True, language="en")) as desk:
        await desk.user("wang", Role.AUDITOR, password=HASH)
        answer = await log_in(await desk.browser())
        assert re.search(r"__Host-dissuade=.*Path=/;.*Secure", cookie(answer))
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "account", "/a\nb"])
async def test_nobody_is_led_to_another_site(desk: AtDesk, path: str) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    assert (await log_in(await desk.browser(), next=path)).headers["location"] == "/"


async def test_the_address_is_the_one_that_the_proxy_added_if_there_is_one(tmp_path: Path) -> None:
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    for proxied, address in ((False, ADDRESS), (True, "203.0.113.9")):
        folder = tmp_path / str(proxied)
        folder.mkdir()
        async with at_desk(folder, settings=DeskSettings(proxied=proxied, language="en")) as desk:
            await log_in(await desk.browser(**forged))
            assert [each["address"] for each in await desk.audited("session.refused")] == [address]


async def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(desk: AtDesk) -> None:
    await desk.user("wang", Role.AUDITOR, password=HASH)
    here, elsewhere = await desk.signed_in("wang"), await desk.signed_in("wang")
    new = "quite another few words"
    wrong = await here.post("/account/password", {"old": "guess", "new": new, "again": new})
    assert (wrong.status_code, "The old password is wrong." in wrong.text) == (403, True)
    twice = await here.post("/account/password", {"old": PASSWORD, "new": new, "again": new + "!"})
    assert (twice.status_code, "typed differently" in twice.text) == (422, True)
    short = await here.post("/account/password", {"old": PASSWORD, "new": "short", "again": "short"})
    assert (short.status_code, "at least 10 characters" in short.text) == (422, True)
    done = await here.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert done.status_code == 303
    assert (await here.get("/account")).status_code == 200
    assert (await elsewhere.get("/account")).status_code == 303
    assert (await log_in(await desk.browser())).status_code == 403
    assert (await log_in(await desk.browser(), password=new)).status_code == 303
