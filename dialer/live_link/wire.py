"""A UNIX socket that carries messages: four bytes of length, then so many of the message."""

from __future__ import annotations

import asyncio
import os
import socket
import struct

_HEAD = struct.Struct(">I")
_PEER = struct.Struct("3i")

STUCK_S = 10.0
"""Whoever takes nothing of what they are told for so long is told no more."""


class WireError(Exception):
    """The connection is over, or must be."""


class Wire:
    """One connection. The reading and the writing are for one task each."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises `WireError` when another user of the machine is at its other end."""
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        writer.transport.set_write_buffer_limits(high=0)
        user = _peer(self._socket)
        if user not in (os.geteuid(), 0):
            self.close()
            raise WireError(f"the other end belongs to user {user}")

    def keep_short(self, size: int) -> None:
        """Let the kernel hold about so many bytes that the other end has not taken."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)

    async def read(self, most: int) -> bytes:
        """Return the next message; raises `WireError` at the end, and when it is longer than ``most``."""
        try:
            (size,) = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
            if size > most:
                raise WireError(f"a message of {size} bytes is too long")
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WireError("the other end is gone") from error

    async def write(self, message: bytes) -> None:
        """Send a message, and return when the kernel has it; raises `WireError`."""
        try:
            self._writer.write(_HEAD.pack(len(message)) + message)
            async with asyncio.timeout(STUCK_S):
                await self._writer.drain()
        except TimeoutError as error:
            raise WireError(f"the other end took nothing for {STUCK_S:g} s") from error
        except (OSError, RuntimeError) as error:
            raise WireError("the other end is gone") from error

    def close(self) -> None:
        """End it at once."""
        self._writer.transport.abort()


def _peer(connected: socket.socket) -> int:
    """Number of the user who opened the other end."""
    _, user, _ = _PEER.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(user)
