"""Errors as ``application/problem+json`` (RFC 9457): what is wrong and what to do; never a traceback."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from campaigns.intake.errors import SourceError
from campaigns.messages import Tongue
from campaigns.policy import PolicyError
from campaigns.store import NotFoundError, StoreError

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)


class ProblemError(Exception):
    """Answered with a status and an explanation."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The body of an error."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def handle(app: FastAPI, tongue: Tongue) -> None:
    """Answer every error so."""

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ProblemError)
        return answer(error.status, error.detail, error.headers)

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return answer(error.status_code, str(error.detail), dict(error.headers or {}))

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return answer(422, f"{place}: {first['msg']}")

    async def source(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, SourceError)
        return answer(413 if error.said.code == "file.rows" else 400, error.said.text(tongue))

    async def missing(_: Request, error: Exception) -> JSONResponse:
        return answer(404, str(error))

    async def refused(_: Request, error: Exception) -> JSONResponse:
        return answer(409, str(error))

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("a request failed by our own fault", method=request.method, exc_info=error)
        return answer(500, "internal error; see the node's log")

    app.add_exception_handler(ProblemError, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(SourceError, source)
    app.add_exception_handler(NotFoundError, missing)
    app.add_exception_handler(StoreError, refused)
    app.add_exception_handler(PolicyError, refused)
    app.add_exception_handler(Exception, unexpected)
