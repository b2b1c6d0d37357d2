"""``dissuade lexicons``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

app = typer.Typer(help="The rules by which replies are understood.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The rules by which replies are understood."""


@app.command()
def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILES]...", help="Lexicon files. Default: those that this node would use."),
    ] = None,
    json: Json = False,
) -> None:
    """Check lexicons: the first fault of each with file, line and reason. Exit code 1 if there is one."""
    from dissuade.cli.output import print_json, say
    from speech.lexicon import LexiconError, files_in_use, load_lexicon

    if not files:
        _ = state(context).config
        files = files_in_use()
    found: list[dict[str, object]] = []
    for file in files:
        try:
            signals = load_lexicon(file).signals.values()
        except LexiconError as error:
            found.append({"file": str(file), "rules": None, "problem": str(error)})
        else:
            found.append({"file": str(file), "rules": sum(len(each.rules) for each in signals), "problem": None})
    faulty = sum(each["problem"] is not None for each in found)
    if json:
        print_json(found)
    else:
        for each in found:
            say(str(each["problem"] or f"{each['file']}: {each['rules']} rules"))
        say(f"{len(found)} checked, {faulty} faulty")
    if faulty:
        raise typer.Exit(NO)
