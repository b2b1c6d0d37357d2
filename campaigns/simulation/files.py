"""A simulated day as files."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path

from campaigns.simulation.run import Simulated
from campaigns.simulation.telling import HOUR_COLUMNS, hour_rows


class FilesError(Exception):
    """The files cannot be written; the message says which and why."""


def write_files(found: Simulated, folder: Path) -> list[Path]:
    """Write all there is to say of a day into a folder, which is made; returns the files. Raises `FilesError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figures, hours = folder / "simulation.json", folder / "simulation-hours.csv"
        figures.write_text(json.dumps(asdict(found.result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        with hours.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HOUR_COLUMNS, *hour_rows(found.result)])
    except OSError as error:
        raise FilesError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    return [figures, hours]
