"""What somebody at the desk may order for a case, and what was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.follow_up import FollowUp, FollowUpKind, Order
from campaigns.model import History
from campaigns.policy import policy_of
from campaigns.staff import Role
from campaigns.store import Store, StoreError
from console.desk.session import Visit

ORDERED = (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE, FollowUpKind.SMS)
"""Those with a button, in this order."""


async def what_to_order(visit: Visit, case_id: int) -> dict[str, Any]:
    """For ``orders.html``; raises `NotFoundError`."""
    now = visit.desk.clock()
    history = await visit.desk.store.call(lambda s: s.history(case_id, now=now), wake=False)
    open_ = {each.kind: each for each in history.follow_ups if each.is_open}
    return {
        "case": history.case,
        "orders": [(kind, open_.get(kind)) for kind in ORDERED],
        "ordered": tuple(reversed(history.follow_ups)),
        "may_order": visit.may(Role.DISSUADER, Role.DUTY_OFFICER),
    }


async def give_order(visit: Visit, case_id: int, kind: FollowUpKind, data: Mapping[str, object]) -> FollowUp:
    """Order it within the time that the campaign's policy gives; the open one of that kind if there is one.

    Raises `NotFoundError`, and `StoreError` when it cannot be carried out.
    """
    now, login, default = visit.desk.clock(), visit.user.login, visit.desk.policy
    no_relative = visit._("No relative is known. Give a number.")

    def carry_out(store: Store) -> FollowUp:
        history: History = store.history(case_id, now=now)
        if kind is FollowUpKind.RELATIVE and not data and not history.case.lead.relatives:
            raise StoreError(no_relative)
        policy = policy_of(history.campaign, default)
        within_s = policy.deadlines_s[kind][history.case.lead.grade]
        return store.order(case_id, Order(kind, now + within_s, dict(data)), now=now, by=login)

    made = await visit.desk.store.call(carry_out)
    visit.desk.on_leads()
    return made
