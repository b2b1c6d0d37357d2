"""What would become of leads, told before anything is written, and held against what then really becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.importing import ImportFileError, import_file
from campaigns.model import CampaignState, CaseState, Grade, Lead, Suppression
from campaigns.policy import decider
from campaigns.preview import Preview, preview_file
from campaigns.sqlite_store import SqliteStore

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC).timestamp()  # 12:00 in Shanghai, a Friday
NIGHT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC).timestamp()  # 02:30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    opened.create_campaign("spring", now=NOON)
    opened.create_campaign("autumn", now=NOON)
    yield opened
    opened.close()


Look = Callable[..., Preview]


@pytest.fixture
def look(store: SqliteStore, tmp_path: Path) -> Look:
    def look(content: str, now: float = NOON, campaign: str = "spring", **more: object) -> Preview:
        path = tmp_path / "leads.csv"
        path.write_text(content, encoding="utf-8")
        before = store.cases(), store.events(), store.campaigns()
        found = preview_file(store, path, campaign, now=now, **more)  # type: ignore[arg-type]
        assert (store.cases(), store.events(), store.campaigns()) == before
        assert found.read == found.now + found.later + found.never
        assert found.later == sum(found.later_reasons.values()) == sum(hour.calls for hour in found.hours)
        assert found.never == sum(found.never_reasons.values())
        return found

    return look


def add(store: SqliteStore, *leads: Lead, campaign: str = "spring", now: float = NOON) -> None:
    store.add_leads(campaign, leads, now=now, decide=decider(now))


LEADS = "手机号,等级\n11100000011,高\n11100000012,中\n11100000013,低\n"


def test_inside_the_calling_hours_all_are_called_now(look: Look) -> None:
    found = look(LEADS)
    assert (found.now, found.later, found.never) == (3, 0, 0)
    assert found.grades == {"high": {"now": 1}, "medium": {"now": 1}, "low": {"now": 1}}


def test_at_night_high_grades_are_called_and_the_others_when_the_hours_open(look: Look) -> None:
    found = look(LEADS, NIGHT)
    assert (found.now, found.later, found.never) == (1, 2, 0)
    assert found.later_reasons == {"calling_hours": 2}
    assert [datetime.fromtimestamp(hour.from_at + 8 * 3600, UTC).hour for hour in found.hours] == [8, 9]
    assert found.orders == {"sms": 2}


def test_every_reason_for_no_call_is_told(look: Look, store: SqliteStore) -> None:
    add(store, Lead("+8611100000012"))
    store.suppress(Suppression("+8611100000013", "asked", "officer", NOON, None), now=NOON)
    found = look(
        "手机号,失效时间\n11100000011,\n11100000011,\n11100000012,\n11100000013,\n11100000014,2026-11-19\n110,\n123456789,\n"
    )
    assert (found.now, found.later) == (1, 0)
    assert found.never_reasons == {
        "same_number_above": 1,
        "open_case": 1,
        "suppressed": 1,
        "expired": 1,
        "never_dialled": 1,
        "rejected": 1,
    }
    assert [error.line for error in found.errors] == [7, 8]


def test_a_lead_that_raises_an_open_case_is_decided_on_anew(look: Look, store: SqliteStore) -> None:
    add(store, Lead("+8611100000012", grade=Grade.LOW), now=NIGHT)
    assert look("手机号,等级\n11100000012,低\n", NIGHT).never_reasons == {"open_case": 1}
    assert look("手机号,等级\n11100000012,高\n", NIGHT).now == 1


def test_the_highest_grade_of_a_number_counts(look: Look) -> None:
    found = look("手机号,等级\n11100000012,低\n11100000012,高\n", NIGHT)
    assert (found.now, found.never_reasons) == (1, {"same_number_above": 1})


def test_a_case_of_another_campaign_is_none_of_this_one(look: Look, store: SqliteStore) -> None:
    add(store, Lead("+8611100000012"), campaign="autumn")
    assert look("手机号\n11100000012\n").now == 1
    add(store, Lead("+8611100000012"))
    add(store, Lead("+8611100000013"))
    add(store, Lead("+8611100000013"), campaign="autumn")
    assert look("手机号\n11100000012\n11100000013\n").never_reasons == {"open_case": 2}


def test_a_number_that_was_just_called_is_called_after_its_cool_down(look: Look, store: SqliteStore) -> None:
    add(store, Lead("+8611100000012"), campaign="autumn")
    (claim,) = store.claim("n", now=NOON, lease_s=600, limit=1)
    store.dialled(claim.attempt_id, now=NOON)
    found = look("手机号\n11100000012\n", NOON + 1)
    assert (found.later, found.later_reasons) == (1, {"called_before": 1})


def test_a_file_that_was_imported_calls_nobody_again(look: Look, store: SqliteStore, tmp_path: Path) -> None:
    assert look(LEADS).now == 3
    import_file(store, tmp_path / "leads.csv", "spring", now=NOON, rejects_dir=tmp_path)
    found = look(LEADS)
    assert (found.never_reasons, found.imported_before_at) == ({"imported_before": 3}, NOON)
    assert look(LEADS, again=True).never_reasons == {"open_case": 3}


def test_a_campaign_may_be_new_or_paused(look: Look, store: SqliteStore) -> None:
    assert look(LEADS, campaign="winter").campaign_state == "new"
    store.set_campaign_state("spring", CampaignState.PAUSED, now=NOON, by="x")
    assert look(LEADS).campaign_state == "paused"


def test_a_file_that_cannot_be_imported_cannot_be_previewed(look: Look) -> None:
    with pytest.raises(ImportFileError, match="没有号码列"):
        look("姓名\n王芳\n", tongue="zh")


@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_the_preview_is_what_then_becomes_of_the_leads(
    look: Look, store: SqliteStore, tmp_path: Path, now: float
) -> None:
    add(store, *(Lead(f"+861110000{n:04}", grade=Grade.LOW) for n in range(0, 40, 3)), now=now)
    for n in range(0, 60, 7):
        store.suppress(Suppression(f"+861110000{n:04}", "asked", "officer", now, None), now=now)
    rows = [
        f"1110000{n % 50:04},{'高中低'[n % 3]},{'2026-11-19' if n % 11 == 0 else ''},{'Asia/Urumqi' if n % 5 else ''}"
        for n in range(70)
    ]
    found = look("手机号,等级,失效时间,时区\n" + "\n".join(rows) + "\n", now)
    known = {case.id: case for case in store.cases()}
    import_file(store, tmp_path / "leads.csv", "spring", now=now, rejects_dir=tmp_path)
    became: Counter[str] = Counter()
    for case in store.cases():
        if case.id in known and known[case.id].lead.grade is case.lead.grade:
            continue
        if case.state is CaseState.QUEUED:
            assert case.due_at is not None
            became["now" if case.due_at <= now + 60 else "later"] += 1
    assert (found.now, found.later) == (became["now"], became["later"])
