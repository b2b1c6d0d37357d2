"""The API as an application: routes, limits, and what they answer."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from campaigns.access import Reply, Scope, Token
from campaigns.async_store import AsyncStore
from campaigns.delivery.feedback import apply_feedback
from campaigns.follow_up import FollowUp
from campaigns.intake.taking import MAX_BYTES, Intake, Taken, preview, take
from campaigns.model import Attempt, Case, Disposition, History
from campaigns.policy import decider
from campaigns.preview import Preview
from console.api.auth import Gate
from console.api.limits import RateLimit
from console.api.problems import ProblemError, handle

_KEY = r"^[\x21-\x7e]{1,128}$"

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]

_log = structlog.get_logger(__name__)

_LEADS_BODY = {
    "requestBody": {
        "required": True,
        "description": 'A list of leads, one lead, {"leads": [...]}, or one lead a line; keys as columns of a file.',
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": {"type": "object"}},
                "example": [{"number": "111 0000 0011", "name": "王芳", "grade": "high", "amount": "20万"}],
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How the API answers."""

    intake: Intake = field(default_factory=Intake)
    requests_per_s: float = 20.0
    """Of one token, over time."""
    burst: float = 60.0
    failures_per_s: float = 0.2
    """Refused tokens of one address, over time."""
    failures_burst: float = 20.0
    clock: Callable[[], float] = time.time
    on_leads: Callable[[], None] = lambda: None
    """Told when leads came in, so that nobody waits for a look at the queue."""


class Feedback(BaseModel):
    """What became of an order."""

    model_config = ConfigDict(extra="forbid")

    state: str = Field(description="acknowledged, done or failed")
    result: str = Field("", max_length=100, description="What it led to, when done.")
    note: str = Field("", max_length=2000)
    by: str = Field("", max_length=100, description="Who says so; the token's name if empty.")


class CaseFile(BaseModel):
    """All that is known of a case."""

    case: Case
    campaign: str
    attempts: tuple[Attempt, ...]
    follow_ups: tuple[FollowUp, ...]
    dispositions: tuple[Disposition, ...]
    suppressed: bool

    @classmethod
    def of(cls, history: History) -> CaseFile:
        """What a history says."""
        return cls(
            case=history.case,
            campaign=history.campaign.name,
            attempts=history.attempts,
            follow_ups=history.follow_ups,
            dispositions=history.dispositions,
            suppressed=history.suppressed is not None,
        )


def make_app(store: AsyncStore, settings: ApiSettings) -> FastAPI:
    """The application over an open store."""
    gate = Gate(
        store,
        settings.clock,
        requests=RateLimit(settings.requests_per_s, settings.burst),
        failures=RateLimit(settings.failures_per_s, settings.failures_burst),
    )
    app = FastAPI(
        title="dissuade",
        version="1",
        summary="Leads in, feedback in, cases out.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        strict_content_type=False,
    )
    handle(app, settings.intake.tongue)
    replies = _Replies(store, settings.clock)
    leads_token = Depends(gate.needs(Scope.LEADS))
    follow_ups_token = Depends(gate.needs(Scope.FOLLOW_UPS))
    read_token = Depends(gate.needs(Scope.READ))

    @app.post("/api/v1/leads", response_model=Taken, openapi_extra=_LEADS_BODY, tags=["leads"])
    async def post_leads(
        request: Request,
        campaign: Annotated[str, Query(max_length=200, description="Into which they go.")] = "",
        idempotency_key: Annotated[
            str | None, Header(pattern=_KEY, description="Repeats nothing for two days.")
        ] = None,
        token: Token = leads_token,
    ) -> Response:
        """Take over leads; each row is answered for by itself, whatever became of the others."""
        content = await _body(request)
        into = campaign or settings.intake.campaign
        if not into:
            raise ProblemError(400, "name the campaign: ?campaign=NAME")

        async def carry_out() -> Response:
            taken = await take(store, content, into, settings.intake, now=settings.clock())
            if taken.read > taken.rejected:
                settings.on_leads()
            _log.info("leads taken", by=token.name, campaign=into, read=taken.read, rejected=taken.rejected)
            return JSONResponse(_plain(taken), 200 if taken.rejected < taken.read or not taken.read else 422)

        return await replies.once(token, idempotency_key, _digest("leads", into, content), carry_out)

    @app.post("/api/v1/campaigns/{name}/preview", response_model=Preview, openapi_extra=_LEADS_BODY, tags=["leads"])
    async def post_preview(request: Request, name: str, _: Token = leads_token) -> Response:
        """What would become of leads if they were posted now; nothing is written."""
        content = await _body(request)
        return JSONResponse(_plain(await preview(store, content, name, settings.intake, now=settings.clock())))

    @app.post("/api/v1/follow-ups/{follow_up_id}/feedback", response_model=FollowUp, tags=["follow-ups"])
    async def post_feedback(follow_up_id: Id, feedback: Feedback, token: Token = follow_ups_token) -> Response:
        """Say what became of an order; what was said before changes nothing."""
        now = settings.clock()
        by = f"{feedback.by} ({token.name})" if feedback.by.strip() else token.name
        found = await store.call(
            lambda s: apply_feedback(
                s,
                follow_up_id,
                feedback.state,
                result=feedback.result,
                note=feedback.note,
                by=by,
                now=now,
                decide=decider(now, settings.intake.policy),
            )
        )
        return JSONResponse(_plain(found))

    @app.get("/api/v1/cases/{case_id}", response_model=CaseFile, tags=["cases"])
    async def get_case(case_id: Id, _: Token = read_token) -> Response:
        """A case with its calls, orders and judgements."""
        found = await store.call(lambda s: s.history(case_id, now=settings.clock()), wake=False)
        return JSONResponse(CaseFile.of(found).model_dump(mode="json"))

    return app


class _Replies:
    """Answers to requests that name an idempotency key: carried out once, answered alike every time."""

    def __init__(self, store: AsyncStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._under_way: set[tuple[str, str]] = set()

    async def once(
        self, token: Token, key: str | None, request: str, carry_out: Callable[[], Awaitable[Response]]
    ) -> Response:
        if not key:
            return await carry_out()
        async with self._alone((token.key, key)):
            kept = await self._store.call(lambda s: s.reply(token.key, key, now=self._clock()), wake=False)
            if kept is not None:
                if kept.request != request:
                    raise ProblemError(422, "this Idempotency-Key was used for another request; take a new one")
                headers = {"Idempotent-Replayed": "true"}
                return Response(kept.body, kept.status, headers=headers, media_type="application/json")
            answer = await carry_out()
            reply = Reply(request, answer.status_code, bytes(answer.body).decode(), self._clock())
            await self._store.call(lambda s: s.keep_reply(token.key, key, reply), wake=False)
            return answer

    @asynccontextmanager
    async def _alone(self, which: tuple[str, str]) -> AsyncIterator[None]:
        if which in self._under_way:
            raise ProblemError(409, "a request with this Idempotency-Key is being carried out; ask again soon")
        self._under_way.add(which)
        try:
            yield
        finally:
            self._under_way.discard(which)


async def _body(request: Request) -> bytes:
    """The body, as long as it is not too large; raises `ProblemError`."""
    too_large = ProblemError(413, f"a request holds at most {MAX_BYTES // 2**20} MB; send the leads in parts")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and len(declared) < 20 and int(declared) > MAX_BYTES:
        raise too_large
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_BYTES:
            raise too_large
    return bytes(content)


def _digest(*parts: str | bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        plain = part.encode() if isinstance(part, str) else part
        found.update(f"{len(plain)}:".encode() + plain)
    return found.hexdigest()


def _plain(value: object) -> object:
    """A dataclass as JSON holds it."""
    return json.loads(json.dumps(dataclasses.asdict(value), default=str))  # type: ignore[call-overload]
