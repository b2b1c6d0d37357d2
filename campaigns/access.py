"""Who may use the API: tokens of limited scope, and what the store keeps for them.

A token is told once, when it is made. The store keeps its key, by which it is found, and a digest of its secret: 256
random bits need no slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

PREFIX = "dis"
REPLIES_KEPT_S = 48 * 3600.0
"""How long a request may be repeated under its idempotency key."""


class Scope(StrEnum):
    """What a token allows."""

    LEADS = "leads:write"
    FOLLOW_UPS = "follow-ups:write"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the store knows it."""

    name: str
    """Who uses it; feedback and the log name it."""
    key: str
    """The part by which it is found; no secret."""
    scopes: frozenset[Scope]
    created_at: float
    by: str
    """Who made it."""
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to a request with an idempotency key."""

    request: str
    """Digest of the request."""
    status: int
    body: str
    at: float


class AccessStore(Protocol):
    """The part of the store behind the API."""

    def add_token(self, name: str, key: str, digest: str, *, scopes: Collection[Scope], now: float, by: str) -> Token:
        """Keep a token. Raises `StoreError` if one of that name is in force."""
        ...

    def token(self, key: str) -> tuple[Token, str] | None:
        """The token of that key, revoked or not, and the digest of its secret."""
        ...

    def tokens(self) -> list[Token]:
        """All tokens, oldest first."""
        ...

    def revoke_token(self, name: str, *, now: float, by: str) -> bool:
        """Refuse a token from now on; whether one of that name was in force."""
        ...

    def reply(self, token: str, key: str, *, now: float) -> Reply | None:
        """What was answered to that token's request of that idempotency key in the last `REPLIES_KEPT_S`."""
        ...

    def keep_reply(self, token: str, key: str, reply: Reply) -> None:
        """Remember an answer; those that are too old are forgotten."""
        ...


def new_secret() -> tuple[str, str, str]:
    """A token's text for its user, its key, and the digest of its secret."""
    key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"{PREFIX}_{key}_{secret}", key, digest_of(secret)


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def check(store: AccessStore, text: str) -> Token | None:
    """The token in force that a text is; ``None`` if it is none. How long it takes says nothing of the secret."""
    prefix, _, rest = text.partition("_")
    key, _, secret = rest.partition("_")
    found = store.token(key) if prefix == PREFIX and secret else None
    token, digest = found or (None, digest_of(""))
    same = hmac.compare_digest(digest_of(secret), digest)
    return token if same and token is not None and token.revoked_at is None else None
