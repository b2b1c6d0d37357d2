"""A day simulated from beginning to end, in a store of its own that is thrown away."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from campaigns.bulletin.counting import count
from campaigns.bulletin.figures import Figures
from campaigns.bulletin.review import Bulletin
from campaigns.bulletin.spans import day_of
from campaigns.policy import parse_policy
from campaigns.policy.hours import zone
from campaigns.simulation.day import Day, Plan, Progress
from campaigns.simulation.result import Result, result_of
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Store


@dataclass(frozen=True, slots=True)
class Simulated:
    """A day that has passed."""

    result: Result
    bulletin: Bulletin


def simulate(plan: Plan, progress: Progress | None = None, *, look: Callable[[Store], None] | None = None) -> Simulated:
    """Let a day pass. ``look`` is shown the store before it is thrown away."""
    with tempfile.TemporaryDirectory(prefix="dissuade-simulate-") as folder:
        store = SqliteStore(Path(folder, "day.sqlite"), durable=False)
        try:
            day = Day(plan, store)
            with _no_collection():
                day.run(progress)
            if look is not None:
                look(store)
            return Simulated(result_of(day, store), bulletin_of(plan, store))
        finally:
            store.close()


@contextmanager
def _no_collection() -> Iterator[None]:
    """A day makes millions of objects and next to no cycles: looking for those takes a tenth of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def bulletin_of(plan: Plan, store: Store) -> Bulletin:
    """The bulletin of the day; there are no days before it to hold it against."""
    where = zone(parse_policy(plan.policy).time_zone)
    assert where is not None, "a policy is loaded with a zone that exists"
    span = day_of(plan.profile.day, where)
    histories = store.histories(changed_from_at=span.from_at, changed_until_at=span.until_at)
    return Bulletin(
        now=count(histories, span, as_of_at=plan.ends_at),
        before=Figures(span.before, as_of_at=span.from_at),
        week_before=None,
        campaign="",
        centre="",
        made_at=plan.ends_at,
    )
