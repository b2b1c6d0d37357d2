"""Who asks, and whether they may: bearer tokens with scopes."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from campaigns.access import Scope, Token, check
from campaigns.async_store import AsyncStore
from console.api.limits import RateLimit
from console.api.problems import ProblemError

_bearer = HTTPBearer(auto_error=False, description="A token made by `dissuade token create`.")
_LONGEST = 200


class Gate:
    """Lets a request through that carries a token with the scope it needs, and not too often."""

    def __init__(
        self, store: AsyncStore, clock: Callable[[], float], *, requests: RateLimit, failures: RateLimit
    ) -> None:
        self._store = store
        self._clock = clock
        self._requests = requests
        self._failures = failures

    def needs(self, scope: Scope) -> Callable[..., Awaitable[Token]]:
        """A dependency that yields the token; raises `ProblemError`."""

        async def allowed(
            request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
        ) -> Token:
            now = self._clock()
            caller = request.client.host if request.client else ""
            _unless_waiting(self._failures.is_empty(caller, now=now))
            text = given.credentials if given else ""
            token = None
            if text and len(text) <= _LONGEST:
                token = await self._store.call(lambda s: check(s, text), wake=False)
            if token is None:
                self._failures.wait_s(caller, now=now)
                raise ProblemError(
                    401,
                    "a bearer token is needed: Authorization: Bearer TOKEN; `dissuade token create` makes one",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            _unless_waiting(self._requests.wait_s(token.key, now=now))
            if scope not in token.scopes:
                raise ProblemError(403, f"the token {token.name} lacks the scope {scope}")
            return token

        return allowed


def _unless_waiting(wait_s: float) -> None:
    if wait_s > 0:
        seconds = str(math.ceil(wait_s))
        raise ProblemError(429, f"too many requests; try again in {seconds} s", headers={"Retry-After": seconds})
