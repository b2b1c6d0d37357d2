"""A desk for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from campaigns import passwords
from tests.console.at_desk import QUICK, AtDesk, at_desk
from tests.console.live_double import LiveDouble
from tests.console.seeds import Seeded, seed


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[AtDesk]:
    async with at_desk(tmp_path) as found:
        yield found


@pytest.fixture
async def seeded(tmp_path: Path) -> AsyncIterator[Seeded]:
    """A desk with a live call and its case."""
    async with at_desk(tmp_path, live=LiveDouble()) as found:
        yield await seed(found)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Real ones take a tenth of a second and 64 MiB each; `tests/campaigns` holds them to that."""
    monkeypatch.setattr(passwords, "_HASHER", QUICK)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()
