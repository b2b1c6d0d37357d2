"""An MQTT broker for one rehearsal: Debian's mosquitto on a free loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
from pathlib import Path

from rehearsal.errors import BrokerError
from rehearsal.ports import free_port
from rehearsal.server import Server

_MEND = "apt-get install mosquitto (make setup does it)"


class Broker:
    """One mosquitto that keeps nothing and admits everybody on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._server = Server("mosquitto", mend=_MEND, error=BrokerError)

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    async def start(self) -> None:
        """Listen; raises `BrokerError`."""
        self._server.find()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} {self.host}\nallow_anonymous true\npersistence false\nuser {getpass.getuser()}\n",
            encoding="utf-8",
        )
        await self._server.start(("-c", str(config)), self.folder / "mosquitto.log", answers=self._accepts)

    async def stop(self) -> None:
        """End it."""
        await self._server.stop()

    async def _accepts(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(self.host, self.port)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True
        return False
