"""How far a rehearsal is, on standard error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

STAGES = {
    "phones": "giving the phones their voices",
    "carrier": "starting the carrier",
    "dialer": "getting ready to call",
    "verdict": "comparing with what the phones said and did",
}


def how_to_watch(config: Path) -> str:
    """The command that shows the events of a node, from its configuration file."""
    with config.open("rb") as file:
        data = tomllib.load(file)
    mqtt, site = data["mqtt"], data["node"]["site"]
    return f"watch the events: mosquitto_sub -V 5 -h {mqtt['host']} -p {mqtt['port']} -v -t 'dissuade/{site}/#'"


def how_to_take_a_call(link: str) -> tuple[str, str]:
    """Where somebody logs in at the desk of a rehearsal, and what they may do there."""
    return (
        f"watch, and take a call, in a browser: {link}",
        "  (good for one log-in; the desk is there when calling begins: press 1 to be ready, A to accept a call)",
    )


class Bar:
    """The real `rehearsal.run.Progress`; shown inside a ``with`` block."""

    def __init__(self, *, quiet: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(*columns, console=console, disable=quiet)
        self._quiet = quiet
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """A line above the bar."""
        if not self._quiet:
            self._progress.console.print(text, markup=False, soft_wrap=True)

    def stage(self, text: str) -> None:
        """What is being done now."""
        self._progress.update(self._task, description=STAGES.get(text, text))

    def advance(self, finished: int, calling: int, total: int) -> None:
        """Leads done, calls going on, leads in all."""
        said = f"{calling} on the line" if calling else "getting ready to call" if not finished else "calling"
        self._progress.update(self._task, description=said, completed=finished, total=total)
