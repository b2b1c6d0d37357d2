"""A floor on virtual time over the real store, and everybody whom it may call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from campaigns.model import Claim, Lead, Outcome
from campaigns.policy import decider
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk
from dialer.floor import Floor, FloorSettings, NoLineError
from dialer.pacing import PacingSettings
from dialer.pressure import Pressure
from dialer.robot import Robot, RobotCall, RobotSettings
from dialer.seam import Ended
from scripts.loader import ScriptLibrary, load_script
from tests.dialer.centre import InlineStore, now
from tests.dialer.people import Behaviour, Person, Phone, ScriptedCall

CAMPAIGN = "test"


class ScriptedLine:
    """A line whose far end is written in the test."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> ScriptedCall:
        number = claim.case.lead.number
        self._town.dialled.append((number, asyncio.get_running_loop().time()))
        if asyncio.get_running_loop().time() < self._town.trunk_fails_until_s:
            return ScriptedCall(dialled=TRUNK_FAILS)
        person = self._town.people[number]
        if isinstance(person, Ended):
            return ScriptedCall(dialled=person)
        return ScriptedCall(person, phones=self._town.phones)

    async def release(self) -> None:
        self._town.free += 1


class Town:
    """Everybody who can be called, and the floor that calls them."""

    def __init__(
        self,
        store: InlineStore,
        folder: Path,
        people: Mapping[str, Behaviour | Ended],
        lines: int,
        *,
        phones: Mapping[str, Phone] | None = None,
        paced: PacingSettings | None = None,
        pressure: Pressure | None = None,
    ) -> None:
        """``phones`` are the dissuaders', by name; with ``paced`` they are what calls are paced by."""
        self.people = people
        named = {"Chen": Phone(talks_s=20)} if phones is None else phones
        self.phones = {f"sip:{name}@test": phone for name, phone in named.items()}
        self.dialled: list[tuple[str, float]] = []
        self.free = self.lines = lines
        self.most_at_once = 0
        self.trunk_fails_until_s = 0.0
        script = load_script(Path(__file__).parent / "dialogue.yaml")
        desk = EscalationDesk([Dissuader(name, f"sip:{name}@test") for name in named])
        self.dissuaders = desk.dissuaders
        settings = RobotSettings(home=folder, recordings=None, details={"centre": "test", "callback_number": "96110"})
        self.robot = Robot(store, ScriptLibrary([script]), desk, settings, clock=now)
        self.floor = Floor(
            store,
            self.place,
            FloorSettings("node", lines=lines, lease_s=60, pacing=paced or PacingSettings()),
            clock=now,
            pressure=pressure,
            desk=desk.dissuaders if paced is not None else None,
        )

    def place(self) -> RobotCall:
        if not self.free:
            raise NoLineError("all lines are taken")
        self.free -= 1
        self.most_at_once = max(self.most_at_once, self.lines - self.free)
        return RobotCall(ScriptedLine(self), self.robot)

    @property
    def called(self) -> list[str]:
        return [number for number, _ in self.dialled]


def number(index: int) -> str:
    return f"+86111{index:08d}"


TRUNK_FAILS = Ended(Outcome.TRUNK_FAILURE, by_far_end=True, sip_code=503)
BUSY = Ended(Outcome.BUSY, by_far_end=True, sip_code=486)


async def listener(me: Person) -> None:
    await me.says("喂")
    await me.waits(60)
    me.hangs_up()


async def talker(me: Person) -> None:
    await me.says("喂")
    for _ in range(20):
        await me.waits(5)
        await me.says("你说什么")


async def queue(store: InlineStore, *leads: Lead) -> None:
    await store.call(lambda s: s.create_campaign(CAMPAIGN, now=now()))
    await store.call(lambda s: s.add_leads(CAMPAIGN, leads, now=now(), decide=decider(now())))
