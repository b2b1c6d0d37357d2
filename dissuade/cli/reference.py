"""Writes docs/cli.md from the commands themselves: ``python -m dissuade.cli.reference docs/cli.md`` (``make docs``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from dissuade.cli.app import HELP_OPTIONS, app

WIDTH = 100

HEADER = """\
# Command line

Made by `make docs` from the program itself; `dissuade COMMAND --help` says the same.

What programs may rely on:

- With `--json` a command prints one JSON value on standard output and nothing else there. Times are seconds since 1970
  (UTC) and end in `_at`; spans are seconds and end in `_s`. Keys may be added, none is renamed without a new version.
- Exit codes: 0 it worked; 1 it could not be done, or the answer is no (`doctor` found something that does not work,
  an outcome of `rehearse` or `demo` differs from what happened, no row of `leads import` could be taken, no line given
  to `assess` could be used, `scripts check`, `lexicons check` or `models check` found a fault); 2 the command line or
  the configuration cannot be understood; 130 interrupted.
- Errors go to standard error: one line `error: ...` and what to do about it. A fault of the program itself leaves its
  details in `logs/dissuade.log` below the home folder.
"""


def reference() -> str:
    """The text of docs/cli.md."""
    return "\n".join([HEADER, *_chapters(get_command(app), None, "dissuade")])


def _chapters(command: Any, parent: typer.Context | None, name: str) -> Iterator[str]:
    context = typer.Context(
        command,
        parent=parent,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=HELP_OPTIONS,
    )
    yield f"## {context.command_path}\n\n```\n{command.get_help(context).rstrip()}\n```\n"
    for each, inner in getattr(command, "commands", {}).items():
        yield from _chapters(inner, context, each)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
