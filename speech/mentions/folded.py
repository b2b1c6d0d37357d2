"""A text in one width and one case, with the way back to how it was written."""

from __future__ import annotations

import re
import unicodedata

HIDDEN = "\x00"
"""Stands where a stretch has been understood already and must not be read again."""


class Folded:
    """NFKC and lower case, character by character."""

    def __init__(self, text: str) -> None:
        self.original = text
        chars: list[str] = []
        self._origin: list[int] = []
        for place, char in enumerate(text):
            folded = char if "\u4e00" <= char <= "\u9fff" else unicodedata.normalize("NFKC", char).lower()
            chars.append(folded)
            self._origin.extend([place] * len(folded))
        self.text = "".join(chars).replace(HIDDEN, " ")

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of ``text``, not empty, comes from."""
        return self._origin[start], self._origin[end - 1] + 1


def hide(text: str, start: int, end: int) -> str:
    """The text with a stretch made unreadable; its length stays."""
    return text[:start] + HIDDEN * (end - start) + text[end:]


def hide_all(text: str, pattern: re.Pattern[str]) -> str:
    """The text with every match made unreadable; its length stays."""
    return pattern.sub(lambda found: HIDDEN * len(found[0]), text)
