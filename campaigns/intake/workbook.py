"""Rows of an XLSX workbook, from a file that nobody vouches for.

calamine reads fast, but believes what a file says of itself: a packed gigabyte, or one cell in the last corner of the
sheet, would take all memory. So the parts are unpacked here first, up to a limit, what they hold is measured, and
calamine gets exactly those bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from campaigns.intake.errors import SourceError
from campaigns.intake.tabular import CellRow
from campaigns.messages import said

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes of all parts together; 61,000 rows of 20 columns are about 80 MB."""
MAX_PARTS = 2_000
MAX_CELLS = 4_000_000
"""Cells of the rectangle that holds a sheet's content, full or empty: what calamine and Python keep in memory."""
_PIECE = 1024 * 1024
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,9})([0-9]{1,12})\s*["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ERROR = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*["'])e(["'])""")
_NOT_NEEDED = re.compile(
    r"xl/(?:media|drawings|charts|embeddings|externalLinks|printerSettings|pivot\w*|ctrlProps|activeX)/|xl/vba\w*\.bin"
)

Range = tuple[tuple[int, int], tuple[int, int]]


class Workbook:
    """An XLSX file in memory."""

    def __init__(self, content: bytes, *, name: str) -> None:
        """Raises `SourceError` if it is none, or larger than is taken."""
        self._name = name
        safe = _repacked(content, name)
        with self._telling():
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(safe))
            self.sheets = tuple(
                each.name
                for each in self._book.sheets_metadata
                if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
            ) or tuple(self._book.sheet_names)

    def rows(self, sheet: str = "") -> tuple[list[CellRow], tuple[Range, ...]]:
        """The rows of a sheet (the first that is shown, if none is named) that are not blank, numbered as in the
        sheet, and its merged cells as (line, place) of their corners. Raises `SourceError`.
        """
        if not self.sheets or (sheet and sheet not in self._book.sheet_names):
            raise SourceError(said("file.sheet", name=self._name, sheet=sheet, found=", ".join(self.sheets)[:200]))
        with self._telling():
            found = self._book.get_sheet_by_name(sheet or self.sheets[0])
            top, left = found.start or (0, 0)
            merged = tuple(
                ((first[0] + 1, first[1] - left), (last[0] + 1, last[1] - left))
                for first, last in found.merged_cell_ranges or ()
            )
            rows = found.to_python(skip_empty_area=True)
        return [
            CellRow(line, tuple(cells))
            for line, cells in enumerate(rows, start=top + 1)
            if any(cell != "" for cell in cells)
        ], merged

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Whatever goes wrong inside calamine is told as a fault of the file.

        A panic there reaches Python as a ``PanicException``, which is no `Exception`.
        """
        try:
            yield
        except (CalamineError, OSError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise SourceError(said("file.workbook", name=self._name, why=why)) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise SourceError(said("file.workbook", name=self._name, why="a damaged part")) from error


def _repacked(content: bytes, name: str) -> bytes:
    """The parts that hold the sheets, unpacked and measured, in an archive without compression."""
    target = io.BytesIO()
    left = MAX_UNPACKED
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as repacked,
        ):
            parts = source.infolist()
            if len(parts) > MAX_PARTS or len({part.filename for part in parts}) < len(parts):
                raise SourceError(said("file.workbook", name=name, why="too many parts"))
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise SourceError(said("file.workbook", name=name, why="no xl/workbook.xml"))
            for part in parts:
                if part.is_dir() or _NOT_NEEDED.match(part.filename):
                    continue
                data = _unpacked(source, part, left, name)
                left -= len(data)
                _measure(data, name)
                # calamine makes an error of a formula an empty cell; as text it can be told.
                repacked.writestr(part.filename, _ERROR.sub(rb"\1str\2", data))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise SourceError(said("file.workbook", name=name, why=why)) from error
    return target.getvalue()


def _unpacked(source: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, name: str) -> bytes:
    """One part, read no further than ``left`` bytes, whatever size it claims."""
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise SourceError(said("file.workbook", name=name, why="packed in a way that XLSX does not know"))
    data = bytearray()
    with source.open(part) as file:
        while piece := file.read(_PIECE):
            data += piece
            if len(data) > left:
                raise SourceError(said("file.workbook_large", name=name, why=f"> {MAX_UNPACKED // 2**20} MB"))
    return bytes(data)


def _measure(data: bytes, name: str) -> None:
    """Refuse a part whose cells span more than is taken. Whatever may be a sheet is looked at: any part may be named
    as one.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data[:64]:
        raise SourceError(said("file.workbook", name=name, why="a part is not UTF-8"))
    cells = len(_CELL.findall(data))
    if not cells:
        return
    found = _REFERENCE.findall(data)
    references = [(column, line) for column, line in found if column]
    lines = max((int(line) for _, line in references), default=1)
    places = max((_place(column) for column, _ in references), default=1)
    if len(references) < cells:  # cells without a place of their own follow the one before
        rows = _ROW.split(data)
        lines = max(lines, *(int(line) for _, line in found), 0) + len(rows)
        places += max(len(_CELL.findall(row)) for row in rows)
    if lines * places > MAX_CELLS:
        raise SourceError(said("file.workbook_large", name=name, why=f"{lines} x {places} > {MAX_CELLS}"))


def _place(column: bytes) -> int:
    place = 0
    for letter in column.upper():
        place = place * 26 + letter - 64
    return place
