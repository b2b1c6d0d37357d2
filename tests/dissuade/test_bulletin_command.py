"""Bulletins, search, cases and purges as a user asks for them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.store import Store
from dissuade.storage import opened_file
from tests.campaigns.contract.purging import live
from tests.campaigns.contract.words import number
from tests.dissuade.program import Program

pytestmark = pytest.mark.program

DAY_S = 86_400.0


@pytest.fixture
def store(program: Program) -> Iterator[Store]:
    with opened_file(program.home / "store" / "dissuade.db") as opened:
        opened.create_campaign("spring", now=time.time())
        yield opened


def test_the_bulletin_of_today_is_written_in_all_forms(program: Program, store: Store, tmp_path: Path) -> None:
    live(store, now=time.time())
    told = program.read("bulletin", "day", "today", "--out", tmp_path / "here", "--language", "en")
    assert (told["figures"]["leads"], told["figures"]["calls"], told["complete"]) == (1, 1, False)
    html, table, value = (Path(file) for file in told["files"])
    assert "Daily bulletin" in html.read_text(encoding="utf-8")
    assert "leads,all,,1,0,0" in table.read_text(encoding="utf-8-sig")
    assert json.loads(value.read_text(encoding="utf-8"))["figures"]["now"]["escalated"] == 0
    week = program("bulletin", "week", "today", "--format", "csv")
    assert week.returncode == 0, week.stderr
    assert re.search(r"wrote .*/bulletins/bulletin-week-[-0-9]+\.csv", week.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026-02-30",), "2026-02-30 is no day"),
        (("2999-01-01",), "has not begun"),
        (("today", "--format", "pdf"), "html, csv, json"),
        (("today", "--language", "fr"), "zh or en"),
    ],
)
def test_a_bulletin_that_cannot_be_is_a_mistake_of_the_command_line(
    program: Program, arguments: tuple[str, ...], said: str
) -> None:
    done = program("bulletin", "day", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_words_are_found_in_their_context_and_numbers_are_masked_unless_asked_for(
    program: Program, store: Store
) -> None:
    live(store, now=time.time())
    (turn, *_) = (each for each in program.read("search", "安全账户") if each["where"] == "turn")
    assert (turn["case_id"], turn["campaign"], turn["text"]) == (1, "spring", "转到安全账户")
    assert "转到[安全账户]" in program("search", "安全账户").stdout
    lead = program("search", "王芳")
    assert "[王芳]" in lead.stdout
    assert number(1) not in lead.stdout
    assert number(1) in program("search", "王芳", "--full-numbers", "--json").stdout
    nothing = program("search", "李四")
    assert (nothing.returncode, nothing.stdout.strip()) == (1, "nothing found")


def test_a_case_is_shown_and_printed_from_beginning_to_end(program: Program, store: Store, tmp_path: Path) -> None:
    live(store, now=time.time())
    shown = program("case", "show", 1).stdout
    assert shown.index("lead in") < shown.index("转到安全账户") < shown.index("Visit order done: met")
    page = tmp_path / "case.html"
    assert program("case", "print", 1, "--out", page).returncode == 0
    assert "转到安全账户" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert program.read("case", "show", 1)["history"]["case"]["id"] == 1
    absent = program("case", "show", 9)
    assert (absent.returncode, absent.stderr.strip()) == (1, "error: there is no case 9")


def test_a_purge_says_what_would_go_and_takes_it_away(program: Program, store: Store) -> None:
    live(store, now=time.time() - 100 * DAY_S)
    recording = program.home / "recordings" / "1.wav"
    recording.parent.mkdir(exist_ok=True)
    recording.write_bytes(b"RIFF")
    assert program.read("purge", "--dry-run") == {"recordings": 1, "calls": 0, "cases": 0}
    assert recording.exists()
    report = program.read("purge")
    assert (report["recordings"], report["turns"], report["cases"]) == (1, 0, 0)
    assert not recording.exists()
    stricter = {"DISSUADE_RETENTION__TRANSCRIPTS_DAYS": "30", "DISSUADE_RETENTION__PERSONAL_DAYS": "30"}
    done = program("purge", "--wipe", env=stricter)
    assert done.returncode == 0, done.stderr
    assert "1 cases made nameless" in done.stdout
    assert not store.search("王芳")
