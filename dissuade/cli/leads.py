"""``dissuade leads``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.intake.headings import Headings
    from dissuade.config import Config

app = typer.Typer(help="Warnings that came in.", no_args_is_help=True)

SHOWN_ERRORS = 10

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="CSV, XLSX or JSON lines. A table's heading, or a key, names what a column holds, in English or Chinese:"
        " number (手机号) is needed, name, scam_type, grade, ... may be there; docs/integrator.md lists all.",
    ),
]
Sheet = Annotated[str, typer.Option("--sheet", help="Sheet of a workbook. Default: the first that is shown.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="HEADING=FIELD", help="What a column of your own holds; may be given several times."),
]
Tongue = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--language", help="Language in which rejected rows are explained. Default: centre.language, LANG."),
]


@app.callback()
def group() -> None:
    """Warnings that came in."""


@app.command("import")
def import_(
    context: typer.Context,
    file: File,
    *,
    campaign: Annotated[str, typer.Option("--campaign", help="Campaign that calls them; made if it is new.")],
    again: Annotated[
        bool,
        typer.Option("--again", help="Import a file once more, and so call closed cases again."),
    ] = False,
    sheet: Sheet = "",
    mapped: Map = None,
    language: Tongue = None,
    json: Json = False,
) -> None:
    """Queue the leads of a file. Exit code 1 if it has rows and none could be taken.

    Rows that cannot be taken are written to a file of their own, with line, reason and mend.
    """
    from campaigns.importing import import_file
    from campaigns.messages import tongue_of
    from campaigns.policy import decider
    from dissuade.cli.output import print_json, say, when
    from dissuade.intake import lead_defaults, proposer
    from dissuade.storage import opened

    config = state(context).config
    headings = own_headings(config, mapped)
    now = time.time()
    with opened(config) as store:
        store.create_campaign(campaign, now=now)
        report = import_file(
            store,
            file,
            campaign,
            now=now,
            rejects_dir=config.home.rejects,
            defaults=lead_defaults(config),
            headings=headings,
            proposer=proposer(config),
            sheet=sheet,
            tongue=tongue_of(language or config.centre.language),
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
        if report.proposed:
            say(f"{report.proposed} without a scam type were given one by their free text")
        for error in report.errors[:SHOWN_ERRORS]:
            column = f", {error.heading or error.column}" if error.column else ""
            say(f"  line {error.line}{column}: {error.reason}; {error.mend}")
        if report.rejected > SHOWN_ERRORS:
            say(f"  and {report.rejected - SHOWN_ERRORS} more")
        if report.rejects_file:
            say(f"rejected rows, to be mended and imported: {report.rejects_file}")
        if report.ignored_columns:
            say(f"columns that were not used: {', '.join(report.ignored_columns)}")
    if report.rejected == report.read:
        raise typer.Exit(NO)


@app.command()
def preview(
    context: typer.Context,
    file: File,
    *,
    campaign: Annotated[str, typer.Option("--campaign", help="Campaign that they would be imported into.")],
    again: Annotated[bool, typer.Option("--again", help="As if imported once more.")] = False,
    sheet: Sheet = "",
    mapped: Map = None,
    language: Tongue = None,
    json: Json = False,
) -> None:
    """Say what would become of the leads of a file: who is called now, later and never, and why. Nothing is written.

    Exit code 1 if nobody would be called.
    """
    from campaigns.messages import tongue_of
    from campaigns.policy import decider
    from campaigns.preview import preview_file
    from dissuade.cli.output import print_json
    from dissuade.cli.previewed import tell
    from dissuade.intake import lead_defaults, proposer
    from dissuade.storage import opened

    config = state(context).config
    headings = own_headings(config, mapped)
    tongue = tongue_of(language or config.centre.language)
    now = time.time()
    with opened(config) as store:
        found = preview_file(
            store,
            file,
            campaign,
            now=now,
            defaults=lead_defaults(config),
            headings=headings,
            proposer=proposer(config),
            sheet=sheet,
            tongue=tongue,
            again=again,
            decide=decider(now, config.policy.default()),
        )
    if json:
        print_json(found)
    else:
        tell(found, tongue, zone=config.centre.time_zone, shown_errors=SHOWN_ERRORS)
    if not found.now + found.later:
        raise typer.Exit(NO)


def own_headings(config: Config, mapped: list[str] | None) -> Headings:
    """The centre's own names of columns, and those of the command line before them."""
    from campaigns.intake.errors import SourceError
    from campaigns.intake.headings import Headings

    pairs = [each.partition("=") for each in mapped or []]
    if wrong := next((heading for heading, sign, _ in pairs if not sign or not heading.strip()), None):
        raise typer.BadParameter(f"{wrong!r} is not HEADING=FIELD", param_hint="--map")
    try:
        return Headings({**config.intake.columns, **{heading: field.strip() for heading, _, field in pairs}})
    except SourceError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from None
