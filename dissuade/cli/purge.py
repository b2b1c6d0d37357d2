"""``dissuade purge``."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dissuade.cli.state import Json, state


def purge(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and take nothing away.")] = False,
    *,
    wipe: Annotated[
        bool,
        typer.Option(
            "--wipe",
            help="Rewrite the database's files however long it takes; let no node run meanwhile. Otherwise they are "
            "rewritten if that is likely to take less than 15 s.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Take away what is older than [retention] says, as a running node does every night. Exit code 1 if a recording
    could not be deleted.
    """
    from dataclasses import replace

    from campaigns import retention
    from dissuade.cli.guard import NO
    from dissuade.cli.output import print_json, say
    from dissuade.retention import kept, places
    from dissuade.storage import opened

    config = state(context).config
    now = time.time()
    with opened(config) as store:
        if dry_run:
            would = retention.purgeable(store, kept(config), now=now)
            if json:
                print_json(would)
            else:
                say(
                    f"would go: {would.recordings} recordings, the words of {would.calls} calls, who {would.cases} were"
                )
            return
        own = kept(config)
        limits = {"wipe_within_s": None} if wipe else {}
        report = retention.purge(store, own, places(config), now=now, **limits)
        if wipe and not report.wiped:
            report = replace(report, wiped=store.wipe_remains())
    if json:
        print_json(report)
    else:
        say(
            f"{report.recordings} recordings deleted, {report.turns} turns, {report.signals} signals and "
            f"{report.mentions} mentions emptied, {report.cases} cases made nameless, {report.events} events redacted, "
            f"{report.files} files deleted"
        )
        if report.cases + report.turns + report.mentions and not report.wiped:
            say("free places of the database may still hold it: run `dissuade purge --wipe` while no node runs")
        for refused in report.refused:
            say(f"  not deleted: {refused}")
    if report.refused:
        raise typer.Exit(NO)
