"""A simulated day as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from campaigns.bulletin.saving import Format, save
from campaigns.delivery.wording import Language
from campaigns.simulation.run import Simulated
from campaigns.simulation.telling import HOUR_COLUMNS, hour_rows

CENTRE: Mapping[Language, str] = {"zh": "模拟日：虚构的人", "en": "a simulated day: invented people"}
"""Under whose name a simulated day's bulletin is made, so that nobody takes it for a real one."""


class FilesError(Exception):
    """The files cannot be written; the message says which and why."""


def write_files(found: Simulated, folder: Path, *, language: Language) -> list[Path]:
    """Write all there is to say of a day into a folder, which is made; returns the files.

    ``language`` of the bulletin: zh or en. Raises `FilesError` and `campaigns.bulletin.saving.BulletinError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figures, hours = folder / "simulation.json", folder / "simulation-hours.csv"
        figures.write_text(json.dumps(asdict(found.result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        with hours.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HOUR_COLUMNS, *hour_rows(found.result)])
    except OSError as error:
        raise FilesError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    bulletin = replace(found.bulletin, centre=CENTRE[language])
    return [*save(bulletin, folder, list(Format), language=language), figures, hours]
