"""The tree of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dissuade.cli import (
    bulletin,
    calls,
    campaign,
    case,
    follow_ups,
    leads,
    lexicons,
    models,
    scripts,
    suppress,
    token,
    user,
)
from dissuade.cli.assess import assess
from dissuade.cli.audit import audit
from dissuade.cli.desk import desk
from dissuade.cli.doctor import doctor
from dissuade.cli.init import init
from dissuade.cli.purge import purge
from dissuade.cli.rehearse import demo, rehearse
from dissuade.cli.run import run
from dissuade.cli.search import search
from dissuade.cli.simulate import simulate
from dissuade.cli.state import State

HELP_OPTIONS = ["-h", "--help"]

app = typer.Typer(
    name="dissuade",
    help="Calls people at risk of fraud, warns them, listens, and hands live fraud to a human.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": HELP_OPTIONS},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"dissuade {version('dissuade')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="DISSUADE_CONFIG", help="Configuration. Default: dissuade.toml in the home folder."
        ),
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder for all that is written. Default: $DISSUADE_HOME, else ./var")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log on the console.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Calls people at risk of fraud, warns them, listens, and hands live fraud to a human."""
    context.obj = State(config, home, verbose)


app.command()(demo)
app.command()(run)
app.command()(desk)
app.command()(rehearse)
app.command()(init)
app.command()(doctor)
app.command()(assess)
app.command()(search)
app.command()(purge)
app.command()(audit)
app.command()(simulate)
app.add_typer(leads.app, name="leads")
app.add_typer(campaign.app, name="campaign")
app.add_typer(suppress.app, name="suppress")
app.add_typer(calls.app, name="calls")
app.add_typer(follow_ups.app, name="follow-ups")
app.add_typer(case.app, name="case")
app.add_typer(bulletin.app, name="bulletin")
app.add_typer(scripts.app, name="scripts")
app.add_typer(lexicons.app, name="lexicons")
app.add_typer(models.app, name="models")
app.add_typer(token.app, name="token")
app.add_typer(user.app, name="user")
