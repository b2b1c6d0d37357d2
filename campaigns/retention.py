"""How long data is kept: recordings, what was said, who it was; and taking away what is older."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from campaigns.model import Purgeable
from campaigns.store import Store

DAY_S = 86_400.0
_PORTION = 500
_NIGHTLY_WIPE_S = 15.0
"""Half of what a node waits for a locked database: calls go on while the files are wiped."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that data is kept; 0 keeps it for ever."""

    recordings_days: int = 90
    transcripts_days: int = 180
    personal_days: int = 365

    def recordings_before_at(self, now: float) -> float | None:
        """Recordings of calls that ended before then go; ``None``: none does."""
        return _before(self.recordings_days, now)

    def transcripts_before_at(self, now: float) -> float | None:
        """What was said on calls that ended before then goes."""
        return _before(self.transcripts_days, now)

    def personal_before_at(self, now: float) -> float | None:
        """Personal data of cases that were closed before then goes."""
        return _before(self.personal_days, now)


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge took away."""

    recordings: int = 0
    """Files deleted, or found to be gone."""
    refused: tuple[str, ...] = ()
    """Recordings that were not deleted, with the reason."""
    turns: int = 0
    signals: int = 0
    mentions: int = 0
    cases: int = 0
    events: int = 0
    files: int = 0
    """Rejected rows and order sheets."""
    wiped: bool = False
    """Whether the database's files were rewritten, so that nothing of it can be read in their free places."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where files with personal data lie."""

    home: Path
    """What the store's paths of recordings are below."""
    recordings: Path
    """No recording is deleted outside this folder."""
    others: Collection[Path] = field(default=())
    """Folders whose files go by their age, after ``personal_days``."""


def purge(
    store: Store, retention: Retention, places: Places, *, now: float, wipe_within_s: float | None = _NIGHTLY_WIPE_S
) -> PurgeReport:
    """Take away what is older than ``retention`` says. The store logs each portion as ``data.purged``.

    The database's files are rewritten if something was taken away and that is likely to end within ``wipe_within_s``
    seconds (``None``: however long it takes), for nobody can write meanwhile.
    """
    report = PurgeReport()
    more = True
    while more:
        portion = store.purge(
            recordings_before_at=retention.recordings_before_at(now),
            transcripts_before_at=retention.transcripts_before_at(now),
            personal_before_at=retention.personal_before_at(now),
            now=now,
            limit=_PORTION,
        )
        deleted, refused = _delete(portion.recordings, places)
        if deleted:
            store.recordings_deleted(deleted, now=now)
        report = replace(
            report,
            recordings=report.recordings + len(deleted),
            refused=tuple(refused),
            turns=report.turns + portion.turns,
            signals=report.signals + portion.signals,
            mentions=report.mentions + portion.mentions,
            cases=report.cases + portion.cases,
            events=report.events + portion.events,
        )
        more = portion.more
    personal_before_at = retention.personal_before_at(now)
    if personal_before_at is not None:
        report = replace(report, files=sum(_delete_older(each, personal_before_at) for each in places.others))
    if report != PurgeReport(refused=report.refused, files=report.files):
        report = replace(report, wiped=store.wipe_remains(within_s=wipe_within_s))
    return report


def purgeable(store: Store, retention: Retention, *, now: float) -> Purgeable:
    """What `purge` would take out of the store."""
    return store.purgeable(
        recordings_before_at=retention.recordings_before_at(now),
        transcripts_before_at=retention.transcripts_before_at(now),
        personal_before_at=retention.personal_before_at(now),
    )


def _before(days: int, now: float) -> float | None:
    return now - days * DAY_S if days else None


def _delete(recordings: Sequence[str], places: Places) -> tuple[list[str], list[str]]:
    """Delete recordings; returns those that are gone, and those that were refused, with the reason."""
    deleted, refused = [], []
    for recording in recordings:
        path = places.home / PurePosixPath(recording)
        try:
            if not path.parent.resolve().is_relative_to(places.recordings.resolve()):
                refused.append(f"{recording}: lies outside {places.recordings}")
                continue
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            pass  # its folder is gone
        except OSError as error:
            refused.append(f"{recording}: {error.strerror}")
            continue
        deleted.append(recording)
        _remove_if_empty(path.parent, places.recordings)
    return deleted, refused


def _remove_if_empty(folder: Path, top: Path) -> None:
    """A day's folder goes with its last recording."""
    if folder.resolve() != top.resolve() and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _delete_older(folder: Path, before_at: float) -> int:
    """Delete the files of a folder that were last written before then; returns how many."""
    if not folder.is_dir():
        return 0
    old = [path for path in folder.rglob("*") if not path.is_dir() and path.lstat().st_mtime < before_at]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
