"""All phones of a rehearsal: they are called through an exchange of their own and tell what they did."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rehearsal.colleague import take_escalation
from rehearsal.crowd import CrowdExchange, CrowdLeg
from rehearsal.facts import Ready, Wire
from rehearsal.handset import Handset, Tell
from rehearsal.lines_exchange import LinesExchange
from rehearsal.person import take_call
from rehearsal.scenario import Dissuader, Person, Scenario
from rehearsal.seam import Exchange, Leg
from rehearsal.voices import Sound, Voices

_log = logging.getLogger(__name__)


class Phones:
    """The phones of a scenario; each serves one call after the other, a number is busy while it is in a call."""

    def __init__(self, scenario: Scenario, folder: Path, voices: Voices, tell: Tell) -> None:
        self._folder = folder
        self._tell = tell
        self._people = {each.number: each for each in scenario.people if each.behaviour.does != "unassigned"}
        self._dissuaders = {each.user: each for each in scenario.dissuaders}
        self._voices = voices
        self._language = scenario.language
        self._sounds: dict[str, Sequence[Sound]] = {}
        self._calls: Counter[str] = Counter()
        self._talking: dict[str, asyncio.Task[None]] = {}
        names = [*self._people, *self._dissuaders]
        self._crowd = scenario.crowd
        self._exchange: Exchange = (
            CrowdExchange(names) if scenario.crowd else LinesExchange(names, folder / "phones-sip.log")
        )

    async def run(self) -> None:
        """Render the voices, come up, tell `Ready`, and take calls until cancelled."""
        await self._render()
        await self._exchange.start()
        try:
            self._tell(Ready(at=time.monotonic(), wall=time.time(), contacts=dict(self._exchange.contacts)))
            async for leg in self._exchange.incoming():
                await self._ring(leg)
        finally:
            for talking in self._talking.values():
                talking.cancel()
            await asyncio.gather(*self._talking.values(), return_exceptions=True)
            await self._exchange.stop()

    async def _render(self) -> None:
        for person in self._people.values():
            language = person.lead.language or self._language
            rendered = [self._voices.render(line, person.voice, language) for line in person.behaviour.lines]
            self._sounds[person.number] = await asyncio.gather(*rendered)
        for dissuader in self._dissuaders.values():
            rendered = [self._voices.render(line, dissuader.voice, self._language) for line in dissuader.says]
            self._sounds[dissuader.user] = await asyncio.gather(*rendered)

    async def _ring(self, leg: Leg) -> None:
        name = leg.called_number
        served: Person | Dissuader | None = self._people.get(name) or self._dissuaders.get(name)
        if served is None:
            await leg.reject(404)
        elif name in self._talking:
            await leg.reject(486, 17)
        else:
            task = asyncio.create_task(self._serve(served, name, leg), name=f"phone-{len(self._talking)}")
            self._talking[name] = task
            task.add_done_callback(lambda done: self._done(name, done))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        self._talking.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a phone failed", exc_info=error)

    async def _serve(self, served: Person | Dissuader, name: str, leg: Leg) -> None:
        handset = self._handset(name, leg)
        call, sounds = self._calls[name], self._sounds[name]
        if isinstance(served, Person):
            await take_call(
                served,
                handset,
                sounds,
                seed=f"{name}-{call}",
                new_call=lambda other: self._handset(name, other, transferred_from=call),
            )
        else:
            await take_escalation(served, handset, sounds)

    def _handset(self, name: str, leg: Leg, *, transferred_from: int = 0) -> Handset:
        self._calls[name] += 1
        call = self._calls[name]
        # A crowd's recordings would fill a disk; these are needed to know who met whom.
        person = self._people.get(name)
        meets = person is None or any(each.escalation == "joined" for each in person.expect)
        kept = not self._crowd or meets
        recording = self._folder / "heard" / f"{name.lstrip('+')}-{call}.wav" if kept else None

        def wire() -> Wire | None:
            return leg.wire if isinstance(leg, CrowdLeg) else None

        return Handset(leg, name, call, self._tell, recording, transferred_from=transferred_from, wire=wire)
