"""``dissuade rehearse`` and ``dissuade demo``: a campaign on this machine, real but for the people."""

from __future__ import annotations

import asyncio
import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from rehearsal.summary import RehearsalReport


class Language(StrEnum):
    """What is spoken in the demo."""

    MANDARIN = "zh"
    ENGLISH = "en"


def rehearse(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="Rehearsal: phones, voices, lines, expectations."
        ),
    ],
    json: Json = False,
) -> None:
    """Rehearse a campaign against simulated phones. Exit code 1 if an outcome differs from what really happened."""
    report = _rehearse(context, file, watched=False, quiet=json)
    _show(report, json=json)
    if not report.good:
        raise typer.Exit(NO)


def demo(
    context: typer.Context,
    language: Annotated[Language, typer.Option("--language", help="Mandarin or English.")] = Language.MANDARIN,
    json: Json = False,
) -> None:
    """Rehearse a campaign of 12 invented leads and show what happened. Exit code 1 as of rehearse."""
    from rehearsal.scenario import LIBRARY

    report = _rehearse(context, LIBRARY / f"demo-{language}.yaml", watched=True, quiet=json)
    _show(report, json=json)
    if not json:
        _what_next(report)
    if not report.good:
        raise typer.Exit(NO)


def _rehearse(context: typer.Context, file: Path, *, watched: bool, quiet: bool) -> RehearsalReport:
    """``watched``: by a broker and a desk, whose addresses are told."""
    from dissuade.storage import opened_file
    from dissuade.timeline import write_timelines

    home = state(context).config.home.rehearsals
    report = asyncio.run(_run(file, home, watched=watched, quiet=quiet))
    with opened_file(report.folder / "store" / "dissuade.db") as store:
        write_timelines(store, report.name, report.folder, report.folder / "transcripts")
    return report


async def _run(file: Path, home: Path, *, watched: bool, quiet: bool) -> RehearsalReport:
    from dissuade.cli.progress import Bar, how_to_take_a_call, how_to_watch
    from dissuade.rehearsed import NodeProcess, let_visitor_in, start_node
    from rehearsal.run import rehearse

    async def start(config: Path, leads: Path, campaign: str) -> NodeProcess:
        if watched:
            for line in (how_to_watch(config), *how_to_take_a_call(let_visitor_in(config))):
                bar.say(line)
        return await start_node(config, leads, campaign)

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with Bar(quiet=quiet) as bar:
        try:
            return await rehearse(file, home, start_dialer=start, progress=bar, mqtt=watched, desk=watched)
        except asyncio.CancelledError:
            # SIGTERM ends a rehearsal as Ctrl-C does: with everything that it started.
            raise KeyboardInterrupt from None


def _show(report: RehearsalReport, *, json: bool) -> None:
    from dissuade.cli.output import console
    from rehearsal.report import render, to_json

    if json:
        typer.echo(to_json(report))
    else:
        console.print(render(report))


def _what_next(report: RehearsalReport) -> None:
    from dissuade.cli.output import say

    folder = report.folder
    say()
    config = folder / "dissuade.toml"
    say(f"It took {report.campaign_s:.0f} s to work through the queue, {report.total_s:.0f} s in all. Of it remain:")
    say(f"  recordings    {folder / 'recordings'}  (left: the person called, right: the robot)")
    say(f"  transcripts   {folder / 'transcripts'}")
    say(f"  database      {folder / 'store' / 'dissuade.db'}")
    say(f"  logs          {folder / 'logs'}")
    say("Next:")
    say(f"  .venv/bin/dissuade --config {config} calls list")
    say(f"  .venv/bin/dissuade --config {config} desk       the desk's pages again, without calls; log in as before")
    say("  .venv/bin/dissuade rehearse FILE       a rehearsal of your own; rehearsal/library has examples")
    say("  .venv/bin/dissuade init && .venv/bin/dissuade doctor       with a real trunk: docs/operator.md")
