"""``dissuade leads``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

app = typer.Typer(help="Warnings that came in.", no_args_is_help=True)

SHOWN_ERRORS = 10


@app.callback()
def group() -> None:
    """Warnings that came in."""


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="CSV file with a header; the number's column is named number or 手机号, the others are optional:"
            " name, scam_type, grade, language, sex, age, note, or their Chinese names.",
        ),
    ],
    campaign: Annotated[str, typer.Option("--campaign", help="Campaign that calls them; made if it is new.")],
    again: Annotated[
        bool,
        typer.Option("--again", help="Import a file once more, and so call closed cases again."),
    ] = False,
    json: Json = False,
) -> None:
    """Queue the leads of a CSV file. Exit code 1 if it has rows and none could be taken.

    Rows that cannot be taken are written to a file of their own, with line, reason and mend.
    """
    from campaigns.intake.fields import LeadDefaults
    from campaigns.importing import import_file
    from campaigns.policy import decider
    from dissuade.cli.output import print_json, say, when
    from dissuade.storage import opened

    config = state(context).config
    now = time.time()
    with opened(config) as store:
        store.create_campaign(campaign, now=now)
        report = import_file(
            store,
            file,
            campaign,
            now=now,
            rejects_dir=config.home.rejects,
            defaults=LeadDefaults(region=config.centre.region),
            again=again,
            decide=decider(now, config.policy.default()),
        )
    if json:
        print_json(report)
    else:
        if report.imported_before_at is not None:
            before = when(report.imported_before_at)
            say(f"this file was imported on {before}; nothing was changed (--again repeats it)")
        say(f"{report.read} read, {report.accepted} accepted, {report.merged} merged, {report.rejected} rejected")
        for error in report.errors[:SHOWN_ERRORS]:
            column = f", {error.column}" if error.column else ""
            say(f"  line {error.line}{column}: {error.reason}; {error.mend}")
        if report.rejected > SHOWN_ERRORS:
            say(f"  and {report.rejected - SHOWN_ERRORS} more")
        if report.rejects_file:
            say(f"rejected rows, to be mended and imported: {report.rejects_file}")
        if report.ignored_columns:
            say(f"columns that were not used: {', '.join(report.ignored_columns)}")
    if report.rejected == report.read:
        raise typer.Exit(NO)
