"""What a search found, as it is shown: the words in their context, numbers masked."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from campaigns.numbers import mask

AROUND = 24
"""Characters that are shown on either side."""
_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){6,}")


class Excerpt(NamedTuple):
    """A stretch of a text with what was looked for."""

    before: str
    match: str
    """Empty if its parts stand in several places: then ``after`` is the beginning of the text."""
    after: str


def excerpt(text: str, wanted: str) -> Excerpt:
    """What was looked for as it stands in the text, with what is around it; case and width do not matter."""
    plain, origin = _plain(text)
    parts = [wanted, *wanted.split()]
    for part in parts:
        needle, _ = _plain(part.strip())
        at = plain.find(needle) if needle else -1
        if at >= 0:
            begin, end = origin[at], origin[at + len(needle) - 1] + 1
            return Excerpt(_cut_left(text[:begin]), text[begin:end], _cut_right(text[end:]))
    return Excerpt("", "", _cut_right(text, 2 * AROUND))


def masked(text: str) -> str:
    """A text with its telephone and account numbers masked."""
    return _NUMBER.sub(lambda found: mask(re.sub(r"[ -]", "", found.group())), text)


def _plain(text: str) -> tuple[str, list[int]]:
    """A text as it is compared, and for each of its characters the place in the text that it comes from."""
    found = [
        (each, at) for at, character in enumerate(text) for each in unicodedata.normalize("NFKC", character).casefold()
    ]
    return "".join(each for each, _ in found), [at for _, at in found]


def _cut_left(text: str) -> str:
    return text if len(text) <= AROUND else f"…{text[-AROUND:]}"


def _cut_right(text: str, length: int = AROUND) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
