"""Whom every route lets in, and what every answer and every form carries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.types import Message

from campaigns.intake.reading import MAX_WORKBOOK_BYTES
from campaigns.staff import Role
from console.desk.session import roles_of
from tests.console.at_desk import ADDRESS, AtDesk, Browser

pytestmark = pytest.mark.unit

PUBLIC = {"/log-in", "/log-in/{ticket}"}
"""Routes for everybody."""


def declared(dependant: Dependant) -> frozenset[Role] | None:
    """Whom a route's dependencies let in; ``None`` if none of them asks."""
    found = [roles for each in dependant.dependencies if (roles := roles_of(each.call)) is not None]
    return frozenset.intersection(*found) if found else None


def routes(desk: AtDesk) -> Iterator[tuple[str, str, frozenset[Role] | None]]:
    """Method, path with values filled in, and roles of each route; web sockets as method ``WS``."""
    for route in flat(desk.app.routes):
        if isinstance(route, APIWebSocketRoute):
            yield "WS", filled(route.path), declared(route.dependant)
        elif isinstance(route, APIRoute):
            for method in sorted(route.methods):
                yield method, filled(route.path), declared(route.dependant) if route.path not in PUBLIC else None


def flat(found: list[object]) -> Iterator[object]:
    for each in found:
        inner = getattr(getattr(each, "original_router", None), "routes", None)
        yield from flat(inner) if inner is not None else [each]


def filled(path: str) -> str:
    """A path with a value for each of its parts that fits an id, a name or a file."""
    parts = ["1" if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


async def ask(browser: Browser, method: str, path: str) -> int:
    headers = {"X-CSRF-Token": browser.csrf}
    answer = await browser.client.request(method, path, headers=headers)
    assert "Traceback" not in answer.text
    return answer.status_code


async def test_every_route_says_who_may_use_it(desk: AtDesk) -> None:
    found = list(routes(desk))
    assert len(found) > 15
    silent = {path for method, path, roles in found if roles is None}
    assert silent == {filled(path) for path in PUBLIC}


async def test_nobody_comes_in_without_logging_in(desk: AtDesk) -> None:
    browser = await desk.browser()
    for method, path, roles in routes(desk):
        if roles is None or method == "WS":
            continue
        answer = await browser.client.request(method, path)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith("/log-in")
        plain = await browser.client.request(method, path, headers={"Accept": "*/*"})
        assert (plain.status_code, plain.text) == (401, ""), (method, path)


@pytest.mark.parametrize("role", list(Role))
async def test_a_route_lets_in_the_roles_it_names_and_no_other(desk: AtDesk, role: Role) -> None:
    await desk.user("root", Role.ADMINISTRATOR)
    for method, path, roles in routes(desk):
        if roles is None or method == "WS" or path == "/stream":
            continue
        # A session of its own for each: some routes end it.
        status = await ask(await desk.signed_in("wang", role), method, path)
        assert (status == 403) == (role not in roles), (method, path, status)
        assert status < 500, (method, path, status)


async def opened(desk: AtDesk, path: str, browser: Browser, origin: str | None) -> bool:
    """Whether a web socket is let in."""
    headers = {
        "host": "localhost",
        "cookie": "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items()),
    }
    headers |= {"origin": origin} if origin else {}
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"} if not told else {"type": "websocket.disconnect", "code": 1001}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "client": (ADDRESS, 50_000),
        "server": ("localhost", 80),
        "scheme": "ws",
        "subprotocols": [],
        "extensions": {},
    }
    await desk.app(scope, receive, send)
    return any(message["type"] == "websocket.accept" for message in told)


async def test_a_web_socket_lets_in_its_roles_from_our_own_pages_alone(desk: AtDesk) -> None:
    sockets = [(path, roles) for method, path, roles in routes(desk) if method == "WS"]
    assert sockets
    own = "http://localhost"
    for path, roles in sockets:
        assert roles is not None
        assert not await opened(desk, path, await desk.browser(), own)
        for role in Role:
            browser = await desk.signed_in(role.value.replace("_", ""), role)
            for origin in (None, "null", "https://evil.example", "http://localhost.evil.example"):
                assert not await opened(desk, path, browser, origin), (path, role, origin)
            assert await opened(desk, path, browser, own) == (role in roles), (path, role)


async def test_what_is_refused_for_the_role_is_written_down(desk: AtDesk) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)
    assert (await browser.get("/users")).status_code == 403
    assert [(each["by"], each["path"]) for each in await desk.audited("access.refused")] == [("wang", "/users")]


async def test_every_form_needs_the_token_of_its_own_session(desk: AtDesk) -> None:
    other = await desk.signed_in("li", *Role)
    for method, path, roles in routes(desk):
        if roles is None or method in {"GET", "WS"}:
            continue
        browser = await desk.signed_in("wang", *Role)
        for token in ("", other.csrf, browser.csrf + "x", "é"):
            answer = await browser.client.request(method, path, data={"csrf": token})
            assert (answer.status_code, "out of date" in answer.text) == (403, True), (method, path, token)
            answer = await browser.client.request(method, path, headers={"X-CSRF-Token": token.encode()})
            assert (answer.status_code, "out of date" in answer.text) == (403, True), (method, path, token)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_another_site_sends_is_refused_with_the_right_token_too(
    desk: AtDesk, headers: dict[str, str]
) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)
    assert (await browser.post("/account", headers=headers)).status_code == 403
    assert (await browser.client.post("/log-in", data={"login": "wang"}, headers=headers)).status_code == 403
    assert (await browser.post("/account", headers={"Origin": "http://localhost"})).status_code == 303


async def test_every_answer_carries_the_headers_that_keep_browsers_safe(desk: AtDesk) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)
    for path in ("/account", "/log-in", "/nothing", "/users", "/static/desk.css", "/api/v1/openapi.json", "/session"):
        headers = (await browser.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'self';"), path
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "microphone=(self)" in headers["permissions-policy"]
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store"), path
        assert "server" not in headers
        assert "strict-transport-security" not in headers, "without HTTPS it would shut the desk up"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:80", 421),
        ("", 421),
        ("localhost:8080", 200),
        ("192.0.2.1:8080", 200),
        ("[::1]:8080", 200),
        ("[evil.example]", 421),
    ],
)
async def test_only_its_own_names_are_answered(desk: AtDesk, host: str, status: int) -> None:
    assert (await (await desk.browser()).get("/log-in", headers={"Host": host})).status_code == status


async def test_a_request_that_is_too_large_is_refused(desk: AtDesk) -> None:
    stranger, known = await desk.browser(), await desk.signed_in("wang", Role.AUDITOR)
    large = {"login": "x" * 20_000}
    assert (await stranger.client.post("/log-in", data=large)).status_code == 413
    assert (await known.post("/account", large)).status_code == 303
    too_large = {"file": ("leads.csv", b"x" * (MAX_WORKBOOK_BYTES + 100_000))}
    assert (await known.post("/account", files=too_large)).status_code == 413
    field = await known.post("/account", {"phone": "x" * 2_000_000})
    assert (field.status_code, "cannot be understood" in field.text) == (400, True)


async def test_errors_are_pages_for_people_and_problems_for_programs(desk: AtDesk) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)
    page = await browser.get("/nothing")
    assert (page.status_code, "There is no such page." in page.text, "<nav" in page.text) == (404, True, True)
    fragment = await browser.get("/nothing", headers={"HX-Request": "true"})
    assert fragment.text.startswith('<p class="alarm"')
    problem = await browser.get("/api/v1/nothing")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    assert (await browser.get("/api/v1/cases/1")).status_code == 401, "a log-in is no token"


async def test_our_own_faults_say_nothing_of_themselves(desk: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await desk.signed_in("wang", Role.AUDITOR)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr("campaigns.sqlite_store.SqliteStore.audit_trail", broken)
    answer = await browser.get("/audit")
    assert answer.status_code == 500
    assert "It was written to the log." in answer.text
    assert "inner workings" not in answer.text
    assert answer.headers["content-security-policy"]
