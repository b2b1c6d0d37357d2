"""Sums of money as people write them: 200000, 1,200,000元, 20万, 3.5万元, 三十万, 120k, $1.2M."""

from __future__ import annotations

import re
import unicodedata

MOST = 1e12
_SUM = re.compile(
    r"(?:约|大约|近|涉案|涉及|共|人民币|rmb|cny|usd|us\$|[~¥$€£])*"
    r"([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+|[零〇一二两三四五六七八九十百千万亿]+)"
    r"(?:余|多|来)?(亿|千万|百万|十万|万|w|千|百|k|m|million|thousand)?(?:余|多)?"
    r"(?:元|块|块钱|圆|人民币|rmb|cny|yuan|usd|dollars|左右|以上|整)*"
)
_UNITS = {
    "": 1.0, "百": 1e2, "千": 1e3, "k": 1e3, "thousand": 1e3, "万": 1e4, "w": 1e4, "十万": 1e5, "百万": 1e6,
    "m": 1e6, "million": 1e6, "千万": 1e7, "亿": 1e8,
}  # fmt: skip
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}


def parse_amount(text: str, *, unit: float = 1.0) -> float | None:
    """The sum in a text, ``None`` if it is none. ``unit`` is what a bare number counts (10,000 under 金额(万元))."""
    plain = re.sub(r"(?<=[0-9]) (?=[0-9])", "", unicodedata.normalize("NFKC", text).strip().lower())
    found = _SUM.fullmatch(plain.replace(" ", ""))
    if found is None:
        return None
    number, written_unit = found[1], found[2] or ""
    value = float(number.replace(",", "")) if number[0] in "0123456789." else _spoken(number)
    bare = not written_unit and number[0] in "0123456789."
    amount = value * (unit if bare else _UNITS[written_unit])
    return amount if amount <= MOST else None


def _spoken(text: str) -> float:
    """三十万 as 300000; digits that follow one another count as such (二零 is 20)."""
    total = section = digit = 0
    for sign in text:
        if sign in _DIGITS:
            digit = digit * 10 + _DIGITS[sign]
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            total = (total + section + digit) * (10**4 if sign == "万" else 10**8)
            section = digit = 0
    return float(total + section + digit)
