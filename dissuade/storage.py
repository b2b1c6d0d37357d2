"""The store that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from campaigns.sqlite_store import open_store

if TYPE_CHECKING:
    from campaigns.store import Store
    from dissuade.config import Config


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """The node's store, closed at the end; raises `campaigns.store.StoreError`."""
    store = open_store(config.store_path, cool_down_s=config.policy.cool_down_s)
    try:
        yield store
    finally:
        store.close()
