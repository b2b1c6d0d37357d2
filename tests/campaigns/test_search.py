"""What a search found, as it is shown."""

from __future__ import annotations

import pytest

from campaigns.search import AROUND, Excerpt, excerpt, masked

pytestmark = pytest.mark.unit


def test_the_words_are_shown_in_their_context() -> None:
    long = "前" * 40 + "转到安全账户" + "后" * 40
    assert excerpt(long, "安全账户") == Excerpt("…" + ("前" * 40 + "转到")[-AROUND:], "安全账户", "后" * AROUND + "…")
    assert excerpt("安全账户", "安全账户") == Excerpt("", "安全账户", "")


@pytest.mark.parametrize(
    ("text", "wanted", "match"),
    [
        ("He said ＡＢＣ Bank", "abc bank", "ＡＢＣ Bank"),
        ("转 2 万", "2", "2"),
        ("Straße 5", "STRASSE", "Straße"),
        ("㈱甲乙", "甲", "甲"),
    ],
)
def test_case_and_width_do_not_matter_and_the_text_is_shown_as_it_is(text: str, wanted: str, match: str) -> None:
    assert excerpt(text, wanted).match == match


def test_parts_in_several_places_show_the_first_part_or_else_the_beginning() -> None:
    assert excerpt("先到银行，再转两万", "两万 银行").match == "两万"
    assert excerpt("a-b", "c") == Excerpt("", "", "a-b")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张某 · +8611100000011", "张某 · +86111****0011"),
        ("账户 6222 0200 0000 1234 共", "账户 62220200****1234 共"),
        ("转了 20000 元，96110 打来的", "转了 20000 元，96110 打来的"),
    ],
)
def test_numbers_of_people_and_accounts_are_masked_and_sums_are_not(text: str, shown: str) -> None:
    assert masked(text) == shown
