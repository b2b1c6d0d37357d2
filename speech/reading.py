"""Text as a person reads it aloud: no digit, sign or picture is left for a synthesiser to guess at."""

from __future__ import annotations

import re
import unicodedata

from speech.reading_en import read_english
from speech.reading_zh import read_mandarin

_READERS = {"zh": read_mandarin, "cmn": read_mandarin, "en": read_english}
_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u2bff\ufe00-\ufe0f\u200b-\u200f\u2060\u20e3\ufeff]"
)
_DASHES = str.maketrans({"−": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "﹣": "-", "〜": "~", "⁄": "/"})


class ReadingError(ValueError):
    """Nobody here knows how to read that language aloud."""


def read_aloud(text: str, language: str) -> str:
    """Write numbers, dates, amounts, telephone numbers and signs as the words that a person says.

    What has been read already stays as it is. Text without anything that can be said gives the empty string.

    Args:
        text: what a script says, placeholders filled.
        language: BCP 47 tag; the first part decides (``zh-CN``, ``en-US``).

    Raises:
        ReadingError: for a language other than Mandarin and English.
    """
    reader = _READERS.get(language.split("-", maxsplit=1)[0].lower())
    if reader is None:
        raise ReadingError(f"no reader for the language {language!r}: use zh-CN or en-US")
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return reader(_PICTURES.sub("", text))
