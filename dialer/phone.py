"""A phone beside the subject's leg: a dissuader's or a relative's. The real `dialer.seam.Leg`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor

from dialer import lines
from dialer.hearing import hear
from dialer.seam import Said
from speech.ear import Ear
from speech.heard import Heard
from speech.prompts import Prompt


class PhoneLeg:
    """Made by `dialer.call.Call.ring`."""

    def __init__(
        self,
        leg: lines.Leg,
        *,
        clock: Callable[[], float],
        render: Callable[[str], Awaitable[Prompt]],
        new_ear: Callable[[], Ear],
        executor: Executor,
    ) -> None:
        """``clock``: seconds on the call's clock."""
        self.leg = leg
        self.muted = False
        self.on_muted: Callable[[], Awaitable[None]] | None = None
        """Called when `muted` has changed, by whoever carries this party's voice."""
        self._clock = clock
        self._render = render
        self._new_ear = new_ear
        self._executor = executor

    @property
    def ended(self) -> bool:
        """Whether this party has gone."""
        return self.leg.ended.is_set()

    async def wait_ended(self) -> None:
        """Return when this party has hung up."""
        await self.leg.ended.wait()

    async def say(self, text: str) -> Said:
        """Whisper to this party alone."""
        began_s = self._clock() - self.leg.clock_s
        said = await say(self.leg, await self._render(text))
        return Said(said.started_s + began_s, said.ended_s + began_s, said.position_s, said.complete)

    async def heard(self) -> AsyncIterator[Heard]:
        """What this party says from now on, until it has gone; nothing while it is muted."""
        from_s = self._clock()
        async for event in hear(self._voice(), self._new_ear, self._executor, from_s=from_s):
            yield event

    async def mute(self, on: bool) -> None:
        """Nobody hears this party, or all do again who did."""
        self.muted = on
        if self.on_muted is not None:
            await self.on_muted()

    async def hang_up(self) -> None:
        """End this party's leg."""
        await self.leg.hang_up()

    async def _voice(self) -> AsyncIterator[bytes]:
        async for pcm in self.leg.frames(fresh=True):
            yield bytes(len(pcm)) if self.muted else pcm


async def say(leg: lines.Leg, prompt: Prompt, *, from_s: float = 0.0) -> Said:
    """Play a prompt on a leg; cancelling it falls silent."""
    try:
        played = await leg.play(prompt.path, from_s=from_s)
    except asyncio.CancelledError:
        await leg.stop_playing()
        raise
    return Said(played.started_s, played.ended_s, played.position_s, played.complete)
