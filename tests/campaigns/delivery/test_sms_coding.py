"""Texts as the radio network carries them: alphabet, parts, no character split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery.sms_coding import MAX_PARTS, Alphabet, TextTooLongError, encode, with_header

pytestmark = pytest.mark.unit

GSM = "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCZÄÖÑÜ§¿abczäöñüà^{}\\[~]|€"


def test_the_gsm_alphabet_is_used_if_it_has_every_character() -> None:
    assert encode("Hello @ 5$ [ok] €").alphabet is Alphabet.GSM7
    assert encode("Hello @ 5$ [ok] €").parts == (b"Hello \x00 5\x02 \x1b<ok\x1b> \x1be",)
    assert encode("don`t").alphabet is Alphabet.UCS2
    assert encode("请").parts == ("请".encode("utf-16-be"),)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("请" * 70, 1), ("请" * 71, 2), ("请" * 134, 2)],
)
def test_the_number_of_messages_is_that_of_the_standard(text: str, parts: int) -> None:
    assert len(encode(text).parts) == parts


def test_what_needs_too_many_messages_is_refused() -> None:
    encode("请" * 67 * MAX_PARTS)
    with pytest.raises(TextTooLongError, match="needs 7 messages; at most 6"):
        encode("请" * (67 * MAX_PARTS + 1))


@given(st.text(alphabet=st.sampled_from(GSM + "请😀"), max_size=300))
def test_parts_put_together_are_the_text_and_no_character_is_split(text: str) -> None:
    coded = encode(text)
    assert all(len(part) <= coded.alphabet.part for part in coded.parts) or len(coded.parts) == 1
    if coded.alphabet is Alphabet.UCS2:
        assert "".join(part.decode("utf-16-be") for part in coded.parts) == text
    else:
        assert not any(part.endswith(b"\x1b") for part in coded.parts)
        assert b"".join(coded.parts) == b"".join(encode(char).parts[0] for char in text)


def test_a_part_names_its_message_its_place_and_their_number() -> None:
    assert with_header(b"x", reference=0x1FF, total=3, number=2) == b"\x05\x00\x03\xff\x03\x02x"
