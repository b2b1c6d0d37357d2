"""The page, the table and the JSON of a bulletin: what stands on them, and what must not."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from campaigns.bulletin import reference, schema
from campaigns.bulletin.charts import columns, nice_step
from campaigns.bulletin.counting import count
from campaigns.bulletin.figures import Counts, Dimension, Part, Reach
from campaigns.bulletin.page import to_html
from campaigns.bulletin.review import Bulletin, review
from campaigns.bulletin.saving import BulletinError, Format, save
from campaigns.bulletin.spans import day_of, week_of
from campaigns.bulletin.tidy import COLUMNS, to_csv, to_json
from campaigns.bulletin.words import DIMENSIONS, FIGURES, PAGE, SHORT, Word
from campaigns.bulletin.writing import change, delay, figure, money, share
from campaigns.delivery.wording import Language
from campaigns.sqlite_store import SqliteStore
from campaigns.store import NotFoundError
from tests.campaigns.bulletin.invented import CAMPAIGN, Centre

pytestmark = pytest.mark.unit

DAY = day_of(date(2026, 11, 20), ZoneInfo("Asia/Shanghai"))
DOCS = Path(__file__).parents[3] / "docs"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Bulletin:
    """A lively day, compared with a day that was, and with one on which nothing happened."""
    store = SqliteStore(tmp_path_factory.mktemp("day") / "store.db", durable=False)
    centre = Centre(store)
    for span in (DAY.before, DAY):
        centre.day(span.from_at, 150, calls_in_a_hundred=150)
    found = review(store, DAY, now=DAY.until_at + 3600, centre="穗城反诈中心", campaign=CAMPAIGN)
    with pytest.raises(NotFoundError, match="winter"):
        review(store, DAY, now=DAY.until_at, campaign="winter")
    store.close()
    return found


def empty(span: object = DAY) -> Bulletin:
    assert isinstance(span, type(DAY))
    week_before = count([], span.week_before, as_of_at=2e9) if span.week_before else None
    before = count([], span.before, as_of_at=2e9)
    return Bulletin(count([], span, as_of_at=2e9), before, week_before, "", "", 1.9e9)


class _Reader(HTMLParser):
    """Checks that tags close in order, and collects what a browser would fetch or run."""

    VOID = frozenset({"meta", "line", "rect", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in {"src", "href", "srcset", "data"}]
        if tag in {"script", "link", "iframe", "object", "img"}:
            self.fetched.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_every_figure_with_its_meaning_and_fetches_nothing(day: Bulletin, language: Language) -> None:
    page = to_html(day, language)
    read = _Reader(page)
    assert read.fetched == []
    assert not re.search(r"url\(|@import|https?:", page)
    for word in FIGURES.values():
        assert word.text(language) in read.text
        assert word.meaning(language) in read.text
    assert f"{day.now.whole.counts.calls:,}" in read.text
    assert DIMENSIONS["scam_type"].text(language) in read.text
    assert "刷单返利" in read.text
    assert page.count('<svg viewBox="0 0 920') == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("span", [DAY, week_of(DAY.first, DAY.zone)])
def test_a_day_and_a_week_of_nothing_can_be_printed(span: object, language: Language) -> None:
    read = _Reader(to_html(empty(span), language))
    assert PAGE["no_calls"].text(language) in read.text
    assert PAGE["none_missed"].text(language) in read.text
    assert not re.search(r"nan|None|inf\b", read.text)


def test_no_personal_data_is_in_any_form_of_it(day: Bulletin) -> None:
    for told in (to_html(day, "zh"), to_html(day, "en"), to_csv(day), to_json(day)):
        assert "某某" not in told
        assert "111000" not in told
        assert "望江路" not in told
        assert "两万" not in told


def test_names_that_came_in_with_leads_are_text_and_never_markup_or_formulas(day: Bulletin) -> None:
    nasty = '=HYPERLINK("http://x")<script>alert(1)</script>'
    parts = {**day.now.parts, Dimension.SCAM_TYPE: {nasty: day.now.whole}}
    spoilt = replace(day, now=replace(day.now, parts=parts))
    page = to_html(spoilt, "zh")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert _Reader(page).fetched == []
    row = next(row for row in csv.reader(io.StringIO(to_csv(spoilt))) if row[1] == "scam_type")
    assert row[2] == f"'{nasty}"
    assert json.loads(to_json(spoilt))["by"]["scam_type"][0]["part"] == nasty


def test_a_span_that_is_not_over_says_so() -> None:
    partial = count([], DAY, as_of_at=DAY.from_at + 3600 * 14)
    page = to_html(replace(empty(), now=partial), "en")
    assert "counted until 2026-11-20 14:00" in page
    assert json.loads(to_json(replace(empty(), now=partial)))["complete"] is False


def test_the_table_is_tidy_and_adds_up(day: Bulletin) -> None:
    text = to_csv(day)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == COLUMNS
    keys = [(row["figure"], row["dimension"], row["part"]) for row in rows]
    assert len(keys) == len(set(keys))
    whole = {row["figure"]: row for row in rows if row["dimension"] == "all"}
    assert list(whole) == list(FIGURES)
    assert float(whole["leads"]["value"]) == day.now.whole.counts.leads
    assert float(whole["leads"]["before"]) == day.before.whole.counts.leads
    assert whole["leads"]["week_before"] == "0"
    for dimension in Dimension:
        assert sum(
            float(row["value"]) for row in rows if (row["figure"], row["dimension"]) == ("leads", dimension.value)
        ) == float(whole["leads"]["value"])
    assert sum(float(row["value"]) for row in rows if (row["figure"], row["dimension"]) == ("calls", "hour")) == float(
        whole["calls"]["value"]
    )


def test_the_json_is_what_the_published_schema_describes(day: Bulletin) -> None:
    validator = Draft202012Validator(schema.schema())
    for bulletin in (day, empty(), empty(week_of(DAY.first, DAY.zone))):
        validator.validate(json.loads(to_json(bulletin)))
    broken = json.loads(to_json(day))
    del broken["figures"]["now"]["calls"]
    assert not validator.is_valid(broken)


def test_the_published_schema_is_the_programs() -> None:
    assert (DOCS / "bulletin.schema.json").read_text(encoding="utf-8") == schema.document(), (
        "run: python -m campaigns.bulletin.schema > docs/bulletin.schema.json"
    )


def test_the_published_meanings_are_those_of_the_page() -> None:
    assert (DOCS / "bulletin.md").read_text(encoding="utf-8") == reference.document(), (
        "run: python -m campaigns.bulletin.reference > docs/bulletin.md"
    )


def test_every_figure_is_in_the_catalogue_in_both_languages_with_its_meaning() -> None:
    counted = {each.name for each in fields(Counts)}
    assert counted == {name for name in FIGURES if not name.endswith("_min")}
    assert set(SHORT) <= set(FIGURES)
    words: list[Word] = [*FIGURES.values()]
    assert all(word.zh and word.en and word.zh_means and word.en_means for word in words)
    assert len({word.zh for word in words}) == len({word.en for word in words}) == len(words)


def test_a_bulletin_is_saved_under_its_day_and_campaign(day: Bulletin, tmp_path: Path) -> None:
    files = save(replace(day, campaign="春季 / 一"), tmp_path / "new", tuple(Format), language="zh")
    assert [path.name for path in files] == [
        f"bulletin-day-2026-11-20-春季_一.{kind}" for kind in ("html", "csv", "json")
    ]
    assert all(path.parent == tmp_path / "new" for path in files)
    (tmp_path / "file").write_text("")
    with pytest.raises(BulletinError, match="--out"):
        save(day, tmp_path / "file", [Format.HTML], language="zh")


@pytest.mark.parametrize(("most", "step"), [(0, 1), (3, 1), (4, 1), (5, 2), (40, 10), (41, 20), (15_000, 5000)])
def test_the_axis_has_round_numbers_and_holds_the_highest_column(most: int, step: int) -> None:
    assert nice_step(most) == step
    chart = columns([Reach(most, most // 2)], ["9"])
    assert len(chart.lines) == 5
    (column,) = chart.columns
    assert 0 <= column.calls_y <= column.reached_y
    assert column.calls_y + column.calls_height == pytest.approx(chart.floor)


def test_figures_are_written_for_people() -> None:
    assert [figure(each) for each in (None, 0, 61_000, 17.5)] == ["–", "0", "61,000", "17.5"]
    assert [change(*each) for each in ((3, 2), (2, 3), (2, 2), (2, 0), (0, 2), (None, 2), (2, None))] == [
        "+50 %",
        "−33 %",
        "±0 %",
        "–",
        "−100 %",
        "–",
        "–",
    ]
    assert [share(1, 3), share(0, 0)] == ["33 %", "–"]
    assert [money(17_920_000.0, "zh"), money(17_920_000.0, "en"), money(5000.0, "zh")] == [
        "1,792 万",
        "17.92 M",
        "5,000",
    ]
    assert [delay(30, "zh"), delay(3600 * 3 + 60 * 20, "zh"), delay(3600, "en")] == [
        "1 分",
        "3 小时 20 分",
        "1 h 0 min",
    ]


def test_a_part_that_was_not_there_before_is_compared_with_nothing(day: Bulletin) -> None:
    parts = {**day.now.parts, Dimension.GROUP: {"渔民": Part(Counts(leads=3))}}
    rows = list(csv.reader(io.StringIO(to_csv(replace(day, now=replace(day.now, parts=parts))))))
    assert ["leads", "group", "渔民", "3", "0", "0"] in rows
