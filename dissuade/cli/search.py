"""``dissuade search``."""

from __future__ import annotations

from typing import Annotated

import typer

from dissuade.cli.state import Json, state


def search(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="What to look for: any part of a word, name or number, one Chinese character included; "
            "parts with spaces between must all stand in the same place.",
        ),
    ],
    campaign: Annotated[str | None, typer.Option("--campaign", help="Only of this campaign.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 50,
    *,
    full_numbers: Annotated[bool, typer.Option("--full-numbers", help="Show numbers in full.")] = False,
    json: Json = False,
) -> None:
    """Find words in what was said, in leads and in the notes of people. Exit code 1 if nothing is found."""
    from campaigns.search import excerpt, masked
    from dissuade.cli.guard import NO
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = store.search(text, limit=limit, campaign=campaign)
        names = {each.id: each.name for each in store.campaigns()}
        cases = {each.case_id: store.case(each.case_id) for each in found}

    def shown(told: str) -> str:
        return told if full_numbers else masked(told)

    if json:
        print_json(
            [
                {
                    "case_id": each.case_id,
                    "attempt_id": each.attempt_id,
                    "campaign": names[cases[each.case_id].campaign_id],
                    "where": each.where,
                    "text": shown(each.text),
                    "at": each.at,
                }
                for each in found
            ]
        )
    elif not found:
        say("nothing found")
    else:
        table(
            ["case", "call", "campaign", "where", "when", "words"],
            [
                [
                    each.case_id,
                    each.attempt_id,
                    names[cases[each.case_id].campaign_id],
                    each.where,
                    when(each.at),
                    "{}[{}]{}".format(*excerpt(shown(each.text), text)).replace("[]", ""),
                ]
                for each in found
            ],
        )
    if not found:
        raise typer.Exit(NO)
