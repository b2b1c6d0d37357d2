"""Administrators keep users; auditors and administrators read the trail, which nobody edits."""

from __future__ import annotations

import re

import pytest

from campaigns.passwords import hash_password
from campaigns.staff import Role
from tests.console.at_desk import ADDRESS, NOON, AtDesk, Browser

pytestmark = pytest.mark.unit


@pytest.fixture
async def admin(desk: AtDesk) -> Browser:
    return await desk.signed_in("root", Role.ADMINISTRATOR)


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/log-in/[\w-]{32})" readonly', page)
    assert found
    return found[1]


async def test_a_new_user_comes_in_by_a_link_chooses_a_password_and_has_their_roles(
    desk: AtDesk, admin: Browser
) -> None:
    new = {"login": "Li.Na", "name": "李娜", "roles": ["dissuader", "auditor"], "phone": "sip:8002@192.0.2.10"}
    made = await admin.post("/users", new)
    assert made.status_code == 200
    theirs = await desk.browser()
    await theirs.client.post(link_in(made.text))
    form = await theirs.get("/account")
    token = re.search(r'name="csrf" value="([\w-]{43})"', form.text)
    assert token
    assert 'name="old"' not in form.text, "there is no old password"
    chosen = {"csrf": token[1], "new": "four plain words here", "again": "four plain words here"}
    assert (await theirs.client.post("/account/password", data=chosen)).status_code == 303
    assert (await theirs.get("/audit")).status_code == 200
    assert (await theirs.get("/users")).status_code == 403
    user = await desk.store.call(lambda s: s.user("li.na"))
    assert user is not None
    assert (user.name, user.roles, user.phone) == ("李娜", {Role.DISSUADER, Role.AUDITOR}, "sip:8002@192.0.2.10")
    listed = (await admin.get("/users")).text
    assert "李娜" in listed
    assert [each["login"] for each in await desk.audited("user.added")] == ["li.na"]
    trail = await desk.store.call(lambda s: s.audit_trail())
    assert all(link_in(made.text).rpartition("/")[2] not in str(entry.detail) for entry in trail)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"login": "root"}, 409),
        ({"login": "李"}, 409),
        ({"roles": []}, 422),
        ({"roles": ["king"]}, 422),
        ({"phone": "8002"}, 422),
    ],
)
async def test_a_user_that_cannot_be_is_refused(
    desk: AtDesk, admin: Browser, change: dict[str, object], status: int
) -> None:
    answer = await admin.post("/users", {"login": "li", "roles": ["auditor"], **change})
    assert answer.status_code == status
    assert '<p class="alarm"' in answer.text or "<h1>" in answer.text
    assert [user.login for user in await desk.store.call(lambda s: s.users())] == ["root"]


async def test_roles_change_from_the_next_request_on(desk: AtDesk, admin: Browser) -> None:
    theirs = await desk.signed_in("li", Role.AUDITOR)
    assert (await theirs.get("/audit")).status_code == 200
    await admin.post("/users/li", {"name": "Li", "roles": ["dissuader"]})
    assert (await theirs.get("/audit")).status_code == 403
    assert (await desk.audited("user.changed"))[0]["roles"] == ["dissuader"]


async def test_who_is_shut_out_is_out_at_once_and_may_come_back(desk: AtDesk, admin: Browser) -> None:
    theirs = await desk.signed_in("li", Role.AUDITOR)
    await admin.post("/users/li/disable")
    assert (await theirs.get("/account")).status_code == 303
    assert "Shut out" in (await admin.get("/users/li")).text
    assert (await admin.post("/users/li/link")).status_code == 404, "they are not let in by a link"
    await admin.post("/users/li/enable")
    theirs = await desk.signed_in("li")
    assert (await theirs.get("/account")).status_code == 200


async def test_somebody_is_logged_out_everywhere(desk: AtDesk, admin: Browser) -> None:
    places = [await desk.signed_in("li", Role.AUDITOR) for _ in range(2)]
    await admin.post("/users/li/log-out")
    assert [(await each.get("/account")).status_code for each in places] == [303, 303]


async def test_a_forgotten_password_is_made_void_and_chosen_anew_by_a_link(desk: AtDesk, admin: Browser) -> None:
    await desk.user("li", Role.AUDITOR, password=hash_password("four plain words here"))
    page = await admin.post("/users/li/link", {"reset": "true"})
    assert await desk.store.call(lambda s: s.password("li")) == ""
    theirs = await desk.browser()
    old = await theirs.client.post("/log-in", data={"login": "li", "password": "four plain words here"})
    assert old.status_code == 403
    assert (await theirs.client.post(link_in(page.text))).headers["location"] == "/account"


@pytest.mark.parametrize(("path", "data"), [("/users/root/disable", {}), ("/users/root", {"roles": ["auditor"]})])
async def test_an_administrator_remains(desk: AtDesk, admin: Browser, path: str, data: dict[str, object]) -> None:
    answer = await admin.post(path, data)
    assert (answer.status_code, "only administrator" in answer.text) == (409, True)
    assert (await admin.get("/users")).status_code == 200


async def test_a_user_who_is_not_there_is_not_found(admin: Browser) -> None:
    for path in ("", "/disable", "/enable", "/link"):
        assert (await admin.post(f"/users/nobody{path}", {"roles": ["auditor"]})).status_code == 404
    assert (await admin.get("/users/nobody")).status_code == 404


async def test_names_are_shown_as_they_are_and_never_run(desk: AtDesk, admin: Browser) -> None:
    await admin.post("/users", {"login": "li", "name": "<script>alert(1)</script>", "roles": ["auditor"]})
    for path in ("/users", "/users/li"):
        page = (await admin.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


async def test_the_trail_shows_who_did_what_newest_first_and_is_searched(desk: AtDesk) -> None:
    for case_id in (1, 2):
        await desk.store.call(
            lambda s, case_id=case_id: s.audit("case.viewed", by="li", now=NOON, case_id=case_id, address=ADDRESS)
        )
    await desk.store.call(lambda s: s.audit("session.refused", by="", now=NOON, address="198.51.100.4"))
    auditor = await desk.signed_in("wang", Role.AUDITOR)

    async def seen(query: str) -> list[str]:
        page = (await auditor.get(f"/audit?{query}")).text
        return re.findall(r"<code class=\"hint\">([\w.]+)</code></td>\n<td class=\"number\">(\d*)</td>", page)

    assert await seen("") == [("session.refused", ""), ("case.viewed", "2"), ("case.viewed", "1")]
    assert await seen("by=li&case=1") == [("case.viewed", "1")]
    assert await seen("action=session.*") == [("session.refused", "")]
    assert [each["by"] for each in await desk.audited("audit.viewed")] == ["wang"] * 3, "looking is written down, too"
    assert (await auditor.get("/audit?case=x")).status_code == 422


async def test_a_long_trail_is_read_page_by_page(desk: AtDesk) -> None:
    for each in range(250):
        await desk.store.call(lambda s, each=each: s.audit("case.viewed", by="li", now=NOON, case_id=each + 1))
    auditor = await desk.signed_in("wang", Role.AUDITOR)
    cases: list[int] = []
    path: str | None = "/audit?by=li"
    while path:
        page = (await auditor.get(path)).text
        cases += [int(found) for found in re.findall(r"</code></td>\n<td class=\"number\">(\d+)</td>", page)]
        older = re.search(r'href="(/audit\?[^"]*before=\d+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert cases == list(range(250, 0, -1))


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_begins_at_the_first_page_of_their_menu_and_may_see_all_of_it(desk: AtDesk, role: Role) -> None:
    browser = await desk.signed_in("x", role)
    menu = re.findall(r'<li><a href="([^"]+)"', (await browser.get("/account")).text)
    assert (await browser.get("/")).headers["location"] == menu[0]
    assert [(await browser.get(each)).status_code for each in menu] == [200] * len(menu)
