"""Workbooks from people, and from people who mean harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.intake import workbook
from campaigns.intake.errors import SourceError
from campaigns.intake.headings import Headings
from campaigns.intake.reading import Row, read_content

pytestmark = pytest.mark.unit

HEADER = ("手机号", "姓名", "预警时间", "涉案金额", "年龄")


def book(rows: Iterable[Sequence[Any]], *, merge: Sequence[str] = (), sheets: Sequence[str] = ("预警",)) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = sheets[0]
    for row in rows:
        sheet.append(list(row))
    for each in merge:
        sheet.merge_cells(each)
    for name in sheets[1:]:
        made.create_sheet(name).append(["nothing"])
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def read(content: bytes, sheet: str = "") -> list[Row]:
    return list(read_content(content, name="leads", sheet=sheet).rows())


def said(row: Row) -> dict[str, object]:
    return {slot.field: value for slot, value in row.values.items()}


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part rewritten."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.infolist():
            data = source.read(each)
            target.writestr(each.filename, change(data) if each.filename == part else data)
    return kept.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SMALL = book([HEADER, [11100000011, "王芳", datetime(2026, 11, 22, 7, 5), 200000.5, 71.0]])  # noqa: DTZ001


def test_numbers_and_dates_come_as_such() -> None:
    (row,) = read(SMALL)
    assert row.line == 2
    assert said(row) == {
        "number": 11100000011.0,
        "name": "王芳",
        "warned_at": datetime(2026, 11, 22, 7, 5),  # noqa: DTZ001
        "amount": 200000.5,
        "age": 71.0,
    }


def test_lines_are_those_of_the_sheet_and_blank_rows_are_passed_over() -> None:
    rows = read(book([[], ["", ""], HEADER, [], [11100000011], ["", "", ""], [11100000012]]))
    assert [row.line for row in rows] == [5, 7]


def test_a_title_above_and_headings_over_two_merged_rows() -> None:
    content = book(
        [
            ["某中心预警名单", *[""] * 4],
            ["手机号", "姓名", "联系人", "", ""],
            ["", "", "姓名", "电话", "关系"],
            ["11100000011", "王芳", "李强", "11100000012", "女婿"],
        ],
        merge=["A1:E1", "A2:A3", "B2:B3", "C2:E2"],
    )
    (row,) = read(content)
    assert said(row) == {
        "number": "11100000011",
        "name": "王芳",
        "relative_name": "李强",
        "relative_number": "11100000012",
        "relation": "女婿",
    }


def test_the_first_sheet_that_is_shown_is_read_unless_another_is_named() -> None:
    content = book([HEADER, [11100000011]], sheets=("预警", "说明"))
    assert len(read(content)) == len(read(content, "预警")) == 1
    with pytest.raises(SourceError, match="no column holds the number"):
        read(content, "说明")
    with pytest.raises(SourceError, match="no sheet 别的; it has: 预警, 说明"):
        read(content, "别的")
    hidden = changed(content, "xl/workbook.xml", lambda xml: xml.replace(b'state="visible"', b'state="hidden"', 1))
    with pytest.raises(SourceError, match="no column holds the number"):
        read(hidden)


def test_a_formula_counts_by_its_last_value_and_an_error_is_told() -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>number</v></c><c r="B1" t="str"><v>name</v></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>11100000011</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>HYPERLINK("http://x")</f><v>11100000012</v></c><c r="B3"><f>A1</f></c></row>'
        "</sheetData></worksheet>"
    )
    first, second = read(changed(SMALL, SHEET, lambda _: sheet.encode()))
    assert said(first)["number"] == 11100000011.0
    assert said(first)["name"] == "#DIV/0!"
    assert said(second) == {"number": "11100000012"}


def sheet_of(cells: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f"{head}{cells}</sheetData></worksheet>".encode()


FAR = [
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c s=">" r = \'XFD1048576\'><v>1</v></c></row>',
    '<row r="4000000000"><c r="A4000000000"><v>1</v></c><c r="ZZZZZZZ1"><v>1</v></c></row>',
    "<row>" + "<c><v>1</v></c>" * 3000 + "</row>" + "<row></row>" * 3000 + "<row><c><v>1</v></c></row>",
    "<row><c><v>1</v></c></row>" + '<row r="1000000"/><row>' + "<c><v>1</v></c>" * 30 + "</row>",
]


@pytest.mark.parametrize("cells", FAR, ids=range(len(FAR)))
def test_a_sheet_that_claims_the_whole_grid_is_refused_before_it_takes_the_memory(cells: str) -> None:
    with pytest.raises(SourceError, match="larger than is taken"):
        read(changed(SMALL, SHEET, lambda _: sheet_of(cells)))


def test_a_packed_gigabyte_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 8 * 2**20)
    with pytest.raises(SourceError, match="larger than is taken"):
        read(changed(SMALL, "xl/theme/theme1.xml", lambda _: b" " * 2**24))
    bomb = changed(SMALL, SHEET, lambda _: b" " * 2**24)
    lying = bytearray(bomb)
    place = bomb.rindex(SHEET.encode()) - 46 + 24  # the size in the central directory
    lying[place : place + 4] = (100).to_bytes(4, "little")
    with pytest.raises(SourceError):
        read(bytes(lying))


def test_entities_that_multiply_are_not_followed() -> None:
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c SYSTEM "file:///etc/passwd">]>'
        + sheet_of('<row r="1"><c r="A1" t="inlineStr"><is><t>number &b; &c;</t></is></c></row>')
    )
    with pytest.raises(SourceError) as error:
        read(changed(SMALL, SHEET, lambda _: xml))
    assert "aaaaaaaaaa" not in str(error.value)
    assert "root:" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04rest of a workbook", "cannot be read as an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (SMALL[:400], "cannot be read as an Excel workbook"),
        (changed(SMALL, SHEET, lambda _: b"<worksheet"), "no column|cannot be read|empty"),
        (changed(SMALL, "xl/workbook.xml", lambda _: b""), "no sheet|cannot be read"),
        (changed(SMALL, SHEET, lambda xml: xml.decode().encode("utf-16")), "not UTF-8"),
        (book([]), "is empty"),
        (book([["姓名"], ["王芳"]]), "no column holds the number"),
    ],
    ids=range(8),
)
def test_a_workbook_that_cannot_be_read_is_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read(content)


def test_another_archive_is_no_workbook() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as target:
        target.writestr("word/document.xml", "<x/>")
    with pytest.raises(SourceError, match="no xl/workbook"):
        read(kept.getvalue())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_damage_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    content = bytearray(SMALL)
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(4, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        content[place] = byte
    try:
        read(bytes(content))
    except SourceError as error:
        message = error.said.text("zh")
    else:
        message = "read"
    assert message


@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(
        st.sampled_from(['<c r="B2"><v>1</v></c>', '<row r="2">', "</row>", '<c t="s"><v>9</v></c>', "<is>", '<c r="'])
        | st.text(alphabet="<>/=\"' crvtA1Z9sen&;", max_size=6)
    ).map("".join)
)
def test_no_sheet_however_odd_raises_anything_but_a_refusal(cells: str) -> None:
    try:
        rows = read(changed(SMALL, SHEET, lambda _: sheet_of(cells)))
    except SourceError:
        rows = []
    assert len(rows) < 1000


def test_own_headings_hold_in_a_workbook() -> None:
    source = read_content(book([["被叫", "x"], [11100000011, 1]]), name="l", headings=Headings({"被叫": "number"}))
    assert len(list(source.rows())) == 1
    assert source.ignored == ["x"]
