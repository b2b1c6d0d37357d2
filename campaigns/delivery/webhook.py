"""Orders over HTTP: a signed POST of JSON to a neighbouring system, which answers when it has the order.

`docs/integrator.md` tells receivers what to expect and what to answer.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from campaigns.delivery.channel import Parcel, Receipt, RefusedError, UnavailableError
from campaigns.delivery.signing import signed_headers
from campaigns.follow_up import FollowUpKind, FollowUpState

MAX_ANSWER_BYTES = 64 * 1024
IDEMPOTENCY_KEY = "Idempotency-Key"
USER_AGENT = "dissuade"

_LATER = frozenset({408, 409, 425, 429})
"""The receiver asks for another try."""
_OUR_MISTAKE = frozenset({401, 403, 404, 405, 407, 421})
"""The address or the key is wrong, not the order: it waits until somebody has corrected them."""


class WebhookError(Exception):
    """A webhook cannot be used as it is configured."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """One receiver."""

    name: str
    url: str
    key_id: str
    secret: bytes = field(repr=False)
    kinds: frozenset[FollowUpKind]
    timeout_s: float = 10.0
    """For the whole exchange."""
    ca_file: str = ""
    """PEM file of the authorities trusted; empty: the usual ones."""


class _Answer(BaseModel):
    """What a receiver may say; anything else is ignored."""

    model_config = ConfigDict(extra="ignore")

    reference: str | int = ""
    state: str = ""
    result: str = ""
    note: str = ""


class Webhook:
    """See `campaigns.delivery.channel.Channel`. ``async with`` holds its connections."""

    tells_repetitions = True

    def __init__(self, settings: WebhookSettings, *, clock: Callable[[], float] = time.time) -> None:
        """Raises `WebhookError` if the authorities' file cannot be read."""
        self.name = settings.name
        self.kinds = settings.kinds
        self._settings = settings
        self._clock = clock
        self._client = httpx.AsyncClient(
            verify=authorities(settings.ca_file),
            timeout=settings.timeout_s,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": USER_AGENT, "Content-Type": "application/json", "Accept": "application/json"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def deliver(self, parcel: Parcel) -> Receipt:
        """See `Channel`."""
        settings = self._settings
        body = json.dumps(parcel.document, ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed_headers(body, key_id=settings.key_id, secret=settings.secret, now=self._clock())
        headers[IDEMPOTENCY_KEY] = parcel.key
        try:
            async with asyncio.timeout(settings.timeout_s):
                status, told, answer = await self._post(body, headers)
        except TimeoutError:
            raise UnavailableError(f"no answer within {settings.timeout_s:g} s") from None
        except httpx.HTTPError as error:
            raise UnavailableError(f"cannot be reached: {str(error) or type(error).__name__}") from None
        if 200 <= status < 300:
            return _receipt(answer)
        said = f"HTTP {status}"
        if status in _LATER or status >= 500:
            asked_s = _seconds(told.get("Retry-After", ""), now=self._clock())
            raise UnavailableError(said, retry_after_s=asked_s, down=status != 409)
        if status in _OUR_MISTAKE:
            raise UnavailableError(f"{said}: correct the address or the key of {self.name}")
        if status < 400:
            raise UnavailableError(f"{said}: redirections are not followed; correct the address of {self.name}")
        raise RefusedError(f"{said}: {_first_line(answer)}".rstrip(": "))

    async def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, httpx.Headers, bytes]:
        async with self._client.stream("POST", self._settings.url, content=body, headers=headers) as response:
            answer = b""
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) >= MAX_ANSWER_BYTES:
                    break
            return response.status_code, response.headers, answer[:MAX_ANSWER_BYTES]


def authorities(ca_file: str) -> ssl.SSLContext:
    """Whose certificates are trusted; raises `WebhookError`."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise WebhookError(f"{ca_file}: cannot be used as authorities: {error}; give a PEM file") from None


def _receipt(answer: bytes) -> Receipt:
    """The order has arrived, whatever else the answer says."""
    try:
        told = _Answer.model_validate_json(answer)
    except ValidationError:
        return Receipt()
    known = {state.value: state for state in FollowUpState if state is not FollowUpState.ORDERED}
    return Receipt(
        str(told.reference)[:200], known.get(told.state, FollowUpState.SENT), told.result[:200], told.note[:2000]
    )


def _seconds(asked: str, *, now: float) -> float | None:
    """``Retry-After``: seconds, or a date."""
    if asked.strip().isdecimal():
        return float(asked)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - now)
    except (TypeError, ValueError):
        return None


def _first_line(answer: bytes) -> str:
    lines = answer.decode("utf-8", "replace").strip().splitlines()
    return "".join(char for char in lines[0] if char.isprintable())[:200] if lines else ""
