"""``dissuade audit``."""

from __future__ import annotations

from typing import Annotated

import typer

from dissuade.cli.state import Json, state


def audit(
    context: typer.Context,
    *,
    by: Annotated[str | None, typer.Option("--by", help="Only of this log-in, or token:NAME, or cli:USER.")] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="Only these: case.viewed, or 'user.*' for all that begin so.")
    ] = None,
    case: Annotated[int | None, typer.Option("--case", help="Only about this case.")] = None,
    before: Annotated[int | None, typer.Option("--before", metavar="SEQ", help="Only entries before this one.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 200,
    json: Json = False,
) -> None:
    """Show who looked at personal data and did what at the desk, newest first. Nobody can change or delete it here."""
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = store.audit_trail(before=before, by=by, action=action, case_id=case, limit=limit)
    if json:
        print_json(found)
        return
    if not found:
        say("nothing was written down")
        return
    rows = []
    for each in found:
        detail = ", ".join(f"{what}: {_words(value)}" for what, value in each.detail.items())
        rows.append(
            [
                each.seq,
                when(each.at),
                each.by or "somebody unknown",
                each.action,
                each.case_id,
                each.attempt_id,
                each.address,
                detail,
            ]
        )
    table(["seq", "when", "by", "action", "case", "call", "from", "detail"], rows)
    if len(found) == limit:
        say(f"there may be more: --before {found[-1].seq}")


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
