"""The API is what its description says, whatever is sent to it: tried by schemathesis at the desk's own port."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from campaigns.access import Scope, new_secret
from tests.desk.furnished import furnished

pytestmark = pytest.mark.wire

EXAMPLES = 20
LEAST = 4
"""Operations that there are."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
WAIT_S = 30


class _Served(threading.Thread):
    """The desk, beside a test that waits for its answers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.ready = threading.Event()
        self.address = ""
        self.token = ""
        self._folder = folder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    def run(self) -> None:
        asyncio.run(self._serve())

    def end(self) -> None:
        if self._loop is not None and self._over is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self.join(WAIT_S)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with furnished(self._folder) as desk:
            self.token, key, digest = new_secret()
            await desk.store.call(
                lambda s: s.add_token("tried", key, digest, scopes=list(Scope), now=time.time(), by="test")
            )
            self.address = desk.address
            self.ready.set()
            await self._over.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Served]:
    thread = _Served(tmp_path_factory.mktemp("desk"))
    thread.start()
    assert thread.ready.wait(WAIT_S)
    yield thread
    thread.end()


def test_the_api_answers_as_described_whatever_it_is_sent(served: _Served) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    schema = schemathesis.openapi.from_url(f"{served.address}/api/v1/openapi.json", headers=headers)
    operations: list[Any] = [found.ok() for found in list[Any](schema.get_all_operations())]
    assert len(operations) >= LEAST
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def tried(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        tried()
