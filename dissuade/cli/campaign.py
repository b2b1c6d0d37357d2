"""``dissuade campaign``."""

from __future__ import annotations

import getpass
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli import policy
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.model import Campaign, CampaignState, Case

app = typer.Typer(help="Named queues of cases.", no_args_is_help=True)
app.add_typer(policy.app, name="policy")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign.")]


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far a campaign is, as ``--json`` prints it."""

    name: str
    state: str
    created_at: float
    cases: int
    by_state: dict[str, int]
    by_last_outcome: dict[str, int]
    next_due_at: float | None
    own_policy: bool
    hours_lifted_until_at: float | None

    @classmethod
    def of(cls, campaign: Campaign, cases: list[Case]) -> _Standing:
        return cls(
            name=campaign.name,
            state=str(campaign.state),
            created_at=campaign.created_at,
            cases=len(cases),
            by_state=dict(Counter(str(case.state) for case in cases)),
            by_last_outcome=dict(Counter(str(case.last_outcome or "not_called") for case in cases)),
            next_due_at=min((case.due_at for case in cases if case.due_at is not None), default=None),
            own_policy=bool(campaign.policy),
            hours_lifted_until_at=campaign.hours_lifted_until_at,
        )


@app.command()
def create(context: typer.Context, name: Name, json: Json = False) -> None:
    """Make a campaign; it runs at once, and calls nobody before leads are imported."""
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        made = store.create_campaign(name, now=time.time())
    _tell(made, json)


@app.command()
def start(context: typer.Context, name: Name, json: Json = False) -> None:
    """Let the cases of a campaign be called."""
    from campaigns.model import CampaignState

    _set(context, name, CampaignState.RUNNING, json)


@app.command()
def pause(context: typer.Context, name: Name, json: Json = False) -> None:
    """Call nobody of a campaign until it is started again; calls in progress go on."""
    from campaigns.model import CampaignState

    _set(context, name, CampaignState.PAUSED, json)


@app.command("lift-hours")
def lift_hours(  # noqa: PLR0917 (a parameter for each option)
    context: typer.Context,
    name: Name,
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="23:30 today, 2027-01-13 23:30, or a span from now: 2h.")
    ],
    by: Annotated[str, typer.Option("--by", help="The officer who decides it; logged.")],
    why: Annotated[str, typer.Option("--why", help="The reason; logged.")],
    json: Json = False,
) -> None:
    """Call medium and low cases outside their calling hours for a while; its queued cases are planned anew."""
    from dissuade.cli.output import print_json, say, when
    from dissuade.storage import opened

    config = state(context).config
    now = time.time()
    until_at = _moment(until, now)
    with opened(config) as store:
        campaign = store.lift_hours(name, until_at, now=now, by=by, why=why)
        policy.revise_queued(store, name, config.policy.default())
    if json:
        print_json(campaign)
    else:
        say(f"campaign {name} calls at any hour until {when(until_at)}")


@app.command()
def status(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Name of the campaign. Default: all.")] = None,
    json: Json = False,
) -> None:
    """How far campaigns are: cases by state and outcome."""
    from campaigns.store import NotFoundError
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = [each for each in store.campaigns() if name in {None, each.name}]
        if name is not None and not found:
            raise NotFoundError(f"there is no campaign {name}; `dissuade campaign status` lists them")
        standings = [_Standing.of(each, store.cases(campaign=each.name)) for each in found]
    if json:
        print_json(standings)
        return
    if not standings:
        say("no campaigns yet; make one with: dissuade leads import FILE --campaign NAME")
        return
    table(
        ["campaign", "state", "cases", "queued", "calling", "waiting", "closed", "next call", "last outcomes"],
        [
            [
                each.name,
                each.state,
                each.cases,
                *(each.by_state.get(key, 0) for key in ("queued", "calling", "waiting", "closed")),
                when(each.next_due_at),
                ", ".join(f"{count} {outcome}" for outcome, count in each.by_last_outcome.items()),
            ]
            for each in standings
        ],
    )


def _moment(text: str, now: float) -> float:
    """A time of today, a date and time, or a span from now; raises `typer.BadParameter`."""
    from campaigns.policy.durations import seconds

    here = datetime.fromtimestamp(now).astimezone()
    try:
        at = now + seconds(text)
    except ValueError:
        try:
            day = f"{here:%Y-%m-%d} " if re.fullmatch(r"\d{1,2}:\d{2}", text.strip()) else ""
            at = datetime.fromisoformat(day + text.strip().rjust(5, "0")).astimezone().timestamp()
        except ValueError:
            mend = "write 23:30, 2027-01-13 23:30, or a span such as 2h"
            raise typer.BadParameter(f"{text!r} is no time; {mend}", param_hint="--until") from None
    if at <= now:
        raise typer.BadParameter(f"{text} is over; name a time to come", param_hint="--until")
    return at


def _set(context: typer.Context, name: str, wanted: CampaignState, json: bool) -> None:
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        campaign = store.set_campaign_state(name, wanted, now=time.time(), by=f"cli:{getpass.getuser()}")
    _tell(campaign, json)


def _tell(campaign: Campaign, json: bool) -> None:
    from dissuade.cli.output import print_json, say

    if json:
        print_json(campaign)
    else:
        say(f"campaign {campaign.name} is {campaign.state}")
