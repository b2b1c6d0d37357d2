"""The desk as an application."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.intake.reading import MAX_WORKBOOK_BYTES
from console.desk.context import Desk
from console.desk.entrance import Entrance
from console.desk.errors import Faults, handle
from console.desk.headers import API, LimitedBodies, SecureHeaders
from console.desk.pages import PAGES
from console.desk.session import cookie_name

_FORM_BYTES = 64 * 1024
"""What a form holds beside the file that is handed in."""
STATIC = Path(__file__).parent / "static"


def make_desk(desk: Desk) -> FastAPI:
    """All pages, and the API if there is one, as one application. Call ``desk.stream.close()`` before its server
    stops, so that open streams do not hold it up.
    """
    app = FastAPI(title="dissuade", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = desk
    app.state.entrance = Entrance(desk)
    app.state.links = tuple(link for page in PAGES for link in page.links)
    handle(app)
    if desk.api is not None:
        app.router.routes.append(_Api(desk.api))
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Faults)
    app.add_middleware(LimitedBodies, most=MAX_WORKBOOK_BYTES + _FORM_BYTES, cookie=cookie_name(desk))
    app.add_middleware(SecureHeaders, https=desk.settings.https, names=desk.settings.names)
    return app


class _Api(BaseRoute):
    """Everything below ``/api/`` goes to the API, whose paths begin so themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for the API."""
        ours = scope["type"] == "http" and scope["path"].startswith(API)
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await self._app(scope, receive, send)
