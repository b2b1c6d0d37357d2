"""What the store carries, beside a floor of plain sqlite3 statements: `python -m benchmarks.campaigns_store`.

The floor does the fewest statements that the same work needs, with the same durability, on the same disk, in the same
run: on a busy machine look at both figures.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from campaigns.importing import import_file
from campaigns.model import AttemptResult, Lead, NextStep, Outcome, Speaker, Turn
from campaigns.policy import decider
from campaigns.sqlite_store import SqliteStore

LEADS = 61_000
PROCESSES = 8
CLAIMS = 24_000
NOT_CALLABLE = 40_000
CALLABLE = 4_000
TURNS = 200_000
CALLS = 15_000
NOW = 1_800_000_000.0
LATER = NOW + 3600.0
"""When all that was imported is due: 17:00 in Beijing."""

_FLOOR = (
    "create table cases (id integer primary key, number text, name text, note text, state text, urgency integer)",
    "create index cases_queue on cases(urgency desc, id) where state = 'queued'",
    "create unique index cases_open on cases(number) where state <> 'closed'",
    "create table attempts (id integer primary key, case_id integer, node text, at real)",
    "create table events (seq integer primary key autoincrement, at real, kind text, case_id integer, data text)",
)
_CLAIM = """
update cases set state = 'calling' where id = (
  select id from cases where state = 'queued' order by urgency desc, id limit 1
) returning id
"""


def write_leads(path: Path) -> None:
    """A day's warnings of a large city, with numbers that are assigned to nobody."""
    with path.open("w", encoding="utf-8") as file:
        file.write("手机号,姓名,诈骗类型,风险等级,语言,性别,年龄,备注\n")
        for n in range(LEADS):
            file.write(f"111{n:08d},李{n},冒充公检法,{'高中低'[n % 3]},普通话,女,{n % 90},备注 {n}\n")


def plain(path: Path) -> sqlite3.Connection:
    """The floor's database."""
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = normal")
    return db


def _plain_claimer(path: Path, node: str) -> Callable[[], int | None]:
    db = plain(path)

    def claim() -> int | None:
        db.execute("begin immediate")
        row = db.execute(_CLAIM).fetchone()
        if row is not None:
            db.execute("insert into attempts (case_id, node, at) values (?, ?, ?)", (row[0], node, LATER))
            db.execute("insert into events (at, kind, case_id, data) values (?, 'claimed', ?, '{}')", (LATER, row[0]))
        db.commit()
        return None if row is None else int(row[0])

    return claim


def _store_claimer(path: Path, node: str) -> Callable[[], int | None]:
    store = SqliteStore(path)

    def claim() -> int | None:
        claims = store.claim(node, now=LATER, lease_s=60, limit=1)
        return claims[0].case.id if claims else None

    return claim


def _work(
    path: Path, node: str, floor: bool, ready: Barrier, results: Queue[tuple[list[int], float, float, float]]
) -> None:
    """Claim one by one until nothing is due; tells what, the longest wait, and when it began and ended."""
    claim = _plain_claimer(path, node) if floor else _store_claimer(path, node)
    ids: list[int] = []
    longest_s = 0.0
    ready.wait()
    began_at = time.monotonic()
    while True:
        began = time.perf_counter()
        case_id = claim()
        longest_s = max(longest_s, time.perf_counter() - began)
        if case_id is None:
            break
        ids.append(case_id)
    results.put((ids, longest_s, began_at, time.monotonic()))


def claims_from_many(path: Path, *, floor: bool) -> str:
    """Eight processes, all of them started, empty a queue."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(PROCESSES)
    results: Queue[tuple[list[int], float, float, float]] = context.Queue()
    workers = [context.Process(target=_work, args=(path, f"n{n}", floor, ready, results)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    found = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    took_s = max(ended_at for *_, ended_at in found) - min(began_at for _, _, began_at, _ in found)
    ids = [case_id for own, *_ in found for case_id in own]
    longest_s = max(longest for _, longest, *_ in found)
    return f"{len(ids) / took_s:,.0f}/s, {len(ids) - len(set(ids))} twice, longest wait {longest_s:.2f} s"


def imports(folder: Path) -> None:
    """A CSV file of a day's leads, read, checked and planned by the standard policy."""
    leads = folder / "leads.csv"
    write_leads(leads)
    db = plain(folder / "floor.db")
    for statement in _FLOOR:
        db.execute(statement)
    began = time.perf_counter()
    db.execute("begin")
    db.executemany(
        "insert into cases (number, name, note, state, urgency) values (?, ?, ?, 'queued', 1)",
        ((f"+86111{n:08d}", f"李{n}", f"备注 {n}") for n in range(LEADS)),
    )
    db.executemany(
        "insert into events (at, kind, case_id, data) values (1, 'accepted', ?, '{}')", ((n,) for n in range(LEADS))
    )
    db.commit()
    print(f"import, floor: {LEADS} rows and events in {time.perf_counter() - began:.1f} s")
    db.close()
    store = SqliteStore(folder / "store.db")
    store.create_campaign("bench", now=NOW)
    began, cpu_began = time.perf_counter(), time.process_time()
    report = import_file(store, leads, "bench", now=NOW, rejects_dir=folder)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    print(f"import, store: {report.accepted} leads in {took_s:.1f} s ({cpu_s:.1f} s of one core)")
    store.close()


def claims(folder: Path) -> None:
    """Who gets the next case, asked by eight processes at once."""
    db = plain(folder / "floor.db")
    db.execute("update cases set state = 'closed' where id > ?", (CLAIMS,))
    db.close()
    print(f"claims, floor: {claims_from_many(folder / 'floor.db', floor=True)}")
    path = folder / "claims.db"
    store = SqliteStore(path)
    store.create_campaign("bench", now=NOW)
    step = NextStep(due_at=NOW, urgency=1)
    store.add_leads("bench", (Lead(f"+86111{n:08d}") for n in range(CLAIMS)), now=NOW, decide=lambda history: step)
    store.close()
    print(f"claims, store: {claims_from_many(path, floor=False)}")


def night(folder: Path) -> None:
    """Claims when nearly nobody may be called, though all are more urgent than those who may."""
    store = SqliteStore(folder / "night.db")
    store.create_campaign("bench", now=NOW)
    barred = {
        "not due": NextStep(due_at=LATER + 9e4, urgency=999),
        "outside their hours": NextStep(due_at=NOW, urgency=999, call_until_at=NOW + 60),
    }
    for nth, step in enumerate([*barred.values(), NextStep(due_at=NOW, urgency=1)]):
        count = CALLABLE if nth == len(barred) else NOT_CALLABLE
        leads = (Lead(f"+8611{nth}{n:08d}") for n in range(count))
        store.add_leads("bench", leads, now=NOW, decide=lambda history, step=step: step)  # type: ignore[misc]
    took = []
    while True:
        began = time.perf_counter()
        claimed = store.claim("n1", now=LATER, lease_s=60, limit=1)
        took.append(time.perf_counter() - began)
        if not claimed:
            break
    first, rest = took[0], took[1:]
    others = " and as many ".join(barred)
    print(f"night: {len(rest) / sum(rest):,.0f} claims/s beside {NOT_CALLABLE} cases that are {others}")
    print(f"night: the first claim, which sorts them out, {first:.2f} s; asking in vain {took[-1] * 1000:.2f} ms")
    store.close()


def search(folder: Path) -> None:
    """Words in what was said."""
    random.seed(4)
    common = "的是我不在有人这他了说转账钱银行卡公安局安全户手机号码会议软件贷款客服快递退款"
    words = ["转账", "安全账户", "公安局", "会议软件", "验证码", "屏幕共享", "刷流水", "冒充"]
    store = SqliteStore(folder / "search.db", durable=False)
    store.create_campaign("bench", now=NOW)
    store.add_leads("bench", [Lead("+8611100000001")], now=NOW, decide=decider(NOW))
    (claim,) = store.claim("n1", now=LATER, lease_s=60, limit=1)
    began = time.perf_counter()
    for n in range(TURNS):
        said = "".join(random.choices(common, k=random.randint(4, 24)))
        said += random.choice(words) if n % 50 == 0 else ""
        store.add_turn(claim.attempt_id, Turn(Speaker.SUBJECT, f"{said}{n}", 0.0, 1.0), now=NOW)
    print(f"search: {TURNS} turns stored and indexed, {TURNS / (time.perf_counter() - began):,.0f}/s")
    store.close()
    store = SqliteStore(folder / "search.db")
    db = sqlite3.connect(folder / "search.db")
    for text in ("刷", "转账", "的是", "屏幕共享", "验证码 转账", "99999"):
        began = time.perf_counter()
        found = store.search(text, limit=50)
        took_s = time.perf_counter() - began
        began = time.perf_counter()
        like = " and ".join(["text like ?"] * len(text.split()))
        plainly = db.execute(
            f"select * from turns where {like} order by id desc limit 50", [f"%{part}%" for part in text.split()]
        ).fetchall()
        floor_s = time.perf_counter() - began
        print(
            f"search: {text!r}: {len(found)} in {took_s * 1000:.1f} ms,"
            f" by LIKE over all turns {len(plainly)} in {floor_s * 1000:.1f} ms"
        )
    store.close()
    db.close()


def simulated(folder: Path) -> None:
    """Calls of a day that need not be durable, as a simulation makes them."""
    store = SqliteStore(folder / "simulated.db", durable=False)
    store.create_campaign("bench", now=NOW)
    leads = [Lead(f"+86111{n:08d}", f"李{n}", "冒充公检法", note=f"备注 {n}") for n in range(LEADS)]
    began = time.perf_counter()
    store.add_leads("bench", leads, now=NOW, decide=decider(NOW))
    print(f"simulated day: {LEADS} leads in {time.perf_counter() - began:.1f} s")
    outcomes = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.ACKNOWLEDGED, Outcome.DENIES)
    now, began = LATER, time.perf_counter()
    for nth in range(CALLS):
        (claim,) = store.claim("n1", now=now, lease_s=900, limit=1)
        store.dialled(claim.attempt_id, now=now)
        store.answered(claim.attempt_id, now=now + 9)
        ended = AttemptResult(outcomes[nth % len(outcomes)], now + 60, key_warning_heard=True)
        store.finish(claim.attempt_id, ended, decider(now + 60), now=now + 60)
        now += 0.2
    took_s = time.perf_counter() - began
    print(f"simulated day: {CALLS} calls, {CALLS * 4 / took_s:,.0f} operations/s, the policy's decisions included")
    store.close()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        for part in (imports, claims, night, search, simulated):
            part(Path(name))


if __name__ == "__main__":
    main()
