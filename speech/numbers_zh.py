"""Numbers as Mandarin speaks them: cardinals, digit strings, the choice between 二 and 两."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_TELEPHONE = str.maketrans("0123456789", "零幺二三四五六七八九")
_PLAIN = str.maketrans("0123456789", _DIGITS)


def telephone_digits(text: str) -> str:
    """Read a telephone, card or room number digit by digit, with 幺 for 1. Other characters stay."""
    return text.translate(_TELEPHONE)


def plain_digits(text: str) -> str:
    """Read digit by digit with 一 for 1, as years and decimals are. Other characters stay."""
    return text.translate(_PLAIN)


def cardinal(number: int) -> str:
    """Read an integer of zero or more with 二, never 两: 12000 is 一万二千."""
    text = _spoken(number)
    return text[1:] if text.startswith("一十") else text


def quantity(number: int) -> str:
    """Read an integer as so many of something: 两 alone, before 千, 万 and 亿, and for a leading 二百."""
    if number == 2:
        return "两"
    return re.sub(r"(?<![十零])二(?=[千万亿])|^二(?=百)", "两", cardinal(number))


def decimal(text: str) -> str:
    """Read ``1.25`` as 一点二五 and an integer as `cardinal` does; commas between thousands are dropped."""
    whole, _, fraction = text.replace(",", "").partition(".")
    return cardinal(int(whole or "0")) + ("点" + plain_digits(fraction) if fraction else "")


def _spoken(number: int) -> str:
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            head, rest = divmod(number, unit)
            gap = "零" if rest < unit // 10 else ""
            return _spoken(head) + name + (gap + _spoken(rest) if rest else "")
    return _DIGITS[number]
