"""The main menu: who finds which page there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.staff import Role, User


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the main menu."""

    path: str
    title: str
    """In English, marked with `console.desk.texts.N_`."""
    roles: frozenset[Role]


def links_for(user: User, links: Iterable[Link]) -> tuple[Link, ...]:
    """Those for somebody, in the menu's order."""
    return tuple(link for link in links if not link.roles.isdisjoint(user.roles))
