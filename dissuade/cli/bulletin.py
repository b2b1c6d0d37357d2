"""``dissuade bulletin``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from datetime import date

    from campaigns.bulletin.review import Bulletin
    from campaigns.bulletin.saving import Format
    from campaigns.delivery.wording import Language as WordLanguage

app = typer.Typer(help="What became of the leads: the day's bulletin and the week's review.", no_args_is_help=True)

SHOWN = (
    "leads", "calls", "reached", "warned", "acknowledged", "denied", "escalated", "visits_ordered", "visits_met",
    "stop_payments_ordered", "stop_payments_held", "deadlines_missed", "first_call_median_min", "human_median_min",
    "amount_saved",
)  # fmt: skip
"""Figures on the terminal."""

Day = Annotated[
    str, typer.Argument(metavar="[DATE]", help="A day, e.g. 2026-11-20, or today, or yesterday, the default.")
]
Campaign = Annotated[str, typer.Option("--campaign", help="Only of this campaign.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the files. Default: bulletins/ below home.")]
Formats = Annotated[str, typer.Option("--format", help="Which files, with commas between: html, csv, json.")]
Language = Annotated[str | None, typer.Option("--language", help="Of the page: zh or en. Default: bulletin.language.")]


@app.command()
def day(
    context: typer.Context,
    date: Day = "yesterday",
    *,
    campaign: Campaign = "",
    out: Out = None,
    formats: Formats = "html,csv,json",
    language: Language = None,
    json: Json = False,
) -> None:
    """Write the bulletin of a day: figures beside those of the day and the week before, and what each means."""
    _write(context, "day", date, campaign=campaign, out=out, formats=formats, language=language, json=json)


@app.command()
def week(
    context: typer.Context,
    date: Annotated[
        str, typer.Argument(metavar="[DATE]", help="A day of the week that is reviewed. Default: a week ago.")
    ] = "last week",
    *,
    campaign: Campaign = "",
    out: Out = None,
    formats: Formats = "html,csv,json",
    language: Language = None,
    json: Json = False,
) -> None:
    """Write the review of a week, Monday to Sunday, beside the week before."""
    _write(context, "week", date, campaign=campaign, out=out, formats=formats, language=language, json=json)


def _write(
    context: typer.Context,
    kind: str,
    wanted: str,
    *,
    campaign: str,
    out: Path | None,
    formats: str,
    language: str | None,
    json: bool,
) -> None:
    from zoneinfo import ZoneInfo

    from campaigns.bulletin.flat import values
    from campaigns.bulletin.review import review
    from campaigns.bulletin.saving import save
    from campaigns.bulletin.spans import day_of, today, week_of
    from campaigns.bulletin.words import LANGUAGES
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    config = state(context).config
    chosen = _formats(formats)
    written_in = next((each for each in LANGUAGES if each == (language or config.bulletin.language)), None)
    if written_in is None:
        raise typer.BadParameter(f"{language} is not zh or en", param_hint="--language")
    zone = ZoneInfo(config.centre.time_zone)
    now = time.time()
    of = _date(wanted, today(now, zone))
    if of > today(now, zone):
        raise typer.BadParameter(f"{of} has not begun in {zone.key}", param_hint="DATE")
    span = day_of(of, zone) if kind == "day" else week_of(of, zone)
    with opened(config) as store:
        bulletin = review(store, span, now=now, campaign=campaign, centre=config.centre.name)
    files = save(bulletin, out or config.home.bulletins, chosen, language=written_in)
    if json:
        print_json({"files": files, "figures": values(bulletin.now.whole), "complete": bulletin.now.is_whole})
        return
    _show(bulletin, written_in)
    for file in files:
        say(f"wrote {file}")


def _date(wanted: str, today: date) -> date:
    from datetime import date, timedelta

    back = {"today": 0, "yesterday": 1, "last week": 7}
    if wanted in back:
        return today - timedelta(days=back[wanted])
    try:
        return date.fromisoformat(wanted)
    except ValueError:
        raise typer.BadParameter(
            f"{wanted} is no day; write it as 2026-11-20, or today, or yesterday", param_hint="DATE"
        ) from None


def _formats(given: str) -> list[Format]:
    from campaigns.bulletin.saving import Format

    names = [name.strip() for name in given.split(",") if name.strip()]
    if not names or set(names) - set(Format):
        raise typer.BadParameter(f"{given} is not some of {', '.join(Format)}", param_hint="--format")
    return [Format(name) for name in dict.fromkeys(names)]


def _show(bulletin: Bulletin, language: WordLanguage) -> None:
    from campaigns.bulletin import writing
    from campaigns.bulletin.flat import value
    from campaigns.bulletin.words import FIGURES, PAGE
    from dissuade.cli.output import say, table

    kind = bulletin.now.span.kind.value
    columns = [PAGE["figure"], PAGE[f"now_{kind}"], PAGE[f"before_{kind}"]]
    earlier = [bulletin.now, bulletin.before]
    if bulletin.week_before:
        columns.append(PAGE["week_before"])
        earlier.append(bulletin.week_before)
    days = bulletin.now.span.days
    of = writing.day(days[0], language) + (f" – {writing.day(days[-1], language)}" if len(days) > 1 else "")
    table(
        [word.text(language) for word in columns],
        [
            [FIGURES[name].text(language), *(writing.figure(value(figures.whole, name)) for figures in earlier)]
            for name in SHOWN
        ],
        title=f"{PAGE[kind].text(language)} {of}",
    )
    if not bulletin.now.is_whole:
        at = writing.moment(bulletin.now.as_of_at, bulletin.now.span.zone)
        say(PAGE["partial"].text(language).format(at=at))
