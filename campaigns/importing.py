"""Leads from a file into a campaign: good rows go in, bad ones are written out with line, reason and mend."""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from campaigns.intake.errors import CellError, SourceError
from campaigns.intake.fields import LeadDefaults, LeadForm, written
from campaigns.intake.headings import Headings
from campaigns.intake.reading import Row, Source, read_file
from campaigns.intake.scam_types import Proposer, built_in
from campaigns.messages import Tongue, said
from campaigns.model import Lead
from campaigns.policy import decider
from campaigns.store import Decide, Store

BATCH_ROWS = 1000
"""Leads in one transaction: a running node waits less than 0.1 s for it (61,000 leads measured)."""


class ImportFileError(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not imported, in the language asked for."""

    line: int
    """Physical line of a text file, row of a sheet, or place in a JSON list; from 1."""
    column: str
    """Field of a lead, or empty when the row as a whole is wrong."""
    reason: str
    mend: str
    code: str = ""
    """Names the reason to a program: a key of `campaigns.messages.SENTENCES`."""
    heading: str = ""
    """The column as the file calls it."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. ``read`` is the sum of ``accepted``, ``merged`` and ``rejected``."""

    read: int
    """Rows, blank ones and the header not counted."""
    accepted: int
    """New cases."""
    merged: int
    """Leads for an open case, also those that changed nothing."""
    rejected: int
    rejects_file: Path | None
    errors: tuple[RowError, ...]
    encoding: str
    ignored_columns: tuple[str, ...] = ()
    imported_before_at: float | None = None
    """Set when a file of this very content had been imported into the campaign: nothing was changed."""
    kind: str = "csv"
    proposed: int = 0
    """Leads without a scam type that were given the one which their free text speaks for."""


@dataclass
class LeadReader:
    """Rows to leads; keeps what it refuses."""

    source: Source
    defaults: LeadDefaults
    now: float
    tongue: Tongue = "en"
    proposer: Proposer | None = None
    read: int = 0
    refused: list[tuple[Row, RowError]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._form = LeadForm(self.defaults, now=self.now, proposer=self.proposer)

    @property
    def proposed(self) -> int:
        """Leads whose scam type was proposed."""
        return self._form.proposed

    def leads(self) -> Iterator[Lead]:
        """The leads of the good rows."""
        for row in self.source.rows():
            lead = self.lead(row)
            if lead is not None:
                yield lead

    def lead(self, row: Row) -> Lead | None:
        """The lead of a row; ``None`` if it is refused."""
        self.read += 1
        try:
            if row.said is not None:
                raise CellError("", row.said)
            return self._form.lead(row.values)
        except CellError as error:
            self.refused.append((row, self._told(row, error)))
            return None

    def _told(self, row: Row, error: CellError) -> RowError:
        return RowError(
            row.line,
            error.column,
            error.said.reason(self.tongue),
            error.said.mend(self.tongue),
            error.said.code,
            self.source.headings.get(error.column, error.column),
        )


def open_source(path: Path, *, headings: Headings | None = None, sheet: str = "", tongue: Tongue = "en") -> Source:
    """The rows of a file; raises `ImportFileError`."""
    try:
        return read_file(path, headings=headings, sheet=sheet)
    except SourceError as error:
        raise ImportFileError(error.said.text(tongue)) from error


def import_file(
    store: Store,
    path: Path,
    campaign: str,
    *,
    now: float,
    rejects_dir: Path,
    defaults: LeadDefaults | None = None,
    headings: Headings | None = None,
    proposer: Proposer | None = None,
    sheet: str = "",
    tongue: Tongue = "en",
    again: bool = False,
    decide: Decide | None = None,
) -> ImportReport:
    """Import a CSV, XLSX or JSON file of leads into an existing campaign.

    A file of the same content is imported into a campaign once; ``again`` imports it once more, which calls those
    whose cases were closed. An import that was cut short is made whole by repeating it. ``headings`` knows a centre's
    own names of columns, ``proposer`` the words that speak for a scam type; ``tongue`` is the language in which
    rejected rows are explained. ``decide`` is what plans a case; without it, each is planned by its campaign's policy.
    Raises `ImportFileError` for a file that cannot be imported at all, and what `Store.add_leads` raises.
    """
    source = open_source(path, headings=headings, sheet=sheet, tongue=tongue)
    decide = decide or decider(now)
    digest = digest_of(source, headings)
    before_at = None if again else store.imported_at(campaign, digest)
    reader = LeadReader(source, defaults or LeadDefaults(), now, tongue, proposer or built_in())
    accepted = merged = 0
    leads = reader.leads()
    while batch := list(islice(leads, BATCH_ROWS)):
        if before_at is not None:
            merged += len(batch)
            continue
        count = store.add_leads(campaign, batch, now=now, decide=decide)
        accepted += count.accepted
        merged += count.merged
    if reader.read == 0:
        raise ImportFileError(said("file.no_rows", name=path).text(tongue))
    rejects_file = write_rejects(reader, path.stem, rejects_dir) if reader.refused else None
    if before_at is None:
        store.record_import(
            campaign,
            digest,
            file=path.name,
            read=reader.read,
            accepted=accepted,
            merged=merged,
            rejected=len(reader.refused),
            now=now,
        )
    return ImportReport(
        read=reader.read,
        accepted=accepted,
        merged=merged,
        rejected=len(reader.refused),
        rejects_file=rejects_file,
        errors=tuple(error for _, error in reader.refused),
        encoding=source.encoding,
        ignored_columns=tuple(source.ignored),
        imported_before_at=before_at,
        kind=source.kind,
        proposed=reader.proposed,
    )


def digest_of(source: Source, headings: Headings | None) -> str:
    """Names a file's content, and how its columns were taken where a person said so."""
    own = sorted(headings.own.items()) if headings else []
    return hashlib.sha256(f"{source.digest}{own}".encode()).hexdigest() if own else source.digest


_ADDED = {"en": ("line", "column", "reason", "mend"), "zh": ("行", "列", "原因", "改法")}


def write_rejects(reader: LeadReader, name: str, folder: Path) -> Path:
    """Write the refused rows as they were, so that they can be mended and imported; returns the file.

    Raises `ImportFileError`.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(reader.now))
    end = "jsonl" if reader.source.kind == "json" else "csv"
    tongue = reader.tongue
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for counter in range(1, 1000):
            number = "" if counter == 1 else f"-{counter}"
            target = folder / f"{name}-{stamp}{number}.{end}"
            try:
                if reader.source.kind == "json":
                    _write_json(target, reader.refused, tongue)
                else:
                    _write_table(target, reader.source.header, reader.refused, tongue)
            except FileExistsError:
                continue
            return target
    except OSError as error:
        why = error.strerror or error
        raise ImportFileError(said("file.rejects", folder=folder, why=why).text(tongue)) from error
    raise ImportFileError(said("file.rejects", folder=folder, why="too many files of this name").text(tongue))


def _write_table(target: Path, header: Sequence[str], refused: Sequence[tuple[Row, RowError]], tongue: Tongue) -> None:
    rows = [(tuple(_shown(cell) for cell in _cells(row)), error) for row, error in refused]
    width = max(len(header), *(len(cells) for cells, _ in rows))
    # The byte order mark makes spreadsheets read it as UTF-8.
    with target.open("x", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_padded(header, width), *_ADDED[tongue]])
        for cells, error in rows:
            writer.writerow([*_padded(cells, width), error.line, error.heading, error.reason, error.mend])


def _write_json(target: Path, refused: Sequence[tuple[Row, RowError]], tongue: Tongue) -> None:
    with target.open("x", encoding="utf-8", errors="replace") as file:
        for row, error in refused:
            told = dict(zip(_ADDED[tongue], (error.line, error.heading, error.reason, error.mend), strict=True))
            original = row.original if isinstance(row.original, dict) else {"text": row.original}
            file.write(json.dumps({**original, **told}, ensure_ascii=False) + "\n")


def _cells(row: Row) -> Sequence[object]:
    return row.original if isinstance(row.original, tuple) else (row.original,)


def _shown(cell: object) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    try:
        text = cell if isinstance(cell, str) else written(cell, "")
    except CellError:
        text = str(cell)
    first = text.lstrip()[:1]
    return f"'{text}" if first in {"=", "@"} or (first in {"+", "-"} and not _is_number(text)) else text


def _is_number(text: str) -> bool:
    return all(sign in "+-0123456789 ()." for sign in text)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
