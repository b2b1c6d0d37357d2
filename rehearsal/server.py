"""A server program of Debian's, started for one rehearsal and ended with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rehearsal.errors import RehearsalError

START_S = 20.0
STOP_S = 5.0


class Server:
    """One process, and what it starts, in a process group of its own."""

    def __init__(self, program: str, *, mend: str, error: type[RehearsalError]) -> None:
        """``error`` is raised when it cannot be started; ``mend`` says how to install it."""
        self._program = program
        self._mend = mend
        self._error = error
        self._process: asyncio.subprocess.Process | None = None

    def find(self) -> str:
        """Path of the program; raises ``error`` when it is not installed."""
        path = shutil.which(self._program, path=os.environ.get("PATH", "") + ":/usr/sbin")
        if path is None:
            raise self._error(f"{self._program} is not installed: {self._mend}.")
        return path

    async def start(
        self,
        arguments: Sequence[str],
        log_file: Path,
        *,
        answers: Callable[[], Awaitable[bool]],
        complaint: Callable[[], str] = lambda: "",
    ) -> None:
        """Start it and wait until it ``answers``; raises ``error``, with its own ``complaint`` if it ends."""
        program = self.find()
        with log_file.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            async with asyncio.timeout(START_S):
                while not await answers():
                    if self._process.returncode is not None:
                        raise self._error(f"{self._program} did not start; {complaint()}see {log_file}.")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.stop()
            raise self._error(f"{self._program} did not answer within {START_S:g} s; see {log_file}.") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it and its children."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
