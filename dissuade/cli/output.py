"""How commands print: tables and words for people, one JSON value for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 160
"""Columns when the output is no terminal."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)


def print_json(value: object) -> None:
    """One JSON value on standard output; dataclasses, enumerations and paths as plain values."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> object:
    from dataclasses import asdict, is_dataclass

    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def say(text: str = "") -> None:
    """A line for a person, printed as it is."""
    console.print(text, markup=False, soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """A table for a person."""
    grid = Table(*columns, title=title or None, box=None, pad_edge=False, header_style="bold", title_justify="left")
    for row in rows:
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(grid, markup=False)


def when(at: float | None) -> str:
    """A time as the reader's wall clock shows it."""
    from dissuade.timeline import clock

    return "" if at is None else clock(at)


def seconds(span_s: float | None) -> str:
    """``1.4 s``."""
    return "" if span_s is None else f"{span_s:.1f} s"
