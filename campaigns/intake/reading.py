"""One way in for leads, whatever they are written in: told by content, not by the name of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.intake.errors import SourceError
from campaigns.intake.headings import Columns, Headings, Slot
from campaigns.intake.tabular import CellRow, decode, delimiter_of, read_rows, split_lines
from campaigns.intake.workbook import Range, Workbook
from campaigns.messages import Said, said

MAX_BYTES = 256 * 1024 * 1024
MAX_WORKBOOK_BYTES = 64 * 1024 * 1024
HEADER_WITHIN = 10
"""Rows among which the headings are looked for: a title may stand above them."""
_BLANK = "\ufeff \t\r\n"
MAX_JSON_LINE = 1_000_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it says of a lead, or what is wrong with it as a whole."""

    line: int
    """Physical line of a text file, row of a sheet, or place in a JSON list; from 1."""
    values: Mapping[Slot, object]
    original: object
    """The cells of a table, or the value or text of JSON, as they were."""
    said: Said | None = None


@dataclass
class Source:
    """Leads as they came, not yet checked."""

    kind: str
    """``csv``, ``xlsx``, ``json``."""
    encoding: str
    """Of text; empty for a workbook."""
    digest: str
    """Names the content."""
    header: tuple[str, ...]
    """The headings of a table; empty for JSON."""
    headings: Mapping[str, str]
    """Field of a lead to the heading under which it came."""
    ignored: list[str] = field(default_factory=list)
    """Headings and keys that are no part of a lead; those of JSON are known once the rows were read."""
    _rows: Iterator[Row] = field(default_factory=lambda: iter(()))

    def rows(self) -> Iterator[Row]:
        """The rows, once."""
        return self._rows


def read_file(path: Path, *, headings: Headings | None = None, sheet: str = "") -> Source:
    """Leads in a CSV, XLSX or JSON file; raises `SourceError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(said("file.large", name=path, limit=MAX_BYTES // 2**20))
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(said("file.read", name=path, why=error.strerror or error)) from error
    return read_content(content, name=str(path), headings=headings, sheet=sheet)


def read_content(content: bytes, *, name: str, headings: Headings | None = None, sheet: str = "") -> Source:
    """Leads in the content of such a file; raises `SourceError`."""
    known = headings or Headings()
    if content.startswith(b"PK\x03\x04"):
        return _from_workbook(content, name, known, sheet)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(said("file.old_workbook", name=name))
    text, encoding = decode(content, name=name)
    start = text.lstrip(_BLANK)[:1]
    if start == "{" or (start == "[" and _is_json_list(text)):
        return _from_json(text, encoding, name, known)
    return _from_text(text, encoding, name, known)


def read_json(content: bytes, *, name: str, headings: Headings | None = None) -> Source:
    """Leads in JSON: a list of objects, one object, an object with such a list as ``leads``, or one object a line.

    Raises `SourceError`.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(said("file.json", name=name, why="not UTF-8")) from error
    if text.lstrip(_BLANK)[:1] not in {"{", "["}:
        raise SourceError(said("file.json", name=name, why="neither an object nor a list"))
    return _from_json(text, "utf-8", name, headings or Headings())


def _is_json_list(text: str) -> bool:
    """A CSV heading may begin with a bracket, too."""
    rest = text.lstrip(_BLANK)[1:].lstrip()
    return rest[:1] in {"{", "]", ""}


def _from_text(text: str, encoding: str, name: str, known: Headings) -> Source:
    lines = split_lines(text)
    rows = read_rows(lines, delimiter_of(lines))
    header, columns = _find_header(rows, name, known)
    digest = hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
    return _table(Source("csv", encoding, digest, header, {}), columns, rows)


def _from_workbook(content: bytes, name: str, known: Headings, sheet: str) -> Source:
    if len(content) > MAX_WORKBOOK_BYTES:
        raise SourceError(said("file.large", name=name, limit=MAX_WORKBOOK_BYTES // 2**20))
    cells, merged = Workbook(content, name=name).rows(sheet)
    digest = hashlib.sha256()
    for row in cells:
        digest.update(f"{row.line}\t{row.cells!r}\n".encode("utf-8", "surrogatepass"))
    rows = iter(cells)
    header, columns = _find_header(rows, name, known, merged, cells)
    return _table(Source("xlsx", "", digest.hexdigest(), header, {}), columns, rows)


def _find_header(
    rows: Iterator[CellRow],
    name: str,
    known: Headings,
    merged: Sequence[Range] = (),
    cells: Sequence[CellRow] = (),
) -> tuple[tuple[str, ...], Columns]:
    """The headings; ``rows`` then goes on behind them."""
    first: CellRow | None = None
    for _, row in zip(range(HEADER_WITHIN), rows, strict=False):
        if row.said is not None:
            if first is None:
                raise SourceError(said("file.header", name=name, line=row.line, why=row.said))
            break
        first = first or row
        header, below = _headings(row, merged, cells)
        columns = known.columns(header)
        if columns is not None:
            for _ in range(below):
                next(rows, None)
            return header, columns
    if first is None:
        raise SourceError(said("file.empty", name=name))
    found = ", ".join(str(cell).strip() for cell in first.cells)[:200]
    raise SourceError(said("file.no_number", name=name, line=first.line, found=found))


def _headings(row: CellRow, merged: Sequence[Range], cells: Sequence[CellRow]) -> tuple[tuple[str, ...], int]:
    """The headings of a row and how many rows below still belong to it: merged cells tell both."""
    header = [str(cell) for cell in row.cells]
    spans = [(first, last) for first, last in merged if first[0] == row.line]
    for first, last in spans:
        for place in range(max(first[1], 0) + 1, min(last[1] + 1, len(header))):
            header[place] = header[first[1]]
    last_line = max((last[0] for _, last in spans), default=row.line)
    parts = [each for each in cells if row.line < each.line <= last_line][:3]
    for part in parts:
        header = [
            above if str(below) in {"", above} else above + str(below)
            for above, below in zip(header, part.cells, strict=False)
        ]
    return tuple(header), len(parts)


def _table(source: Source, columns: Columns, rows: Iterator[CellRow]) -> Source:
    source.headings = {slot.field: source.header[place].strip() for slot, place in columns.places.items()}
    source.ignored = list(columns.ignored)
    source._rows = _taken(rows, columns, len(source.header), strict=source.kind == "csv")
    return source


def _taken(rows: Iterator[CellRow], columns: Columns, width: int, *, strict: bool) -> Iterator[Row]:
    """In a sheet, cells beside the table are nobody's; in a text they mean that a row has come apart."""
    for row in rows:
        wrong = row.said
        if strict and wrong is None and any(str(cell).strip() for cell in row.cells[width:]):
            wrong = said("row.cells", cells=len(row.cells), headings=width)
        yield Row(row.line, {} if wrong else columns.values(row.cells), row.cells, wrong)


def _from_json(text: str, encoding: str, name: str, known: Headings) -> Source:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    source = Source("json", encoding, digest, (), {})
    values = _whole(text, name)
    if values is None:
        found = _json_lines(split_lines(text))
    else:
        found = ((place, each, None) for place, each in enumerate(values, 1))
    source._rows = _objects(found, known, source)
    return source


def _whole(text: str, name: str) -> list[object] | None:
    """The leads of a text that is one JSON value; ``None`` if it is one value a line."""
    plain = text.strip(_BLANK)
    try:
        value = _loads(plain)
    except ValueError as error:
        if plain.startswith("["):
            raise SourceError(said("file.json", name=name, why=error)) from error
        return None
    if isinstance(value, dict):
        leads = value.get("leads")
        return leads if isinstance(leads, list) else [value]
    assert isinstance(value, list)
    return value


def _json_lines(lines: Sequence[str]) -> Iterator[tuple[int, object, Said | None]]:
    for number, line in enumerate(lines, 1):
        text = line.strip(_BLANK)
        if not text:
            continue
        if len(text) > MAX_JSON_LINE:
            yield number, text[:200], said("cell.long", limit=MAX_JSON_LINE)
            continue
        try:
            value = _loads(text)
        except ValueError as error:
            yield number, text, said("row.json", why=error)
        else:
            yield number, value, None


def _objects(found: Iterable[tuple[int, object, Said | None]], known: Headings, source: Source) -> Iterator[Row]:
    slots: dict[str, Slot | None] = {}
    for line, value, wrong in found:
        if wrong is not None or not isinstance(value, dict):
            yield Row(line, {}, value, wrong or said("row.object"))
            continue
        values: dict[Slot, object] = {}
        for key, each in value.items():
            if key not in slots:
                if len(slots) >= 10_000:  # keys that nobody vouches for are not kept for ever
                    slots.clear()
                slots[key] = known.slot(key)
                if slots[key] is None and key.strip() and not known.is_our_own(key) and len(source.ignored) < 100:
                    source.ignored.append(key[:100])
            slot = slots[key]
            cell = each.strip() if isinstance(each, str) else each
            if slot is not None and cell is not None and cell not in ("", []) and slot not in values:
                values[slot] = cell
        yield Row(line, values, value)


def _loads(text: str) -> object:
    """JSON without what other systems cannot read; raises `ValueError`."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _refuse(text: str) -> object:
    raise ValueError(f"{text} is no number in JSON")
