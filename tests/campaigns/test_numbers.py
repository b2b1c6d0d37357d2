"""Telephone numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.numbers import NEVER_DIAL, NumberError, caller_id, mask, normalise

pytestmark = pytest.mark.unit

WRITTEN = [
    ("11100000011", "+8611100000011"),
    ("111 0000 0011", "+8611100000011"),
    ("111-0000-0011", "+8611100000011"),
    ("+86 111 0000 0011", "+8611100000011"),
    ("+86-111-0000-0011", "+8611100000011"),
    ("(+86)11100000011", "+8611100000011"),
    ("8611100000011", "+8611100000011"),
    ("008611100000011", "+8611100000011"),
    ("0086 111 0000 0011", "+8611100000011"),
    ("011100000011", "+8611100000011"),
    ("１１１００００００１１", "+8611100000011"),
    ("＋８６ １１１ ００００ ００１１", "+8611100000011"),
    ("111–0000–0011", "+8611100000011"),
    ("\u202a11100000011\u202c", "+8611100000011"),
    ("'11100000011", "+8611100000011"),
    ('="11100000011"', "+8611100000011"),
    ("11100000011.0", "+8611100000011"),
    ("tel:+8611100000011", "+8611100000011"),
    # phonenumbers alone would take 11100 for a carrier's code and drop it
    ("11100001000", "+8611100001000"),
    ("+8611100099999", "+8611100099999"),
    ("0555 0100 0011", "+8655501000011"),
    ("(0555) 01000011", "+8655501000011"),
    ("010-5550 0011", "+861055500011"),
    ("+1 202 555 0101", "+12025550101"),
    ("+1 (202) 555-0101", "+12025550101"),
    ("001 202.555.0101", "+12025550101"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_any_usual_way_of_writing_becomes_e164(text: str, expected: str) -> None:
    assert normalise(text) == expected
    assert normalise(expected) == expected


def test_the_default_region_decides_for_numbers_without_a_country() -> None:
    assert normalise("202 555 0101", region="US") == "+12025550101"
    assert normalise("1 202 555 0101", region="US") == "+12025550101"
    assert normalise("+8611100000011", region="US") == "+8611100000011"


@pytest.mark.parametrize("last", range(100))
def test_the_rehearsal_ranges_pass(last: int) -> None:
    assert normalise(f"111000000{last:02d}") == f"+86111000000{last:02d}"
    assert normalise(f"+1202555{100 + last:04d}") == f"+1202555{100 + last:04d}"


REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("无", "no digits"),
    ("abc", "no digits"),
    ("1.38E+10", "digits are lost"),
    ("11100000011/11100000012", "more than one"),
    ("11100000011,11100000012", "more than one"),
    ("11100000011 ext 5", "extension"),
    ("1-800-FLOWERS", "not a telephone number"),
    ("1110000001", "11 digits"),
    ("111000000112", "11 digits"),
    ("55500011", "10 or 11 digits"),
    ("+1 202 5550", "area code is missing"),
    ("+1 202 555 0101 999", "too long"),
    ("+999 12345678", "not a telephone number"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_cannot_be_called_is_refused_with_reason_and_mend(text: str, reason: str) -> None:
    with pytest.raises(NumberError, match=reason) as error:
        normalise(text)
    assert error.value.mend


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "96110", "10086", "12345", "911", "999"])
@pytest.mark.parametrize("prefix", ["", "+86", "86", "0086", "010", "020-", "+86 755 ", "0"])
def test_emergency_and_service_numbers_are_never_dialled(number: str, prefix: str) -> None:
    with pytest.raises(NumberError, match="never dialled"):
        normalise(prefix + number)
    assert number in NEVER_DIAL


@pytest.mark.parametrize("number", ["911", "999", "112", "988"])
def test_nor_are_they_in_another_region(number: str) -> None:
    with pytest.raises(NumberError, match="never dialled"):
        normalise(number, region="US")
    with pytest.raises(NumberError, match="never dialled"):
        normalise("+1" + number, region="US")


def test_a_caller_may_be_a_service_number() -> None:
    assert caller_id("96110") == "96110"
    assert caller_id("020 5550 0011") == "+862055500011"
    with pytest.raises(NumberError):
        caller_id("police")


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+8611100000011", "+86111****0011"), ("+12025550101", "+120****0101"), ("96110", "***10"), ("", "")],
)
def test_a_log_shows_a_number_masked(number: str, masked: str) -> None:
    assert mask(number) == masked


@given(st.text(max_size=40))
def test_no_text_brings_anything_but_e164_or_a_clear_refusal(text: str) -> None:
    try:
        number = normalise(text)
    except NumberError:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert 8 <= len(number) <= 18


@given(st.from_regex(r"\+?[0-9 ()-]{1,18}", fullmatch=True))
def test_what_was_normalised_stays_as_it_is(text: str) -> None:
    try:
        number = normalise(text)
    except NumberError:
        return
    assert normalise(number) == number
