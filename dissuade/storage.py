"""The store that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from campaigns.policy import PolicySettings
from campaigns.sqlite_store import open_store

if TYPE_CHECKING:
    from campaigns.store import Store
    from dissuade.config import Config


def opened(config: Config) -> AbstractContextManager[Store]:
    """The node's store, closed at the end; raises `campaigns.store.StoreError`."""
    return opened_file(config.store_path, cool_down_s=config.policy.cool_down_s)


@contextmanager
def opened_file(path: Path, *, cool_down_s: float = PolicySettings().cool_down_s) -> Iterator[Store]:
    """The store in a file, closed at the end; raises `campaigns.store.StoreError`."""
    store = open_store(path, cool_down_s=cool_down_s)
    try:
        yield store
    finally:
        store.close()
