"""A text message as the radio network carries it: GSM 7 bit if its alphabet has every character, else UCS-2; in parts.

3GPP TS 23.038 (alphabets) and TS 23.040 9.2.3.24.1 (parts). SMPP carries GSM 7 bit unpacked, one character a byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MAX_PARTS = 6
"""A warning is short; a text that needs more parts is a mistake."""

_GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_GSM = {
    **{char: bytes([code]) for code, char in enumerate(_GSM_BASIC) if code != _ESCAPE},
    **{
        char: bytes([_ESCAPE, code])
        for char, code in {
            "\f": 0x0A,
            "^": 0x14,
            "{": 0x28,
            "}": 0x29,
            "\\": 0x2F,
            "[": 0x3C,
            "~": 0x3D,
            "]": 0x3E,
            "|": 0x40,
            "€": 0x65,
        }.items()
    },
}


class Alphabet(Enum):
    """How characters are coded."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"

    @property
    def whole(self) -> int:
        """Bytes that go as one message."""
        return 160 if self is Alphabet.GSM7 else 140

    @property
    def part(self) -> int:
        """Bytes of text in one of several parts, beside their header of 6 bytes."""
        return 153 if self is Alphabet.GSM7 else 134


class TextTooLongError(ValueError):
    """More than `MAX_PARTS` parts."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A text cut into parts, none of which splits a character."""

    alphabet: Alphabet
    parts: tuple[bytes, ...]


def encode(text: str) -> Coded:
    """Code a text; raises `TextTooLongError`."""
    alphabet = Alphabet.GSM7 if all(char in _GSM for char in text) else Alphabet.UCS2
    if alphabet is Alphabet.GSM7:
        characters = [_GSM[char] for char in text]
    else:
        characters = [char.encode("utf-16-be", "replace") for char in text]
    whole = b"".join(characters)
    if len(whole) <= alphabet.whole:
        return Coded(alphabet, (whole,))
    parts = [b""]
    for character in characters:
        if len(parts[-1]) + len(character) > alphabet.part:
            parts.append(b"")
        parts[-1] += character
    if len(parts) > MAX_PARTS:
        raise TextTooLongError(f"the text needs {len(parts)} messages; at most {MAX_PARTS} are sent")
    return Coded(alphabet, tuple(parts))


def with_header(part: bytes, *, reference: int, total: int, number: int) -> bytes:
    """A part with the header by which a phone puts the parts together; ``number`` counts from 1."""
    return bytes([5, 0, 3, reference & 0xFF, total, number]) + part
