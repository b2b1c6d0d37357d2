"""Where orders go: by kind, then by the longest precinct that fits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from campaigns.delivery.channel import Parcel, Receipt
from campaigns.delivery.routes import RouteError, Routes, Served
from campaigns.follow_up import FollowUpKind

pytestmark = pytest.mark.unit

VISIT, BLOCK, SMS = FollowUpKind.VISIT, FollowUpKind.BLOCK, FollowUpKind.SMS


@dataclass(frozen=True)
class Named:
    name: str
    kinds: frozenset[FollowUpKind]
    tells_repetitions: bool = True

    async def deliver(self, parcel: Parcel) -> Receipt:
        raise AssertionError("nothing is delivered here")


def served(name: str, kinds: set[FollowUpKind], *precincts: str) -> Served:
    return Served(Named(name, frozenset(kinds)), precincts)


ROUTES = Routes(
    [
        served("city", {VISIT, BLOCK}, "广州市"),
        served("tianhe", {VISIT}, "广州市/天河区", "广州市/越秀区"),
        served("station", {VISIT}, "广州市/天河区/示例派出所"),
        served("rest", {VISIT}),
    ]
)


@pytest.mark.parametrize(
    ("precinct", "name"),
    [
        ("广州市/天河区/示例派出所/第三社区", "station"),
        ("广州市/天河区/别的派出所", "tianhe"),
        (" 广州市 / 越秀区 ", "tianhe"),
        ("广州市//示例派出所", "city"),
        ("广州市/天河", "city"),
        ("深圳市/天河区", "rest"),
        ("", "rest"),
    ],
)
def test_the_longest_precinct_that_fits_wins(precinct: str, name: str) -> None:
    found = ROUTES.channel(VISIT, precinct)
    assert found is not None
    assert found.name == name


def test_a_kind_or_a_place_that_nobody_serves_has_no_receiver() -> None:
    assert ROUTES.channel(SMS, "广州市") is None
    assert ROUTES.channel(BLOCK, "深圳市") is None
    assert ROUTES.kinds == {VISIT, BLOCK}


def test_an_order_cannot_have_two_receivers() -> None:
    with pytest.raises(RouteError, match="a and b both take visit orders in 广州市"):
        Routes([served("a", {VISIT}, "广州市/"), served("b", {VISIT}, "广州市")])
    with pytest.raises(RouteError, match="everywhere"):
        Routes([served("a", {VISIT}), served("b", {VISIT, SMS})])
