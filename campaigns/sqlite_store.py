"""The store on SQLite: one file, no server.

Durability: write-ahead log with ``synchronous = FULL``. What a method did is on disk when it returns, so neither a
killed process nor a power cut undoes it; a method that did not return did nothing. Only a claim may be undone by a
power cut, until anything else is written: nothing was dialled by then, and the case is in the queue again. Events that
were read are on disk, so a number that a receiver has seen is never given out twice. Several processes may open one
file (a running node and the command line beside it) on one machine, on a local disk; a store object is used from the
thread that opened it.
"""

from __future__ import annotations

from pathlib import Path

from campaigns.sqlite.access import Access
from campaigns.sqlite.audit import Audit
from campaigns.sqlite.endings import Endings
from campaigns.sqlite.following import Following
from campaigns.sqlite.leads import Leads
from campaigns.sqlite.presences import Presences
from campaigns.sqlite.purging import Purging
from campaigns.sqlite.reading import Reading
from campaigns.sqlite.revising import Revising
from campaigns.store import Store

DEFAULT_COOL_DOWN_S = 120.0
DEFAULT_DAILY_LIMIT = 8
"""Calls to one number in 24 hours."""


class SqliteStore(Leads, Endings, Revising, Following, Purging, Access, Presences, Audit, Reading):
    """`campaigns.store.Store` in one file; raises `StoreError` if it cannot be opened."""

    def __init__(
        self,
        path: Path | str,
        *,
        cool_down_s: float = DEFAULT_COOL_DOWN_S,
        daily_limit: int = DEFAULT_DAILY_LIMIT,
        durable: bool = True,
    ) -> None:
        """``durable=False`` is for a simulated day, never for a real one: a power cut or a killed process loses what
        was written, and no other process may open the file.
        """
        super().__init__(path, cool_down_s=cool_down_s, daily_limit=daily_limit, durable=durable)


def open_store(
    path: Path | str, *, cool_down_s: float = DEFAULT_COOL_DOWN_S, daily_limit: int = DEFAULT_DAILY_LIMIT
) -> Store:
    """Open, or make, the store in that file."""
    return SqliteStore(path, cool_down_s=cool_down_s, daily_limit=daily_limit)
