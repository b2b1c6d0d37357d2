"""What is old goes: out of the database's files, and the recordings with it. What a bulletin counts stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.bulletin.review import review
from campaigns.bulletin.spans import day_of, week_of
from campaigns.bulletin.tidy import to_csv
from campaigns.model import AttemptResult, Lead, NextStep, Outcome, Purgeable
from campaigns.retention import DAY_S, Places, PurgeReport, Retention, purge, purgeable
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Store
from tests.campaigns.bulletin.invented import Centre
from tests.campaigns.contract.purging import SECRETS, live
from tests.campaigns.contract.words import T0, claim_one, decider, follows, lead, number

pytestmark = pytest.mark.unit

RETENTION = Retention(recordings_days=1, transcripts_days=2, personal_days=3)
LATER = T0 + 4 * DAY_S
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = SqliteStore(tmp_path / "store" / "dissuade.db")
    opened.create_campaign("spring", now=T0)
    yield opened
    opened.close()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    folders = [tmp_path / name for name in ("recordings", "rejects", "orders")]
    for folder in folders:
        folder.mkdir()
    return Places(tmp_path, folders[0], folders[1:])


def recorded(store: Store, recording: str, last: int = 1, now: float = T0) -> None:
    """A call with a recording, whose case is closed."""
    store.add_leads("spring", [lead(last)], now=now, decide=decider(now))
    claim = claim_one(store, now=now)
    store.dialled(claim.attempt_id, now=now)
    ended = AttemptResult(Outcome.WARNED, now + 50, recording=recording)
    store.finish(claim.attempt_id, ended, follows(NextStep(close_reason="warned")), now=now + 50)


def sound(places: Places, name: str) -> Path:
    path = places.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    return path


def in_the_files(home: Path, secrets: list[str]) -> list[str]:
    """Which of them can be read in any file of the store, whatever SQLite makes of it."""
    read = b"".join(path.read_bytes() for path in sorted((home / "store").iterdir()))
    return [secret for secret in secrets if secret.encode() in read]


def test_no_name_number_or_word_of_a_person_is_left_in_the_files(store: Store, places: Places) -> None:
    cases = 300  # enough for pages of every index to be split and merged
    quick = SqliteStore(places.home / "store" / "dissuade.db", durable=False)
    for last in range(1, cases + 1):
        live(quick, last, T0 + last * 60)
    quick.close()
    secrets = [*SECRETS, *map(number, range(1, cases + 1))]
    assert in_the_files(places.home, secrets) == secrets
    report = purge(store, RETENTION, places, now=LATER)
    assert (report.cases, report.turns, report.recordings, report.wiped) == (cases, cases, cases, True)
    assert in_the_files(places.home, secrets) == []
    assert not any(store.search(secret) for secret in SECRETS)


def test_what_a_new_lead_overwrote_is_not_left_in_the_files_either(store: Store, places: Places) -> None:
    store.add_leads("spring", [Lead(number(1), note="")], now=T0, decide=decider(T0))
    store.add_leads("spring", [Lead(number(1), name="欧阳无名", note="住在河边的人" * 40)], now=T0, decide=decider(T0))
    recorded(store, "", last=2)
    claim = claim_one(store, now=T0)
    store.dialled(claim.attempt_id, now=T0)
    ended = AttemptResult(Outcome.WARNED, T0 + 50)
    store.finish(claim.attempt_id, ended, follows(NextStep(close_reason="warned")), now=T0 + 50)
    purge(store, RETENTION, places, now=LATER)
    assert in_the_files(places.home, ["欧阳无名", "河边", number(1), number(2)]) == []


def test_the_bulletin_says_the_same_after_a_purge(tmp_path: Path, places: Places) -> None:
    store = SqliteStore(tmp_path / "store" / "days.db", durable=False)
    day = day_of(date(2026, 11, 20), ZONE)
    centre = Centre(store)
    for span in (day.before, day):
        centre.day(span.from_at, 120, calls_in_a_hundred=150)
    now = day.until_at + 400 * DAY_S
    spans = (day, week_of(day.first, ZONE))

    def told() -> list[str]:
        return [to_csv(review(store, span, now=now)) for span in spans]

    before = told()
    assert "visits_met,all,,0" not in before[0]
    report = purge(store, Retention(), places, now=now)
    assert report.cases > 100
    assert report.turns > 100
    assert told() == before
    assert purge(store, Retention(), places, now=now) == PurgeReport()
    store.close()


def test_recordings_go_after_their_days_with_the_folder_of_their_day(store: Store, places: Places) -> None:
    old, young = sound(places, "recordings/2027-01-01/1.wav"), sound(places, "recordings/2027-01-04/2.wav")
    recorded(store, "recordings/2027-01-01/1.wav")
    recorded(store, "recordings/2027-01-04/2.wav", last=2, now=LATER - 3600)
    report = purge(store, RETENTION, places, now=LATER)
    assert report.recordings == 1
    assert not old.parent.exists()
    assert young.exists()
    assert places.recordings.exists()
    kinds = [event.kind for event in store.events(limit=1000)]
    assert kinds.count("data.recordings_deleted") == 1
    assert "data.purged" in kinds
    assert [attempt.result and attempt.result.recording for attempt in store.attempts()] == [
        "recordings/2027-01-04/2.wav",
        "",
    ]


def test_a_recording_that_is_gone_is_no_fault(store: Store, places: Places) -> None:
    recorded(store, "recordings/2027-01-01/1.wav")
    report = purge(store, RETENTION, places, now=LATER)
    assert (report.recordings, report.refused) == (1, ())
    assert purge(store, RETENTION, places, now=LATER).recordings == 0


@pytest.mark.parametrize(
    "written", ["../outside.wav", "store/dissuade.db", "/etc/hostname", "recordings/../outside.wav"]
)
def test_nothing_outside_the_recordings_is_ever_deleted(store: Store, places: Places, written: str) -> None:
    outside = sound(places, "outside.wav")
    recorded(store, written)
    report = purge(store, RETENTION, places, now=LATER)
    assert (report.recordings, len(report.refused)) == (0, 1)
    assert written in report.refused[0]
    assert outside.exists()
    assert (places.home / "store" / "dissuade.db").exists()
    assert purge(store, RETENTION, places, now=LATER).refused == report.refused


def test_a_link_out_of_the_recordings_is_not_followed(store: Store, places: Places, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "1.wav").write_bytes(b"RIFF")
    (places.recordings / "day").symlink_to(elsewhere)
    recorded(store, "recordings/day/1.wav")
    assert len(purge(store, RETENTION, places, now=LATER).refused) == 1
    assert (elsewhere / "1.wav").exists()


def test_rejected_rows_and_order_sheets_go_with_the_personal_data(store: Store, places: Places) -> None:
    old, young = places.home / "rejects" / "old.csv", places.home / "orders" / "young.html"
    for path, age_s in ((old, 3 * DAY_S + 60), (young, 3 * DAY_S - 60)):
        path.write_text("+8611100000001")
        os.utime(path, (LATER - age_s,) * 2)
    assert purge(store, replace(RETENTION, personal_days=0), places, now=LATER).files == 0
    assert purge(store, RETENTION, places, now=LATER).files == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_nought_days_keep_for_ever(store: Store, places: Places) -> None:
    live(store)
    for_ever = Retention(0, 0, 0)
    assert purge(store, for_ever, places, now=T0 + 1e9) == PurgeReport()
    assert purgeable(store, for_ever, now=T0 + 1e9) == Purgeable()


def test_what_would_go_is_what_goes(store: Store, places: Places) -> None:
    for last in range(1, 4):
        live(store, last, T0 + last * DAY_S)
    would = purgeable(store, RETENTION, now=LATER + DAY_S)
    assert would == Purgeable(recordings=3, calls=2, cases=1)
    report = purge(store, RETENTION, places, now=LATER + DAY_S)
    assert (report.recordings, report.turns, report.cases) == (3, 2, 1)
    assert purgeable(store, RETENTION, now=LATER + DAY_S) == Purgeable()


def test_a_large_store_is_not_locked_for_longer_than_was_allowed(store: Store, places: Places) -> None:
    live(store)
    assert not store.wipe_remains(within_s=0.0)
    report = purge(store, RETENTION, places, now=LATER, wipe_within_s=0.0)
    assert (report.cases, report.wiped) == (1, False)
    assert store.wipe_remains()
    assert in_the_files(places.home, list(SECRETS)) == []
