"""Peers and signals for the tests of the lines: SIPp with a scenario, tones, and what is in a recording."""

from __future__ import annotations

import array
import asyncio
import math
import os
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path

from dialer.lines import Leg

SCENARIOS = Path(__file__).parent / "scenarios"
WAIT_S = 20.0
"""Generous: only a failure takes so long."""


class Sipp:
    """One SIPp with one scenario, for one call."""

    def __init__(
        self, scenario: str, port: int, media_port: int, folder: Path, arguments: tuple[str, ...], keys: dict[str, str]
    ) -> None:
        """``keys`` replace ``[name]`` in the scenario: SIPp's own keys may not stand for a status code."""
        self.port = port
        self.uri = f"sip:12025550101@127.0.0.1:{port}"
        self._log = (folder / f"sipp-{port}.log").open("w+b")
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for name, value in keys.items():
            text = text.replace(f"[{name}]", value)
        filled = folder / f"{scenario}-{port}.xml"
        filled.write_text(text)
        command = ["sipp", "-sf", str(filled), "-i", "127.0.0.1", "-p", str(port)]
        command += ["-mp", str(media_port), "-m", "1", "-nostdin", "-timeout", "60", "-trace_err", *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=os.environ | {"TERM": "xterm"},
        )

    def wait_bound(self) -> None:
        """Return when it listens."""
        wanted = f":{self.port:04X} "
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            for table in ("udp", "tcp"):
                if wanted in Path(f"/proc/net/{table}").read_text():
                    return
            assert self.process.poll() is None, self.output()
            time.sleep(0.01)
        raise AssertionError(self.output())

    async def finished(self) -> None:
        """Wait until the scenario came to its end, and did as written."""
        code = await asyncio.to_thread(self.process.wait, WAIT_S)
        assert code == 0, self.output()

    def output(self) -> str:
        self._log.seek(0)
        errors = "".join(path.read_text() for path in Path(self._log.name).parent.glob("*_errors.log"))
        return self._log.read().decode(errors="replace")[-2000:] + errors

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that has no event."""
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def open_addresses(pid: int) -> list[str]:
    """Return the local IPv4 address of each UDP socket of a process."""
    links = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:[")}
    rows = [row.split() for row in Path("/proc/net/udp").read_text().splitlines()[1:]]
    mine = [row[1].partition(":")[0] for row in rows if row[9] in inodes]
    return [".".join(str(byte) for byte in bytes.fromhex(address)[::-1]) for address in mine]


def tone(path: Path, seconds: float, hertz: int = 440, amplitude: int = 8000) -> Path:
    """Write a tone as 8 kHz mono WAV."""
    samples = array.array(
        "h", (int(amplitude * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(int(8000 * seconds)))
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def level(pcm: bytes, hertz: int) -> float:
    """Return the amplitude of one frequency in 8 kHz audio (Goertzel)."""
    samples = array.array("h", pcm)
    if not samples:
        return 0.0
    step = 2 * math.pi * hertz / 8000
    real = sum(x * math.cos(step * i) for i, x in enumerate(samples))
    imaginary = sum(x * math.sin(step * i) for i, x in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)


def heard_s(frames: list[bytes], hertz: int, amplitude: float = 2000) -> float:
    """Return for how many seconds a tone was in the frames."""
    return sum(len(frame) / 16000 for frame in frames if level(frame, hertz) > amplitude)


def channels(path: Path) -> tuple[bytes, bytes]:
    """Return left and right of a recording."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        both = array.array("h", file.readframes(file.getnframes()))
    return both[0::2].tobytes(), both[1::2].tobytes()


def pieces(pcm: bytes, frame_ms: int = 60) -> list[bytes]:
    """Cut audio into frames."""
    size = frame_ms * 16
    return [pcm[i : i + size] for i in range(0, len(pcm), size)]


class Listener:
    """Collects what a leg hears, as long as it lives."""

    def __init__(self, leg: Leg) -> None:
        self.frames: list[bytes] = []
        self._more = asyncio.Event()
        self.task = asyncio.create_task(self._collect(leg))

    async def _collect(self, leg: Leg) -> None:
        async for frame in leg.frames():
            self.frames.append(frame)
            self._more.set()
        self._more.set()

    async def until_heard(self, hertz: int, seconds: float) -> None:
        """Wait until a tone was heard for so long."""
        async with asyncio.timeout(WAIT_S):
            while heard_s(self.frames, hertz) < seconds:
                assert not self.task.done(), f"heard {heard_s(self.frames, hertz)} s of {hertz} Hz in all"
                self._more.clear()
                await self._more.wait()
