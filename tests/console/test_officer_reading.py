"""Scripts and bulletins at the desk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.staff import Role
from console.desk.library import LibraryError, ScriptEntry, ScriptShown, StepShown, Turnoff
from tests.console.at_desk import NOON, AtDesk
from tests.console.officer import add_leads, auditor, lead, officers_desk, plain

pytestmark = pytest.mark.unit

ENTRIES = tuple(
    ScriptEntry(f"fake-police.{tag}{end}", tag, "冒充公检法", "冒充公检法", version, 2, own=False)
    for tag in ("en-US", "zh-CN")
    for end, version in (("", "standard"), ("@elderly", "elderly"))
)


class Shelf:
    """A library of one scam type; the real one is proven in ``tests/dissuade``."""

    def scripts(self) -> tuple[ScriptEntry, ...]:
        return ENTRIES

    def script(self, name: str) -> ScriptShown | None:
        entry = next((each for each in ENTRIES if each.name == name), None)
        steps = (
            StepShown("ask", "有人找您吗？", "有吗？", "contacted", turnoffs=(Turnoff("yes", "warn"),)),
            StepShown("warn", "不要转账<b>", key_warning=True, turnoffs=(Turnoff("end", "warned"),)),
        )
        return entry and ScriptShown(entry, steps, (StepShown("hold", "请稍等"),), (("did_not_hear", "ask"),))

    async def speak(self, name: str, step: str, *, again: bool = False) -> bytes:
        if step != "ask":
            raise LibraryError("no voice here")
        return b"RIFF again" if again else b"RIFF"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[AtDesk]:
    async with officers_desk(tmp_path, library=Shelf()) as (found, _):
        yield found


async def test_scripts_are_listed_by_language_and_scam_type_in_all_versions(desk: AtDesk) -> None:
    browser = await desk.signed_in("shen", Role.AUDITOR, language="zh-CN")
    page = (await browser.get("/scripts")).text
    said = plain(page)
    assert said.index("普通话") < said.index("英语")
    assert 'href="/scripts/fake-police.zh-CN%40elderly"' in page
    for role in (Role.DISSUADER, Role.ADMINISTRATOR):
        other = await desk.signed_in(role.value, role)
        assert (await other.get("/scripts")).status_code == 403


async def test_a_script_shows_its_steps_and_lets_prompts_be_heard(desk: AtDesk) -> None:
    browser = await auditor(desk)
    page = (await browser.get("/scripts/fake-police.zh-CN")).text
    said = plain(page)
    assert "key warning" in said
    assert "yes warn" in said
    assert "ends with heard the warning" in said
    assert "不要转账&lt;b&gt;" in page
    sound = await browser.get("/scripts/fake-police.zh-CN/say/ask")
    assert (sound.content, sound.headers["content-type"]) == (b"RIFF", "audio/wav")
    assert (await browser.get("/scripts/fake-police.zh-CN/say/ask?again=1")).content == b"RIFF again"
    silent = await browser.get("/scripts/fake-police.zh-CN/say/warn")
    assert (silent.status_code, "no voice here" in silent.text) == (404, True)
    assert (await browser.get("/scripts/nothing")).status_code == 404


async def test_a_bulletin_is_shown_in_the_page_and_kept_as_a_file(desk: AtDesk) -> None:
    await add_leads(desk, lead(1), lead(2))
    desk.clock.now = NOON + 86_400
    browser = await auditor(desk)
    page = (await browser.get("/bulletin")).text
    assert 'value="2026-11-20"' in page
    assert "/bulletin/page?kind=day&amp;day=2026-11-20" in page
    sheet = await browser.get("/bulletin/page?kind=day&day=2026-11-20")
    assert "Friday, 20 November 2026" in sheet.text
    policy = sheet.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "style-src 'sha256-" in policy
    assert sheet.headers["x-frame-options"] == "SAMEORIGIN"
    table = await browser.get("/bulletin/file/csv?day=2026-11-20")
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert next(row["value"] for row in rows if (row["figure"], row["dimension"]) == ("leads", "all")) == "2"
    week = await browser.get("/bulletin/file/json?kind=week&day=2026-11-20&campaign=spring")
    assert week.headers["content-type"] == "application/json"
    assert json.loads(week.text)
    assert (await browser.get("/bulletin/page?day=2026-11-22")).status_code == 422
    assert (await browser.get("/bulletin/page?campaign=nothing")).status_code == 404
    dissuader = await desk.signed_in("chen", Role.DISSUADER)
    assert (await dissuader.get("/bulletin/page")).status_code == 403
