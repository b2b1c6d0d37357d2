"""One life of a line process: the operating system's side of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from dialer.lines import messages as m
from dialer.lines.errors import LineError

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 64
"""Messages understood before other tasks of the event loop get their turn."""

_LOOKED_AT = 8000
"""Bytes of what a process said that are looked at: a crash tells of each thread."""
_FATAL, _WHERE = "Fatal Python error", "Current thread"


class Child:
    """A process and its socket. ``on_message`` gets what it says, ``on_lost`` is called once when the socket closes."""

    def __init__(self, on_message: Callable[[m.Message], None], on_lost: Callable[[], None]) -> None:
        """Start it. Raises LineError."""
        self._on_message = on_message
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._unsent: deque[bytes] = deque()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in reap
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._link, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._link.setblocking(False)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(_ROOT), os.environ.get("PYTHONPATH", "")))}
        with theirs, _told():
            # A session of its own: Ctrl-C in the terminal reaches the pool's process alone.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dialer.lines", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                env=environment,
                start_new_session=True,
            )
        self._loop.add_reader(self._link, self._receive)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, message: m.Command) -> None:
        """Send a message; what the socket cannot take yet goes later. A closed socket swallows it."""
        self._unsent.append(m.encode(message))
        self._flush()

    def close(self) -> None:
        """Close the socket: the process hangs up and ends. `on_lost` is called if it was not."""
        if self._link.fileno() >= 0:
            self._loop.remove_reader(self._link)
            self._loop.remove_writer(self._link)
            self._link.close()
            self._on_lost()

    async def reap(self) -> str:
        """Make sure that the process is gone; returns how it ended, "" for well."""
        self.close()
        if self._process.poll() is None:
            self._process.kill()
        status = await asyncio.to_thread(self._process.wait)
        with self._stderr:
            self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(0, self._stderr.tell() - _LOOKED_AT))
            said = self._stderr.read().decode(errors="replace").strip().splitlines()
        return f"status {status}: {_last_words(said)}" if status else ""

    def _flush(self) -> None:
        if self._link.fileno() < 0:
            return
        try:
            while self._unsent:
                self._link.send(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            self._loop.add_writer(self._link, self._flush)
            return
        except OSError:
            # The process is gone; the reader notices.
            self._unsent.clear()
        self._loop.remove_writer(self._link)

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                packet = self._link.recv(m.MAX_PACKET)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self.close()
                return
            self._on_message(m.decode(packet))
            if self._link.fileno() < 0:
                return


def _last_words(said: Sequence[str]) -> str:
    """The end of what a process said: of a crash what it was, and in which line of Python, if in any."""
    fatal = next((line for line in said if line.startswith(_FATAL)), None)
    if fatal is None:
        return said[-1] if said else "no last words"
    where = next((below.strip() for line, below in pairwise(said) if line.startswith(_WHERE)), "in pjsip")
    return f"{fatal}, {where}"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LineError(
            f"A line process cannot be started: {error.strerror}."
            " Free memory, or raise the limits of processes and open files."
        ) from None
