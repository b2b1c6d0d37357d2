"""Leads from a CSV file into a campaign: good rows go in, bad ones are written out with line, reason and mend."""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from campaigns.columns import CellError, Columns, LeadDefaults, find_columns
from campaigns.model import Lead
from campaigns.policy import decider
from campaigns.store import Decide, Store
from campaigns.tabular import Row, Table, TableError, read_table

BATCH_ROWS = 1000
"""Leads in one transaction: a running node waits less than 0.1 s for it (61,000 leads measured)."""


class ImportFileError(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not imported."""

    line: int
    """Physical line of the file, from 1."""
    column: str
    """Field of a lead, or empty when the row as a whole is wrong."""
    reason: str
    mend: str


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


@dataclass
class _Reader:
    """Rows to leads; keeps what it refuses."""

    table: Table
    columns: Columns
    defaults: LeadDefaults
    read: int = 0
    refused: list[tuple[Row, RowError]] = field(default_factory=list)

    def leads(self) -> Iterator[Lead]:
        """The leads of the good rows."""
        for row in self.table.rows():
            self.read += 1
            try:
                yield self._lead(row)
            except CellError as error:
                self.refused.append((row, RowError(row.line, error.column, error.reason, error.mend)))

    def _lead(self, row: Row) -> Lead:
        if row.error:
            raise CellError("", row.error, "mend the quotes of this line")
        extra = len(row.cells) - len(self.table.header.cells)
        if extra > 0 and any(cell.strip() for cell in row.cells[-extra:]):
            reason = f"{len(row.cells)} cells under {len(self.table.header.cells)} headings"
            raise CellError("", reason, "put quotes around a cell that holds the delimiter")
        return self.columns.lead(row.cells, self.defaults)


def import_csv(
    store: Store,
    path: Path,
    campaign: str,
    *,
    now: float,
    rejects_dir: Path,
    defaults: LeadDefaults | None = None,
    again: bool = False,
    decide: Decide | None = None,
) -> ImportReport:
    """Import a file of leads into an existing campaign.

    A file of the same content is imported into a campaign once; ``again`` imports it once more, which calls those
    whose cases were closed. An import that was cut short is made whole by repeating it. Raises `ImportFileError` for a
    file that cannot be imported at all, and what `Store.add_leads` raises. ``decide`` is what plans a case; without
    it, each is planned by its campaign's policy.
    """
    try:
        table = read_table(path)
    except TableError as error:
        raise ImportFileError(str(error)) from error
    columns = find_columns(table.header.cells)
    if columns is None:
        found = ", ".join(cell.strip() for cell in table.header.cells)[:200]
        raise ImportFileError(
            f"{path}, line {table.header.line}: no column holds the number; name one `number` or 手机号"
            f" (found: {found})"
        )
    decide = decide or decider(now)
    digest = hashlib.sha256("".join(table.lines).encode("utf-8", "surrogatepass")).hexdigest()
    before_at = None if again else store.imported_at(campaign, digest)
    reader = _Reader(table, columns, defaults or LeadDefaults())
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
        raise ImportFileError(f"{path} has a header and no rows; nothing to import")
    rejects_file = _write_rejects(path, table, reader.refused, rejects_dir, now) if reader.refused else None
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
        encoding=table.encoding,
        ignored_columns=columns.ignored,
        imported_before_at=before_at,
    )


def _write_rejects(path: Path, table: Table, refused: Sequence[tuple[Row, RowError]], folder: Path, now: float) -> Path:
    """Write the refused rows as they were, so that they can be mended and imported; returns the file."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    width = max(len(table.header.cells), *(len(row.cells) for row, _ in refused))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for counter in range(1, 1000):
            target = folder / (f"{path.stem}-{stamp}.csv" if counter == 1 else f"{path.stem}-{stamp}-{counter}.csv")
            try:
                # The byte order mark makes spreadsheets read it as UTF-8.
                with target.open("x", encoding="utf-8-sig", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow([*_padded(table.header.cells, width), "line", "column", "reason", "mend"])
                    for row, error in refused:
                        writer.writerow(
                            [*_padded(row.cells, width), error.line, error.column, error.reason, error.mend]
                        )
            except FileExistsError:
                continue
            return target
    except OSError as error:
        raise ImportFileError(f"cannot write the rejected rows to {folder}: {error.strerror or error}") from error
    raise ImportFileError(f"{folder} holds too many files of this name; tidy it up")


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
