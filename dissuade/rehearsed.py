"""The node under test of a rehearsal: this program in a process of its own, as a user would start it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from dissuade.errors import DissuadeError

STOP_S = 15.0


class NodeProcess:
    """``dissuade run --until-idle``: the real `rehearsal.run.RunningDialer`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

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
    """Import the leads, then start the node; raises `DissuadeError` when the import fails.

    What both print goes to ``dialer.log`` beside the configuration.
    """
    program = [sys.executable, "-m", "dissuade", "--config", str(config)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISSUADE_")}
    log_file = config.parent / "dialer.log"
    with log_file.open("ab") as log:

        async def start(*arguments: str) -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                *program,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

        importing = await start("leads", "import", str(leads), "--campaign", campaign)
        if await importing.wait() != 0:
            raise DissuadeError(f"the leads of the rehearsal could not be imported; see {log_file}")
        return NodeProcess(await start("run", "--until-idle"))
