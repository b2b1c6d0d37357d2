"""A real mosquitto on a free port of 127.0.0.1, and its own clients as neighbouring systems."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT_S = 30.0
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")


class Broker:
    """Mosquitto with a persistent store, so that it can be stopped and started."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "mosquitto.log"
        self._rules: Path | None = None

    def allow(self, *rules: str) -> None:
        """Set access rules, none of them for no limits; they count from the next start.

        Rules hold up what is queued for a subscriber that is away when mosquitto 2.0.11 starts.
        """
        self._rules = self._folder / "acl" if rules else None
        if self._rules is not None:
            self._rules.write_text("\n".join(rules) + "\n")

    def start(self) -> None:
        assert MOSQUITTO is not None, "mosquitto is not installed: apt-get install mosquitto mosquitto-clients"
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {data}/\n"
            f"user root\nmax_queued_messages 0\nlog_dest file {self.log}\nlog_type debug\n"
            + (f"acl_file {self._rules}\n" if self._rules else "")
        )
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + WAIT_S
        while not self._answers():
            assert self._process.poll() is None, "mosquitto ended at its start"
            assert time.monotonic() < give_up_at, "mosquitto does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(WAIT_S)
            self._process = None

    def _answers(self) -> bool:
        done = subprocess.run(
            ["mosquitto_pub", "-p", str(self.port), "-t", "up", "-m", "?"],
            capture_output=True,
            timeout=WAIT_S,
            check=False,
        )
        return done.returncode == 0

    async def publish(self, topic: str, payload: str, *options: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *("mosquitto_pub", "-V", "5", "-q", "1", "-p", str(self.port), "-t", topic, "-m", payload), *options
        )
        assert await process.wait() == 0

    @asynccontextmanager
    async def subscriber(self, topic: str, *options: str) -> AsyncIterator[Subscriber]:
        """A subscriber with a session that outlives the broker's restarts."""
        process = await asyncio.create_subprocess_exec(
            *("mosquitto_sub", "-V", "5", "-q", "1", "-c", "-x", "3600", "-i", f"watcher-{topic.replace('/', '-')}"),
            *("-p", str(self.port), "-t", topic, "-t", "ready", "-F", "%t\t%r\t%D\t%p"),
            *options,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        subscriber = Subscriber(process.stdout)
        try:
            await self._until_ready(subscriber)
            yield subscriber
        finally:
            process.kill()
            await process.wait()

    async def _until_ready(self, subscriber: Subscriber) -> None:
        """Until the subscription stands: retained messages may come first and are kept."""
        early: list[Received] = []
        async with asyncio.timeout(WAIT_S):
            while True:
                await self.publish("ready", "?")
                try:
                    async with asyncio.timeout(0.5):
                        while (received := await subscriber.next(ready=True)).topic != "ready":
                            early.append(received)
                except TimeoutError:
                    continue
                subscriber.early = early
                return


@dataclass
class Received:
    topic: str
    retained: bool
    correlation: str
    payload: str

    @property
    def json(self) -> Any:
        return json.loads(self.payload)


class Subscriber:
    def __init__(self, lines: asyncio.StreamReader) -> None:
        self._lines = lines
        self.early: list[Received] = []

    async def next(self, *, ready: bool = False) -> Received:
        """The next message, of our own question whether the subscription stands only if asked for."""
        if self.early:
            return self.early.pop(0)
        while True:
            line = await asyncio.wait_for(self._lines.readline(), WAIT_S)
            assert line, "the subscriber ended"
            topic, retained, correlation, payload = line.decode().rstrip("\n").split("\t", 3)
            if ready or topic != "ready":
                return Received(topic, retained == "1", correlation, payload)

    async def take(self, count: int) -> list[Received]:
        return [await self.next() for _ in range(count)]
