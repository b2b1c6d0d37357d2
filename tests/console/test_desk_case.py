"""The page of a case, its recordings, and the search: for whom, and what is written down."""

from __future__ import annotations

import io
import json
import re
import wave

import pytest

from campaigns.model import AttemptResult, Outcome
from campaigns.policy import decider
from campaigns.staff import Role
from tests.console.at_desk import NOON, Browser
from tests.console.seeds import RECORDING, Seeded, write_recording

pytestmark = pytest.mark.unit

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
async def reader(seeded: Seeded) -> Browser:
    return await seeded.desk.signed_in("wu", Role.AUDITOR)


async def test_a_case_is_told_from_the_lead_on_with_its_calls_and_signals(seeded: Seeded, reader: Browser) -> None:
    page = (await reader.get(f"/cases/{seeded.case_id}")).text
    for shown in (
        "lead in: fake police",
        f"call {seeded.earlier}",
        '<mark class="bad">They asked</mark> for',
        "told to keep silent",
    ):
        assert shown in page, shown
    assert page.index("lead in") < page.index(f"call {seeded.earlier}") < page.index(f"call {seeded.attempt_id}")
    assert f'data-peaks="/calls/{seeded.earlier}/recording/peaks"' in page
    marks = re.search(r"data-marks='([^']*)'", page)
    assert marks is not None
    assert json.loads(marks[1].replace("&#34;", '"')) == [{"at": 2.6, "grave": "bad"}]
    assert '<button type="button" class="at">0:02</button>' in page


async def test_who_only_reads_finds_no_form_and_no_orders(seeded: Seeded, reader: Browser) -> None:
    page = (await reader.get(f"/cases/{seeded.case_id}")).text
    assert 'id="record"' not in page
    assert 'id="order-visit"' not in page
    li = await seeded.desk.signed_in("li", Role.DISSUADER)
    page = (await li.get(f"/cases/{seeded.case_id}")).text
    assert 'id="record"' in page
    assert 'id="order-visit"' in page


async def test_a_recording_is_served_whole_and_in_ranges(seeded: Seeded, reader: Browser) -> None:
    path, whole = f"/calls/{seeded.earlier}/recording", (seeded.desk.desk.home / RECORDING).read_bytes()
    answer = await reader.get(path)
    assert (answer.status_code, answer.content) == (200, whole)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == "no-store"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnchannels() == 2
    part = await reader.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    beyond = await reader.get(path, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


async def test_listening_is_written_down_once_however_many_pieces_are_fetched(seeded: Seeded, reader: Browser) -> None:
    for begin in range(0, 5000, 1000):
        await reader.get(f"/calls/{seeded.earlier}/recording", headers={"Range": f"bytes={begin}-{begin + 999}"})
    (entry,) = await seeded.desk.audited("recording.heard")
    assert (entry["by"], entry["case_id"]) == ("wu", seeded.case_id)


async def test_the_peaks_say_how_loud_each_side_is_when(seeded: Seeded, reader: Browser) -> None:
    write_recording(seeded.desk.desk.home / RECORDING, 4.0, loud=[(1.0, 2.0, 0), (3.0, 4.0, 1)])
    found = (await reader.get(f"/calls/{seeded.earlier}/recording/peaks")).json()
    assert found["duration_s"] == 4.0
    subject, ours = found["channels"]
    quarter = len(subject) // 4
    assert [subject[at * quarter + quarter // 2] for at in range(4)] == [0, 50, 0, 0]
    assert [ours[at * quarter + quarter // 2] for at in range(4)] == [0, 0, 0, 50]


@pytest.mark.parametrize(
    "named",
    [
        "../secret.wav",
        "recordings/../store.db",
        "recordings/../../secret.wav",
        "/etc/hostname",
        "recordings/link.wav",
        "recordings",
        "recordings/none.wav",
        "store.db",
        "",
    ],
)
async def test_no_file_outside_the_recordings_is_served(seeded: Seeded, reader: Browser, named: str) -> None:
    home = seeded.desk.desk.home
    (home.parent / "secret.wav").write_bytes(b"secret")
    (home / "recordings" / "link.wav").symlink_to(home.parent / "secret.wav")
    result = AttemptResult(Outcome.BUSY, NOON, recording=named)
    await seeded.desk.store.call(lambda s: s.finish(seeded.attempt_id, result, decider(NOON), now=NOON))
    for path in (f"/calls/{seeded.attempt_id}/recording", f"/calls/{seeded.attempt_id}/recording/peaks"):
        answer = await reader.get(path)
        assert answer.status_code == 404, path
    assert await seeded.desk.audited("recording.heard") == []
    assert f"/calls/{seeded.attempt_id}/recording" not in (await reader.get(f"/cases/{seeded.case_id}")).text


async def test_a_broken_recording_is_no_page_that_fails(seeded: Seeded, reader: Browser) -> None:
    (seeded.desk.desk.home / RECORDING).write_bytes(b"RIFF no more")
    assert (await reader.get(f"/calls/{seeded.earlier}/recording/peaks")).status_code == 404
    assert (await reader.get(f"/cases/{seeded.case_id}")).status_code == 200


async def test_a_text_is_found_where_it_was_said(seeded: Seeded, reader: Browser) -> None:
    page = (await reader.get("/cases", params={"q": "two hundred"})).text
    assert f'href="/cases/{seeded.case_id}#call-{seeded.earlier}"' in page
    assert "<mark>two hundred</mark>" in page
    assert "Nothing was found" in (await reader.get("/cases", params={"q": "zebra"})).text
    entries = await seeded.desk.audited("cases.searched")
    assert [each["found"] for each in entries] == [0, 2]
    assert "two hundred" not in str(entries)


async def test_without_a_text_the_latest_calls_are_listed_with_masked_numbers(seeded: Seeded, reader: Browser) -> None:
    page = (await reader.get("/cases")).text
    assert f'href="/cases/{seeded.case_id}"' in page
    assert "Wang Fang" in page
    assert "+8611100000011" not in page


async def test_each_opening_of_a_case_is_written_down_and_no_fragment_of_it(seeded: Seeded, reader: Browser) -> None:
    await reader.get(f"/cases/{seeded.case_id}")
    await reader.get(f"/cases/{seeded.case_id}/orders", headers=FRAGMENT)
    assert len(await seeded.desk.audited("case.viewed")) == 1
    await reader.get(f"/cases/{seeded.case_id}")
    assert len(await seeded.desk.audited("case.viewed")) == 2


async def test_an_administrator_sees_no_case_and_hears_no_recording(seeded: Seeded) -> None:
    admin = await seeded.desk.signed_in("root", Role.ADMINISTRATOR)
    for path in (
        "/cases",
        f"/cases/{seeded.case_id}",
        f"/cases/{seeded.case_id}/orders",
        f"/calls/{seeded.earlier}",
        f"/calls/{seeded.earlier}/recording",
        f"/calls/{seeded.earlier}/recording/peaks",
    ):
        assert (await admin.get(path)).status_code == 403, path
    both = await seeded.desk.signed_in("boss", Role.ADMINISTRATOR, Role.AUDITOR)
    assert (await both.get(f"/cases/{seeded.case_id}")).status_code == 200


async def test_a_case_that_is_not_there_is_told_so(seeded: Seeded, reader: Browser) -> None:
    for path in ("/cases/999", "/calls/999/recording", "/cases/999/orders"):
        assert (await reader.get(path)).status_code == 404
