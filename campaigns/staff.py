"""Who works at the desk: users with roles, their sessions, where they stand, and the audit trail of what they did.

Passwords and secrets never come here: the store keeps what was made of them (an argon2 hash, a SHA-256 digest).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from campaigns.access import digest_of

TICKET_S = 900.0
"""How long a ticket may wait to be used, unless somebody says otherwise."""
SEEN_EVERY_S = 60.0
"""How often a session that is in use is written down."""


class Role(StrEnum):
    """What a user is at the centre; somebody may have several."""

    DISSUADER = "dissuader"
    """Takes live calls and works on their cases."""
    DUTY_OFFICER = "duty_officer"
    """Runs the floor: campaigns, orders, listening in."""
    AUDITOR = "auditor"
    """Reads everything, the audit trail too; changes nothing."""
    ADMINISTRATOR = "administrator"
    """Users and roles; sees no case."""


class Station(StrEnum):
    """What somebody says of themself."""

    READY = "ready"
    BREAK = "break"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    id: int
    login: str
    """Unique; lower case letters, digits, ``.``, ``_`` and ``-``."""
    name: str
    """As shown."""
    roles: frozenset[Role]
    phone: str = ""
    """SIP URI of their phone; empty: the page is the phone."""
    language: str = ""
    """BCP 47 tag of the pages; empty: the browser's."""
    theme: str = ""
    """``light``, ``dark``; empty: the browser's."""
    keys: bool = True
    """Whether single letters and digits press buttons of the desk."""
    created_at: float = 0.0
    disabled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in."""

    user: User
    csrf: str
    """What every form of this session carries."""
    created_at: float
    seen_at: float
    """At most a minute old."""
    until_at: float


@dataclass(frozen=True, slots=True)
class Presence:
    """Where somebody stands."""

    user: User
    station: Station
    since_at: float
    held_by: str = ""
    """The node that offers them a call, or on which they speak; no other node offers them one meanwhile."""
    held_until_at: float = 0.0
    """Unless it asks for longer; a node that died does not."""

    def holder(self, now: float) -> str:
        """The node that keeps them at that moment; empty: nobody does."""
        return self.held_by if self.held_until_at > now else ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One look at personal data, or one action."""

    seq: int
    at: float
    by: str
    """Log-in, or ``token:NAME``; empty for somebody unknown."""
    action: str
    """``case.viewed``, ``recording.heard``, ``session.refused``, ``user.changed``, ..."""
    case_id: int | None = None
    attempt_id: int | None = None
    address: str = ""
    """From where."""
    detail: Mapping[str, object] = field(default_factory=dict)
    """No personal data of subjects."""


def new_ticket() -> tuple[str, str]:
    """A ticket's text for its user, who opens ``/log-in/TEXT`` at the desk, and its digest for the store."""
    text = secrets.token_urlsafe(24)
    return text, digest_of(text)


class StaffStore(Protocol):
    """The part of the store behind the desk. Changes of users and stations append events: ``user.*``, ``station.*``."""

    def add_user(
        self, login: str, *, name: str, roles: Collection[Role], password: str, phone: str = "", now: float, by: str
    ) -> User:
        """Make a user; ``password`` is a hash, empty: none yet. Raises `StoreError` when the log-in is taken or bad, or
        without a role.
        """
        ...

    def change_user(
        self,
        login: str,
        *,
        name: str | None = None,
        roles: Collection[Role] | None = None,
        phone: str | None = None,
        language: str | None = None,
        theme: str | None = None,
        keys: bool | None = None,
        disabled: bool | None = None,
        now: float,
        by: str,
    ) -> User:
        """Change what is given. Disabling ends the user's sessions and tickets and sends them away. Raises
        `NotFoundError`, and `StoreError` rather than leave no administrator in force, or a user without a role.
        """
        ...

    def set_password(self, login: str, password: str, *, now: float, by: str) -> None:
        """Another hash; ends the user's sessions and tickets. Raises `NotFoundError`."""
        ...

    def refresh_password(self, login: str, before: str, after: str) -> None:
        """Keep another hash of the same password, unless it is no longer ``before``; nothing else changes."""
        ...

    def user(self, login: str) -> User | None:
        """One user, disabled or not."""
        ...

    def users(self) -> list[User]:
        """All, by log-in."""
        ...

    def password(self, login: str) -> str | None:
        """The hash of a user who is not disabled; empty: they have none yet."""
        ...

    def start_session(self, login: str, digest: str, *, csrf: str, now: float, until_at: float) -> Session:
        """Log somebody in; sessions that are over are forgotten. Raises `NotFoundError`, also for a disabled user."""
        ...

    def session(self, digest: str, *, now: float, idle_s: float) -> Session | None:
        """The session of that digest, seen now, unless it is over, was idle for longer, or its user is disabled."""
        ...

    def end_session(self, digest: str) -> None:
        """Log out."""
        ...

    def end_sessions(self, login: str) -> int:
        """Log a user out everywhere; how many sessions ended."""
        ...

    def add_ticket(self, login: str, digest: str, *, until_at: float, now: float, by: str) -> None:
        """Let somebody log in once without a password. Raises `NotFoundError`, also for a disabled user."""
        ...

    def use_ticket(self, digest: str, *, now: float) -> User | None:
        """Whom a ticket lets in; it is used up."""
        ...

    def set_station(self, login: str, station: Station, *, now: float) -> Presence:
        """Somebody is ready, on a break or away; saying it again changes nothing. Raises `NotFoundError`, also for a
        disabled user.
        """
        ...

    def presences(self) -> list[Presence]:
        """Where all users in force who take calls stand, by log-in; away if they never said."""
        ...

    def hold_user(self, login: str, node: str, *, now: float, lease_s: float) -> bool:
        """Keep somebody for one node's call, or for longer; False when another node keeps them, or they were disabled
        (the node that keeps them by then may go on). A power cut may undo it. Raises `NotFoundError`.
        """
        ...

    def free_user(self, login: str, node: str) -> None:
        """Keep them no longer."""
        ...

    def keep_draft(self, login: str, attempt_id: int, draft: Mapping[str, object], *, now: float) -> None:
        """A form that is not finished; it replaces the earlier one. Empty: forget it. It goes with the personal data of
        its case. Raises `NotFoundError`.
        """
        ...

    def draft(self, login: str, attempt_id: int) -> Mapping[str, object]:
        """What was filled in so far; empty if nothing was."""
        ...

    def audit(
        self,
        action: str,
        *,
        by: str,
        now: float,
        case_id: int | None = None,
        attempt_id: int | None = None,
        address: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> AuditEntry:
        """Write down what somebody saw or did. It can be neither changed nor deleted."""
        ...

    def audit_trail(
        self,
        *,
        before: int | None = None,
        by: str | None = None,
        action: str | None = None,
        case_id: int | None = None,
        limit: int = 200,
    ) -> list[AuditEntry]:
        """Entries, newest first, with a ``seq`` below ``before``; ``action`` may end in ``*``."""
        ...
