"""``dissuade doctor``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from dissuade.config import Config
    from dissuade.doctor import Finding

_MARKS = {"ok": "[green]ok  [/green]", "warn": "[yellow]warn[/yellow]", "fail": "[red]FAIL[/red]"}


def doctor(context: typer.Context, json: Json = False) -> None:
    """Try everything that a node needs, and say how to mend what fails. Exit code 1 if something does."""
    from dissuade.cli.output import print_json
    from dissuade.doctor import Verdict

    own = state(context)
    findings = asyncio.run(_examine(own.config, own.config_file or own.home.config_file, quiet=json))
    if json:
        print_json(findings)
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise typer.Exit(NO)


async def _examine(config: Config, file: Path, *, quiet: bool) -> list[Finding]:
    from dissuade.doctor import examine

    findings = []
    async for finding in examine(config, file):
        findings.append(finding)
        if not quiet:
            _show(finding)
    return findings


def _show(finding: Finding) -> None:
    from rich.markup import escape

    from dissuade.cli.output import console

    console.print(f"{_MARKS[finding.verdict]} {escape(f'{finding.what}: {finding.said}')}", soft_wrap=True)
    if finding.mend:
        console.print(f"       {escape(f'mend: {finding.mend}')}", style="dim", soft_wrap=True)
