"""Cells as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.intake.errors import CellError
from campaigns.intake.fields import LeadDefaults, LeadForm, lead_of
from campaigns.intake.headings import Headings
from campaigns.intake.words import HEADINGS
from campaigns.model import Grade, Lead, Relative

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC).timestamp()
DEFAULTS = LeadDefaults()


def lead(cells: dict[str, Any], defaults: LeadDefaults = DEFAULTS) -> Lead:
    known = Headings()
    values = {slot: value for key, value in {"number": "11100000011", **cells}.items() if (slot := known.slot(key))}
    return lead_of(values, defaults, now=NOW)


def at(*parts: int) -> float:
    """Wall clock of Shanghai, which is eight hours ahead."""
    return datetime(*parts, tzinfo=UTC).timestamp() - 8 * 3600  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("200000", 200_000),
        (200000, 200_000),
        (200000.5, 200_000.5),
        ("1,200,000元", 1_200_000),
        ("¥ 5 000", 5_000),
        ("20万", 20e4),
        ("3.5万元", 35_000),
        ("约30余万元", 300_000),
        ("96.8 万", 968_000),
        ("2.4百万", 2_400_000),
        ("1亿", 1e8),
        ("２０万", 200_000),
        ("三十万", 300_000),
        ("二百四十万元", 2_400_000),
        ("一千二百", 1_200),
        ("120k", 120_000),
        ("$1.2M", 1_200_000),
        ("50 thousand", 50_000),
        ("人民币8000元左右", 8_000),
        ("0", 0),
        ("不详", None),
        ("无", None),
    ],
)
def test_a_sum_of_money_is_read_in_any_usual_way(written: object, amount: float | None) -> None:
    assert lead({"amount": written}).amount == (None if amount is None else pytest.approx(amount))


@pytest.mark.parametrize(
    "written", ["-5", "很多", "20万到30万", "10-20万", "5元5角啊", "1e400", "12,34", True, {"a": 1}]
)
def test_what_is_no_sum_is_refused(written: object) -> None:
    with pytest.raises(CellError) as error:
        lead({"amount": written})
    assert error.value.column == "amount"


def test_the_unit_of_a_heading_counts_for_bare_numbers_alone() -> None:
    assert lead({"涉案金额（万元）": "20"}).amount == 200_000
    assert lead({"涉案金额(万元)": 3.5}).amount == 35_000
    assert lead({"涉案金额（万元）": "20万"}).amount == 200_000
    assert lead({"涉案金额（元）": "20"}).amount == 20


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-22 07:05", at(2026, 11, 22, 7, 5)),
        ("2026-11-22 07:05:30", at(2026, 11, 22, 7, 5, 30)),
        ("2026/11/2 7:05", at(2026, 11, 2, 7, 5)),
        ("2026.11.22", at(2026, 11, 22)),
        ("2026年11月22日", at(2026, 11, 22)),
        ("2026年11月22日7时5分", at(2026, 11, 22, 7, 5)),
        ("2026年11月22日 下午3点20分", at(2026, 11, 22, 15, 20)),
        ("2026年11月22号 15点", at(2026, 11, 22, 15)),
        ("20261122", at(2026, 11, 22)),
        ("20261122070530", at(2026, 11, 22, 7, 5, 30)),
        ("202611220705", at(2026, 11, 22, 7, 5)),
        ("2026-11-22T07:05:00Z", at(2026, 11, 22, 15, 5)),
        ("2026-11-22T07:05:00.123+08:00", at(2026, 11, 22, 7, 5)),
        ("2026-11-21T23:05:00-0500", at(2026, 11, 22, 12, 5)),
        ("11月20日 9:30", at(2026, 11, 20, 9, 30)),
        ("12月31日", at(2025, 12, 31)),
        ("22/11/2026 7:05", at(2026, 11, 22, 7, 5)),
        ("11/22/2026 7:05 PM", at(2026, 11, 22, 19, 5)),
        ("22.11.2026", at(2026, 11, 22)),
        ("Nov 22, 2026 7:05 am", at(2026, 11, 22, 7, 5)),
        ("22 November 2026", at(2026, 11, 22)),
        ("1795331100", 1_795_331_100),
        (1795331100, 1_795_331_100),
        (1795331100500, 1_795_331_100.5),
        (46348.5, at(2026, 11, 22, 12)),
        ("46348.5", at(2026, 11, 22, 12)),
        (datetime(2026, 11, 22, 7, 5), at(2026, 11, 22, 7, 5)),  # noqa: DTZ001
        (date(2026, 11, 22), at(2026, 11, 22)),
        ("不详", None),
    ],
)
def test_the_time_of_a_warning_is_read_in_any_usual_way(written: object, expected: float | None) -> None:
    found = lead({"warned_at": written}).warned_at
    assert found is None if expected is None else found == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    "written",
    [
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "25:00",
        "1999-01-01",
        "3000-01-01",
        "2026-11-22 25:00",
        "5",
        "11/12/2026",
        "９９９",
    ],
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(CellError, match="not a time"):
        lead({"warned_at": written})


def test_days_are_read_month_first_where_that_is_the_custom() -> None:
    us = LeadDefaults(region="US", time_zone="America/New_York")
    found = lead({"number": "202 555 0101", "warned_at": "11/12/2026 8:00 AM"}, us).warned_at
    assert found == datetime(2026, 11, 12, 13, tzinfo=UTC).timestamp()


def test_a_warning_from_the_future_is_a_slip_of_the_pen() -> None:
    with pytest.raises(CellError, match="future"):
        lead({"warned_at": "2027-11-22"})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-23", at(2026, 11, 24)),
        (date(2026, 11, 23), at(2026, 11, 24)),
        ("2026-11-23 12:00", at(2026, 11, 23, 12)),
        ("2026-11-23 24:00", at(2026, 11, 24)),
        ("24小时", at(2026, 11, 23, 7)),
        ("48h", at(2026, 11, 24, 7)),
        ("3天", at(2026, 11, 25, 7)),
        ("7 days", at(2026, 11, 29, 7)),
    ],
)
def test_a_warning_ends_at_a_time_with_a_day_or_after_a_span(written: object, expected: float) -> None:
    assert lead({"有效期": written, "预警时间": "2026-11-22 07:00"}).expires_at == expected


def test_a_span_counts_from_now_where_no_time_of_warning_is_known() -> None:
    assert lead({"expires_at": "2h"}).expires_at == NOW + 7200


def test_a_warning_that_ends_before_it_began_is_refused() -> None:
    with pytest.raises(CellError, match="void before"):
        lead({"expires_at": "2026-11-20 10:00", "warned_at": "2026-11-21 10:00"})


@pytest.mark.parametrize(
    ("written", "group"),
    [
        ("老年人", "elderly"),
        ("在校大学生", "在校大学生"),
        ("大学生", "student"),
        ("企业财务人员", "company accountant"),
        ("Seniors", "elderly"),
        ("外卖骑手", "外卖骑手"),
        ("不详", ""),
    ],
)
def test_known_groups_have_one_word_and_others_keep_theirs(written: str, group: str) -> None:
    assert lead({"人群": written}).group == group


@pytest.mark.parametrize(
    "written",
    [
        "女儿:王芳:11100000012",
        "女儿：王芳：111 0000 0012",
        "女儿 王芳 11100000012",
        "王芳(女儿)11100000012",
        "女儿王芳11100000012",
        "11100000012 女儿 王芳",
        [{"relation": "女儿", "name": "王芳", "number": "11100000012"}],
        {"relation": "女儿", "name": "王芳", "number": 11100000012},
    ],
)
def test_a_relative_is_told_in_one_cell(written: object) -> None:
    (found,) = lead({"relatives": written}).relatives
    assert found.number == "+8611100000012"
    if written != "女儿王芳11100000012":
        assert (found.relation, found.name) == ("女儿", "王芳")


def test_several_relatives_are_kept_in_order_and_each_number_once() -> None:
    found = lead({"relatives": "女儿:王芳:11100000012; 女婿:李强:11100000013；11100000014;妻子:11100000012"}).relatives
    assert found == (
        Relative("+8611100000012", "女儿", "王芳"),
        Relative("+8611100000013", "女婿", "李强"),
        Relative("+8611100000014"),
    )


def test_an_english_name_of_several_words_stays_together() -> None:
    us = LeadDefaults(region="US")
    found = lead({"number": "202 555 0101", "contacts": "daughter: Mary Ann Smith: (202) 555-0102"}, us).relatives
    assert found == (Relative("+12025550102", "daughter", "Mary Ann Smith"),)


def test_relatives_are_told_in_columns_of_their_own() -> None:
    found = lead(
        {
            "联系人": "王芳",
            "联系人电话": "11100000012",
            "关系": "女儿",
            "联系人2": "李强",
            "联系人2电话": "11100000013",
            "关系2": "女婿",
            "联系人3": "谁",
        }
    )
    assert found.relatives == (
        Relative("+8611100000012", "女儿", "王芳"),
        Relative("+8611100000013", "女婿", "李强"),
    )


@pytest.mark.parametrize(
    "written", ["女儿:王芳", "女儿:王芳:110", "女儿:王芳:1110000001", [[["x"]]], {"tel": "1"}, True]
)
def test_a_relative_without_a_number_that_may_be_called_is_refused(written: object) -> None:
    with pytest.raises(CellError) as error:
        lead({"relatives": written})
    assert error.value.column == "relatives"


@pytest.mark.parametrize(
    ("written", "accounts"),
    [
        ("6222 0200 0000 0000 011", ("6222020000000000011",)),
        ("6222020000000000011；6222-0200-0000-0000-012", ("6222020000000000011", "6222020000000000012")),
        (["6222020000000000011", "a@example.com"], ("6222020000000000011", "a@example.com")),
        ("6222020000000000011,6222020000000000011", ("6222020000000000011",)),
        (62220200011, ("62220200011",)),
        ("无", ()),
    ],
)
def test_accounts_are_read_one_or_several(written: object, accounts: tuple[str, ...]) -> None:
    assert lead({"涉案账号": written}).accounts == accounts


@pytest.mark.parametrize("written", [6.22202e18, "6.22202E+18", "他说是工行的"])
def test_an_account_that_lost_digits_or_is_none_is_refused(written: object) -> None:
    with pytest.raises(CellError) as error:
        lead({"accounts": written})
    assert error.value.column == "accounts"


@pytest.mark.parametrize(
    ("cells", "precinct"),
    [
        ({"precinct": "广州市/天河区/石牌派出所/石牌社区"}, "广州市/天河区/石牌派出所/石牌社区"),
        ({"辖区": "广州市 > 天河区 > 石牌派出所"}, "广州市/天河区/石牌派出所"),
        ({"辖区": "广州市天河区石牌派出所石牌社区"}, "广州市/天河区/石牌派出所/石牌社区"),
        ({"辖区": "石牌派出所"}, "//石牌派出所"),
        ({"辖区": "North Precinct"}, "North Precinct"),
        ({"市": "广州市", "区": "天河区", "派出所": "石牌派出所"}, "广州市/天河区/石牌派出所"),
        ({"派出所": "石牌派出所"}, "//石牌派出所"),
    ],
)
def test_a_precinct_is_told_level_by_level_as_far_as_known(cells: dict[str, str], precinct: str) -> None:
    assert lead(cells).precinct == precinct


@pytest.mark.parametrize(
    ("written", "zone"),
    [("Asia/Shanghai", "Asia/Shanghai"), ("asia/urumqi", "Asia/Urumqi"), ("北京时间", "Asia/Shanghai"), ("-", "")],
)
def test_a_time_zone_is_one_that_exists(written: str, zone: str) -> None:
    assert lead({"时区": written}).time_zone == zone


@pytest.mark.parametrize("written", ["../../etc/passwd", "Mars/Phobos", "+99:99"])
def test_a_time_zone_that_does_not_exist_is_refused(written: str) -> None:
    with pytest.raises(CellError, match="not a time zone"):
        lead({"time_zone": written})


def test_every_reason_and_mend_is_there_in_both_languages() -> None:
    with pytest.raises(CellError) as error:
        lead({"age": "old"})
    assert error.value.said.reason("zh") == "'old' 不是年龄"
    assert error.value.said.mend("zh") == "填写 0 到 130 的周岁数"
    assert error.value.said.text("en") == "'old' is not an age; write years as a number from 0 to 130"
    with pytest.raises(CellError) as inner:
        lead({"relatives": "女儿:王芳:110"})
    assert "从不拨打" in inner.value.said.reason("zh")


@pytest.mark.parametrize(
    "heading", ["* 手机号（必填）", "手机号：", "Phone_Number", "PHONE  NUMBER", "ｎｕｍｂｅｒ", "【手机号】手机号"]
)
def test_headings_are_known_as_people_dress_them(heading: str) -> None:
    slot = Headings().slot(heading)
    assert slot is not None
    assert slot.field == "number"


def test_a_centre_s_own_headings_go_before_the_built_in_ones() -> None:
    known = Headings({"Anrufziel": "number", "手机号": ""})
    slot = known.slot("anrufziel")
    assert slot is not None
    assert slot.field == "number"
    assert known.slot("手机号") is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
hard = st.text(alphabet="0123456789:;,./-+ 年月日时分万千百十亿元约kmpam上下午女儿王（）()TZ天h ", max_size=30)


@settings(max_examples=600, deadline=None)
@given(cells=st.dictionaries(st.sampled_from(sorted(HEADINGS)), values | hard, max_size=8))
def test_no_cells_however_odd_raise_anything_but_a_cell_error(cells: dict[str, Any]) -> None:
    known = Headings()
    form = LeadForm(DEFAULTS, now=NOW)
    told, found = "", None
    try:
        found = form.lead({known.slot(key): value for key, value in cells.items()})  # type: ignore[misc]
    except CellError as error:
        told = error.said.text("zh") and error.said.text("en")
    assert (found is None) == bool(told)
    assert found is None or (found.number.startswith("+") and found.grade in Grade and hash(found))
