"""``dissuade simulate``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json
from dissuade.errors import ConfigError

if TYPE_CHECKING:
    from campaigns.delivery.wording import Language
    from campaigns.simulation.day import Plan
    from campaigns.simulation.planning import Needed
    from campaigns.simulation.run import Simulated

SAMPLE = 6100


_OF_THE_PROFILE = "Default: what the profile says for so many leads."


def simulate(
    *,
    leads: Annotated[int | None, typer.Option("--leads", min=1, help="Warnings of the day. Default: 61,000.")] = None,
    lines: Annotated[int | None, typer.Option("--lines", min=1, help=f"Calls at once. {_OF_THE_PROFILE}")] = None,
    dissuaders: Annotated[
        int | None, typer.Option("--dissuaders", min=0, help=f"On duty in the busiest hours. {_OF_THE_PROFILE}")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other people.")] = 1,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="The campaign's policy (YAML). Default: the built-in one.")
    ] = None,
    day: Annotated[
        datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="The day. Default: the profile's.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="What the day is like (YAML). Default: the built-in one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the bulletin, the figures by hour and all figures as JSON.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Search the fewest lines and dissuaders that keep the targets, instead.")
    ] = False,
    sample: Annotated[
        int, typer.Option("--sample", min=100, help="Leads of the smaller city in which --plan searches.")
    ] = SAMPLE,
    language: Annotated[str, typer.Option("--language", help="Of the bulletin: zh or en.")] = "zh",
    show_profile: Annotated[
        bool, typer.Option("--show-profile", help="Print the built-in profile, to be copied and changed, and leave.")
    ] = False,
    json: Json = False,
) -> None:
    """Replay a whole day through the real policy and the real store, with invented people, on virtual time.

    Nobody is called. The same options give the same result. A day of 61,000 leads takes minutes, --plan some days of a
    tenth of that and up to three whole ones. The targets of --plan: 95 % of first calls to high grades within 2 min of
    the warning, 95 % of live calls with a dissuader within 20 s, at most 5 % of first calls to medium and low grades
    after the policy's deadline, at most 1 % of calls put off because no line was free before calling hours ended. Exit
    code 1 if they cannot be kept.
    """
    from campaigns.policy import read_policy
    from campaigns.simulation.day import Plan
    from campaigns.simulation.profile import STANDARD_FILE, ProfileError, load, standard

    if show_profile:
        typer.echo(STANDARD_FILE.read_text(encoding="utf-8"), nl=False)
        return
    try:
        settings = load(profile) if profile else standard()
    except ProfileError as error:
        raise ConfigError(str(error), "correct it, or begin with --show-profile") from error
    if day is not None:
        settings = settings.model_copy(update={"day": day.date()})
    if language not in {"zh", "en"}:
        raise ConfigError(f"--language {language}: there is no such bulletin", "write zh or en")
    wording: Language = "en" if language == "en" else "zh"
    asked = Plan.of(
        settings,
        leads=leads,
        lines=lines,
        dissuaders=dissuaders,
        seed=seed,
        policy=read_policy(policy) if policy else "",
    )
    if plan:
        _plan(asked, sample, out, language=wording, json=json)
    else:
        _day(asked, out, language=wording, json=json)


def _day(plan: Plan, out: Path | None, *, language: Language, json: bool) -> None:
    from campaigns.simulation.files import write_files
    from campaigns.simulation.run import simulate as run
    from dissuade.cli.output import print_json

    with _Bar(quiet=json) as bar:
        found = run(plan, lambda share, calls: bar.show(f"{calls:,} calls", share))
    files = write_files(found, out, language=language) if out else []
    if json:
        print_json(found.result)
    else:
        _tell(found, files)


def _plan(whole: Plan, sample: int, out: Path | None, *, language: Language, json: bool) -> None:
    from campaigns.simulation.files import write_files
    from campaigns.simulation.planning import search
    from campaigns.simulation.result import Result
    from campaigns.simulation.run import simulate as run
    from dissuade.cli.guard import NO
    from dissuade.cli.output import print_json

    days: list[Simulated] = []
    with _Bar(quiet=json) as bar:

        def simulated(plan: Plan) -> Result:
            what = f"day {len(days) + 1}: {plan.leads:,} leads, {plan.lines} lines, {plan.dissuaders} dissuaders"
            days[:] = [*days, run(plan, lambda share, _: bar.show(what, share))]
            return days[-1].result

        needed = search(whole, simulated, sample=sample)
    files = write_files(days[-1], out, language=language) if out else []
    if json:
        print_json({"kept": needed.kept, "needed": needed})
    else:
        _tell_plan(needed)
        _tell(days[-1], files)
    if not needed.kept:
        raise typer.Exit(NO)


def _tell_plan(needed: Needed) -> None:
    from dissuade.cli.output import say

    verdict = "keeps" if needed.kept else "does not keep"
    say(f"searched with {needed.sample:,} leads: {needed.sample_lines} lines and {needed.sample_dissuaders} dissuaders")
    say(
        f"for {needed.result.leads:,} leads: {needed.lines} lines and {needed.dissuaders} dissuaders;"
        f" a day with them {verdict} the targets:"
    )
    say()


def _tell(found: Simulated, files: list[Path]) -> None:
    from campaigns.simulation.telling import HOUR_COLUMNS, hour_rows, summary
    from dissuade.cli.output import say, table

    for line in summary(found.result, found.bulletin.now.whole.counts):
        say(line)
    say()
    table(HOUR_COLUMNS, ([f"{figure:,}" for figure in row] for row in hour_rows(found.result)))
    if files:
        say()
    for file in files:
        say(f"written: {file}")


class _Bar:
    """How far the day is, on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True)
        self._task = self._progress.add_task("people are invented", total=1.0)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, share: float) -> None:
        """What goes on, and how far it is."""
        self._progress.update(self._task, description=what, completed=share)
