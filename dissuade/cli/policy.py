"""``dissuade campaign policy``: the ladder of a campaign."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.policy import Policy
    from campaigns.store import Store

app = typer.Typer(help="What follows for each case: the ladder of a campaign.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Policy in YAML.")]

REVISED_AT_ONCE = 200
"""Queued cases planned anew in a breath, so that a running node does not wait."""


@app.command()
def show(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Campaign. Default: the standard policy.")
    ] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="A picture for Mermaid.")] = False,
    text: Annotated[bool, typer.Option("--yaml", help="The YAML itself: what to copy and change.")] = False,
    json: Json = False,
) -> None:
    """Show the ladder of a campaign as a table, a picture or YAML."""
    from campaigns.policy import showing
    from dissuade.cli.output import print_json, say, table

    policy, source = _of(context, name)
    if text:
        typer.echo(source, nl=False)
    elif mermaid:
        typer.echo(showing.mermaid(policy), nl=False)
    elif json:
        print_json({"settings": dict(showing.settings(policy)), "outcomes": showing.rungs(policy)})
    else:
        table(
            ["outcome", "", "again", "grade", "at once", "in the end"],
            [
                [rung.outcome, rung.label, rung.again, rung.raise_to, rung.at_once, rung.in_the_end]
                for rung in showing.rungs(policy)
            ],
        )
        say()
        table(["setting", ""], showing.settings(policy))


@app.command()
def check(file: File) -> None:
    """Check a policy file; mistakes are told with their line."""
    from campaigns.policy import read_policy
    from dissuade.cli.output import say

    read_policy(file)
    say(f"{file}: good")


@app.command("set")
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, help="Policy in YAML.")
    ] = None,
    standard: Annotated[bool, typer.Option("--standard", help="Take the campaign's own policy away.")] = False,
    json: Json = False,
) -> None:
    """Give a campaign a policy of its own; its queued cases are planned anew."""
    from campaigns.policy import read_policy
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    if (file is None) != standard:
        raise typer.BadParameter("give either a FILE or --standard")
    text = "" if file is None else read_policy(file)
    config = state(context).config
    with opened(config) as store:
        campaign = store.set_policy(name, text, now=time.time(), by=f"cli:{getpass.getuser()}")
        revised = revise_queued(store, name, config.policy.default())
    if json:
        print_json({"campaign": campaign.name, "cases": revised})
    else:
        say(f"campaign {name} has {'the standard policy' if standard else 'its new policy'}; {revised} queued cases")


def revise_queued(store: Store, campaign: str, default: Policy) -> int:
    """Plan a campaign's queued cases anew; returns how many there are."""
    from campaigns.policy import decider

    after = count = 0
    while ids := store.queued(campaign, after=after, limit=REVISED_AT_ONCE):
        now = time.time()
        for case_id in ids:
            store.revise(case_id, decider(now, default), now=now)
        after, count = ids[-1], count + len(ids)
    return count


def _of(context: typer.Context, name: str | None) -> tuple[Policy, str]:
    """The policy that holds for a campaign, and its text."""
    from campaigns.policy import parse_policy, policy_of
    from campaigns.policy.reading import STANDARD_FILE
    from campaigns.store import NotFoundError
    from dissuade.storage import opened

    section = state(context).config.policy
    default_text = (section.file or STANDARD_FILE).read_text(encoding="utf-8")
    if name is None:
        return section.default(), default_text
    with opened(state(context).config) as store:
        found = next((each for each in store.campaigns() if each.name == name), None)
    if found is None:
        raise NotFoundError(f"there is no campaign {name}; `dissuade campaign status` lists them")
    if found.policy:
        return parse_policy(found.policy, name=f"policy of campaign {name}"), found.policy
    return policy_of(found, section.default()), default_text
