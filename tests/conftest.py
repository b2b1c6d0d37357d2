"""What all tests share: every module names its tier, and the quick tiers run first."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.keeping_time import KeepingTime

TIERS = ("unit", "virtual", "voice", "program", "wire", "acceptance")


def pytest_configure(config: pytest.Config) -> None:
    """Watch whether the machine keeps time."""
    config.pluginmanager.register(KeepingTime(), "keeping-time")


def _tier(item: pytest.Item) -> int | None:
    """The tier's place in `TIERS`: that of the test itself if it has one, else that of its module."""
    names = [mark.name for mark in item.iter_markers() if mark.name in TIERS]
    return TIERS.index(names[0]) if names else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a module without a tier; run the quick tiers first and keep the order inside each."""
    ranks = {item: _tier(item) for item in items}
    untiered = sorted({item.nodeid.partition("::")[0] for item, rank in ranks.items() if rank is None})
    if untiered:
        raise pytest.UsageError(
            f"no tier marker in {', '.join(untiered)}; "
            f"add `pytestmark = pytest.mark.<tier>` with one of {', '.join(TIERS)}"
        )
    items.sort(key=lambda item: ranks[item] or 0)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own folder or settings."""
    for name in os.environ:
        if name.startswith("DISSUADE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DISSUADE_HOME", str(tmp_path_factory.getbasetemp() / "home"))


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that returns a TCP port of 127.0.0.1 which is free now (and, as a rule, for UDP too)."""

    def find() -> int:
        while True:
            with socket.socket() as tcp:
                tcp.bind(("127.0.0.1", 0))
                port: int = tcp.getsockname()[1]
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                    try:
                        udp.bind(("127.0.0.1", port))
                    except OSError:
                        continue
                return port

    return find


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent
