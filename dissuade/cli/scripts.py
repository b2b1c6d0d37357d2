"""``dissuade scripts``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from dissuade.config import Config
    from scripts.model import Script

app = typer.Typer(help="What the robot says.", no_args_is_help=True)


class Version(StrEnum):
    """Whom a script is for."""

    STANDARD = "standard"
    ELDERLY = "elderly"
    RELATIVE = "relative"
    CALLBACK = "callback"


Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a script as listed, or a script's file.")]
OfVersion = Annotated[Version | None, typer.Option("--version", help="Version of the script.")]


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
    from dissuade.library import rules
    from scripts.checks import check_files
    from scripts.loader import LIBRARY
    from scripts.model import ENDINGS
    from speech.assessment import SIGNALS

    own = state(context).config.centre.scripts
    checked, problems = check_files(files or [LIBRARY, *([own] if own else [])], SIGNALS, ENDINGS, rules=rules)
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
    """List the scripts that this node would use, and the versions of each."""
    from dissuade.cli.output import print_json, table
    from dissuade.library import load_scripts
    from scripts.model import STANDARD

    found = load_scripts(state(context).config).scripts
    if json:
        keys = ("name", "language", "scam_type", "version", "title", "file")
        print_json([{key: getattr(script, key) for key in keys} for script in found])
        return
    rows = []
    for script in found:
        if script.version == STANDARD:
            more = [each.version for each in found if each.file == script.file and each.version != STANDARD]
            rows.append([script.name, script.language, script.scam_type or "(any)", len(script.steps), ", ".join(more)])
    table(["name", "language", "scam type", "steps", "further versions"], rows)


@app.command()
def show(
    context: typer.Context,
    name: Name,
    version: OfVersion = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Draw a Mermaid flowchart instead of a tree.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Print one YAML file that needs no frame, to start a script of your own.")
    ] = False,
) -> None:
    """Draw a script's dialogue."""
    from scripts import outline
    from scripts.writing import to_yaml

    script = _find(state(context).config, name, version)
    if whole:
        typer.echo(to_yaml(script), nl=False)
    else:
        typer.echo(outline.mermaid(script) if mermaid else outline.outline(script))


@app.command("say")
def say_(
    context: typer.Context,
    name: Name,
    step: Annotated[str, typer.Argument(metavar="STEP", help="A step, or a phrase such as hold.")],
    *,
    version: OfVersion = None,
    again: Annotated[bool, typer.Option("--again", help="The wording of the second asking.")] = False,
    person: Annotated[str, typer.Option("--name", help="The name with which the prompt greets.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="WAV file to write: 8 kHz, as on the line.")] = None,
    play: Annotated[bool, typer.Option("--play", help="Play it, with paplay or aplay.")] = False,
    json: Json = False,
) -> None:
    """Render one prompt as it will be heard, and tell how long it takes."""
    import asyncio
    from tempfile import TemporaryDirectory

    from dissuade.cli.output import print_json, say
    from dissuade.speaking import play_file, prompt_text, render_prompt

    config = state(context).config
    script = _find(config, name, version)
    text = prompt_text(config, script, step, again=again, person=person)
    with TemporaryDirectory(prefix="dissuade-say-") as folder:
        file = out or Path(folder) / "prompt.wav"
        seconds = asyncio.run(render_prompt(config, script, text, file))
        if json:
            print_json({"text": text, "seconds": round(seconds, 2), "file": out})
        else:
            say(f"{text}\n{seconds:.1f} s" + (f", in {out}" if out else ""))
        if play:
            play_file(file)


def _find(config: Config, name: str, version: Version | None) -> Script:
    """A script by its name or file; raises `DissuadeError` or `ScriptError`."""
    from dissuade.speaking import find_script

    return find_script(config, name, str(version) if version else None)
