"""Signatures by which a receiver knows that an order is ours, whole and fresh."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

KEY_ID = "X-Dissuade-Key-Id"
TIMESTAMP = "X-Dissuade-Timestamp"
SIGNATURE = "X-Dissuade-Signature"
WINDOW_S = 300.0
"""How old, or how far ahead, a signature may be."""


class SignatureError(Exception):
    """The message is not ours, not whole, or not fresh."""


def signed_headers(body: bytes, *, key_id: str, secret: bytes, now: float) -> dict[str, str]:
    """The three headers that go with a body: key id, whole seconds since 1970, HMAC-SHA256 over both and the body."""
    timestamp = str(int(now))
    return {KEY_ID: key_id, TIMESTAMP: timestamp, SIGNATURE: f"v1={_digest(secret, timestamp, body)}"}


def check(
    headers: Mapping[str, str], body: bytes, *, secrets: Mapping[str, bytes], now: float, window_s: float = WINDOW_S
) -> None:
    """Check what `signed_headers` made; raises `SignatureError`. ``secrets``: by key id, for a change of keys."""
    told = {name.lower(): value for name, value in headers.items()}
    secret = secrets.get(told.get(KEY_ID.lower(), ""))
    if secret is None:
        raise SignatureError("the key id is unknown")
    timestamp = told.get(TIMESTAMP.lower(), "")
    expected = f"v1={_digest(secret, timestamp, body)}"
    if not hmac.compare_digest(expected.encode(), told.get(SIGNATURE.lower(), "").encode()):
        raise SignatureError("the signature does not fit")
    if abs(now - int(timestamp)) > window_s:
        raise SignatureError(f"the signature is more than {window_s:.0f} s off this clock")


def _digest(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
