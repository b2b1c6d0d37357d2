"""Reading a file of rows as people's spreadsheets write it: encoding, delimiter, quotes, physical lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024
MAX_LINES_OF_A_ROW = 20
"""A quoted field may hold line breaks; one that goes on for longer is a quote that was never closed."""
_DELIMITERS = ",;\t"


class TableError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or what is wrong with it."""

    line: int
    """The physical line of the file on which it begins, from 1."""
    cells: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows."""

    encoding: str
    delimiter: str
    header: Row
    lines: tuple[str, ...]
    """All physical lines with their ends."""

    def rows(self) -> Iterator[Row]:
        """The rows after the header; blank lines are passed over."""
        return _rows(self.lines, self.delimiter, start=_next_line(self.lines, self.delimiter, self.header))


def read_table(path: Path) -> Table:
    """Read a CSV file; raises `TableError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TableError(f"{path} is larger than {MAX_BYTES // 2**20} MB; split it")
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror or error}") from error
    return parse_table(content, name=str(path))


def parse_table(content: bytes, *, name: str) -> Table:
    """Read the content of a CSV file; raises `TableError`."""
    text, encoding = _decode(content, name)
    lines = _split(text)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise TableError(f"{name} is empty; it needs a header line and a row for each lead")
    delimiter = max(_DELIMITERS, key=first.count)
    header = next(_rows(lines, delimiter, start=0))
    if header.error:
        raise TableError(f"{name}, line {header.line}: the header cannot be read: {header.error}")
    return Table(encoding, delimiter, header, lines)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableError(f"{name} is an Excel workbook, not CSV; save it as CSV UTF-8 and import that")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\x00" in content:
        raise TableError(f"{name} is not a CSV file (it holds binary data); export the leads as CSV UTF-8")
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise TableError(f"{name} is neither UTF-8 nor GB18030 text; export the leads as CSV UTF-8")


def _split(text: str) -> tuple[str, ...]:
    r"""Lines that end with \n, \r\n or \r alone, as editors count them."""
    return tuple(line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _rows(lines: tuple[str, ...], delimiter: str, *, start: int) -> Iterator[Row]:
    """Rows from the line with index ``start``; a row that cannot be parsed costs its first line only."""
    at = start
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        reader = csv.reader(lines[at : at + MAX_LINES_OF_A_ROW], delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            yield Row(at + 1, (lines[at].rstrip("\r\n"),), error=_explained(error))
            at += 1
            continue
        if any(cell.strip() for cell in cells):
            yield Row(at + 1, tuple(cells))
        at += reader.line_num


def _next_line(lines: tuple[str, ...], delimiter: str, header: Row) -> int:
    reader = csv.reader(lines[header.line - 1 :][:MAX_LINES_OF_A_ROW], delimiter=delimiter, strict=True)
    next(reader)
    return header.line - 1 + reader.line_num


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "a quote is opened and not closed"
    if "expected after" in text:
        return "text follows a closing quote"
    return text
