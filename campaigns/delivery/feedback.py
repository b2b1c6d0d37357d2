"""What a receiver says became of an order: one way in for the command line, MQTT, HTTP and the channels' answers."""

from __future__ import annotations

from campaigns.follow_up import RESULTS, FollowUp, FollowUpKind, FollowUpState
from campaigns.store import Decide, Store, StoreError

TELLS = (FollowUpState.ACKNOWLEDGED, FollowUpState.DONE, FollowUpState.FAILED)
"""What feedback may say."""


def apply_feedback(
    store: Store,
    follow_up_id: int,
    state: FollowUpState | str,
    *,
    result: str = "",
    note: str = "",
    by: str,
    now: float,
    decide: Decide,
) -> FollowUp:
    """Record it and decide anew on the order's case at once.

    ``result`` of an order that is done is one of `campaigns.follow_up.RESULTS`; it may be left out where there is only
    one. Feedback that repeats the present state changes nothing. Raises `NotFoundError`, and `StoreError` for a change
    that is not allowed, an unknown state or result, or nobody's name.
    """
    if not by.strip():
        raise StoreError("feedback needs the name of whoever gives it: set by")
    told = _state(state)
    order = store.follow_up(follow_up_id)
    done = store.feedback(
        follow_up_id, told, result=_result(order.kind, told, result), note=note.strip(), by=by.strip(), now=now
    )
    if done != order:
        store.revise(order.case_id, decide, now=now)
    return done


def _state(state: FollowUpState | str) -> FollowUpState:
    if state not in TELLS:
        raise StoreError(f"feedback says {', '.join(TELLS)}, not {str(state)!r}")
    return FollowUpState(state)


def _result(kind: FollowUpKind, state: FollowUpState, result: str) -> str:
    if state is FollowUpState.DONE and not result and len(RESULTS[kind]) == 1:
        return RESULTS[kind][0]
    return result.strip()
