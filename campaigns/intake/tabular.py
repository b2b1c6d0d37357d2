"""Text of rows as people's spreadsheets write it: encoding, delimiter, quotes, physical lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.intake.errors import SourceError
from campaigns.messages import Said, said

MAX_LINES_OF_A_ROW = 20
"""A quoted field may hold line breaks; one that goes on for longer is a quote that was never closed."""
MAX_CELL = 131_072
"""Characters of one cell: the limit of Python's csv module."""
_DELIMITERS = ",;\t"
_LOOKED_AT = 10
"""Lines from which the delimiter is guessed."""


@dataclass(frozen=True, slots=True)
class CellRow:
    """One row, or what is wrong with it."""

    line: int
    """The physical line of the file on which it begins, from 1."""
    cells: tuple[object, ...]
    said: Said | None = None


def decode(content: bytes, *, name: str) -> tuple[str, str]:
    """A file's text and its encoding: UTF-8 with or without byte order mark, UTF-16 with one, GB18030.

    Raises `SourceError`.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif content[1:2] == b"\x00" and content[3:4] == b"\x00" and content[:1] != b"\x00":
        candidates = ["utf-16-le"]
    elif b"\x00" in content:
        raise SourceError(said("file.binary", name=name))
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise SourceError(said("file.encoding" if len(candidates) > 1 else "file.binary", name=name))


def split_lines(text: str) -> tuple[str, ...]:
    r"""Lines that end with \n, \r\n or \r alone, as editors count them."""
    return tuple(line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def delimiter_of(lines: tuple[str, ...]) -> str:
    """What separates cells: judged by the first line that has any."""
    looked_at = [line for line in lines[:100] if line.strip()][:_LOOKED_AT]
    counted = next((line for line in looked_at if any(each in line for each in _DELIMITERS)), "")
    return max(_DELIMITERS, key=counted.count)


def read_rows(lines: tuple[str, ...], delimiter: str) -> Iterator[CellRow]:
    """The rows that are not blank; one that cannot be parsed costs its first line only."""
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        reader = csv.reader(lines[at : at + MAX_LINES_OF_A_ROW], delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            yield CellRow(at + 1, (lines[at].rstrip("\r\n"),), _explained(error))
            at += 1
            continue
        if any(cell.strip() for cell in cells):
            yield CellRow(at + 1, tuple(cells))
        at += reader.line_num


def _explained(error: csv.Error) -> Said:
    text = str(error)
    if "unexpected end of data" in text:
        return said("row.quote_open")
    if "expected after" in text:
        return said("row.quote_text")
    if "field larger" in text:
        return said("cell.long", limit=MAX_CELL)
    return said("row.csv", why=text)
