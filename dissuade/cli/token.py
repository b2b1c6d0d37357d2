"""``dissuade token``."""

from __future__ import annotations

import getpass
import time
from enum import StrEnum
from typing import Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

app = typer.Typer(help="Who may use the HTTP API.", no_args_is_help=True)


class ScopeName(StrEnum):
    """What a token allows (`campaigns.access.Scope`, which help does not wait for)."""

    LEADS = "leads:write"
    FOLLOW_UPS = "follow-ups:write"
    READ = "read"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The system that uses it; the log names it.")]


@app.callback()
def group() -> None:
    """Who may use the HTTP API."""


@app.command()
def create(
    context: typer.Context,
    name: Name,
    scope: Annotated[list[ScopeName], typer.Option("--scope", help="What it allows; may be given several times.")],
    json: Json = False,
) -> None:
    """Make a token and print it. It is shown this once: only a digest is kept."""
    from campaigns.access import Scope, new_secret
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    text, key, digest = new_secret()
    scopes = [Scope(each) for each in scope]
    plain = " ".join(name.split())
    if not plain or len(plain) > 100:
        raise typer.BadParameter("1 to 100 characters", param_hint="NAME")
    with opened(state(context).config) as store:
        made = store.add_token(plain, key, digest, scopes=scopes, now=time.time(), by=f"cli:{getpass.getuser()}")
    if json:
        print_json({"name": made.name, "key": made.key, "scopes": sorted(made.scopes), "token": text})
    else:
        say(f"token of {made.name} ({', '.join(sorted(made.scopes))}), shown this once:")
        say(text)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """Tokens, without their secrets."""
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = store.tokens()
    if json:
        print_json(
            [
                {
                    "name": each.name,
                    "key": each.key,
                    "scopes": sorted(each.scopes),
                    "created_at": each.created_at,
                    "by": each.by,
                    "revoked_at": each.revoked_at,
                }
                for each in found
            ]
        )
    elif not found:
        say("no tokens yet; make one with: dissuade token create NAME --scope leads:write")
    else:
        table(
            ["name", "scopes", "made", "by", "revoked"],
            [
                [each.name, ", ".join(sorted(each.scopes)), when(each.created_at), each.by, when(each.revoked_at)]
                for each in found
            ],
        )


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Refuse a token from now on, on running nodes too. Exit code 1 if none of that name is in force."""
    from dissuade.cli.output import say
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        done = store.revoke_token(name, now=time.time(), by=f"cli:{getpass.getuser()}")
    say(f"the token of {name} is refused from now on" if done else f"no token of {name} is in force")
    if not done:
        raise typer.Exit(NO)
