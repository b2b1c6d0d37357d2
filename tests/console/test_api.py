"""The API over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.access import Scope, new_secret
from campaigns.async_store import AsyncStore
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.intake import taking
from campaigns.intake.headings import Headings
from campaigns.intake.taking import Intake
from campaigns.model import CaseState, Grade
from campaigns.sqlite_store import SqliteStore
from console.api import ApiSettings, make_app
from console.server import ServeError, WebServer

pytestmark = pytest.mark.wire

NOON = 1_795_147_200.0
"""12:00 in Shanghai."""
LEAD = {"number": "111 0000 0011", "姓名": "王芳", "grade": "高", "amount": "20万"}


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Api:
    """A served API and its client."""

    def __init__(self, store: AsyncStore, client: httpx.AsyncClient, clock: Clock) -> None:
        self.store = store
        self.client = client
        self.clock = clock

    async def token(self, name: str, *scopes: Scope) -> dict[str, str]:
        text, key, digest = new_secret()
        await self.store.call(lambda s: s.add_token(name, key, digest, scopes=scopes, now=NOON, by="Li"))
        return {"Authorization": f"Bearer {text}"}

    async def post(self, path: str, content: Any, headers: dict[str, str], **more: Any) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.client.post(f"/api/v1/{path}", content=body, headers=headers, **more)


Served = Callable[..., Awaitable[Api]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Served]:
    async with AsyncExitStack() as parts:

        async def serve(**more: Any) -> Api:
            store = await parts.enter_async_context(AsyncStore(lambda: SqliteStore(tmp_path / "store.db")))
            await store.call(lambda s: s.create_campaign("spring", now=NOON))
            clock = Clock()
            app = make_app(store, ApiSettings(clock=clock, **{"requests_per_s": 1e6, "burst": 1e6, **more}))
            server = await WebServer(app, section="api", host="127.0.0.1", port=0).start()
            parts.push_async_callback(server.stop)
            client = await parts.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=30, trust_env=False)
            )
            return Api(store, client, clock)

        yield serve


@pytest.fixture
async def api(serve: Served) -> Api:
    return await serve()


def problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert (said["status"], said["type"]) == (status, "about:blank")
    assert "Traceback" not in response.text
    return str(said["detail"])


async def test_each_lead_is_answered_for_by_itself(api: Api) -> None:
    headers = await api.token("platform", Scope.LEADS)
    rows = [
        LEAD,
        {"number": "110"},
        {"number": "11100000011"},
        7,
        {"number": "11100000012", "note": "对方发来通缉令", "平台": 1},
        {"number": "11100000013", "age": "old"},
        {"number": "11100000012", "等级": "高"},
    ]
    response = await api.post("leads?campaign=spring", rows, headers)
    assert response.status_code == 200
    said = response.json()
    assert {key: said[key] for key in ("read", "accepted", "merged", "rejected", "proposed", "ignored_keys")} == {
        "read": 7,
        "accepted": 2,
        "merged": 2,
        "rejected": 3,
        "proposed": 1,
        "ignored_keys": ["平台"],
    }
    assert [(row["line"], row["result"], row["case_id"]) for row in said["rows"]] == [
        (1, "accepted", 1),
        (2, "rejected", None),
        (3, "merged", 1),
        (4, "rejected", None),
        (5, "accepted", 2),
        (6, "rejected", None),
        (7, "merged", 2),
    ]
    assert said["rows"][0]["due_at"] == NOON
    assert (said["rows"][1]["code"], said["rows"][1]["column"]) == ("number.service", "number")
    assert said["rows"][5]["mend"]
    first, second = await api.store.call(lambda s: s.cases())
    assert (first.lead.name, first.lead.amount, second.lead.scam_type) == ("王芳", 200_000, "冒充公检法")
    assert second.lead.grade is Grade.HIGH


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(LEAD).encode(),
        json.dumps(LEAD, indent=2).encode(),
        json.dumps({"leads": [LEAD]}).encode(),
        (json.dumps(LEAD) + "\n\n").encode(),
        b"\xef\xbb\xbf" + json.dumps([LEAD], ensure_ascii=False).encode(),
    ],
)
async def test_leads_come_as_a_list_alone_or_one_a_line(api: Api, content: bytes) -> None:
    headers = await api.token("platform", Scope.LEADS)
    response = await api.post("leads?campaign=spring", content, headers)
    assert response.json()["accepted"] == 1


@pytest.mark.parametrize("content", [b"", b"number\n11100000011\n", b"[1,", b"\xff\xfe", b"[" * 100_000, b'"x"'])
async def test_what_is_no_json_is_refused_as_a_whole(api: Api, content: bytes) -> None:
    headers = await api.token("platform", Scope.LEADS)
    assert "JSON" in problem(await api.post("leads?campaign=spring", content, headers), 400)
    assert await api.store.call(lambda s: s.cases()) == []


async def test_a_campaign_must_be_named_and_be_there(api: Api) -> None:
    headers = await api.token("platform", Scope.LEADS)
    assert "?campaign=" in problem(await api.post("leads", [LEAD], headers), 400)
    assert "winter" in problem(await api.post("leads?campaign=winter", [LEAD], headers), 404)


async def test_rows_none_of_which_can_be_taken_are_an_error_with_every_reason(api: Api) -> None:
    headers = await api.token("platform", Scope.LEADS)
    response = await api.post("leads?campaign=spring", [{"number": "110"}], headers)
    assert response.status_code == 422
    assert response.json()["rows"][0]["reason"]


async def test_a_centre_s_headings_language_and_default_campaign_hold(serve: Served) -> None:
    api = await serve(intake=Intake(headings=Headings({"被叫": "number"}), tongue="zh", campaign="spring"))
    headers = await api.token("platform", Scope.LEADS)
    response = await api.post("leads", [{"被叫": "11100000011"}, {"被叫": "110"}], headers)
    accepted, rejected = response.json()["rows"]
    assert accepted["result"] == "accepted"
    assert (rejected["reason"], rejected["column"]) == ("紧急、热线或服务号码，从不拨打", "number")


async def test_the_same_request_twice_under_one_key_is_carried_out_once(api: Api) -> None:
    headers = {**await api.token("platform", Scope.LEADS), "Idempotency-Key": "day-1"}
    first = await api.post("leads?campaign=spring", [LEAD], headers)
    again = await api.post("leads?campaign=spring", [LEAD], headers)
    assert first.json()["accepted"] == 1
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    other = await api.post("leads?campaign=spring", [LEAD, LEAD], headers)
    assert "another request" in problem(other, 422)
    stranger = {**await api.token("other", Scope.LEADS), "Idempotency-Key": "day-1"}
    assert (await api.post("leads?campaign=spring", [LEAD], stranger)).json()["merged"] == 1
    assert "idempotency-key" in problem(await api.post("leads", [LEAD], {**headers, "Idempotency-Key": "a b"}), 422)


async def test_a_preview_writes_nothing(api: Api) -> None:
    headers = await api.token("platform", Scope.LEADS)
    before = await api.store.call(lambda s: s.events())
    response = await api.post("campaigns/spring/preview", [LEAD, LEAD, {"number": "110"}], headers)
    said = response.json()
    assert (said["now"], said["later"], said["never_reasons"]) == (1, 0, {"same_number_above": 1, "never_dialled": 1})
    assert (await api.post("campaigns/winter/preview", [LEAD], headers)).json()["campaign_state"] == "new"
    assert await api.store.call(lambda s: s.events()) == before


async def test_feedback_ends_an_order_and_names_who_said_so(api: Api) -> None:
    await api.post("leads?campaign=spring", [LEAD], await api.token("platform", Scope.LEADS))
    visit = await api.store.call(lambda s: s.order(1, Order(FollowUpKind.VISIT, NOON + 60), now=NOON, by="Li"))
    headers = await api.token("station", Scope.FOLLOW_UPS)
    path = f"follow-ups/{visit.id}/feedback"
    taken = await api.post(path, {"state": "acknowledged"}, headers)
    assert taken.status_code == 200, taken.text
    assert taken.json()["state"] == "acknowledged"
    done = await api.post(path, {"state": "done", "result": "met", "note": "在家", "by": "陈警官"}, headers)
    assert done.json()["result"] == "met"
    found = await api.store.call(lambda s: s.follow_up(visit.id))
    assert (found.state, found.note) == (FollowUpState.DONE, "在家")
    event = next(e for e in await api.store.call(lambda s: s.events()) if e.kind == "follow_up.done")
    assert event.data["by"] == "陈警官 (station)"
    assert problem(await api.post(path, {"state": "failed"}, headers), 409)
    assert "feedback says" in problem(await api.post(path, {"state": "lost"}, headers), 409)
    assert "state" in problem(await api.post(path, {}, headers), 422)
    assert "order 99" in problem(await api.post("follow-ups/99/feedback", {"state": "failed"}, headers), 404)


async def test_a_case_is_told_with_all_that_belongs_to_it(api: Api) -> None:
    await api.post("leads?campaign=spring", [LEAD], await api.token("platform", Scope.LEADS))
    headers = await api.token("desk", Scope.READ)
    said = (await api.client.get("/api/v1/cases/1", headers=headers)).json()
    assert (said["campaign"], said["case"]["state"], said["case"]["lead"]["name"]) == (
        "spring",
        CaseState.QUEUED,
        "王芳",
    )
    assert said["attempts"] == said["dispositions"] == []
    assert "case 2" in problem(await api.client.get("/api/v1/cases/2", headers=headers), 404)
    for wrong in ("0", "-1", "x", str(2**63)):
        problem(await api.client.get(f"/api/v1/cases/{wrong}", headers=headers), 422)


REQUESTS = [
    ("POST", "leads?campaign=spring", Scope.LEADS),
    ("POST", "campaigns/spring/preview", Scope.LEADS),
    ("POST", "follow-ups/1/feedback", Scope.FOLLOW_UPS),
    ("GET", "cases/1", Scope.READ),
]


@pytest.mark.parametrize(("method", "path", "scope"), REQUESTS)
async def test_nothing_is_told_or_done_without_a_token_of_that_scope(
    api: Api, method: str, path: str, scope: Scope
) -> None:
    body = json.dumps([LEAD] if "leads" in path or "preview" in path else {"state": "failed"})

    async def ask(headers: dict[str, str]) -> httpx.Response:
        return await api.client.request(method, f"/api/v1/{path}", headers=headers, content=body)

    for wrong in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer " + "x" * 9000},
    ):
        refused = await ask(wrong)
        assert "bearer token" in problem(refused, 401)
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    others = await api.token("others", *(each for each in Scope if each is not scope))
    assert str(scope) in problem(await ask(others), 403)
    own = await api.token("own", scope)
    assert (await ask(own)).status_code not in {401, 403}
    await api.store.call(lambda s: s.revoke_token("own", now=NOON, by="Li"))
    problem(await ask(own), 401)


async def test_a_caller_who_asks_too_often_is_told_when_to_come_again(serve: Served) -> None:
    api = await serve(requests_per_s=1.0, burst=3.0)
    headers = await api.token("desk", Scope.READ)
    ask = lambda: api.client.get("/api/v1/cases/1", headers=headers)  # noqa: E731
    assert [(await ask()).status_code for _ in range(4)] == [404, 404, 404, 429]
    refused = await ask()
    assert refused.headers["Retry-After"] == "1"
    problem(refused, 429)
    api.clock.now += 1
    assert (await ask()).status_code == 404


async def test_guessing_tokens_is_slowed_down_and_other_addresses_are_not(serve: Served) -> None:
    api = await serve(failures_per_s=0.1, failures_burst=2.0)
    guess = {"Authorization": "Bearer dis_000000000000_x"}
    statuses = [(await api.client.get("/api/v1/cases/1", headers=guess)).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


async def test_a_body_that_is_too_large_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = await api.token("platform", Scope.LEADS)
    assert "MB" in problem(await api.post("leads?campaign=spring", b"[" + b" " * (8 * 2**20) + b"]", headers), 413)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 2**20

    streamed = await api.client.post("/api/v1/leads?campaign=spring", content=drip(), headers=headers)
    assert "MB" in problem(streamed, 413)
    monkeypatch.setattr(taking, "MAX_ROWS", 2)
    assert "2 rows" in problem(await api.post("leads?campaign=spring", [LEAD] * 3, headers), 413)


async def test_errors_of_any_kind_are_problems_without_a_traceback(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = await api.token("platform", Scope.LEADS)
    problem(await api.client.get("/api/v1/nothing"), 404)
    problem(await api.client.delete("/api/v1/leads"), 405)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret 11100000011")

    monkeypatch.setattr("console.api.app.take", broken)
    said = problem(await api.post("leads?campaign=spring", [LEAD], headers), 500)
    assert "secret" not in said


async def test_two_requests_under_one_key_at_once_are_one(api: Api) -> None:
    headers = {**await api.token("platform", Scope.LEADS), "Idempotency-Key": "k"}
    rows = [{"number": f"1110000{n:04}"} for n in range(300)]
    answers = await asyncio.gather(*(api.post("leads?campaign=spring", rows, headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [answer.json()["accepted"] for answer in answers if answer.status_code == 200].count(300) >= 1
    assert len(await api.store.call(lambda s: s.cases())) == 300


async def test_the_description_names_every_path(api: Api) -> None:
    said = (await api.client.get("/api/v1/openapi.json")).json()
    assert set(said["paths"]) == {
        "/api/v1/leads",
        "/api/v1/campaigns/{name}/preview",
        "/api/v1/follow-ups/{follow_up_id}/feedback",
        "/api/v1/cases/{case_id}",
    }


async def test_a_port_that_is_taken_is_a_clear_error(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        app = make_app(api.store, ApiSettings())
        with pytest.raises(ServeError, match="choose another"):
            await WebServer(app, section="api", host="127.0.0.1", port=taken.getsockname()[1]).start()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
leads = st.dictionaries(st.sampled_from(["number", "age", "relatives", "amount", "时间", "账号", "x"]), json_values)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200) | st.lists(leads | json_values, max_size=5).map(lambda v: json.dumps(v).encode()))
async def test_no_body_however_odd_is_answered_with_an_internal_error(api: Api, body: bytes) -> None:
    headers = await api.token(f"t{len(await api.store.call(lambda s: s.tokens()))}", Scope.LEADS)
    response = await api.post("leads?campaign=spring", body, headers)
    assert response.status_code in {200, 400, 422}, response.text
    if response.status_code == 200:
        said = response.json()
        assert said["read"] == said["accepted"] + said["merged"] + said["rejected"] == len(said["rows"])
