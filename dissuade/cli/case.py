"""``dissuade case``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.case_file.reading import CaseFile

app = typer.Typer(help="One subject's case, from the lead to its end.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="Id of a case: see search, calls list --json, the bulletin.")]


@app.command()
def show(context: typer.Context, case: Id, json: Json = False) -> None:
    """Show everything that happened to a case, in order, with the reasons of each decision. Numbers are in full."""
    from zoneinfo import ZoneInfo

    from dissuade.cli.output import print_json, say
    from dissuade.timeline import case_timeline

    config = state(context).config
    file = _read(context, case)
    if json:
        print_json(file)
    else:
        say(case_timeline(file, config.home.root, ZoneInfo(config.centre.time_zone)))


@app.command("print")
def print_(
    context: typer.Context,
    case: Id,
    out: Annotated[Path | None, typer.Option("--out", help="HTML file. Default: case-ID.html here.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh or en. Default: bulletin.language.")] = None,
) -> None:
    """Write a case as one page to be read or printed: lead, calls with what was said and heard, orders, judgements.

    It holds personal data; only its owner can read the file.
    """
    from zoneinfo import ZoneInfo

    from campaigns.case_file.page import to_html
    from dissuade.cli.output import say
    from dissuade.errors import DissuadeError

    config = state(context).config
    written_in = language or config.bulletin.language
    if written_in not in {"zh", "en"}:
        raise typer.BadParameter(f"{written_in} is not zh or en", param_hint="--language")
    page = to_html(
        _read(context, case),
        "zh" if written_in == "zh" else "en",
        ZoneInfo(config.centre.time_zone),
        centre=config.centre.name,
        printed_at=time.time(),
    )
    path = out or Path(f"case-{case}.html")
    try:
        path.touch(mode=0o600)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise DissuadeError(f"cannot write {path}: {error.strerror}", "give another file with --out") from error
    say(f"wrote {path}")


def _read(context: typer.Context, case: int) -> CaseFile:
    from campaigns.case_file.reading import read_case
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        return read_case(store, case, now=time.time())
