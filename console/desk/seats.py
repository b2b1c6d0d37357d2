"""Who is offered which live call, and who is on it."""

from __future__ import annotations

from dialer.live import FloorState, LiveCall, LiveDesk, LiveOffer, OnCall


def floor_of(live: LiveDesk | None) -> FloorState | None:
    """The floor; ``None`` while no node is in reach."""
    state = live.state() if live is not None else None
    return state if state is not None and state.nodes else None


def call_of(live: LiveDesk | None, login: str) -> LiveCall | None:
    """The call on which somebody is, by page or phone."""
    if live is None:
        return None
    return next((call for call in live.state().calls if seat(call, login) is not None), None)


def offered_to(live: LiveDesk | None, login: str) -> tuple[LiveCall, LiveOffer] | None:
    """The call that is offered to somebody now."""
    if live is None:
        return None
    for call in live.state().calls:
        if (found := offer(call, login)) is not None:
            return call, found
    return None


def seat(call: LiveCall, login: str) -> OnCall | None:
    """Somebody's place on a call."""
    return next((each for each in call.on_call if each.name == login), None)


def offer(call: LiveCall, login: str) -> LiveOffer | None:
    """The offer of a call to somebody."""
    return next((each for each in call.offers if each.dissuader == login), None)
