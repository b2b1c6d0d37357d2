"""Leads from a file: the columns, what would become of them, what could not be taken, and the import."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from campaigns.model import Case
from campaigns.staff import Role
from console.desk import watch
from console.desk.uploads import KEPT_S, Uploads
from tests.console.at_desk import NOON, AtDesk, Browser
from tests.console.officer import auditor, officer, officers_desk, plain, tile

pytestmark = pytest.mark.unit

HEADER = ["手机号", "姓名", "风险", "打听来的"]
ROWS = [
    ["111 0000 0001", "王芳", "高", "冒充公检法"],
    ["11100000002", "李强", "低", "刷单返利"],
    ["110", "某某", "低", ""],
    ["abc", "张敏", "高", ""],
    ["11100000001", "王芳", "高", ""],
]


def as_csv(rows: list[list[str]] | None = None, header: list[str] | None = None) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header or HEADER, *(ROWS if rows is None else rows)])
    return text.getvalue().encode("gb18030")


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AtDesk]:
    monkeypatch.setattr(watch, "SPACING_S", 0.0)
    async with officers_desk(tmp_path) as (found, _):
        await found.store.call(lambda s: s.create_campaign("spring", now=NOON))
        yield found


async def bring(browser: Browser, content: bytes, name: str = "线索.csv", campaign: int = 1) -> str:
    """Where the file that was brought is looked at."""
    files = {"file": (name, content)}
    answer = await browser.client.post(f"/campaigns/{campaign}/leads", data={"csrf": browser.csrf}, files=files)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def look(browser: Browser, at: str) -> str:
    """The preview of a file, which its page fetches."""
    shell = await browser.get(at)
    assert f'hx-get="{at}/preview"' in shell.text
    return (await browser.get(f"{at}/preview")).text


async def cases(desk: AtDesk) -> list[Case]:
    return await desk.store.call(lambda s: s.cases())


def columns(page: str) -> dict[str, list[str]]:
    """The form about columns as a browser would send it."""
    headings = re.findall(r'name="heading" value="([^"]*)"', page)
    was = re.findall(r'name="was" value="([^"]*)"', page)
    return {"heading": headings, "was": was, "field": list(was)}


async def test_a_file_is_previewed_mapped_and_imported_and_what_is_wrong_is_downloaded(desk: AtDesk) -> None:
    woken: list[bool] = []
    desk.desk.on_leads = lambda: woken.append(True)
    browser = await officer(desk)
    at = await bring(browser, as_csv())
    page = await look(browser, at)
    figures = {label: tile(page, label) for label in ("Rows", "Called now", "Called later", "Never called")}
    assert figures == {"Rows": "5", "Called now": "2", "Called later": "0", "Never called": "3"}
    said = plain(page)
    assert "CSV · GB18030" in said
    assert "The same number stands above 1" in said
    assert "An emergency or service number 1" in said
    assert "Import 3 rows" in said
    assert await cases(desk) == []

    wrong = list(csv.reader(io.StringIO((await browser.get(f"{at}/rejects")).content.decode("utf-8-sig"))))
    assert [row[:5] for row in wrong[1:]] == [["110", "某某", "低", "", "4"], ["abc", "张敏", "高", "", "5"]]

    form: dict[str, Any] = columns(page)
    assert dict(zip(form["heading"], form["was"], strict=True))["打听来的"] == ""
    form["field"][form["heading"].index("打听来的")] = "scam_type"
    assert (await browser.post(f"{at}/columns", form)).headers["location"] == at
    assert '<option value="scam_type" selected>' in await look(browser, at)

    assert (await browser.post(f"{at}/import")).headers["location"] == at
    done = (await browser.get(at)).text
    figures = {label: tile(done, label) for label in ("Rows", "New cases", "Added to open cases", "Rejected")}
    assert figures == {"Rows": "5", "New cases": "2", "Added to open cases": "1", "Rejected": "2"}
    found = [(each.lead.name, each.lead.scam_type) for each in await cases(desk)]
    assert found == [("王芳", "冒充公检法"), ("李强", "刷单返利")]
    assert woken
    rejects = await browser.get(f"{at}/rejects")
    assert "张敏" in rejects.content.decode("utf-8-sig")
    (told,) = await desk.audited("leads.imported")
    assert (told["by"], told["campaign"], told["accepted"], told["rejected"]) == ("qian", "spring", 2, 2)
    assert len(await desk.audited("leads.rejects_downloaded")) == 2
    assert not list((desk.desk.home / "uploads").rglob("*.csv"))
    assert (await browser.post(f"{at}/import")).status_code == 303
    assert len(await cases(desk)) == 2


async def test_the_same_file_is_known_again_and_imported_once_more_only_if_asked_for(desk: AtDesk) -> None:
    browser = await officer(desk)
    content = as_csv(ROWS[:2])
    await browser.post(f"{await bring(browser, content)}/import")
    at = await bring(browser, content)
    page = await look(browser, at)
    assert "This very file was imported on 2026-11-20 12:00" in page
    assert tile(page, "Never called") == "2"
    assert f"{at}/import" not in page
    form: dict[str, Any] = {**columns(page), "again": "true"}
    await browser.post(f"{at}/columns", form)
    page = await look(browser, at)
    assert "This very file" not in page
    assert f"{at}/import" in page
    assert "Adds to a case that is open 2" in plain(page)


async def test_a_table_without_a_known_heading_for_the_number_is_taken_when_the_officer_says_which(
    desk: AtDesk,
) -> None:
    browser = await officer(desk)
    at = await bring(browser, as_csv(ROWS[:1], ["甲", "姓名", "风险", "乙"]))
    page = await look(browser, at)
    assert "Import" not in plain(page).replace("Import it although", "")
    assert "111 0000 0001" in page
    assert str(desk.desk.home) not in page
    form: dict[str, Any] = columns(page)
    form["field"][0] = "number"
    await browser.post(f"{at}/columns", form)
    page = await look(browser, at)
    assert tile(page, "Called now") == "1"
    await browser.post(f"{at}/import")
    assert [each.lead.number for each in await cases(desk)] == ["+8611100000001"]


async def test_a_workbook_is_taken_from_the_sheet_that_is_chosen(desk: AtDesk) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["手机号"])
    book.active.append(["11100000009"])
    second = book.create_sheet("第二批")
    for row in [HEADER, *ROWS[:2]]:
        second.append(row)
    content = io.BytesIO()
    book.save(content)
    browser = await officer(desk)
    at = await bring(browser, content.getvalue(), "leads.xlsx")
    page = await look(browser, at)
    assert (tile(page, "Rows"), "XLSX" in page) == ("1", True)
    await browser.post(f"{at}/columns", {**columns(page), "sheet": "第二批"})
    assert tile(await look(browser, at), "Rows") == "2"
    await browser.post(f"{at}/import")
    assert len(await cases(desk)) == 2


async def test_json_lines_are_taken_and_their_keys_mapped(desk: AtDesk) -> None:
    lines = [{"number": "11100000001", "who": "王芳"}, {"number": "12", "who": "李强"}]
    content = "\n".join(json.dumps(each, ensure_ascii=False) for each in lines).encode()
    browser = await officer(desk)
    at = await bring(browser, content, "leads.jsonl")
    page = await look(browser, at)
    form: dict[str, Any] = columns(page)
    assert form["heading"] == ["number", "who"]
    form["field"][1] = "name"
    await browser.post(f"{at}/columns", form)
    (wrong,) = (await browser.get(f"{at}/rejects")).text.splitlines()
    assert json.loads(wrong)["number"] == "12"
    await browser.post(f"{at}/import")
    assert [each.lead.name for each in await cases(desk)] == ["王芳"]


async def test_what_is_no_file_of_leads_is_explained(desk: AtDesk) -> None:
    browser = await officer(desk, language="zh-CN")
    page = await look(browser, await bring(browser, b"\x00\x01\x02", "../../x.csv"))
    assert 'class="alarm"' in page
    assert "x.csv" in page
    assert str(desk.desk.home) not in page
    empty = await browser.client.post("/campaigns/1/leads", data={"csrf": browser.csrf}, files={"file": ("", b"")})
    assert empty.status_code == 422


async def test_a_file_is_seen_by_whoever_brought_it_for_the_campaign_alone(desk: AtDesk) -> None:
    await desk.store.call(lambda s: s.create_campaign("summer", now=NOON))
    at = await bring(await officer(desk), as_csv())
    token = at.rpartition("/")[2]
    other = await desk.signed_in("sun", Role.DUTY_OFFICER)
    assert (await other.get(at)).status_code == 404
    assert (await other.get(f"{at}/preview")).status_code == 404
    assert (await other.post(f"{at}/import")).status_code == 404
    mine = await officer(desk)
    assert (await mine.get(f"/campaigns/2/leads/{token}")).status_code == 404
    assert (await (await auditor(desk)).get(at)).status_code == 403
    assert (await mine.post(f"{at}/drop")).headers["location"] == "/campaigns/1"
    assert (await mine.get(at)).status_code == 404
    assert await cases(desk) == []


async def test_columns_that_are_no_leads_are_refused(desk: AtDesk) -> None:
    browser = await officer(desk)
    at = await bring(browser, as_csv())
    for form in ({"heading": "x", "field": "shoe_size", "was": ""}, {"heading": ["x", "y"], "field": "", "was": ""}):
        assert (await browser.post(f"{at}/columns", form)).status_code == 422


def test_files_that_wait_too_long_go(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    upload = uploads.add(io.BytesIO(b"x"), "a.csv", 1, by="qian", now=NOON)
    assert uploads.path(upload).stat().st_mode & 0o077 == 0
    assert uploads.get(upload.token, 1, by="qian", now=NOON + 60) == upload
    assert uploads.get(upload.token, 1, by="qian", now=NOON + KEPT_S) is None
    assert uploads.get("../etc", 1, by="qian", now=NOON) is None
    uploads.sweep(uploads.path(upload).parent.stat().st_mtime + KEPT_S + 1)
    assert list(tmp_path.iterdir()) == []
