"""A phone beside the subject's leg: a dissuader's or a relative's. The real `dialer.seam.Leg`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from dialer import lines
from dialer.beside import Beside, Means
from dialer.seam import Said
from speech.prompts import Prompt


class PhoneLeg(Beside):
    """Made by `dialer.call.Call.ring`."""

    def __init__(self, leg: lines.Leg, means: Means) -> None:
        super().__init__(means)
        self.leg = leg

    @property
    def ended(self) -> bool:
        """Whether this party has gone."""
        return self.leg.ended.is_set()

    @property
    def lost(self) -> bool:
        """Whether this party went because our line process died."""
        return self.leg.end is not None and self.leg.end.line_died

    async def wait_ended(self) -> None:
        """Return when this party has hung up."""
        await self.leg.ended.wait()

    async def say(self, text: str) -> Said:
        """Whisper to this party alone."""
        began_s = self._means.clock() - self.leg.clock_s
        said = await say(self.leg, await self._means.render(text))
        return Said(said.started_s + began_s, said.ended_s + began_s, said.position_s, said.complete)

    async def hang_up(self) -> None:
        """End this party's leg."""
        await self.leg.hang_up()

    async def _voice(self, from_s: float) -> AsyncIterator[bytes]:
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
