"""Line processes together: legs to call with, and legs that were called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from dialer.lines.errors import LineError, NoSlotError
from dialer.lines.leg import Leg
from dialer.lines.line import Line
from dialer.lines.messages import Registered
from dialer.lines.settings import LineSettings


class LinePool:
    """Supervised line processes.

    >>> pool = LinePool(LineSettings(processes=2))       # doctest: +SKIP
    >>> await pool.start()                               # doctest: +SKIP
    >>> leg = pool.take()                                # doctest: +SKIP
    >>> await leg.invite("sip:12025550101@192.0.2.1")    # doctest: +SKIP
    """

    def __init__(self, settings: LineSettings, *, incoming: bool = False) -> None:
        self.settings = settings
        self._called: asyncio.Queue[Leg] = asyncio.Queue()
        on_incoming = self._called.put_nowait if incoming else None
        self._lines = [Line(settings, index, on_incoming) for index in range(settings.processes)]

    async def start(self, *, wait_registered: bool = True) -> None:
        """Start all processes, together; returns when all are ready and, if asked, registered.

        Raises LineError with the mend; nothing is left running then.
        """
        starts = (line.start(wait_registered=wait_registered) for line in self._lines)
        results = await asyncio.gather(*starts, return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            await self.stop()
            raise next((f for f in failures if not isinstance(f, LineError)), failures[0])

    async def stop(self) -> None:
        """Hang up every leg, unregister, end the processes; a process that does not end is killed."""
        await asyncio.gather(*(line.stop() for line in self._lines))

    def take(self, *, keep: int = 0) -> Leg:
        """Take a leg in the process with most free slots.

        ``keep``: so many slots are for `beside`, taken or not. Raises NoSlotError.
        """
        yet_to_keep = keep - sum(line.kept_taken for line in self._lines)
        if self.free_slots <= max(0, yet_to_keep):
            raise NoSlotError(f"All {self.capacity} call slots are taken or kept free: wait for a call to end.")
        return max(self._lines, key=lambda line: line.free_slots).take()

    def beside(self, leg: Leg) -> Leg:
        """Take a leg for somebody who comes to the call of another: in its process, if that has a slot.

        Raises NoSlotError.
        """
        if not self.free_slots:
            raise NoSlotError(f"All {self.capacity} call slots are taken: keep more of them for humans.")
        near = max(self._lines, key=lambda line: (line.free_slots > 0 and line.carries(leg), line.free_slots))
        return near.take(kept=True)

    async def incoming(self) -> AsyncIterator[Leg]:
        """Yield the legs that were called, for ever."""
        while True:
            yield await self._called.get()

    @property
    def contacts(self) -> list[str]:
        """SIP URI of each process, in process order."""
        return [line.contact for line in self._lines]

    @property
    def registration(self) -> list[Registered | None]:
        """What the registrar told each process last; None before it said anything or without a registrar."""
        return [line.registration for line in self._lines]

    @property
    def pids(self) -> list[int]:
        """Process ids, in process order; 0 for one that is being started again."""
        return [line.pid for line in self._lines]

    @property
    def capacity(self) -> int:
        """Slots in all."""
        return self.settings.processes * self.settings.slots_per_process

    @property
    def free_slots(self) -> int:
        """Slots that can be taken now."""
        return sum(line.free_slots for line in self._lines)

    @property
    def restarts(self) -> int:
        """How often a process was started again."""
        return sum(line.restarts for line in self._lines)
