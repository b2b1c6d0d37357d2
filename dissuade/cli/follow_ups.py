"""``dissuade follow-ups``."""

from __future__ import annotations

import getpass
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.follow_up import RESULTS, FollowUpKind, FollowUpState
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from campaigns.delivery.channel import Parcel
    from campaigns.follow_up import FollowUp
    from campaigns.store import Store
    from dissuade.config import Config

app = typer.Typer(
    help="What is ordered beside the telephone: messages, calls to relatives, visits, stop-payments, block reports.",
    no_args_is_help=True,
)

Id = Annotated[int, typer.Argument(metavar="ID", help="Id of an order: see follow-ups list.")]
By = Annotated[str, typer.Option("--by", help="Who says so: goes into the log. Default: the user logged in.")]


class Told(StrEnum):
    """What feedback may say."""

    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    FAILED = "failed"


class SheetLanguage(StrEnum):
    """Of a printed sheet."""

    ZH = "zh"
    EN = "en"


@app.command("list")
def list_(
    context: typer.Context,
    *,
    case: Annotated[int | None, typer.Option("--case", help="Only of this case.")] = None,
    kind: Annotated[FollowUpKind | None, typer.Option("--kind", help="Only of this kind.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are late.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 200,
    json: Json = False,
) -> None:
    """List orders that are open, the one with the earliest deadline first."""
    from campaigns.numbers import mask
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    now = time.time()
    with opened(state(context).config) as store:
        found = [
            each
            for each in store.follow_ups(case, open_only=not all_)
            if kind in {None, each.kind} and not (overdue and not (each.is_open and each.deadline_at < now))
        ]
        shown = sorted(found, key=lambda each: (each.deadline_at, each.id))[:limit]
        leads = {each.case_id: store.case(each.case_id).lead for each in shown}
    if json:
        print_json(shown)
        return
    if not shown:
        say("no orders")
        return
    rows = []
    for each in shown:
        lead = leads[each.case_id]
        late = " (late)" if each.is_open and each.deadline_at < now else ""
        rows.append(
            [
                each.id,
                each.kind,
                f"{each.state} {each.result}".strip(),
                f"{when(each.deadline_at)}{late}",
                each.case_id,
                mask(lead.number),
                lead.grade,
                lead.precinct,
                each.channel,
                each.reference,
            ]
        )
    table(["id", "kind", "state", "due by", "case", "number", "grade", "precinct", "sent by", "reference"], rows)
    if len(found) > len(shown):
        say(f"and {len(found) - len(shown)} more: --limit {len(found)}")


@app.command()
def show(context: typer.Context, order: Id, json: Json = False) -> None:
    """Show one order, and what its receiver is told, as it would be sent now."""
    from dissuade.cli.output import print_json, say, when
    from dissuade.storage import opened

    config = state(context).config
    with opened(config) as store:
        parcel = _parcel(config, store, order)
    if json:
        print_json({"order": parcel.order, "document": parcel.document})
        return
    told = parcel.order
    say(f"order {told.id}: {told.kind} for case {told.case_id}, {told.state} {told.result}".rstrip())
    say(f"  ordered {when(told.ordered_at)} by {told.by or 'the policy'}, due by {when(told.deadline_at)}")
    if told.sent_at is not None:
        say(f"  sent {when(told.sent_at)} by {told.channel} {told.reference}".rstrip())
    elif told.next_try_at is not None:
        say(f"  {told.tries} tries; next {when(told.next_try_at)}")
    if told.acknowledged_at is not None:
        say(f"  acknowledged {when(told.acknowledged_at)}")
    if told.ended_at is not None:
        say(f"  ended {when(told.ended_at)}")
    if told.note:
        say(f"  {told.note}")
    say()
    print_json(parcel.document)


@app.command()
def feedback(
    context: typer.Context,
    order: Id,
    told: Annotated[Told, typer.Argument(metavar="STATE", help="acknowledged, done or failed.")],
    *,
    result: Annotated[
        str,
        typer.Option(
            "--result",
            help="What it led to, if done: "
            + "; ".join(f"{kind} {'|'.join(results)}" for kind, results in RESULTS.items() if len(results) > 1)
            + ". Why, if failed.",
        ),
    ] = "",
    note: Annotated[str, typer.Option("--note", help="Anything else worth knowing.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Record what became of an order; the case goes on accordingly."""
    from campaigns.delivery.feedback import apply_feedback
    from campaigns.policy import decider
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    config, now = state(context).config, time.time()
    with opened(config) as store:
        done = apply_feedback(
            store,
            order,
            FollowUpState(told.value),
            result=result,
            note=note,
            by=by or _user(),
            now=now,
            decide=decider(now, config.policy.default()),
        )
        case = store.case(done.case_id)
    if json:
        print_json(done)
        return
    say(f"order {done.id} is {done.state} {done.result}".rstrip())
    say(f"case {case.id} is {case.state} {case.closed_reason}".rstrip())


@app.command()
def order(
    context: typer.Context,
    case: Annotated[int, typer.Argument(metavar="CASE", help="Id of a case.")],
    kind: Annotated[FollowUpKind, typer.Argument(metavar="KIND", help=", ".join(FollowUpKind) + ".")],
    *,
    within: Annotated[
        str, typer.Option("--within", help="30min, 2h, 1d: an alarm is raised then. Default: the policy's.")
    ] = "",
    text: Annotated[str, typer.Option("--text", help="What an sms says, instead of the template.")] = "",
    number: Annotated[str, typer.Option("--relative", help="Number of the relative to be called.")] = "",
    relation: Annotated[str, typer.Option("--relation", help="What the relative is to the subject.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Order something for a case; one that is open already is not ordered twice."""
    from campaigns.follow_up import Order
    from campaigns.numbers import normalise
    from campaigns.policy.durations import seconds
    from campaigns.policy.reading import policy_of
    from dissuade.cli.output import print_json, say, when
    from dissuade.storage import opened

    config, now = state(context).config, time.time()
    data: dict[str, object] = {}
    if text:
        data["text"] = text
    if number:
        data |= {"number": normalise(number, region=config.centre.region), "relation": relation}
    try:
        span_s = seconds(within) if within else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--within") from None
    with opened(config) as store:
        history = store.history(case, now=now)
        if span_s is None:
            policy = policy_of(history.campaign, config.policy.default())
            span_s = policy.deadlines_s[kind][history.case.lead.grade]
        before = {each.id for each in history.follow_ups}
        made = store.order(case, Order(kind, now + span_s, data), now=now, by=by or _user())
    if json:
        print_json(made)
        return
    again = " already" if made.id in before else ""
    say(f"order {made.id}: {made.kind} for case {case} is {made.state}{again}, due by {when(made.deadline_at)}")


@app.command()
def sheet(
    context: typer.Context,
    order: Id,
    out: Annotated[Path | None, typer.Option("--out", help="File to write. Default: orders/ below home.")] = None,
    language: Annotated[SheetLanguage | None, typer.Option("--language", help="Default: the subject's.")] = None,
) -> None:
    """Write the printable sheet of a visit, stop-payment or block order: one A4 page."""
    from campaigns.delivery.sheet import SheetFolder, render
    from dissuade.cli.output import say
    from dissuade.errors import DissuadeError
    from dissuade.storage import opened

    config = state(context).config
    with opened(config) as store:
        parcel = _parcel(config, store, order)
    text = render(parcel.document, language=language.value if language else None)
    path = out or SheetFolder(config.home.orders).path(parcel.order.kind, order)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DissuadeError(f"cannot write {path}: {error.strerror}", "choose another file with --out") from error
    say(str(path))


def _parcel(config: Config, store: Store, order_id: int) -> Parcel:
    from dissuade.delivery import make_writer

    found: FollowUp = store.follow_up(order_id)
    return make_writer(config).parcel(found, store.history(found.case_id, now=time.time()))


def _user() -> str:
    return f"cli:{getpass.getuser()}"
