"""All that the store knows of one case."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.model import Attempt, Case, Event, History
from campaigns.store import Store

_PORTION = 500


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as it was read."""

    history: History
    attempts: tuple[Attempt, ...]
    """Oldest first, with turns."""
    events: tuple[Event, ...]
    """In order."""
    relatives: tuple[CaseFile, ...] = ()
    """The calls to relatives that were made for it."""

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.history.case


def read_case(store: Store, case_id: int, *, now: float) -> CaseFile:
    """Everything about a case; raises `NotFoundError`."""
    history = store.history(case_id, now=now)
    events: list[Event] = []
    while found := store.events(case_id=case_id, after=events[-1].seq if events else 0, limit=_PORTION):
        events += found
    return CaseFile(
        history=history,
        attempts=tuple(store.attempt(each.id) for each in history.attempts),
        events=tuple(events),
        relatives=tuple(read_case(store, each.id, now=now) for each in store.linked_cases(case_id)),
    )
