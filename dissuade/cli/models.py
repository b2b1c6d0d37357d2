"""``dissuade models``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

app = typer.Typer(help="Speech models for Vosk.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the models that are here, and those that can be fetched."""
    from dissuade.cli.output import print_json, table
    from speech.models import DOWNLOADS, bundled, find, missing_files

    config = state(context).config
    used = {config.speech.zh.model: "zh", config.speech.en.model: "en"}
    rows = []
    fetched = sorted(str(path) for path in config.home.models.iterdir() if path.is_dir() and not missing_files(path))
    for name in dict.fromkeys([*bundled(), *fetched, *used]):
        if not name:
            continue
        about = "bundled, made of synthetic speech" if name in bundled() else ""
        try:
            rate_hz: int | None = find(name).sample_rate_hz
        except Exception as error:
            rate_hz, about = None, str(error)
        rows.append({"model": name, "sample_rate_hz": rate_hz, "used_for": used.get(name, ""), "about": about})
    if json:
        fetchable = [{"name": name, "url": each.url, "about": each.about} for name, each in DOWNLOADS.items()]
        print_json({"models": rows, "fetchable": fetchable})
        return
    table(["model", "Hz", "used for", ""], [list(row.values()) for row in rows])
    table(["dissuade models fetch", ""], [[name, each.about] for name, each in DOWNLOADS.items()])


@app.command()
def fetch(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to fetch: see models list.")],
    url: Annotated[str | None, typer.Option("--url", help="A mirror to fetch from.")] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help="Checksum, for a file of your own choice.")] = None,
    json: Json = False,
) -> None:
    """Download a model, check it and unpack it below the home folder."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from dissuade.cli.output import print_json, say
    from speech import models

    config = state(context).config
    with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), transient=True, disable=json) as bar:
        task = bar.add_task("fetching", total=None)
        folder = models.fetch(
            name,
            config.home.root,
            url=url,
            sha256=sha256,
            progress=lambda received, expected: bar.update(task, completed=received, total=expected),
        )
    if json:
        print_json({"model": str(folder)})
    else:
        say(f'{folder}\nuse it by this line under [speech.zh] in dissuade.toml:\nmodel = "{folder}"')


@app.command()
def check(
    context: typer.Context,
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MODEL]", help="Folder, or name of a bundled model. Default: those that are configured."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """See whether models are whole and Vosk loads them. Exit code 1 if one is not."""
    from dissuade.cli.output import print_json, say
    from speech.models import ModelError, find
    from speech.recognition import load

    speech = state(context).config.speech
    rows = []
    for name in [str(model)] if model else [speech.zh.model, speech.en.model]:
        try:
            found = find(name)
            load(found)
        except ModelError as error:
            rows.append({"model": name, "good": False, "said": str(error)})
        else:
            rows.append({"model": name, "good": True, "said": f"{found.path}, {found.sample_rate_hz} Hz"})
    if json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['model']}: {'good' if row['good'] else 'NOT GOOD'}: {row['said']}")
    if not all(row["good"] for row in rows):
        raise typer.Exit(NO)
