"""Who may take a live call: readiness, the queue of calls that wait, and who gets whom."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Dissuader:
    """A member of staff with a phone."""

    name: str
    """Unique on this node."""
    uri: str
    """SIP URI of the phone."""


class Readiness(StrEnum):
    """What a dissuader is doing, as far as the desk knows."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    RESTING = "resting"
    """Wrapping up after a call, or set aside after one that was not taken."""
    AWAY = "away"


@dataclass(slots=True)
class _Post:
    """One dissuader's place at the desk."""

    dissuader: Dissuader
    order: int
    readiness: Readiness = Readiness.READY
    ready_since: float = 0.0
    leaving: bool = False
    """Away as soon as the present call is over."""
    rest: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class _Waiting:
    """One call that waits for a dissuader."""

    urgency: int
    order: int
    unsuitable: frozenset[str]
    taken: asyncio.Future[Dissuader] = field(repr=False)


class Dissuaders:
    """Gives calls that wait a dissuader: most urgent first, then first come; of the ready, the one longest idle."""

    def __init__(self, dissuaders: Sequence[Dissuader]) -> None:
        """Raises `ValueError` when two have one name."""
        self._posts = {d.name: _Post(d, order) for order, d in enumerate(dissuaders)}
        if len(self._posts) != len(dissuaders):
            raise ValueError("two dissuaders have the same name; give each a name of its own")
        self._waiting: list[_Waiting] = []
        self._arrivals = 0

    def readiness(self) -> dict[str, Readiness]:
        """What each dissuader is doing now."""
        return {name: post.readiness for name, post in self._posts.items()}

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    def any_hope(self, unsuitable: frozenset[str] = frozenset()) -> bool:
        """Whether somebody is ready, or may become so, who is not ``unsuitable``."""
        return any(
            post.readiness is not Readiness.AWAY and name not in unsuitable for name, post in self._posts.items()
        )

    def set_away(self, name: str, away: bool) -> None:
        """Take a dissuader out of service, or back; during a call it counts from its end. Raises `KeyError`."""
        post = self._posts[name]
        if post.readiness in (Readiness.RINGING, Readiness.TALKING):
            post.leaving = away
        elif away:
            self._set(post, Readiness.AWAY)
        elif post.readiness is Readiness.AWAY:
            self._make_ready(post)

    async def take(self, *, urgency: int, unsuitable: frozenset[str], wait_s: float) -> Dissuader | None:
        """A dissuader whose phone may be rung now, who is then `Readiness.RINGING`.

        ``unsuitable`` names those who have already declined this call. Waits up to ``wait_s`` for one to become
        ready; ``None`` when none did, or when nobody is left who could.
        """
        self._arrivals += 1
        waiting = _Waiting(urgency, self._arrivals, unsuitable, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._match()
        try:
            async with asyncio.timeout(wait_s if self.any_hope(unsuitable) else 0):
                return await waiting.taken
        except TimeoutError:
            # Somebody may have become ready in the very moment in which the time ran out.
            return waiting.taken.result() if _is_given(waiting.taken) else None
        except asyncio.CancelledError:
            if _is_given(waiting.taken):
                self.rest(waiting.taken.result(), 0)
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiting)

    def talks(self, dissuader: Dissuader) -> None:
        """The dissuader has the subject on the line."""
        self._set(self._posts[dissuader.name], Readiness.TALKING)

    def rest(self, dissuader: Dissuader, for_s: float) -> None:
        """Leave the dissuader alone for ``for_s`` seconds; with 0 ready at once."""
        post = self._posts[dissuader.name]
        if post.leaving:
            post.leaving = False
            self._set(post, Readiness.AWAY)
        elif for_s > 0:
            self._set(post, Readiness.RESTING)
            post.rest = asyncio.get_running_loop().call_later(for_s, self._make_ready, post)
        else:
            self._make_ready(post)

    def _set(self, post: _Post, readiness: Readiness) -> None:
        if post.rest is not None:
            post.rest.cancel()
            post.rest = None
        post.readiness = readiness

    def _make_ready(self, post: _Post) -> None:
        self._set(post, Readiness.READY)
        post.ready_since = asyncio.get_running_loop().time()
        self._match()

    def _match(self) -> None:
        idle = sorted(
            (post for post in self._posts.values() if post.readiness is Readiness.READY),
            key=lambda post: (post.ready_since, post.order),
        )
        for waiting in sorted(self._waiting, key=lambda w: (-w.urgency, w.order)):
            if waiting.taken.done():
                continue
            post = next((p for p in idle if p.dissuader.name not in waiting.unsuitable), None)
            if post is not None:
                idle.remove(post)
                self._set(post, Readiness.RINGING)
                waiting.taken.set_result(post.dissuader)


def _is_given(taken: asyncio.Future[Dissuader]) -> bool:
    return taken.done() and not taken.cancelled()
