"""A neighbouring system on a free port of 127.0.0.1: takes orders over HTTP, or fails at it in every known way.

It keeps what a real one must keep: each order once by its Idempotency-Key, over restarts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from campaigns.delivery.signing import check
from tests.campaigns.delivery.peer import Peer

KEY_ID, SECRET = "k1", b"a secret of the tests"


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """What the receiver does with a request. The default takes it."""

    status: int = 201
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    takes: bool | None = None
    """Whether the order takes effect; by default if the status is 2xx."""
    then: str = "answers"
    """answers, hangs, breaks (ends the connection without a word), babbles (what is no HTTP), drips (never ends)"""


Behaviour = Callable[[Request], Answer]


class Receiver(Peer):
    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.taken: Counter[str] = Counter()
        """Effective orders by key: more than 1 would be a second visit."""
        self.orders: dict[str, Any] = {}
        self.plan: list[Answer] = []
        """What is done with the next requests; after them, all is well."""
        self.behaviour: Behaviour = lambda request: Answer()
        self._clock = clock

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/orders"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await _read(reader)) is not None:
            if not await self._serve(request, writer):
                break

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays."""
        check(request.headers, request.body, secrets={KEY_ID: SECRET}, now=self._clock())
        answer = self.plan.pop(0) if self.plan else self.behaviour(request)
        async with self._changed:
            self.requests.append(request)
            takes = answer.takes if answer.takes is not None else 200 <= answer.status < 300
            if takes and request.key not in self.orders:
                self.taken[request.key] += 1
                self.orders[request.key] = request.json
            self._changed.notify_all()
        match answer.then:
            case "hangs":
                await asyncio.sleep(3600)
            case "breaks":
                return False
            case "babbles":
                writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
                await writer.drain()
                return False
            case "drips":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                with contextlib.suppress(ConnectionError):
                    while True:
                        writer.write(b" ")
                        await writer.drain()
                        await asyncio.sleep(0.05)
                return False
        lines = [f"HTTP/1.1 {answer.status} Whatever", f"Content-Length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body)
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
