"""Who asks: sessions, roles, and what a handler may do in somebody's name.

A handler declares who may use it::

    @router.get("/floor")
    async def show(visit: Annotated[Visit, Depends(signed_in(Role.DUTY_OFFICER))]) -> Response:
        return visit.page("floor.html", calls=...)

Every request but GET and HEAD must carry the session's token, in the field ``csrf`` or the header ``X-CSRF-Token``.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Mapping
from gettext import NullTranslations
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from campaigns.access import digest_of
from campaigns.staff import Role, Session, User
from console.desk.context import Desk
from console.desk.navigation import links_for
from console.desk.rendering import environment
from console.desk.texts import TAGS, choose, texts

LOG_IN = "/log-in"
_SAFE = frozenset({"GET", "HEAD"})
_declared: dict[Callable[..., object], frozenset[Role]] = {}


class NotSignedInError(Exception):
    """Nobody is logged in."""


class Guest:
    """Somebody who looks at a page, logged in or not."""

    def __init__(self, desk: Desk, connection: HTTPConnection, session: Session | None = None) -> None:
        self.desk = desk
        self.connection = connection
        self.session = session
        wanted = session.user.language if session else ""
        self.language = choose(wanted, connection.headers.get("accept-language", ""), desk.settings.language)
        """BCP 47 tag of the page."""
        self.texts: NullTranslations = texts(self.language)

    def _(self, text: str) -> str:
        """A text in the reader's language."""
        return self.texts.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A text in the reader's language, by number."""
        return self.texts.ngettext(one, many, count)

    @property
    def address(self) -> str:
        """From where the request comes."""
        return address(self.connection, self.desk)

    def page(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
    ) -> Response:
        """A page, or a fragment, from a template."""
        return HTMLResponse(self.render(template, **values), status, headers=headers)

    def render(self, template: str, **values: object) -> str:
        """The text of a page, or of a fragment."""
        user = self.session.user if self.session else None
        return (
            environment()
            .get_template(template)
            .render(
                texts=self.texts,
                zone=self.desk.settings.time_zone,
                language=self.language,
                languages=TAGS,
                centre=self.desk.settings.centre,
                user=user,
                csrf=self.session.csrf if self.session else "",
                links=links_for(user, self.connection.app.state.links) if user else (),
                path=self.connection.url.path,
                now=self.desk.clock(),
                **values,
            )
        )


class Visit(Guest):
    """A request of somebody who is logged in."""

    session: Session

    def __init__(self, desk: Desk, connection: HTTPConnection, session: Session, digest: str) -> None:
        super().__init__(desk, connection, session)
        self.digest = digest
        """Of the session."""

    @property
    def user(self) -> User:
        """Who asks."""
        return self.session.user

    def may(self, *roles: Role) -> bool:
        """Whether the user has one of these roles."""
        return not self.user.roles.isdisjoint(roles)

    async def audit(
        self,
        action: str,
        *,
        case_id: int | None = None,
        attempt_id: int | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write down what the user saw or did; to be called before personal data leaves the house."""
        by, now, address = self.user.login, self.desk.clock(), self.address
        await self.desk.store.call(
            lambda s: s.audit(
                action, by=by, now=now, case_id=case_id, attempt_id=attempt_id, address=address, detail=detail
            ),
            wake=False,
        )

    def go(self, path: str) -> Response:
        """Show another page, after something was done."""
        if is_fragment(self.connection):
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)


def desk_of(connection: HTTPConnection) -> Desk:
    """The desk that serves a request."""
    desk = connection.app.state.desk
    assert isinstance(desk, Desk)
    return desk


def guest(connection: HTTPConnection) -> Guest:
    """A dependency for pages that everybody sees."""
    return Guest(desk_of(connection), connection)


def signed_in(*roles: Role) -> Callable[..., Awaitable[Visit]]:
    """A dependency that lets users with one of these roles through; without any, whoever is logged in."""

    async def allowed(connection: HTTPConnection) -> Visit:
        visit = await visit_of(connection)
        if visit is None:
            raise NotSignedInError
        connection.state.visit = visit
        if connection.scope["type"] == "websocket":
            check_origin(connection, required=True)
        elif connection.scope["method"] not in _SAFE:
            check_origin(connection)
            await _check_csrf(connection, visit.session)
        if roles and not visit.may(*roles):
            await visit.audit("access.refused", detail={"path": connection.url.path})
            raise HTTPException(403, visit._("Your roles do not allow this."))
        return visit

    _declared[allowed] = frozenset(roles or Role)
    return allowed


def roles_of(dependency: Callable[..., object] | None) -> frozenset[Role] | None:
    """Whom a dependency made by `signed_in` lets through; ``None`` if it is another."""
    return None if dependency is None else _declared.get(dependency)


async def visit_of(connection: HTTPConnection) -> Visit | None:
    """Somebody who is logged in; ``None`` if nobody is."""
    desk = desk_of(connection)
    secret = connection.cookies.get(cookie_name(desk), "")
    if not secret:
        return None
    digest = digest_of(secret)
    if is_fragment(connection) and connection.scope.get("method") == "GET":
        session = await peek(desk, digest)
    else:
        now, idle_s = desk.clock(), desk.settings.idle_s
        session = await desk.store.call(lambda s: s.session(digest, now=now, idle_s=idle_s), wake=False)
    return None if session is None else Visit(desk, connection, session, digest)


async def peek(desk: Desk, digest: str) -> Session | None:
    """The session if it goes on, without counting as use of it: a page that is open fetches what changes by itself."""
    now, idle_s = desk.clock(), desk.settings.idle_s
    session = await desk.store.call(lambda s: s.session(digest, now=now - idle_s, idle_s=0.0), wake=False)
    return session if session is not None and session.until_at > now else None


def is_fragment(connection: HTTPConnection) -> bool:
    """Whether a script of a page asks."""
    return connection.headers.get("hx-request") == "true"


async def start_session(desk: Desk, login: str) -> tuple[str, Session]:
    """Log somebody in; returns the cookie's secret."""
    secret, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), desk.clock()
    digest, until_at = digest_of(secret), now + desk.settings.session_s
    session = await desk.store.call(lambda s: s.start_session(login, digest, csrf=csrf, now=now, until_at=until_at))
    return secret, session


def cookie_name(desk: Desk) -> str:
    """With HTTPS a name that browsers accept only from this very host over HTTPS."""
    return "__Host-dissuade" if desk.settings.https else "dissuade"


def set_cookie(response: Response, desk: Desk, secret: str) -> None:
    """Let the browser remember a session."""
    response.set_cookie(cookie_name(desk), secret, path="/", httponly=True, samesite="lax", secure=desk.settings.https)


def drop_cookie(response: Response, desk: Desk) -> None:
    """Let the browser forget it."""
    response.delete_cookie(cookie_name(desk), path="/", httponly=True, samesite="lax", secure=desk.settings.https)


def check_origin(connection: HTTPConnection, *, required: bool = False) -> None:
    """Refuse what a page of another site sends."""
    refused = HTTPException(403, guest(connection)._("This came from another site and was refused."))
    if connection.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise refused
    origin = connection.headers.get("origin")
    if origin is None:
        if required:
            raise refused
        return
    if urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise refused


async def _check_csrf(connection: HTTPConnection, session: Session) -> None:
    given = connection.headers.get("x-csrf-token", "")
    if not given and isinstance(connection, Request):
        field = (await connection.form()).get("csrf", "")
        given = field if isinstance(field, str) else ""
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise HTTPException(403, guest(connection)._("The form is out of date. Load the page again and repeat it."))


def address(connection: HTTPConnection, desk: Desk) -> str:
    """From where a request comes: the last address that a proxy added, or the peer's."""
    if desk.settings.proxied:
        last = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(last))
        except ValueError:
            pass
    return connection.client.host if connection.client else ""


def local_path(path: str) -> str:
    """A path within this site to go to; ``/`` for anything else."""
    parts = urlsplit(path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and "\\" not in path
    return path if inside and path.isprintable() else "/"


def log_in_path(path: str) -> str:
    """Where to log in, and come back to a page afterwards."""
    return LOG_IN if path == "/" else f"{LOG_IN}?next={quote(path, safe='/')}"
