"""A policy as its author writes it: laid over the standard one, and every mistake told with line and mend."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.model import Grade, Outcome
from campaigns.policy import PolicyError, parse_policy, read_policy, standard
from campaigns.policy.durations import seconds, written
from campaigns.policy.hours import next_open, parse_hours, zone
from campaigns.policy.reading import STANDARD_FILE
from tests.campaigns.policy.cases import at

pytestmark = pytest.mark.unit


def test_an_own_policy_says_only_what_it_has_otherwise() -> None:
    own = parse_policy("after:\n  busy: {delay: 3min}\nin_the_end:\n  low: []\n")
    assert own.rule(Outcome.BUSY).delay_s == 180
    assert own.rule(Outcome.BUSY).limit == standard().rule(Outcome.BUSY).limit
    assert own.in_the_end[Grade.LOW] == ()
    assert own.in_the_end[Grade.HIGH] == standard().in_the_end[Grade.HIGH]


def test_a_call_again_can_be_taken_away() -> None:
    assert parse_policy("after: {busy: {delay: null}}").rule(Outcome.BUSY).delay_s is None


def test_an_empty_text_is_the_standard_policy_and_so_is_its_own_file() -> None:
    assert parse_policy("") == parse_policy("# nothing\n") == standard()
    assert parse_policy(STANDARD_FILE.read_text("utf-8")) == standard()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("after:\n  busy: {dealy: 3min}", "p:2: after.busy.dealy: there is no such setting; did you mean delay?"),
        ("after:\n  buzy: {}", "p:2: after.buzy: 'buzy' is none of 'busy'"),
        ("time_zome: UTC", "p:1: time_zome: there is no such setting; did you mean time_zone?"),
        ("\n\ntime_zone: Asia/Nowhere", "p:3: time_zone: there is no time zone 'Asia/Nowhere'"),
        ("hours:\n  high: always\n  low: 9-10", "p:3: hours.low: '9-10' are no calling hours; write always"),
        ("hours: {low: 25:00-26:00}", "no time of day"),
        ("hours: {low: 'fry 09:00-10:00'}", "'fry' is no weekday; write mon"),
        ("after:\n  busy: {delay: 5}", "p:2: after.busy.delay: 5 is no span of time; write it with its unit"),
        ("after:\n  busy: {delay: 5min, limit: null}", "a call again needs a limit"),
        ("after: {acknowledged: {delay: 5min, limit: 2}}", "nobody is called again after this outcome"),
        ("in_the_end: {high: [vist]}", "p:1: in_the_end.high.0: 'vist' is none of 'sms'"),
        ("goes_before_new_high_after: {low: 1h}", "low one that is no shorter"),
        ("expires_after: 10min", "leads live for 1h at least"),
        ("convinced_by: [busy]", "busy convinces nobody"),
        ("calls: {not_reached: 0}", "p:1: calls.not_reached:"),
        ("a: [", "p:1: is not valid YAML"),
        ("- a", "p:1: must be settings and their values"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_mend(text: str, told: str) -> None:
    with pytest.raises(PolicyError) as error:
        parse_policy(text, name="p")
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PolicyError) as error:
        parse_policy("calls:\n  not_reached: 0\nhours:\n  low: x\n", name="p")
    assert [line.partition(": ")[0] for line in str(error.value).splitlines()] == ["p:4", "p:2"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.yaml: cannot be read: No such file"):
        read_policy(tmp_path / "none.yaml")
    (tmp_path / "old.yaml").write_bytes("# 阶梯\ntime_zone: UTC".encode("gb18030"))
    with pytest.raises(PolicyError, match=r"old\.yaml:1: is not UTF-8"):
        read_policy(tmp_path / "old.yaml")
    (tmp_path / "good.yaml").write_text("time_zone: UTC\n", "utf-8")
    assert read_policy(tmp_path / "good.yaml") == "time_zone: UTC\n"


@pytest.mark.parametrize(
    ("text", "span_s"), [("30s", 30), ("5min", 300), ("2h", 7200), ("3d", 259_200), ("1h30min", 5400), ("1.5h", 5400)]
)
def test_spans_are_written_with_their_units(text: str, span_s: float) -> None:
    assert seconds(text) == span_s
    assert seconds(written(span_s)) == span_s


@pytest.mark.parametrize("text", ["", "5", "5m", "min", "-5min", "5 min 3", 5, None, True])
def test_what_is_no_span_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is no span of time"):
        seconds(text)


@pytest.mark.parametrize(
    ("hours", "moment", "opens", "closes"),
    [
        ("08:30-21:00", "2027-01-13 12:00", "2027-01-13 12:00", "2027-01-13 21:00"),
        ("08:30-12:00, 14:00-21:00", "2027-01-13 12:00", "2027-01-13 14:00", "2027-01-13 21:00"),
        ("22:00-02:00", "2027-01-13 23:00", "2027-01-13 23:00", "2027-01-14 02:00"),
        ("22:00-02:00", "2027-01-14 01:59", "2027-01-14 01:59", "2027-01-14 02:00"),
        ("mon-fri 09:00-18:00", "2027-01-15 18:00", "2027-01-18 09:00", "2027-01-18 18:00"),
        ("sat,sun 10:00-18:00; fri 19:00-20:00", "2027-01-13 12:00", "2027-01-15 19:00", "2027-01-15 20:00"),
        ("00:00-24:00", "2027-01-13 12:00", "2027-01-13 12:00", "2027-01-29 00:00"),
        ("fri-mon 09:00-10:00", "2027-01-12 09:00", "2027-01-15 09:00", "2027-01-15 10:00"),
    ],
)
def test_hours_by_day_and_over_midnight(hours: str, moment: str, opens: str, closes: str) -> None:
    where = zone("Asia/Shanghai")
    assert where is not None
    assert next_open(parse_hours(hours), at(moment), where) == (at(opens), at(closes))


@pytest.mark.parametrize(
    ("hours", "moment", "spans"),
    [
        # Clocks go from 02:00 to 03:00: the hour between does not exist.
        ("01:30-02:30", "2027-03-14 00:00", [("2027-03-14 06:30", "2027-03-14 07:00")]),
        # Clocks go from 02:00 back to 01:00: the hour from 01:00 is there twice.
        (
            "00:30-01:30",
            "2027-11-07 00:00",
            [("2027-11-07 04:30", "2027-11-07 05:30"), ("2027-11-07 06:00", "2027-11-07 06:30")],
        ),
    ],
)
def test_hours_on_days_when_clocks_are_changed(hours: str, moment: str, spans: list[tuple[str, str]]) -> None:
    where = ZoneInfo("America/New_York")
    now = datetime.fromisoformat(moment).replace(tzinfo=where).timestamp()
    for opens, closes in spans:
        found = next_open(parse_hours(hours), now, where)
        assert found == (at(opens, "UTC"), at(closes, "UTC"))
        assert found[1] is not None
        now = found[1]
