"""A bulletin's files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from pathlib import Path

from campaigns.bulletin.page import to_html
from campaigns.bulletin.review import Bulletin
from campaigns.bulletin.tidy import to_csv, to_json
from campaigns.delivery.wording import Language


class Format(StrEnum):
    """As what a bulletin is written."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


class BulletinError(Exception):
    """The bulletin cannot be written; the message says why."""


def save(bulletin: Bulletin, folder: Path, formats: Collection[Format], *, language: Language) -> list[Path]:
    """Write the files, over those of an earlier time; returns them. Raises `BulletinError`."""
    written: dict[Format, Callable[[], str]] = {
        Format.HTML: lambda: to_html(bulletin, language),
        Format.CSV: lambda: to_csv(bulletin),
        Format.JSON: lambda: to_json(bulletin),
    }
    paths = []
    for each in formats:
        path = folder / f"{bulletin.name}.{each.value}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(written[each](), encoding="utf-8", newline="")
        except OSError as error:
            raise BulletinError(f"cannot write {path}: {error.strerror}; choose another folder with --out") from error
        paths.append(path)
    return paths
