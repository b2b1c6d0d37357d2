"""The one folder that the program writes to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dissuade.errors import DissuadeError

VARIABLE = "DISSUADE_HOME"
"""Environment variable that names the folder; without it, it is ``var`` in the current directory."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below the program's folder. Nothing is created before `make`."""

    root: Path

    @property
    def config_file(self) -> Path:
        """The configuration, unless another is named."""
        return self.root / "dissuade.toml"

    @property
    def store(self) -> Path:
        """The embedded database."""
        return self.root / "store"

    @property
    def recordings(self) -> Path:
        """What was said, in two channels."""
        return self.root / "recordings"

    @property
    def prompts(self) -> Path:
        """Rendered prompts; may be removed at any time."""
        return self.root / "prompts"

    @property
    def logs(self) -> Path:
        """What the program did, and the errors in full."""
        return self.root / "logs"

    @property
    def log_file(self) -> Path:
        """The program's log, one JSON object a line."""
        return self.logs / "dissuade.log"

    @property
    def rejects(self) -> Path:
        """Rows that an import could not take."""
        return self.root / "rejects"

    @property
    def bulletins(self) -> Path:
        """Bulletins of days and reviews of weeks, without personal data."""
        return self.root / "bulletins"

    @property
    def orders(self) -> Path:
        """Printable sheets of orders, with personal data."""
        return self.root / "orders"

    @property
    def rehearsals(self) -> Path:
        """One folder below for each rehearsal, which is a home of its own."""
        return self.root / "rehearsals"

    @property
    def run(self) -> Path:
        """The sockets of running nodes, by which `dissuade desk` sees their calls."""
        return self.root / "run"

    @property
    def models(self) -> Path:
        """Speech models that were fetched."""
        return self.root / "models"

    def make(self) -> None:
        """Create the folders, readable by this user alone; raises `DissuadeError`."""
        kept = (self.store, self.recordings, self.logs, self.rejects, self.orders, self.bulletins)
        for folder in (self.root, *kept, self.prompts, self.rehearsals, self.models):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise DissuadeError(
                    f"cannot create {folder}: {error.strerror}", f"choose a folder you may write to with {VARIABLE}"
                ) from error


def find_home(environment: Mapping[str, str] = os.environ) -> Home:
    """``$DISSUADE_HOME``, or ``var`` in the current directory."""
    return Home(Path(environment.get(VARIABLE) or "var").absolute())
