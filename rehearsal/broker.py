"""An MQTT broker for one rehearsal: Debian's mosquitto on a free loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import shutil
from pathlib import Path

from rehearsal.errors import BrokerError
from rehearsal.ports import free_port

START_S = 10.0
STOP_S = 5.0

_MEND = "apt-get install mosquitto (make setup does it)"


class Broker:
    """One mosquitto that keeps nothing and admits everybody on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    async def start(self) -> None:
        """Listen; raises `BrokerError`."""
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None:
            raise BrokerError(f"mosquitto is not installed: {_MEND}.")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} {self.host}\nallow_anonymous true\npersistence false\nuser {getpass.getuser()}\n",
            encoding="utf-8",
        )
        log_file = self.folder / "mosquitto.log"
        with log_file.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, "-c", str(config), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            async with asyncio.timeout(START_S):
                while not await self._accepts():
                    if self._process.returncode is not None:
                        raise BrokerError(f"mosquitto did not start; see {log_file}.")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.stop()
            raise BrokerError(f"mosquitto did not listen within {START_S:g} s; see {log_file}.") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _accepts(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(self.host, self.port)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True
        return False
