"""The node under test of a rehearsal: this program in a process of its own, as a user would start it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import tomllib
from pathlib import Path

from campaigns.staff import Role, new_ticket
from dissuade.errors import DissuadeError
from dissuade.storage import opened_file

STOP_S = 15.0
VISITOR = "demo"
"""Log-in of whoever watches a rehearsal at its desk, and takes calls there."""
TICKET_S = 3600.0


class NodeProcess:
    """A run of this program, by default ``dissuade run --until-idle``: the real `rehearsal.run.RunningDialer`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Its exit status."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it: politely, then hanging up, then by force."""
        for sign in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is not None:
                return
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(sign)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_S if sign != signal.SIGTERM else STOP_S / 3)


async def start_node(config: Path, leads: Path, campaign: str) -> NodeProcess:
    """Import the leads, then start the node; raises `DissuadeError` when the import fails."""
    await import_leads(config, leads, campaign)
    return await start_program(config, "run", "--until-idle")


async def import_leads(config: Path, leads: Path, campaign: str) -> None:
    """``dissuade leads import``; raises `DissuadeError` when it fails."""
    importing = await start_program(config, "leads", "import", str(leads), "--campaign", campaign)
    if await importing.wait() != 0:
        raise DissuadeError(f"the leads of the rehearsal could not be imported; see {_log_file(config)}")


def let_visitor_in(config: Path) -> str:
    """Make the user `VISITOR` of a rehearsal's desk; returns the address by which they log in once.

    Raises `campaigns.store.StoreError`.
    """
    with config.open("rb") as file:
        data = tomllib.load(file)
    text, digest = new_ticket()
    now = time.time()
    with opened_file(Path(data["store"]["path"])) as store:
        roles = (Role.DISSUADER, Role.DUTY_OFFICER)
        store.add_user(VISITOR, name="Demo", roles=roles, password="", now=now, by="rehearsal")
        store.add_ticket(VISITOR, digest, until_at=now + TICKET_S, now=now, by="rehearsal")
    return f"http://127.0.0.1:{data['desk']['port']}/log-in/{text}"


async def start_program(config: Path, *arguments: str) -> NodeProcess:
    """Start this program on a configuration. What it prints goes to ``dialer.log`` beside it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISSUADE_")}
    with _log_file(config).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dissuade",
            "--config",
            str(config),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    return NodeProcess(process)


def _log_file(config: Path) -> Path:
    return config.parent / "dialer.log"
