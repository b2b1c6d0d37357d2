"""Text as the index holds it, so that any part of it is found, one Chinese character included.

SQLite's own trigram tokenizer finds nothing below three characters, and most Chinese words have two. Runs of letters
other than ASCII are therefore cut into overlapping pairs, runs of ASCII letters and digits into overlapping fours, and
each run ends with its shorter tails: 银行卡 is ``银行 行卡 卡``, 96110 is ``9611 6110 110 10 0``. A part as long as a
piece or longer is then a phrase of pieces, a shorter one the beginning of a piece; no phrase runs over a run's end.
"""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"([a-z0-9]+)|([^\W_a-z0-9]+)")
_ASCII_PIECE = 4
_OTHER_PIECE = 2


def indexed(text: str) -> str:
    """What goes into the index for a text: pieces with spaces between them."""
    return " ".join([run[at : at + size] for run, size in _runs(text) for at in range(len(run))])


def query(text: str) -> str | None:
    """The question to the index for what somebody looks for; ``None`` if that holds no letter and no digit."""
    return " AND ".join(_part(run, size) for run, size in dict.fromkeys(_runs(text))) or None


def _runs(text: str) -> list[tuple[str, int]]:
    """Runs of letters and digits, each with the length of its pieces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [(found.group(), _ASCII_PIECE if found.group(1) else _OTHER_PIECE) for found in _RUN.finditer(plain)]


def _part(run: str, size: int) -> str:
    if len(run) < size:
        return f'"{run}" *'
    return '"' + " ".join(run[at : at + size] for at in range(len(run) - size + 1)) + '"'
