"""A node with its desk on virtual time: real store, robot and floor; people and phones are written by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from campaigns.async_store import AsyncStore
from campaigns.model import Attempt, Claim, Grade, Lead
from campaigns.policy import decider
from campaigns.sqlite_store import open_store
from campaigns.staff import Role, Station
from campaigns.store import Store
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk, EscalationSettings
from dialer.floor import Floor, FloorSettings
from dialer.live import LiveCall, Phase
from dialer.live_calls import LiveCalls
from dialer.live_floor import LiveFloor
from dialer.robot import Robot, RobotCall, RobotSettings
from scripts.loader import ScriptLibrary, load_script
from tests.dialer.people import Behaviour, Person, Phone, ScriptedCall

T = TypeVar("T")
EPOCH = 1_800_000_000.0
"""16:00 in Shanghai: inside all calling hours."""
SUBJECT, RELATIVE = "+8611100000001", "+8611100000002"
LONG_S = 600.0


class InlineStore(AsyncStore):
    """The real store without its thread: a thread does not know virtual time."""

    async def open(self) -> None:
        self._store = self._opener()

    async def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    async def read(self, use: Callable[[Store], T]) -> T:
        assert self._store is not None
        await asyncio.sleep(0)
        return use(self._store)

    async def call(self, use: Callable[[Store], T], *, wake: bool = True) -> T:
        return await self.read(use)


def now() -> float:
    """Seconds since 1970, in step with the loop."""
    return EPOCH + asyncio.get_running_loop().time()


async def until(holds: Callable[[], object], *, within_s: float = LONG_S) -> None:
    """Return when something holds; `TimeoutError` when it does not in time."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


async def victim(me: Person) -> None:
    """Has sent money, says so, and holds the line."""
    await me.says("喂")
    await me.hears("")
    await me.says("我已经转了五万块")
    await me.waits(LONG_S)


async def listener(me: Person) -> None:
    """Says nothing that matters, for long."""
    await me.says("喂")
    for _ in range(20):
        await me.waits(3)
        await me.says("你说什么")


class Centre:
    """One node and those who work at its desk."""

    def __init__(
        self,
        store: InlineStore,
        folder: Path,
        people: Mapping[str, Behaviour],
        phones: Mapping[str, Phone],
        node: str,
        lines: int,
        settings: EscalationSettings,
    ) -> None:
        self.store = store
        self.calls: list[ScriptedCall] = []
        self._people = people
        self._phones = {f"sip:{name}@desk": phone for name, phone in phones.items()}
        desk = EscalationDesk([Dissuader(name, f"sip:{name}@desk") for name in phones if name[0] != "+"], settings)
        live_calls = LiveCalls(node, clock=now)
        self.robot = Robot(
            store,
            ScriptLibrary([load_script(Path(__file__).parent / "dialogue.yaml")]),
            desk,
            RobotSettings(home=folder, recordings=None, details={"centre": "test", "callback_number": "96110"}),
            clock=now,
            live=live_calls,
        )
        self.floor = Floor(store, lambda: RobotCall(self, self.robot), FloorSettings(node, lines=lines), clock=now)
        self.live = LiveFloor(self.floor, desk, store, live_calls, number_uri=lambda number: f"sip:{number}@desk")
        self.dissuaders = desk.dissuaders

    # The real `dialer.robot.Line` in small.
    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> ScriptedCall:
        self.calls.append(ScriptedCall(self._people[claim.case.lead.number], phones=self._phones))
        return self.calls[-1]

    async def release(self) -> None:
        return

    @property
    def scripted(self) -> ScriptedCall:
        """The carrier's side of the first call."""
        return self.calls[0]

    @property
    def seen(self) -> LiveCall:
        """The first call, as the desk sees it."""
        return self.live.state().calls[0]

    @property
    def attempt(self) -> int:
        return self.seen.attempt_id

    async def offered(self, login: str) -> int:
        """The call is offered to somebody; returns its attempt."""
        await until(lambda: any(login in names(call) for call in self.live.state().calls))
        return next(call.attempt_id for call in self.live.state().calls if login in names(call))

    async def phase(self, phase: Phase) -> None:
        """The first call stands there."""
        await until(lambda: self.live.state().calls and self.seen.phase is phase)

    async def over(self) -> Attempt:
        """The first call has ended; returns what the store keeps of it."""
        await until(lambda: self.calls and not self.floor.calls_in_progress)
        attempts = await self.store.read(lambda s: s.attempts())
        return await self.store.read(lambda s: s.attempt(attempts[0].id))

    @asynccontextmanager
    async def speaking(self, login: str) -> AsyncIterator[int]:
        """Somebody accepts the first call that is offered to them and can be heard; leaves the link at the end."""
        attempt_id = await self.offered(login)
        await self.live.accept(attempt_id, login)
        async with self.live.audio(attempt_id, login):
            await self.phase(Phase.JOINED)
            yield attempt_id


def names(call: LiveCall) -> list[str]:
    """To whom a call is offered now."""
    return [offer.dissuader for offer in call.offers]


def on_call(call: LiveCall) -> list[str]:
    """Who is on a call beside the subject."""
    return [each.name for each in call.on_call]


async def new_store(folder: Path) -> InlineStore:
    """The store of a test."""
    store = InlineStore(lambda: open_store(folder / "test.db"))
    await store.open()
    return store


@asynccontextmanager
async def centre(
    folder: Path,
    *,
    people: Mapping[str, Behaviour] | None = None,
    users: Iterable[str] = (),
    away: Iterable[str] = (),
    phones: Mapping[str, Phone] | None = None,
    node: str = "node",
    lines: int = 2,
    **settings: float,
) -> AsyncIterator[Centre]:
    """A node that calls `SUBJECT`, a `victim`, unless told otherwise; ``users`` are ready at the page, by name."""
    people = {SUBJECT: victim} if people is None else people
    async with AsyncExitStack() as parts:
        store = await new_store(folder)
        parts.push_async_callback(store.close)
        for login in (*users, *away):
            if login not in {each.login for each in await store.read(lambda s: s.users())}:
                await add_user(store, login, ready=login not in away)
        if not await store.read(lambda s: s.campaigns()):
            await store.call(lambda s: s.create_campaign("test", now=now()))
        leads = [Lead(number, grade=Grade.HIGH) for number in people]
        await store.call(lambda s: s.add_leads("test", leads, now=now(), decide=decider(now())))
        here = Centre(store, folder, people, phones or {}, node, lines, EscalationSettings(**settings))  # type: ignore[arg-type]
        for work in (here.live.run(), here.floor.run()):
            task = asyncio.create_task(work)
            parts.push_async_callback(asyncio.wait, {task})
            parts.callback(task.cancel)
        yield here
        assert [call.faults for call in here.calls if call.faults] == []


async def add_user(store: InlineStore, login: str, *, ready: bool = True, phone: str = "") -> None:
    """Somebody who takes calls, ready for them or not."""
    await store.call(
        lambda s: s.add_user(login, name=login, roles=[Role.DISSUADER], password="", phone=phone, now=now(), by="test")
    )
    if ready:
        await store.call(lambda s: s.set_station(login, Station.READY, now=now()))
