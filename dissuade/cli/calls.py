"""``dissuade calls``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.model import Attempt, Case

app = typer.Typer(help="What became of calls.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Option("--campaign", help="Only of this campaign.")] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="Only with this outcome, e.g. escalated.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 50,
    json: Json = False,
) -> None:
    """List calls, newest first."""
    from campaigns.model import Outcome
    from campaigns.numbers import mask
    from dissuade.cli.output import print_json, say, seconds, table, when
    from dissuade.storage import opened

    if outcome is not None and outcome not in list(Outcome):
        raise typer.BadParameter(f"no outcome {outcome}; there are {', '.join(Outcome)}", param_hint="--outcome")
    with opened(state(context).config) as store:
        cases = {case.id: case for case in store.cases(campaign=campaign)}
        found = store.attempts(campaign=campaign, limit=limit if outcome is None else 1_000_000)
    if outcome is not None:
        found = [each for each in found if each.result and each.result.outcome == outcome][:limit]
    if json:
        print_json([_summary(each, cases[each.case_id]) for each in found])
        return
    if not found:
        say("no calls")
        return
    rows = []
    for each in found:
        lead, result = cases[each.case_id].lead, each.result
        talked_s = result.ended_at - result.answered_at if result and result.answered_at else None
        rows.append(
            [
                each.id,
                when(each.dialled_at or each.claimed_at),
                mask(lead.number),
                lead.name,
                lead.scam_type,
                result.outcome if result else "in progress",
                seconds(talked_s),
                result.reason if result else "",
            ]
        )
    table(["id", "dialled", "number", "name", "scam type", "outcome", "talked", "reason"], rows)


@app.command()
def show(
    context: typer.Context,
    call: Annotated[int, typer.Argument(metavar="ID", help="Id of a call: see calls list.")],
    json: Json = False,
) -> None:
    """Show one call from beginning to end: what was said, signals, who took it, what follows, and the recording."""
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened
    from dissuade.timeline import recording_path, timeline

    config = state(context).config
    with opened(config) as store:
        attempt = store.attempt(call)
        case = store.case(attempt.case_id)
        ordered = [each for each in store.follow_ups(case.id) if each.attempt_id in {None, call}]
    home = config.home.root
    if json:
        recording = recording_path(attempt, home)
        print_json({"call": attempt, "case": case, "follow_ups": ordered, "recording": recording})
    else:
        say(timeline(attempt, case, ordered, home))


def _summary(attempt: Attempt, case: Case) -> dict[str, object]:
    result = attempt.result
    return {
        "id": attempt.id,
        "case_id": case.id,
        "number": case.lead.number,
        "name": case.lead.name,
        "scam_type": case.lead.scam_type,
        "dialled_at": attempt.dialled_at,
        "answered_at": result.answered_at if result else None,
        "ended_at": result.ended_at if result else None,
        "outcome": result.outcome if result else None,
        "key_warning_heard": result.key_warning_heard if result else None,
        "sip_code": result.sip_code if result else None,
        "reason": result.reason if result else "",
        "recording": result.recording if result else "",
    }
