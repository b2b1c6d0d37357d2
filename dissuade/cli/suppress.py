"""``dissuade suppress``."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from dissuade.config import Config

app = typer.Typer(help="Numbers that no campaign calls.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="In any usual way of writing it.")]


@app.command()
def add(  # noqa: PLR0917 (a parameter for each option)
    context: typer.Context,
    number: Number,
    why: Annotated[str, typer.Option("--why", help="The reason; it is kept.")],
    for_: Annotated[
        str, typer.Option("--for", metavar="SPAN", help="For so long: 12h, 30d. Default: until it is lifted.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who decided it. Default: the user of this machine.")] = "",
    json: Json = False,
) -> None:
    """Call a number no more. What its cases then need beside the telephone is ordered by a running node."""
    from campaigns.model import Suppression
    from campaigns.policy.durations import seconds
    from dissuade.cli.output import print_json, say, when
    from dissuade.storage import opened

    now = time.time()
    try:
        until_at = now + seconds(for_) if for_ else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None
    if not why.strip():
        raise typer.BadParameter("give the reason", param_hint="--why")
    config = state(context).config
    wanted = Suppression(_e164(config, number), why.strip(), by or f"cli:{getpass.getuser()}", now, until_at)
    with opened(config) as store:
        store.suppress(wanted, now=now)
    if json:
        print_json(wanted)
    else:
        say(f"{wanted.number} is not called {f'until {when(until_at)}' if until_at else 'until it is lifted'}")


@app.command()
def remove(context: typer.Context, number: Number, json: Json = False) -> None:
    """Let a number be called again. Exit code 1 if it was not suppressed."""
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    config = state(context).config
    wanted = _e164(config, number)
    with opened(config) as store:
        there = store.unsuppress(wanted, now=time.time(), by=f"cli:{getpass.getuser()}")
    if json:
        print_json({"number": wanted, "lifted": there})
    else:
        say(f"{wanted} {'may be called again' if there else 'was not suppressed'}")
    if not there:
        raise typer.Exit(NO)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """The numbers that are not called now, with reason and end."""
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = store.suppressions(now=time.time())
    if json:
        print_json(found)
    elif not found:
        say("no number is suppressed")
    else:
        table(
            ["number", "reason", "by", "since", "until"],
            [[each.number, each.reason, each.by, when(each.at), when(each.until_at) or "lifted"] for each in found],
        )


def _e164(config: Config, number: str) -> str:
    from campaigns.numbers import NumberError, normalise

    try:
        return normalise(number, region=config.centre.region)
    except NumberError as error:
        raise typer.BadParameter(str(error), param_hint="NUMBER") from None
