"""The store that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from campaigns.sqlite_store import DEFAULT_COOL_DOWN_S, DEFAULT_DAILY_LIMIT, open_store

if TYPE_CHECKING:
    from campaigns.store import Store
    from dissuade.config import Config


def opened(config: Config) -> AbstractContextManager[Store]:
    """The node's store, closed at the end; raises `campaigns.store.StoreError`."""
    limits = config.policy
    return opened_file(config.store_path, cool_down_s=limits.cool_down_s, daily_limit=limits.daily_limit)


@contextmanager
def opened_file(
    path: Path, *, cool_down_s: float = DEFAULT_COOL_DOWN_S, daily_limit: int = DEFAULT_DAILY_LIMIT
) -> Iterator[Store]:
    """The store in a file, closed at the end; raises `campaigns.store.StoreError`."""
    store = open_store(path, cool_down_s=cool_down_s, daily_limit=daily_limit)
    try:
        yield store
    finally:
        store.close()
