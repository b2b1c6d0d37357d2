"""Looking at, previewing and importing a file of leads: done apart, in a process of its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypedDict

from campaigns.importing import (
    ImportFileError,
    ImportReport,
    LeadReader,
    import_file,
    open_source,
    write_rejects,
)
from campaigns.intake.errors import SourceError
from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.intake.reading import Row, Source
from campaigns.intake.scam_types import Proposer
from campaigns.intake.tabular import decode, delimiter_of, read_rows, split_lines
from campaigns.intake.taking import Intake
from campaigns.intake.workbook import Workbook
from campaigns.messages import Tongue
from campaigns.policy import Policy, decider
from campaigns.preview import Preview, preview_file
from campaigns.store import Decide, Store

SAMPLES = 3
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or a key of JSON."""

    heading: str
    field: str
    """What it is taken to hold; empty: nothing of a lead."""
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is, and what would become of it."""

    kind: str = ""
    """``csv``, ``xlsx``, ``json``."""
    encoding: str = ""
    columns: tuple[Column, ...] = ()
    sheets: tuple[str, ...] = ()
    preview: Preview | None = None
    """``None`` if it cannot be imported as it is; see ``said``."""
    said: str = ""


class _Way(TypedDict):
    now: float
    defaults: LeadDefaults
    headings: Headings
    proposer: Proposer | None
    sheet: str
    tongue: Tongue
    again: bool
    decide: Decide


@dataclass(frozen=True, slots=True)
class Task:
    """A file, and how it is to be taken."""

    path: Path
    campaign: str
    intake: Intake
    policy: Policy
    tongue: Tongue
    now: float
    mapping: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    again: bool = False

    @property
    def headings(self) -> Headings:
        """The centre's own headings, and the officer's before them."""
        return Headings({**self.intake.headings.own, **self.mapping})

    @property
    def way(self) -> _Way:
        """What a preview and an import are both told."""
        return {
            "now": self.now,
            "defaults": self.intake.defaults,
            "headings": self.headings,
            "proposer": self.intake.proposer,
            "sheet": self.sheet,
            "tongue": self.tongue,
            "again": self.again,
            "decide": decider(self.now, self.policy),
        }

    def told(self, error: ImportFileError) -> str:
        """An error without the place where the file is kept."""
        return str(error).replace(f"{self.path.parent}/", "")


def look(task: Task) -> Callable[[Store], Looked]:
    """The columns of a file, and its preview."""
    return functools.partial(_look, task=task)


def take(task: Task, rejects: Path) -> Callable[[Store], ImportReport | str]:
    """Import a file; the reason if that cannot be done."""
    return functools.partial(_take, task=task, rejects=rejects)


def rejected(task: Task, folder: Path) -> Callable[[Store], Path | None]:
    """Write the rows that cannot be taken into a folder; nothing else is written."""
    return functools.partial(_rejected, task=task, folder=folder)


def _look(store: Store, task: Task) -> Looked:
    looked = Looked()
    try:
        looked = _columns(task)
        found = preview_file(
            store,
            task.path,
            task.campaign,
            **task.way,
        )
    except ImportFileError as error:
        if not looked.columns:
            looked = _first_row(task)
        return replace(looked, said=task.told(error))
    return replace(looked, preview=found)


def _take(store: Store, task: Task, rejects: Path) -> ImportReport | str:
    try:
        return import_file(
            store,
            task.path,
            task.campaign,
            rejects_dir=rejects,
            **task.way,
        )
    except ImportFileError as error:
        return task.told(error)


def _rejected(_: Store, task: Task, folder: Path) -> Path | None:
    source = open_source(task.path, headings=task.headings, sheet=task.sheet, tongue=task.tongue)
    reader = LeadReader(source, task.intake.defaults, task.now, task.tongue, task.intake.proposer)
    for _lead in reader.leads():
        pass
    return write_rejects(reader, task.path.stem, folder) if reader.refused else None


def _columns(task: Task) -> Looked:
    source = open_source(task.path, headings=task.headings, sheet=task.sheet, tongue=task.tongue)
    rows = list(islice(source.rows(), SAMPLES))
    columns = _keys(rows, task.headings) if source.kind == "json" else _table(source, rows)
    return Looked(source.kind, source.encoding, tuple(columns), _sheets(task) if source.kind == "xlsx" else ())


def _table(source: Source, rows: Sequence[Row]) -> list[Column]:
    fields = {heading: name for name, heading in source.headings.items()}
    originals = [row.original for row in rows if isinstance(row.original, tuple)]
    return [
        Column(
            heading.strip(),
            fields.get(heading.strip(), ""),
            tuple(_shown(cells[place]) for cells in originals if place < len(cells)),
        )
        for place, heading in enumerate(source.header)
        if heading.strip()
    ]


def _keys(rows: Sequence[Row], headings: Headings) -> list[Column]:
    found: dict[str, list[str]] = {}
    for row in rows:
        for key, value in row.original.items() if isinstance(row.original, dict) else ():
            found.setdefault(str(key), []).append(_shown(value))
    columns = []
    for key, samples in found.items():
        slot = headings.slot(key)
        columns.append(Column(key, slot.field if slot else "", tuple(samples)))
    return columns


def _first_row(task: Task) -> Looked:
    """The first rows of a table in which no column holds numbers, so that an officer can say which one does."""
    try:
        content = task.path.read_bytes()
        if content.startswith(b"PK\x03\x04"):
            book = Workbook(content, name=task.path.name)
            rows, _ = book.rows(task.sheet)
            kind, sheets = "xlsx", book.sheets
        else:
            text, _encoding = decode(content, name=task.path.name)
            lines = split_lines(text)
            rows, kind, sheets = list(islice(read_rows(lines, delimiter_of(lines)), SAMPLES + 1)), "csv", ()
    except (SourceError, OSError):
        return Looked()
    if not rows or rows[0].said is not None:
        return Looked(kind, sheets=sheets)
    first, *others = rows[: SAMPLES + 1]
    columns = [
        Column(
            str(cell).strip(),
            slot.field if (slot := task.headings.slot(str(cell))) else "",
            tuple(_shown(row.cells[place]) for row in others if place < len(row.cells)),
        )
        for place, cell in enumerate(first.cells)
        if str(cell).strip()
    ]
    return Looked(kind, columns=tuple(columns), sheets=sheets)


def _sheets(task: Task) -> tuple[str, ...]:
    try:
        return Workbook(task.path.read_bytes(), name=task.path.name).sheets
    except (SourceError, OSError):
        return ()


def _shown(value: object) -> str:
    text = " ".join(str(value if value is not None else "").split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
