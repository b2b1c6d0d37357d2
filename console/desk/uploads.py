"""Files of leads that wait to be imported: kept below home for a day, readable by this user alone, then gone."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

FOLDER = "uploads"
"""Below home."""
KEPT_S = 86_400.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file, and how far its import is."""

    token: str
    campaign_id: int
    file: str
    """Its name, as the browser said it, without what no file's name should hold."""
    by: str
    """Log-in of whoever brought it; nobody else sees it."""
    at: float
    mapping: dict[str, str] = field(default_factory=dict)
    """What the officer says that columns hold: heading to field, empty for none."""
    sheet: str = ""
    again: bool = False
    """Import it although it was imported before."""
    done: dict[str, object] = field(default_factory=dict)
    """What became of it, once it was imported."""
    rejects: str = ""
    """Name of the file of rejected rows below the home's ``rejects``."""


class Uploads:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, source: BinaryIO, name: str, campaign_id: int, *, by: str, now: float) -> Upload:
        """Keep a file; those that are too old go. Raises `OSError`."""
        self.sweep(now)
        upload = Upload(secrets.token_urlsafe(16), campaign_id, _plain(name), by, now)
        self._place(upload.token).mkdir(mode=0o700, parents=True)
        with open(self.path(upload), "xb", opener=_private) as target:
            shutil.copyfileobj(source, target)
        self.keep(upload)
        return upload

    def get(self, token: str, campaign_id: int, *, by: str, now: float) -> Upload | None:
        """A file that this user brought for this campaign, unless it is too old."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            about = json.loads((self._place(token) / _ABOUT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        upload = Upload(**about)
        mine = upload.by == by and upload.campaign_id == campaign_id
        return upload if mine and now - upload.at < KEPT_S else None

    def keep(self, upload: Upload) -> None:
        """Remember what is known of it now."""
        about = self._place(upload.token) / _ABOUT
        fresh = about.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(upload), ensure_ascii=False), encoding="utf-8")
        fresh.replace(about)

    def finish(self, upload: Upload, done: dict[str, object], rejects: str) -> Upload:
        """It was imported: only what became of it is kept."""
        finished = replace(upload, done=done, rejects=rejects)
        self.keep(finished)
        self.path(upload).unlink(missing_ok=True)
        return finished

    def drop(self, upload: Upload) -> None:
        """Take it away."""
        shutil.rmtree(self._place(upload.token), ignore_errors=True)

    def path(self, upload: Upload) -> Path:
        """Where the file lies."""
        return self._place(upload.token) / upload.file

    def sweep(self, now: float) -> None:
        """Take away what is too old."""
        for place in self._folder.glob("*/"):
            if now - place.stat().st_mtime > KEPT_S:
                shutil.rmtree(place, ignore_errors=True)

    def _place(self, token: str) -> Path:
        return self._folder / token


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _plain(name: str) -> str:
    base = re.sub(r"[^\w.\-]+", "_", name.replace("\\", "/").rpartition("/")[2]).lstrip(".")
    stem, dot, end = base.rpartition(".")
    if not dot:
        stem, end = base, ""
    return f"{stem[:60] or 'leads'}{dot}{end[:8]}" if base != _ABOUT else "leads.json"
