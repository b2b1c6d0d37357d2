"""What all parties beside the subject have in common, whatever carries their voice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from dialer.hearing import Hearing
from speech.ear import Ear
from speech.heard import Heard
from speech.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Means:
    """What a call lends to each party beside its subject."""

    clock: Callable[[], float]
    """Seconds on the call's clock."""
    render: Callable[[str], Awaitable[Prompt]]
    new_ear: Callable[[], Ear]
    executor: Executor
    """Where ears are fed."""


class Beside(ABC):
    """A party that can be muted and is heard by an ear."""

    def __init__(self, means: Means) -> None:
        self.muted = False
        self.on_muted: Callable[[], Awaitable[None]] | None = None
        """Called when `muted` has changed, by whoever carries this party's voice."""
        self._means = means

    async def heard(self) -> AsyncIterator[Heard]:
        """What this party says from now on, until it has gone; nothing while it is muted."""
        means = self._means
        from_s = means.clock()
        hearing = Hearing(means.new_ear, means.executor, from_s=from_s)
        async for event in hearing.events(self._voice(from_s)):
            yield event

    async def mute(self, on: bool) -> None:
        """Nobody hears this party, or all do again who did."""
        self.muted = on
        if self.on_muted is not None:
            await self.on_muted()

    @abstractmethod
    def _voice(self, from_s: float) -> AsyncIterator[bytes]:
        """What it says from ``from_s`` on the call's clock, as an ear takes it; silence while it is muted."""
