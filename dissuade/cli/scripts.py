"""``dissuade scripts``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

app = typer.Typer(help="What the robot says.", no_args_is_help=True)


@app.command()
def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES]...", help="Script files or folders. Default: all scripts that this node would use."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check scripts: every fault with file, line and reason. Exit code 1 if there is one."""
    from dissuade.cli.output import print_json, say
    from scripts.checks import check_file
    from scripts.loader import LIBRARY, ScriptError, load_library
    from scripts.model import ENDINGS
    from scripts.yaml_lines import Problem
    from speech.assessment import SIGNALS

    own = state(context).config.centre.scripts
    problems: list[Problem] = []
    checked = 0
    for place in files or [LIBRARY, *([own] if own else [])]:
        found = sorted(p for p in place.rglob("*") if p.suffix in {".yaml", ".yml"}) if place.is_dir() else [place]
        for file in found:
            problems += check_file(file, SIGNALS, ENDINGS)
            checked += 1
        if place.is_dir():
            try:
                load_library(place)
            except ScriptError as error:
                problems += [each for each in error.problems if each not in problems]
    if json:
        print_json({"checked": checked, "problems": problems})
    else:
        for problem in problems:
            say(str(problem))
        say(f"{checked} checked, {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    if problems:
        raise typer.Exit(NO)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the scripts that this node would use."""
    from dissuade.cli.output import print_json, table
    from dissuade.library import load_scripts

    found = load_scripts(state(context).config).scripts
    if json:
        print_json(
            [
                {"name": s.name, "language": s.language, "scam_type": s.scam_type, "title": s.title, "file": s.file}
                for s in found
            ]
        )
    else:
        table(
            ["name", "language", "scam type", "title", "steps"],
            [[s.name, s.language, s.scam_type or "(any)", s.title, len(s.steps)] for s in found],
        )
