"""The exchange of pjsua2's lines: a few phones that speak all of SIP. The real `rehearsal.seam.Exchange`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from dialer.lines import Leg, LinePool, LineSettings
from rehearsal.hearing import FRAME_S

SLOTS = 4
"""Calls that one process of the pjsua2 wheel carries."""

PHONES = 3
"""Phones that one process serves: the fourth slot is for the call that a transfer makes one of them place."""


class LinesExchange:
    """Line processes, three phones on each."""

    def __init__(self, names: Sequence[str], log_path: Path) -> None:
        self._names = names
        self._pool = LinePool(
            LineSettings(
                processes=-(-len(names) // PHONES) or 1,
                slots_per_process=SLOTS,
                frame_ms=round(FRAME_S * 1000),
                user_agent="rehearsal",
                log_path=log_path,
            ),
            incoming=True,
        )

    @property
    def contacts(self) -> Mapping[str, str]:
        """SIP URI of the process that serves each phone."""
        return {name: self._pool.contacts[index // PHONES] for index, name in enumerate(self._names)}

    async def start(self) -> None:
        """Start the processes; raises `LineError`."""
        await self._pool.start()

    def incoming(self) -> AsyncIterator[Leg]:
        """The calls that come, for ever."""
        return self._pool.incoming()

    async def stop(self) -> None:
        """End all calls and the processes."""
        await self._pool.stop()
