"""How fast calls may be started, and which: by the trunk's rate, and by who could take those that need a human."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from campaigns.model import Outcome
from dialer.place import Place, Readiness

_WORTH_SLEEPING_S = 0.001
_LEARNT_OF = 50
"""Calls after which the share of the calls that need a human is mostly what was seen, no more what was expected."""
_PACED_FROM = 2
"""So many dissuaders must be there: one who is on a call is no reason for all others to wait."""
_NEEDED_A_HUMAN = (Outcome.ESCALATED, Outcome.CALLBACK_DUE)
_SAYS_NOTHING = (Outcome.LINE_FAILURE, Outcome.TRUNK_FAILURE)


class Pacer:
    """Keeps call starts at or under a rate, evenly spaced; what a start itself takes is not added to the spacing.

    A start that comes late by up to one step delays none behind it, but two are never nearer than half a step.
    """

    def __init__(self, per_second: float) -> None:
        """``per_second``: calls started a second, more than 0."""
        if per_second <= 0:
            raise ValueError("calls per second must be more than 0")
        self._spacing_s = 1.0 / per_second
        self._step_s = self._spacing_s
        self._last_s: float | None = None
        """When the last call was due, at most a step before it was started: what was missed is not made up for."""
        self._started_s = 0.0

    async def wait(self, slower: float = 1.0) -> None:
        """Return when the next call may be started, at a rate that is ``slower`` times less."""
        self._step_s = self._spacing_s * slower
        if self._last_s is None:
            return
        due_s = max(self._last_s + self._step_s, self._started_s + self._step_s / 2)
        delay_s = due_s - asyncio.get_running_loop().time()
        if delay_s > _WORTH_SLEEPING_S:
            await asyncio.sleep(delay_s)

    def count(self) -> None:
        """A call was started now."""
        now = self._started_s = asyncio.get_running_loop().time()
        due_s = now if self._last_s is None else self._last_s + self._step_s
        self._last_s = min(now, max(due_s, now - self._step_s))


@dataclass(frozen=True, slots=True)
class PacingSettings:
    """Which calls are started when dissuaders are few."""

    reserve: int = 1
    """Dissuaders kept free for the most urgent; at least `_PACED_FROM` of those who are there are never kept."""
    expected: float = 0.05
    """Share of the calls that is taken to need a human until enough were made."""


class Desk(Protocol):
    """Who takes live calls. `dialer.dissuaders.Dissuaders` is the real one."""

    def places(self) -> Sequence[Place]:
        """Everybody who is known."""
        ...

    @property
    def waiting(self) -> int:
        """Calls that wait for a human."""
        ...


class Reserve:
    """Whether the dissuaders could take what calls to anybody may bring, or only the most urgent shall be called."""

    def __init__(self, desk: Desk | None, settings: PacingSettings | None = None) -> None:
        """Without a ``desk`` everybody is called. Raises `ValueError` for a share that is none."""
        self._desk = desk
        self._settings = settings or PacingSettings()
        if not 0.0 <= self._settings.expected <= 1.0:
            raise ValueError("the share of calls that need a human is between 0 and 1")
        self.share = self._settings.expected
        """Of the calls that need a human, as expected now."""

    def ended(self, outcome: Outcome) -> None:
        """Learn from a call's end."""
        if outcome not in _SAYS_NOTHING:
            self.share += ((outcome in _NEEDED_A_HUMAN) - self.share) / _LEARNT_OF

    def only_urgent(self, calls: int) -> bool:
        """Whether, beside so many calls in progress, only the most urgent may be started.

        Those who rest after a call count as able to take one: they are ready before a call that begins now needs them.
        """
        if self._desk is None:
            return False
        there = [each for each in self._desk.places() if each.readiness is not Readiness.AWAY]
        if len(there) < _PACED_FROM:
            return False
        able = sum(each.readiness in (Readiness.READY, Readiness.RESTING) for each in there)
        having = sum(each.engaged and not each.elsewhere for each in there)
        waiting = self._desk.waiting
        to_come = max(0, calls - having - waiting) * self.share
        kept = max(0, min(self._settings.reserve, len(there) - _PACED_FROM))
        return waiting + to_come + self.share + kept > able
