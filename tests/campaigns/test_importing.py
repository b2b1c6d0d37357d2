"""CSV files into campaigns."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from campaigns.importing import ImportFileError, ImportReport, import_file
from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.model import Grade, Lead, NextStep, Outcome, Relative
from campaigns.sqlite_store import SqliteStore
from campaigns.store import NotFoundError
from tests.campaigns.intake.test_workbook import book
from tests.campaigns.store_contract import claim_one, follows, result

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0
HEADER = "number,name,scam_type,grade,language,sex,age,note"
Import = Callable[..., ImportReport]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    opened.create_campaign("spring", now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def bring(store: SqliteStore, tmp_path: Path) -> Import:
    """Import a text or the bytes of a file."""

    def bring(content: str | bytes, name: str = "leads.csv", **more: object) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_file(store, path, "spring", now=NOW, rejects_dir=tmp_path / "rejects", **more)  # type: ignore[arg-type]

    return bring


def leads(store: SqliteStore) -> list[Lead]:
    return [case.lead for case in store.cases()]


CHINESE = "手机号,姓名,诈骗类型,风险等级,语言,性别,年龄,备注\n111 0000 0011,王芳,冒充公检法,高,普通话,女,71岁,独居\n"
FULL = Lead("+8611100000011", "王芳", "冒充公检法", Grade.HIGH, "zh-CN", "female", 71, "独居")


@pytest.mark.parametrize(
    "content",
    [
        CHINESE.encode(),
        b"\xef\xbb\xbf" + CHINESE.encode(),
        CHINESE.encode("gb18030"),
        CHINESE.encode("utf-16"),
        CHINESE.replace("\n", "\r\n").encode(),
        CHINESE.replace("\n", "\r").encode(),
        CHINESE.replace(",", ";").encode(),
        CHINESE.replace(",", "\t").encode(),
        CHINESE.replace("手机号", "电话").encode(),
        ("\n\n" + CHINESE + "\n,,,,,,,\n").encode(),
        f"{HEADER}\n+86 111-0000-0011,王芳,冒充公检法,high,zh-cn,F,71,独居".encode(),
        "备注,Number,AGE,Grade,姓名,Scam Type,Sex,语言\n独居,11100000011,71,HIGH,王芳,冒充公检法,female,中文".encode(),
        f'{HEADER}\n"11100000011","王芳","冒充公检法","高","zh-CN","女","71","独居"\n'.encode(),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_file_is_read_as_people_write_it(bring: Import, store: SqliteStore, content: bytes) -> None:
    report = bring(content)
    assert (report.read, report.accepted, report.rejected, report.rejects_file) == (1, 1, 0, None)
    assert leads(store) == [FULL]


def test_only_the_number_is_needed_and_defaults_fill_the_rest(bring: Import, store: SqliteStore) -> None:
    bring("手机号\n11100000011\n")
    bring("number,scam type\n202 555 0101,\n", defaults=LeadDefaults("loan", Grade.LOW, "en-US", "US"))
    assert leads(store) == [
        Lead("+8611100000011"),
        Lead("+12025550101", scam_type="loan", grade=Grade.LOW, language="en-US"),
    ]


BAD_CELLS = [
    ("110,a,,,,,,", "number", "never dialled"),
    (",a,,,,,,", "number", "empty"),
    ("1110000001,a,,,,,,", "number", "11 digits"),
    ("1.11E+10,a,,,,,,", "number", "digits are lost"),
    ("11100000012,a,,蓝色,,,,", "grade", "not known"),
    ("11100000012,a,,,!!,,,", "language", "not known"),
    ("11100000012,a,,,,x,,", "sex", "not known"),
    ("11100000012,a,,,,,old,", "age", "not an age"),
    ("11100000012,a,,,,,-1,", "age", "not an age"),
    ("11100000012,a,,,,,131,", "age", "not an age"),
    (f"11100000012,{'a' * 101},,,,,,", "name", "longer than 100"),
    (f"11100000012,,,,,,,{'a' * 2001}", "note", "longer than 2000"),
    ("11100000012,a,,,,,,,b", "", "9 cells under 8 headings"),
    ('"11100000012,a,,,,,,', "", "not closed"),
    ('"111"00000012,a,,,,,,', "", "closing quote"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD_CELLS)
def test_a_bad_row_is_named_and_the_good_ones_go_in(
    bring: Import, store: SqliteStore, row: str, column: str, reason: str
) -> None:
    report = bring(f"{HEADER}\n11100000010,,,,,,,\n{row}\n\n11100000011,,,,,,,\n")
    assert (report.read, report.accepted, report.merged, report.rejected) == (3, 2, 0, 1)
    (error,) = report.errors
    assert (error.line, error.column) == (3, column)
    assert reason in error.reason
    assert error.mend
    assert [lead.number for lead in leads(store)] == ["+8611100000010", "+8611100000011"]


def test_lines_are_counted_as_an_editor_shows_them(bring: Import, store: SqliteStore) -> None:
    report = bring(
        f'{HEADER}\n11100000010,,,,,,,"two\nlines"\n\n110,,,,,,,\n11100000011,,,,,,,a\x0bb\u2028c\n119,,,,,,,\n'
    )
    assert [error.line for error in report.errors] == [5, 7]
    assert [lead.note for lead in leads(store)] == ["two lines", "a b c"]


def test_rejects_are_written_beside_mended_and_imported(bring: Import, store: SqliteStore) -> None:
    report = bring(f"{HEADER},平台\n1110000001,王芳,,高,,,,,平台\n11100000012,李强,,,,,,,平台\n", name="day 1.csv")
    assert report.ignored_columns == ("平台",)
    assert report.rejects_file is not None
    assert report.rejects_file.name == "day 1-20270115-080000.csv"
    text = report.rejects_file.read_text("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert (row["number"], row["name"], row["平台"], row["line"], row["column"]) == (
        "1110000001",
        "王芳",
        "平台",
        "2",
        "number",
    )
    assert "11 digits" in row["reason"]
    assert row["mend"]
    mended = bring(text.replace("1110000001", "11100000011"))
    assert (mended.accepted, mended.rejected) == (1, 0)
    assert leads(store)[-1] == Lead("+8611100000011", "王芳", grade=Grade.HIGH)


def test_rejects_of_the_same_second_do_not_overwrite_each_other(bring: Import) -> None:
    one, two = bring("number\n110\n"), bring("number\n119\n")
    assert one.rejects_file != two.rejects_file
    assert one.rejects_file is not None
    assert "110" in one.rejects_file.read_text("utf-8-sig")


def test_rows_of_one_number_merge(bring: Import, store: SqliteStore) -> None:
    report = bring("number,grade,name\n11100000011,低,\n+8611100000011,高,王芳\n111 0000 0011,中,别人\n")
    assert (report.accepted, report.merged) == (1, 2)
    assert leads(store) == [Lead("+8611100000011", "王芳", grade=Grade.HIGH)]


def test_the_same_file_twice_changes_nothing_even_when_its_cases_are_closed(bring: Import, store: SqliteStore) -> None:
    first = bring(CHINESE)
    claim = claim_one(store, now=NOW)
    store.finish(claim.attempt_id, result(Outcome.WARNED), follows(NextStep(close_reason="warned")), now=NOW)
    before = store.cases(), store.events()
    second = bring(CHINESE, name="copy.csv")
    assert (first.imported_before_at, second.imported_before_at) == (None, NOW)
    assert (second.read, second.accepted, second.merged) == (1, 0, 1)
    assert (store.cases(), store.events()) == before
    assert bring(CHINESE, again=True).accepted == 1


def test_an_import_is_told_in_the_events(bring: Import, store: SqliteStore) -> None:
    bring("number\n11100000011\n11100000011\n110\n")
    event = store.events()[-1]
    assert (event.kind, event.data) == (
        "leads.imported",
        {"file": "leads.csv", "read": 3, "accepted": 1, "merged": 1, "rejected": 1},
    )


BAD_FILES = [
    (b"", "is empty"),
    (b"\xef\xbb\xbf\n \n", "is empty"),
    (b"number,name\n", "no rows"),
    ("姓名,年龄\n王芳,71\n".encode(), "no column holds the number"),
    (b"11100000011\n11100000012\n", "no column holds the number"),
    (b"PK\x03\x04rest of a workbook", "Excel workbook"),
    (b"\x89PNG\x00\x01\x02", "binary"),
    (b"number\n\xff\xff\xff\x80\n", "neither UTF-8 nor GB18030"),
    (b'"number\n', "header cannot be read"),
]


@pytest.mark.parametrize(("content", "reason"), BAD_FILES)
def test_a_file_that_cannot_be_imported_is_refused_as_a_whole(
    bring: Import, store: SqliteStore, content: bytes, reason: str
) -> None:
    with pytest.raises(ImportFileError, match=reason):
        bring(content)
    assert store.cases() == []


def test_a_missing_file_or_campaign_is_a_clear_error(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="No such file"):
        import_file(store, tmp_path / "none.csv", "spring", now=NOW, rejects_dir=tmp_path)
    (tmp_path / "a.csv").write_text("number\n11100000011\n")
    with pytest.raises(NotFoundError, match="winter"):
        import_file(store, tmp_path / "a.csv", "winter", now=NOW, rejects_dir=tmp_path)


WORKBOOK = [
    ["某中心预警"],
    ["手机号", "姓名", "风险等级", "年龄"],
    [11100000011, "王芳", "高", 71],
    ["110", "李强", "", ""],
]


def test_a_workbook_goes_in_by_its_content_and_its_rejects_come_out_as_a_table(
    bring: Import, store: SqliteStore
) -> None:
    report = bring(book(WORKBOOK), name="leads.csv")
    assert (report.kind, report.read, report.accepted, report.rejected) == ("xlsx", 2, 1, 1)
    assert leads(store) == [Lead("+8611100000011", "王芳", grade=Grade.HIGH, age=71)]
    assert report.rejects_file is not None
    (row,) = csv.DictReader(report.rejects_file.read_text("utf-8-sig").splitlines())
    assert (row["手机号"], row["line"], row["column"]) == ("110", "4", "手机号")
    again = bring(book(WORKBOOK), name="copy.xlsx")
    assert again.imported_before_at == NOW


JSON = [
    '{"number": "11100000011", "姓名": "王芳", "relatives": [{"number": "11100000012", "relation": "女儿"}]}',
    '{"number": "110", "x": {"y": [1]}}',
    "{broken",
    "7",
]


@pytest.mark.parametrize("text", ["\n".join(JSON), "\r\n\r\n".join(JSON), "\ufeff" + "\n".join(JSON)])
def test_json_lines_go_in_and_their_rejects_are_json_lines(bring: Import, store: SqliteStore, text: str) -> None:
    report = bring(text, tongue="zh")
    assert (report.kind, report.read, report.accepted, report.rejected) == ("json", 4, 1, 3)
    assert report.ignored_columns == ("x",)
    (only,) = leads(store)
    assert only.relatives == (Relative("+8611100000012", "女儿"),)
    assert report.rejects_file is not None
    assert report.rejects_file.suffix == ".jsonl"
    kept = [json.loads(line) for line in report.rejects_file.read_text("utf-8").splitlines()]
    assert kept[0] == {
        "number": "110",
        "x": {"y": [1]},
        "行": 2 if "\r" not in text else 3,
        "列": "number",
        "原因": "紧急、热线或服务号码，从不拨打",
        "改法": "删除这一行",
    }
    assert [each["text"] for each in kept[1:]] == ["{broken", 7]
    mended = bring(json.dumps({**kept[0], "number": "11100000013"}, ensure_ascii=False))
    assert (mended.accepted, mended.ignored_columns) == (1, ("x",))


@pytest.mark.parametrize("text", ['[{"number": "11100000011"}]', '{"leads": [{"number": "11100000011"}]}'])
def test_a_json_list_goes_in_too(bring: Import, text: str) -> None:
    assert bring(text).accepted == 1


def test_numbers_that_json_does_not_have_and_depth_that_nobody_needs_are_refused(bring: Import) -> None:
    report = bring('{"number": "11100000011", "age": NaN}\n' + '{"number": ' + "[" * 5000 + "]" * 5000 + "}\n")
    assert [error.code for error in report.errors] == ["row.json", "row.json"] or report.rejected == 2


def test_reasons_are_told_in_the_language_of_the_user(bring: Import) -> None:
    report = bring("手机号,年龄\n11100000011,老\n", tongue="zh")
    (error,) = report.errors
    assert (error.reason, error.mend, error.heading, error.code) == (
        "'老' 不是年龄",
        "填写 0 到 130 的周岁数",
        "年龄",
        "cell.age",
    )
    assert report.rejects_file is not None
    header = report.rejects_file.read_text("utf-8-sig").splitlines()[0]
    assert header == "手机号,年龄,行,列,原因,改法"


def test_columns_of_a_centre_s_own_are_mapped_and_count_for_what_the_file_is(bring: Import, store: SqliteStore) -> None:
    text = "被叫,手机号\n11100000011,11100000012\n"
    assert bring(text).accepted == 1
    mapped = bring(text, headings=Headings({"被叫": "number"}))
    assert (mapped.accepted, mapped.imported_before_at) == (1, None)
    assert [lead.number for lead in leads(store)] == ["+8611100000012", "+8611100000011"]


def test_no_cell_of_a_file_of_rejects_is_a_formula(bring: Import) -> None:
    hostile = ['=HYPERLINK("http://x")', "@SUM(1)", "+1-cmd|x", "-2+3+cmd", "\t=1", "+8611100000011"]
    report = bring("number,name\n" + "\n".join(f'110,"{cell.replace(chr(34), chr(34) * 2)}"' for cell in hostile))
    assert report.rejects_file is not None
    names = [row["name"] for row in csv.DictReader(report.rejects_file.open(encoding="utf-8-sig"))]
    assert all(name.lstrip()[:1] not in {"=", "@"} and not name.startswith(("+1", "-2")) for name in names), names
    assert names[-1] == "+8611100000011"


def test_a_title_above_the_headings_is_passed_over(bring: Import, store: SqliteStore) -> None:
    assert bring("某中心预警名单,,\n,,\n序号,手机号,姓名\n1,11100000011,王芳\n").accepted == 1


cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["11100000011", "110", "高", "女", "71", '"', ",", "\n", "\r", "\x00", "王芳", "zh-CN", " "]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.lists(cells, max_size=10), max_size=8), plain=st.booleans())
def test_no_rows_however_odd_raise_or_get_lost(
    store: SqliteStore, bring: Import, rows: list[list[str]], plain: bool
) -> None:
    if plain:
        body = "\n".join(",".join(row) for row in rows)
    else:
        body = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    before = len(store.cases())
    try:
        report = bring(f"{HEADER}\n{body}".encode("utf-8", "replace"), again=True)
    except ImportFileError:
        assert len(store.cases()) == before
        return
    assert report.read == report.accepted + report.merged + report.rejected
    assert report.rejected == len(report.errors)
    assert len(store.cases()) == before + report.accepted


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_refusal(bring: Import, content: bytes) -> None:
    try:
        report = bring(b"number\n" + content)
    except ImportFileError:
        return
    assert report.read == report.accepted + report.merged + report.rejected


notes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
fresh = itertools.count(1)
"""No number comes twice."""
rows_of_both_kinds = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["", "高", "低", "high"]), notes, st.sampled_from(["老", "-1", "1000"])),
    max_size=12,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of_both_kinds, kind=st.sampled_from(["csv", "gb18030", "json", "xlsx"]))
def test_no_good_row_is_lost_whatever_stands_beside_it(
    store: SqliteStore, bring: Import, rows: list[tuple[bool, str, str, str]], kind: str
) -> None:
    header = ["手机号", "等级", "备注", "年龄"]
    start = len(store.cases())
    table = [[f"111{next(fresh):08}", grade, note, "30" if good else age] for good, grade, note, age in rows]
    if kind == "json":
        content = "\n".join(json.dumps(dict(zip(header, row, strict=True))) for row in table).encode()
    elif kind == "xlsx":
        plain = [[ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row] for row in table]
        content = book([header, *([f"\u200b{cell}" if cell[:1] == "=" else cell for cell in row] for row in plain)])
    else:
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [header, *table]]
        content = "\n".join(quoted).encode("gb18030" if kind == "gb18030" else "utf-8", "replace")
    good = [row for row, (is_good, *_) in zip(table, rows, strict=True) if is_good]
    try:
        report = bring(content, again=True)
    except ImportFileError:
        assert not rows
        return
    assert (report.read, report.accepted) == (len(rows), len(good))
    assert [case.lead.number for case in store.cases()[start:]] == [f"+86{row[0]}" for row in good]
