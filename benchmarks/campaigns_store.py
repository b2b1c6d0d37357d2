"""How fast leads come in and cases are claimed: `python -m benchmarks.campaigns_store`."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from multiprocessing.queues import Queue
from pathlib import Path

from campaigns.importing import import_file
from campaigns.sqlite_store import SqliteStore

LEADS = 61_000
PROCESSES = 8
NOW = 1_800_000_000.0


def write_leads(path: Path) -> None:
    """A day's warnings of a large city, with numbers that are assigned to nobody."""
    with path.open("w", encoding="utf-8") as file:
        file.write("手机号,姓名,诈骗类型,风险等级,语言,性别,年龄,备注\n")
        for n in range(LEADS):
            file.write(f"111{n:08d},李{n},冒充公检法,{'高中低'[n % 3]},普通话,女,{n % 90},备注 {n}\n")


def claim_all(path: Path, node: str, results: Queue[tuple[list[int], float]]) -> None:
    """Claim one by one until nothing is due."""
    store = SqliteStore(path)
    ids: list[int] = []
    longest_s = 0.0
    while True:
        began = time.perf_counter()
        claims = store.claim(node, now=NOW, lease_s=60, limit=1)
        longest_s = max(longest_s, time.perf_counter() - began)
        if not claims:
            break
        ids += [claim.case.id for claim in claims]
    store.close()
    results.put((ids, longest_s))


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path, leads = Path(folder, "store.db"), Path(folder, "leads.csv")
        write_leads(leads)
        store = SqliteStore(path)
        store.create_campaign("bench", now=NOW)
        began = time.perf_counter()
        report = import_file(store, leads, "bench", now=NOW, rejects_dir=Path(folder))
        print(f"import: {report.accepted} leads in {time.perf_counter() - began:.1f} s")
        store.close()

        context = multiprocessing.get_context("spawn")
        results: Queue[tuple[list[int], float]] = context.Queue()
        workers = [context.Process(target=claim_all, args=(path, f"n{n}", results)) for n in range(PROCESSES)]
        began = time.perf_counter()
        for worker in workers:
            worker.start()
        found = [results.get() for _ in workers]
        took_s = time.perf_counter() - began
        for worker in workers:
            worker.join()
        ids = [case_id for own, _ in found for case_id in own]
        longest_s = max(longest for _, longest in found)
        print(
            f"claims: {len(ids) / took_s:.0f}/s from {PROCESSES} processes, {len(ids) - len(set(ids))} twice,"
            f" longest wait {longest_s:.1f} s"
        )


if __name__ == "__main__":
    main()
