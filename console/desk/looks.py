"""Looks at personal data, written down once for each opening and not for each fragment that a page fetches.

A page that is opened is always written down. What it fetches afterwards (its live parts, a recording piece by piece)
belongs to that look as long as it goes on; without an opening before it, it is a look of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.desk.session import Visit

_GOES_ON_S = 1800.0
_MOST = 20_000


class Looks:
    """Those that go on, of one process."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, int], float] = {}

    def goes_on(self, session: str, action: str, what: int, *, now: float) -> bool:
        """Whether this session is at it already; from now on it is."""
        key = (session, action, what)
        before = self._last.pop(key, None)
        self._last[key] = now
        while len(self._last) > _MOST:
            del self._last[next(iter(self._last))]
        return before is not None and now - before < _GOES_ON_S


async def opened(visit: Visit, action: str, *, case_id: int, attempt_id: int | None = None) -> None:
    """Write down that a page was opened."""
    _goes_on(visit, action, case_id, attempt_id)
    await visit.audit(action, case_id=case_id, attempt_id=attempt_id)


async def looked(visit: Visit, action: str, *, case_id: int, attempt_id: int | None = None) -> None:
    """Write down that a part of a page was looked at, unless that belongs to a look that goes on."""
    if not _goes_on(visit, action, case_id, attempt_id):
        await visit.audit(action, case_id=case_id, attempt_id=attempt_id)


def _goes_on(visit: Visit, action: str, case_id: int, attempt_id: int | None) -> bool:
    what = case_id if attempt_id is None else attempt_id
    return visit.desk.looks.goes_on(visit.digest, action, what, now=visit.desk.clock())
