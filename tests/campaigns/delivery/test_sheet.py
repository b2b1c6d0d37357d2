"""The printable sheet: hostile input stays text, nothing is loaded, one page's worth of it."""

from __future__ import annotations

import base64
import hashlib
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from campaigns.delivery.sheet import KINDS, NoSheetError, SheetFolder, render
from campaigns.follow_up import FollowUpKind
from campaigns.model import Relative
from tests.campaigns.delivery.made import parcel

pytestmark = pytest.mark.unit

HOSTILE = (
    "</style><script>alert(1)</script>\"'&<img src=//evil.invalid onerror=alert(2)>\u202egnp.exe\u202c\u200b\x00\x1b[2J"
    + "长" * 3000
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(kind: FollowUpKind) -> str:
    more: dict[str, Any] = dict.fromkeys(("name", "scam_type", "sex", "note", "group", "source", "address"), HOSTILE)
    more["precinct"] = "/".join([HOSTILE.replace("/", "")] * 4)
    more["accounts"] = (HOSTILE,) * 50
    more["relatives"] = (Relative(HOSTILE, HOSTILE, HOSTILE),) * 50
    return render(parcel(kind, data={"why": HOSTILE}, **more).document)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_hostile_input_stays_text_and_is_cut_short(kind: FollowUpKind) -> None:
    text = hostile(kind)
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "object", "link", "a", "form"})
    for _, attributes in page.tags:
        assert not any(name.startswith("on") or name in {"src", "href", "style"} for name in attributes)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", text)
    assert len(page.text) < 6000


def test_the_page_forbids_everything_but_its_own_style() -> None:
    text = render(parcel(FollowUpKind.VISIT).document)
    (policy,) = (
        attributes["content"]
        for tag, attributes in Page(text).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"


def test_a_visit_sheet_tells_officers_what_they_need() -> None:
    text = Page(render(parcel(FollowUpKind.VISIT).document)).text
    for needed in (
        "上门见面劝阻",
        "gz-42",
        "林小青",
        "+8611100000001",
        "示例路 8 号 2 栋 501",
        "广州市 → 天河区",
        "女儿",
    ):
        assert needed in text
    for heard in ("被要求保密、不接电话", "他不让我挂电话", "否认", "250,000", "6222000000000009"):
        assert heard in text
    for result in ("已劝阻", "已见面", "未见到", "钱已转出", "未涉诈"):
        assert result in text


def test_a_stop_payment_sheet_names_the_accounts_and_a_block_sheet_what_to_block() -> None:
    stop = Page(render(parcel(FollowUpKind.STOP_PAYMENT).document)).text
    assert "6222000000000001" in stop
    assert "六二二二零九" in stop
    block = Page(render(parcel(FollowUpKind.BLOCK).document)).text
    assert "example.invalid" in block
    assert "示例路" not in block


def test_the_sheet_speaks_the_subjects_language_unless_told_otherwise() -> None:
    document = parcel(FollowUpKind.VISIT, language="en-US").document
    assert "Visit order" in render(document)
    assert "上门见面劝阻" in render(document, language="zh")


def test_other_orders_have_no_sheet() -> None:
    with pytest.raises(NoSheetError, match="sms orders have no sheet"):
        render(parcel(FollowUpKind.SMS).document)


def test_a_sheet_is_a_file_for_this_user_alone_and_the_same_one_is_not_written_twice(tmp_path: Path) -> None:
    folder = SheetFolder(tmp_path / "orders")
    path = folder.write(parcel(FollowUpKind.VISIT))
    assert path == tmp_path / "orders" / "visit-42.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.stat().st_mtime_ns
    folder.write(parcel(FollowUpKind.VISIT))
    assert path.stat().st_mtime_ns == before
    assert [each.name for each in path.parent.iterdir()] == ["visit-42.html"]
