"""Dissuaders as the floor shows them: what they say of themselves, and what the calls say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaigns.staff import Presence, Station
from console.desk.texts import N_
from dialer.live import FloorState

if TYPE_CHECKING:
    from console.desk.context import Desk

STATES = {
    "ready": N_("Ready"),
    "ringing": N_("Is being rung"),
    "talking": N_("In a call"),
    "resting": N_("Wrapping up"),
    "break": N_("On a break"),
    "away": N_("Away"),
}
"""What somebody is doing, in the order in which they are listed."""
_ORDER = ("ringing", "talking", "ready", "resting", "break", "away")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes calls."""

    login: str
    """Or the name of a configured phone."""
    name: str
    state: str
    """A key of `STATES`."""
    since_at: float | None
    phone: bool
    attempt_id: int | None = None
    node: str = ""
    """That has them, if it is another one."""

    @property
    def label(self) -> str:
        """The state, marked for translation."""
        return STATES.get(self.state, self.state)

    @property
    def takes_calls(self) -> bool:
        """Whether a call may be offered to them now."""
        return self.state == "ready"


def people_of(state: FloorState | None, presences: Sequence[Presence]) -> tuple[Person, ...]:
    """Everybody, those who are busy first."""
    known = {each.user.login: each for each in presences}
    posts = {each.name: each for each in state.posts} if state is not None else {}
    found = []
    for login in dict.fromkeys((*posts, *known)):
        presence, post = known.get(login), posts.get(login)
        name = presence.user.name or login if presence is not None else login
        if post is not None and not (post.readiness == "away" and presence is not None):
            found.append(Person(login, name, post.readiness, post.since_at, post.phone, post.attempt_id))
        elif presence is not None:
            elsewhere = presence.held_by if state is None or presence.held_by not in state.names else ""
            said = "talking" if elsewhere else presence.station.value
            since_at = None if presence.station is Station.AWAY and not presence.since_at else presence.since_at
            found.append(Person(login, name, said, since_at, bool(presence.user.phone), node=elsewhere))
    return tuple(sorted(found, key=lambda each: (_place(each.state), each.name)))


async def names_of(desk: Desk) -> dict[str, str]:
    """How those who work here are called, by log-in."""
    return await desk.store.call(lambda s: {each.login: each.name or each.login for each in s.users()}, wake=False)


def _place(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)
