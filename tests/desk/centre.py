"""A centre on this machine: rehearsal phones, a carrier, and a real node that serves its desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from campaigns.model import Attempt
from campaigns.sqlite_store import open_store
from campaigns.staff import Role, new_ticket
from campaigns.store import Store
from dissuade.rehearsed import import_leads, start_program
from rehearsal.calls import CallKey, PhoneCall, by_call
from rehearsal.carrier import Carrier
from rehearsal.dialer_config import POLICY, STORE, configuration, write_config, write_leads, write_policy
from rehearsal.phones_process import PhonesProcess
from rehearsal.ports import free_port
from rehearsal.scenario import Scenario

WAIT_S = 90.0
_LOOK_S = 0.05


class Centre:
    """What runs, and what a test may do with it."""

    def __init__(self, folder: Path, scenario: Scenario, store: Store, phones: PhonesProcess, port: int) -> None:
        self.folder = folder
        self.store = store
        self.address = f"http://127.0.0.1:{port}"
        self.phones = phones
        self._scenario = scenario

    def ticket(self, login: str, *roles: Role, name: str) -> str:
        """Make a user; returns the address by which they log in once."""
        now = time.time()
        self.store.add_user(login, name=name, roles=roles, password="", now=now, by="test")
        text, digest = new_ticket()
        self.store.add_ticket(login, digest, until_at=now + 3600, now=now, by="test")
        return f"{self.address}/log-in/{text}"

    async def call(self, number: str) -> Attempt:
        """Let the node call one of the people; returns the call once it is under way."""
        people = tuple(person for person in self._scenario.people if person.number == number)
        leads = self.folder / f"leads-{number.lstrip('+')}.csv"
        write_leads(leads, self._scenario.model_copy(update={"people": people}))
        await import_leads(self.folder / "dissuade.toml", leads, self._scenario.name)
        await self.until(lambda: self.attempt(number) is not None)
        found = self.attempt(number)
        assert found is not None
        return found

    def attempt(self, number: str) -> Attempt | None:
        """The newest call to a number, as the store has it."""
        case = next((each for each in self.store.cases() if each.lead.number == number), None)
        found = self.store.attempts(case_id=case.id) if case is not None else []
        return self.store.attempt(found[0].id) if found else None

    def at_phone(self, number: str) -> PhoneCall:
        """The first call to a number, as its phone had it."""
        return by_call(self.phones.facts)[CallKey(number, 1)]

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for something."""
        async with asyncio.timeout(WAIT_S):
            while not what():
                await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def open_centre(folder: Path, scenario: str) -> AsyncIterator[Centre]:
    """Everything runs, nobody is called yet."""
    file = folder / "scenario.yaml"
    file.write_text(scenario, encoding="utf-8")
    read = Scenario.load(file)
    async with AsyncExitStack() as running:
        phones = PhonesProcess(file, folder, folder / "voices")
        running.push_async_callback(phones.stop)
        ready = await phones.start()
        carrier = Carrier(folder, ready.contacts)
        running.push_async_callback(carrier.stop)
        await carrier.start()
        config, port = folder / "dissuade.toml", free_port()
        write_config(config, configuration(read, folder, carrier, None, desk_port=port))
        write_policy(folder / POLICY, read)
        (folder / STORE).parent.mkdir(mode=0o700)
        store = open_store(folder / STORE)
        running.callback(store.close)
        node = await start_program(config, "run")
        running.push_async_callback(node.stop)
        async with asyncio.timeout(WAIT_S):
            while not await _answers(port):
                assert node.running, (folder / "dialer.log").read_text()
                await asyncio.sleep(_LOOK_S)
        yield Centre(folder, read, store, phones, port)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
