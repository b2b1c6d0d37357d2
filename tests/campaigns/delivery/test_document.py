"""What an order carries: by the published schema, from the case as it is now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from campaigns.delivery.document import key, route
from campaigns.delivery.document_schema import document, schema
from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import Lead
from tests.campaigns.delivery.cases import lead, writer
from tests.campaigns.delivery.made import history, order, parcel

pytestmark = pytest.mark.unit


def details(kind: FollowUpKind, **more: Any) -> Any:
    return parcel(kind, **more).document["details"]


@pytest.mark.parametrize("kind", FollowUpKind)
def test_every_kind_of_order_fits_the_schema(kind: FollowUpKind) -> None:
    jsonschema.validate(parcel(kind).document, schema())
    bare = writer().parcel(order(kind, {}), history(Lead("+8611100000001"), mentions=()))
    jsonschema.validate(bare.document, schema())


def test_the_published_schema_is_the_one_of_the_code(repository: Path) -> None:
    published = (repository / "docs" / "follow-up.schema.json").read_text(encoding="utf-8")
    assert published == document(), "write it anew: python -m campaigns.delivery.document_schema"
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_key_is_the_same_for_every_try_and_another_for_the_same_id_in_a_new_database() -> None:
    first = order(FollowUpKind.VISIT, {})
    again = replace(first, tries=7, state=FollowUpState.SENT, next_try_at=first.ordered_at + 60)
    other = replace(first, ordered_at=first.ordered_at + 0.001)
    assert key("gz", first) == key("gz", again) == parcel(FollowUpKind.VISIT).key == "gz-42-1800000000000"
    assert len({key("gz", first), key("gz", other), key("sz", first)}) == 3


def test_a_visit_says_who_where_and_what_was_heard_and_how_much_is_at_risk() -> None:
    told: Any = parcel(FollowUpKind.VISIT, data={"why": "denies 1 of 1"}).document
    assert told["subject"]["route"] == ["广州市", "天河区", "示例派出所", "第三社区"]
    assert told["case"]["amount_at_risk"] == 250_000.0
    assert told["why"] == "denies 1 of 1"
    assert [(each["name"], each["words"]) for each in told["heard"]["signals"]] == [
        ("coached", "他不让我挂电话"),
        ("about_to_send", "他不让我挂电话"),
    ]
    assert [each["value"] for each in told["heard"]["mentions"] if each["kind"] == "amount"] == ["200000"]


def test_a_stop_payment_names_the_accounts_of_the_warning_and_those_heard_each_once() -> None:
    accounts = details(FollowUpKind.STOP_PAYMENT)["accounts"]
    assert [(each["value"], each["source"]) for each in accounts] == [
        ("6222000000000001", "lead"),
        ("6222000000000009", "call"),
    ]
    assert details(FollowUpKind.STOP_PAYMENT)["amounts"] == ["200000"]


def test_a_block_report_names_what_was_heard_but_no_number_of_ours_and_nothing_twice() -> None:
    told = details(FollowUpKind.BLOCK)
    assert {name: [each["value"] for each in values] for name, values in told.items()} == {
        "phones": ["+8611100000077"],
        "sites": ["example.invalid"],
        "apps": ["屏幕共享会议"],
    }
    before = order(FollowUpKind.BLOCK, {"phones": ["+8611100000077"], "apps": ["屏幕共享会议"]}, id_=9)
    again: Any = writer().parcel(order(FollowUpKind.BLOCK, {}), history(lead(), before)).document["details"]
    assert (again["phones"], again["apps"], len(again["sites"])) == ([], [], 1)


def test_a_message_says_whom_it_goes_to() -> None:
    told = details(FollowUpKind.SMS)
    assert (told["to"], told["flash"]) == ("+8611100000001", True)


@pytest.mark.parametrize(
    ("precinct", "parts"),
    [
        ("", ()),
        ("广州市", ("广州市",)),
        (" 广州市 / 天河区 /", ("广州市", "天河区")),
        ("广州市//示例派出所", ("广州市", "", "示例派出所")),
    ],
)
def test_a_level_that_is_not_known_keeps_its_place(precinct: str, parts: tuple[str, ...]) -> None:
    assert route(precinct) == parts
