"""What a running node does once a day."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.retention import DAY_S
from console.desk.uploads import FOLDER, Uploads
from dissuade.config import BulletinSection, Config, NodeSection, RetentionSection
from dissuade.doctor import Verdict
from dissuade.doctor.examination import CHECKS
from dissuade.errors import DissuadeError
from dissuade.nightly import Nightly, Told, in_a_process, next_at, write_bulletins
from dissuade.storage import opened
from tests.campaigns.contract.purging import live
from tests.campaigns.contract.words import T0

pytestmark = pytest.mark.unit

CHINA = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        (CHINA, "2026-11-20T05:59:59+08:00", "2026-11-20T06:00:00+08:00"),
        (CHINA, "2026-11-20T06:00:00+08:00", "2026-11-21T06:00:00+08:00"),
        (CHINA, "2026-11-19T23:00:00+00:00", "2026-11-21T06:00:00+08:00"),
        (NEW_YORK, "2026-10-31T12:00:00-04:00", "2026-11-01T06:00:00-05:00"),
    ],
)
def test_it_is_the_next_time_of_day_of_the_centre(zone: ZoneInfo, now: str, due: str) -> None:
    assert next_at("06:00", at(now), zone) == at(due)


def test_a_time_of_day_that_does_not_exist_is_not_waited_for_twice() -> None:
    begun = at("2026-03-08T00:00:00-05:00")
    first = next_at("02:30", begun, NEW_YORK)
    second = next_at("02:30", first, NEW_YORK)
    assert begun < first < begun + 4 * 3600
    assert second == at("2026-03-09T02:30:00-04:00")


def config(home: Path, **more: object) -> Config:
    made = Config(node=NodeSection(name="n1", home=home), **more)  # type: ignore[arg-type]
    made.home.make()
    return made


def test_the_bulletin_of_the_day_before_is_written_and_on_mondays_the_week(tmp_path: Path) -> None:
    own = config(tmp_path)
    write_bulletins(own, at("2026-11-20T06:00:00+08:00"))
    assert {path.name for path in (tmp_path / "bulletins").iterdir()} == {
        f"bulletin-day-2026-11-19.{kind}" for kind in ("html", "csv", "json")
    }
    told = write_bulletins(own, at("2026-11-23T06:00:00+08:00"))
    assert str(tmp_path / "bulletins" / "bulletin-week-2026-11-16.html") in str(told["files"])


async def test_what_is_old_goes_in_a_process_of_its_own_while_the_node_has_the_store_open(tmp_path: Path) -> None:
    own = config(tmp_path)
    with opened(own) as store:
        store.create_campaign("spring", now=T0)
        case_id = live(store)
        Uploads(tmp_path / FOLDER).add(io.BytesIO(b"11100000001"), "leads.csv", 1, by="qian", now=T0)
        told = await in_a_process("purge", own, T0 + 366 * DAY_S)
        assert (told["cases"], told["wiped"]) == (1, True)
        assert store.case(case_id).lead.number.startswith("purged-")
    assert list((tmp_path / FOLDER).iterdir()) == []


async def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    own = config(tmp_path)
    (tmp_path / "store" / "dissuade.db").write_text("no database")
    with pytest.raises(DissuadeError, match="is not usable as the database"):
        await in_a_process("bulletin", own, T0)


async def test_each_work_is_done_at_its_time_and_one_that_fails_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = at("2026-11-20T02:59:59.9+08:00")
    loop = asyncio.get_running_loop()
    started = loop.time()
    called: list[tuple[str, float]] = []
    done = asyncio.Event()

    async def failing(name: str, config: Config, now: float) -> Told:
        called.append((name, now))
        done.set()
        raise OSError("the disk is full")

    monkeypatch.setattr("dissuade.nightly.in_a_process", failing)
    own = config(tmp_path, bulletin=BulletinSection(at=""), retention=RetentionSection(at="03:00"))
    running = asyncio.create_task(Nightly(own, clock=lambda: begun + loop.time() - started).run())
    await asyncio.wait_for(done.wait(), 20)
    ((name, now),) = called
    assert name == "purge"
    assert now >= at("2026-11-20T03:00:00+08:00")
    await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("section", "verdict", "said"),
    [
        ({}, Verdict.OK, "kept: recordings 90 days, transcripts 180 days, personal data 365 days"),
        ({"personal_days": 0}, Verdict.WARN, "kept: recordings 90 days, transcripts 180 days, personal data for ever"),
        ({"at": ""}, Verdict.WARN, "by hand"),
    ],
)
async def test_the_doctor_warns_of_what_is_kept_for_ever(
    tmp_path: Path, section: dict[str, object], verdict: Verdict, said: str
) -> None:
    own = config(tmp_path, retention=RetentionSection.model_validate(section))
    (finding,) = await CHECKS["retention"](own)
    assert finding.verdict is verdict
    assert said in finding.said
