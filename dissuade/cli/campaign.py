"""``dissuade campaign``."""

from __future__ import annotations

import getpass
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.model import Campaign, CampaignState, Case

app = typer.Typer(help="Named queues of cases.", no_args_is_help=True)

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
        ["campaign", "state", "cases", "queued", "calling", "closed", "next call", "last outcomes"],
        [
            [
                each.name,
                each.state,
                each.cases,
                *(each.by_state.get(key, 0) for key in ("queued", "calling", "closed")),
                when(each.next_due_at),
                ", ".join(f"{count} {outcome}" for outcome, count in each.by_last_outcome.items()),
            ]
            for each in standings
        ],
    )


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
