"""``dissuade init``."""

from __future__ import annotations

from typing import Annotated

import typer

from dissuade.cli.state import state


def init(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--print", help="Print the file instead of writing it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented dissuade.toml with every key at its default."""
    from dissuade.config_template import template
    from dissuade.errors import DissuadeError

    if show:
        typer.echo(template(), nl=False)
        return
    home = state(context).home
    path = state(context).config_file or home.config_file
    if path.exists() and not force:
        raise DissuadeError(f"{path} is there already", "edit it, or replace it with --force")
    home.make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template(), encoding="utf-8")
    path.chmod(0o600)  # it may come to hold passwords
    typer.echo(f"wrote {path}\nset [trunk] and [[dissuaders]] in it, then: dissuade doctor")
