"""How long the bulletin of a day of 61,000 leads takes: `python -m benchmarks.bulletin` (four minutes, most of them to
make three days of an invented centre with 15,000 calls each).
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.bulletin.counting import count
from campaigns.bulletin.page import to_html
from campaigns.bulletin.review import review
from campaigns.bulletin.spans import day_of
from campaigns.bulletin.tidy import to_csv, to_json
from campaigns.sqlite_store import SqliteStore
from tests.campaigns.bulletin.invented import Centre

LEADS = 61_000
DAY = day_of(date(2026, 11, 20), ZoneInfo("Asia/Shanghai"))


class Timer:
    """Prints what took how long, and how much of it this process worked."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.began, self.worked = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        took_s, worked_s = time.perf_counter() - self.began, time.process_time() - self.worked
        print(f"{self.what:<34} {took_s:6.1f} s, of which at work {worked_s:6.1f} s", flush=True)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder, "store.db"), durable=False)
        centre = Centre(store)
        week_before = DAY.week_before
        assert week_before is not None
        with Timer("three days made"):
            for span in (week_before, DAY.before, DAY):
                centre.day(span.from_at, LEADS)
        store.close()
        store = SqliteStore(Path(folder, "store.db"))
        with Timer("histories of the day"):
            found = list(store.histories(changed_from_at=DAY.from_at, changed_until_at=DAY.until_at))
        with Timer(f"{len(found)} histories counted"):
            count(found, DAY, as_of_at=DAY.until_at)
        with Timer("the bulletin with both comparisons"):
            bulletin = review(store, DAY, now=DAY.until_at)
        with Timer("page, table, JSON"):
            for written in (to_html(bulletin), to_csv(bulletin), to_json(bulletin)):
                assert written
        with Timer("what was purged wiped from the file"):
            store.wipe_remains()
        store.close()


if __name__ == "__main__":
    main()
