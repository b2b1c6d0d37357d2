"""Telephone numbers, accounts, sums, apps and sites in a reply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from speech.mentions import MentionKind, Owner, mentions
from speech.mentions.numbered import identity_card, luhn
from speech.numbers_zh import quantity
from tests.speech.mentions import LANGUAGES, Labelled, labelled

pytestmark = pytest.mark.unit

DEVELOPMENT = [(language, each) for language in LANGUAGES for each in labelled(language) if not each.held_out]


@pytest.mark.parametrize(("language", "reply"), DEVELOPMENT, ids=[each.text[:40] for _, each in DEVELOPMENT])
def test_a_reply_names_what_a_person_hears_in_it(language: str, reply: Labelled) -> None:
    found = mentions(reply.text, language, region=reply.region)
    assert {(each.kind, each.value) for each in found} == set(reply.names)
    subjects = {(each.kind, each.value) for each in found if each.owner is Owner.SUBJECT}
    assert subjects == {name for name, owner in reply.owners if owner is Owner.SUBJECT}


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_replies_are_read_nearly_as_well(language: str) -> None:
    right = wanted = told = 0
    for reply in labelled(language):
        if reply.held_out:
            found = {(each.kind, each.value) for each in mentions(reply.text, language, region=reply.region)}
            right += len(found & set(reply.names))
            wanted += len(reply.names)
            told += len(found)
    assert right / told >= 0.9
    assert right / wanted >= 0.9


def test_there_are_enough_labelled_replies() -> None:
    assert len(labelled("zh-CN")) >= 150
    assert len(labelled("en")) >= 100


def test_a_sum_keeps_its_currency() -> None:
    assert [each.currency for each in mentions("五百美金，三万块，两千u，八千", "zh-CN")] == ["USD", "CNY", "USDT", ""]
    assert [each.currency for each in mentions("$500 and then three hundred pounds and ten grand", "en")] == [
        "USD",
        "GBP",
        "",
    ]


def test_a_full_width_number_is_told_as_it_was_written() -> None:
    (found,) = mentions("对方手机：１１１００００００１７。", "zh-CN")
    assert (found.value, found.words) == ("11100000017", "１１１００００００１７")


def test_a_correction_belongs_to_the_words() -> None:
    (found,) = mentions("电话是幺幺幺零零零零零零幺幺，不对，是零零幺二", "zh-CN")
    assert found.value == "11100000012"
    assert found.words == "幺幺幺零零零零零零幺幺，不对，是零零幺二"


@pytest.mark.parametrize("number", ["96110", "110", "10086", "12345"])
def test_the_hotline_and_its_like_are_never_a_fraudsters_number(number: str) -> None:
    assert mentions(f"电话是{number}", "zh-CN") == ()


def test_the_check_digit_decides_between_two_readings_of_a_correction() -> None:
    wrong, right = "6200000000000015", "6200000000000005"
    assert not luhn(wrong)
    assert luhn(right)
    (found,) = mentions(f"账号{wrong[:8]}，{wrong[8:]}，不对，{right[8:]}", "zh-CN")
    assert found.value == right


def test_an_identity_number_is_no_account() -> None:
    assert identity_card("119999199001011234")
    assert not identity_card("119999199002301234")
    assert mentions("卡号没有，身份119999199001011234", "zh-CN") == ()


LETTERS = st.sampled_from(
    [
        *"零一二三四五六七八九十百千万亿两双个点幺要半来多的是,，。.:/-+@ 0123456789wk块元",
        *(
            "尾号",
            "账号",
            "电话",
            "不对",
            "软件",
            "叫",
            "三个",
            "www.",
            "点com",
            "我的",
            "\u0130",
            "ﬁ",
            "\x00",
            "\ud800",
        ),
        *(
            " one",
            " oh",
            " double",
            " hundred",
            " thousand",
            " point",
            " and",
            " a",
            " half",
            " dot",
            " com",
            " no wait",
        ),
        *(" account", " number", " $", " plus", " ending in", " called", " app", " k", " twenty", " million"),
    ]
)


@given(
    st.one_of(st.text(max_size=200), st.lists(LETTERS, max_size=60).map("".join)),
    st.sampled_from(["zh-CN", "en", "fr"]),
)
def test_no_text_is_refused_and_every_span_lies_in_it(text: str, language: str) -> None:
    last = 0
    for found in mentions(text, language, region="GB" if language == "en" else "CN"):
        assert 0 <= last <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.words
        assert found.value
        last = found.start
        if found.kind is MentionKind.AMOUNT:
            assert float(found.value) > 0
        if found.kind is MentionKind.PHONE:
            assert found.value.removeprefix("+").isdigit()


@given(
    st.text("0123456789", min_size=10, max_size=10), st.sampled_from(["零幺二三四五六七八九", "零一二三四五六七八九"])
)
def test_a_mobile_number_is_heard_however_its_digits_are_said(digits: str, spoken: str) -> None:
    number = "11" + digits[1:]
    said = "".join(spoken[int(digit)] for digit in number)
    assert [each.value for each in mentions(f"他电话是{said}", "zh-CN") if each.kind is MentionKind.PHONE] == [number]


@given(st.integers(1000, 99_999_999))
def test_every_sum_that_can_be_said_is_understood(amount: int) -> None:
    (found,) = mentions(f"转了{quantity(amount)}块钱", "zh-CN")
    assert (found.kind, found.value) == (MentionKind.AMOUNT, str(amount))


@given(st.integers(1000, 9_999_999))
def test_every_sum_that_can_be_said_in_english_is_understood(amount: int) -> None:
    (found,) = mentions(f"i sent {num2words(amount).replace(',', '')} dollars", "en")
    assert (found.kind, found.value) == (MentionKind.AMOUNT, str(amount))
