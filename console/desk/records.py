"""A human's record of a call: drafts that are never lost, and what is filed in the end."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from campaigns.intake.amounts import parse_amount
from campaigns.model import Conviction, Disposition
from campaigns.policy import decider
from campaigns.staff import Role
from campaigns.store import Store
from console.desk.session import Visit

FIELDS = ("conviction", "amount_at_risk", "amount_saved", "note")
LONGEST = 4000
"""Characters of a field."""
_SAME_S = 30.0
"""What is filed twice within so many seconds is filed once: somebody pressed twice, or the answer was lost."""


class RecordError(Exception):
    """A record cannot be filed so; the message, in English, says why."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A record as it was filled in."""

    conviction: Conviction
    amount_at_risk: float | None
    amount_saved: float | None
    note: str


def filled(fields: Mapping[str, str], *, missing: str, no_amount: str) -> Filled:
    """What the fields say; raises `RecordError` with ``missing`` or ``no_amount``."""
    try:
        conviction = Conviction(fields.get("conviction", ""))
    except ValueError:
        raise RecordError(missing) from None
    amounts = []
    for name in ("amount_at_risk", "amount_saved"):
        text = fields.get(name, "").strip()
        amount = parse_amount(text) if text else None
        if text and amount is None:
            raise RecordError(no_amount)
        amounts.append(amount)
    return Filled(conviction, amounts[0], amounts[1], fields.get("note", "").strip())


async def record_of(visit: Visit, case_id: int, attempt_id: int | None) -> dict[str, Any]:
    """For ``disposition.html``: the draft, else what was filed last for the call."""
    login = visit.user.login

    def read(store: Store) -> tuple[Mapping[str, object], list[Disposition]]:
        draft = store.draft(login, attempt_id) if attempt_id is not None else {}
        return draft, store.dispositions(case_id)

    draft, recorded = await visit.desk.store.call(read, wake=False)
    filed = next((each for each in reversed(recorded) if each.attempt_id == attempt_id), None)
    values = {name: str(draft.get(name, "")) for name in FIELDS}
    if not any(values.values()) and filed is not None and filed.by == login:
        values = {
            "conviction": filed.conviction.value,
            "amount_at_risk": _plain(filed.amount_at_risk),
            "amount_saved": _plain(filed.amount_saved),
            "note": filed.note,
        }
    return {
        "draft": values,
        "is_draft": any(str(value) for value in draft.values()),
        "filed": filed,
        "convictions": tuple(Conviction),
        "may_record": visit.may(Role.DISSUADER, Role.DUTY_OFFICER),
    }


async def keep_draft(visit: Visit, attempt_id: int, fields: Mapping[str, str]) -> None:
    """Keep what is filled in so far; raises `NotFoundError`."""
    login, now = visit.user.login, visit.desk.clock()
    draft = {name: fields[name][:LONGEST] for name in FIELDS if fields.get(name)}

    def keep(store: Store) -> None:
        store.attempt(attempt_id)
        store.keep_draft(login, attempt_id, draft, now=now)

    await visit.desk.store.call(keep, wake=False)


async def file_record(visit: Visit, case_id: int, attempt_id: int | None, told: Filled) -> Disposition:
    """Write it down, decide on the case, forget the draft. Raises `NotFoundError`."""
    now, login = visit.desk.clock(), visit.user.login
    made = Disposition(
        case_id, attempt_id, told.conviction, login, now, told.amount_at_risk, told.amount_saved, told.note
    )
    decide = decider(now, visit.desk.policy)
    found = await visit.desk.store.call(functools.partial(_file, made=made, now=now, decide=decide))
    visit.desk.on_leads()
    return found


def _file(store: Store, *, made: Disposition, now: float, decide: Any) -> Disposition:
    last = next(iter(reversed(store.dispositions(made.case_id))), None)
    if last is not None and now - last.at < _SAME_S and replace(last, at=made.at) == made:
        made = last
    else:
        store.record_disposition(made, now=now)
        store.revise(made.case_id, decide, now=now)
    if made.attempt_id is not None:
        store.keep_draft(made.by, made.attempt_id, {}, now=now)
    return made


def _plain(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.2f}".rstrip("0").rstrip(".")
