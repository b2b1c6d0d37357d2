"""Errors as pages, in the reader's language; never a traceback."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from campaigns.store import NotFoundError, StoreError
from console.desk.entrance import MustWaitError
from console.desk.session import LOG_IN, Guest, NotSignedInError, guest, is_fragment, log_in_path, visit_of
from console.desk.texts import N_
from dialer.live import LiveError

_SAID = {
    400: N_("The request cannot be understood."),
    401: N_("Please log in."),
    403: N_("You may not do this."),
    404: N_("There is no such page."),
    405: N_("This cannot be done here."),
    413: N_("This is too large."),
    422: N_("Something was filled in wrongly."),
    429: N_("Too many tries. Wait a little."),
    500: N_("Something went wrong on our side. It was written to the log."),
}

_log = structlog.get_logger(__name__)


def handle(app: FastAPI) -> None:
    """Answer every error so."""

    async def not_signed_in(request: Request, _: Exception) -> Response:
        if isinstance(request, WebSocket):
            await request.close(1008)
            return Response()
        to = log_in_path(request.url.path if request.method == "GET" else "/")
        if is_fragment(request):
            return Response(status_code=401, headers={"HX-Redirect": LOG_IN})
        if "text/html" not in request.headers.get("accept", ""):
            return Response(status_code=401)
        return RedirectResponse(to, 303)

    async def must_wait(request: Request, error: Exception) -> Response:
        assert isinstance(error, MustWaitError)
        said = guest(request)._("Too many tries. Try again in %(seconds)s seconds.") % {"seconds": error.wait_s}
        return await _page(request, 429, said, {"Retry-After": str(error.wait_s)})

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(request, WebSocket):
            await request.close(1008)
            return Response()
        # What is wrong with a request that cannot be understood, the framework says in English.
        framework = error.status_code == HTTPStatus.BAD_REQUEST or error.detail == HTTPStatus(error.status_code).phrase
        own = "" if framework else str(error.detail)
        return await _page(request, error.status_code, own, dict(error.headers or {}))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await _page(request, 422)

    async def missing(request: Request, error: Exception) -> Response:
        return await _page(request, 404)

    async def not_now(request: Request, error: Exception) -> Response:
        assert isinstance(error, LiveError)
        said = (await _reader(request))._(error.said)
        return await _page(request, 409, said % error.values if error.values else said)

    async def refused(request: Request, error: Exception) -> Response:
        said = (await _reader(request))._("This cannot be done as things stand now. Load the page again. (%(why)s)")
        return await _page(request, 409, said % {"why": error})

    app.add_exception_handler(NotSignedInError, not_signed_in)
    app.add_exception_handler(MustWaitError, must_wait)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(NotFoundError, missing)
    app.add_exception_handler(StoreError, refused)
    app.add_exception_handler(LiveError, not_now)


class Faults:
    """Answers what failed by our own fault, and writes it to the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            _log.error("a request failed by our own fault", kind=scope["type"], exc_info=error)
            if not begun and scope["type"] == "http":
                request = Request(scope, receive)
                await _rendered(guest(request), request, 500)(scope, receive, send)


async def _page(request: Request, status: int, said: str = "", headers: dict[str, str] | None = None) -> Response:
    return _rendered(await _reader(request), request, status, said, headers)


async def _reader(request: Request) -> Guest:
    return getattr(request.state, "visit", None) or await visit_of(request) or guest(request)


def _rendered(
    reader: Guest, request: Request, status: int, said: str = "", headers: dict[str, str] | None = None
) -> Response:
    text = said or reader._(_SAID.get(status, _SAID[400]))
    template = "error_fragment.html" if is_fragment(request) else "error.html"
    return reader.page(template, status=status, headers=headers, status_code=status, said=text)
