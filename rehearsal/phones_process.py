"""The parent's side of the phones: starts their process, gathers their facts, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from rehearsal.calls import by_call
from rehearsal.errors import PhonesError
from rehearsal.facts import FILE, Fact, Ready, from_line

START_S = 180.0
"""Rendering every line anew and starting the lines takes some seconds; a loaded machine may take longer, and so does
reading a scenario of ten thousand people."""

_LONGEST_FACT = 1 << 24
"""Bytes: the first tells where each of them can be called."""

STOP_S = 15.0


class PhonesProcess:
    """``python -m rehearsal`` as a child."""

    def __init__(self, scenario: Path, folder: Path, voices: Path) -> None:
        self.facts: list[Fact] = []
        self.log = folder / "phones.log"
        self._facts_file = folder / FILE
        self._arguments = (str(scenario), "--folder", str(folder), "--voices", str(voices))
        self._told = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[Ready] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> Ready:
        """Returns when every phone can be called; raises `PhonesError`."""
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "rehearsal",
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LONGEST_FACT,
                start_new_session=True,
            )
        self._ready = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(), name="phones")
        try:
            return await asyncio.wait_for(asyncio.shield(self._ready), START_S)
        except TimeoutError:
            await self.stop()
            raise PhonesError(f"the phones were not ready within {START_S:g} s; see {self.log}") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> list[Fact]:
        """Hang up all phones, end the process; returns all facts."""
        process, self._process = self._process, None
        if process and process.stdin:
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reading:
            with contextlib.suppress(PhonesError):
                await self._reading
        return self.facts

    async def idle(self) -> None:
        """Wait until no phone is in a call."""
        while any(not call.ended for call in by_call(self.facts).values()) and not self.died:
            self._told.clear()
            await self._told.wait()

    @property
    def died(self) -> bool:
        """Whether the process ended without being asked."""
        return self._process is not None and self._process.returncode is not None

    async def _read(self) -> None:
        process, ready = self._process, self._ready
        if process is None or process.stdout is None or ready is None:
            return
        with self._facts_file.open("w", encoding="utf-8") as file:
            async for line in process.stdout:
                text = line.decode()
                file.write(text)
                fact = from_line(text)
                self.facts.append(fact)
                self._told.set()
                if isinstance(fact, Ready) and not ready.done():
                    ready.set_result(fact)
        await process.wait()
        self._told.set()
        if not ready.done():
            last = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            ready.set_exception(PhonesError(f"the phones did not start: {last[-1] if last else f'see {self.log}'}"))
