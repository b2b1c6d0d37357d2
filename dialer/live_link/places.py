"""Where a node's socket lies: ``NODE.sock`` in a folder that is its owner's alone."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUFFIX = ".sock"
_LONGEST = 107
"""Bytes of the address of a UNIX socket."""
_LONGEST_NAME = 60


class LinkError(Exception):
    """A node's socket cannot be made; the message says why."""


def socket_path(folder: Path, node: str) -> Path:
    """The socket of a node; a long name is cut, and told from others by its digest."""
    name = node if re.fullmatch(rf"[A-Za-z0-9_.-]{{1,{_LONGEST_NAME}}}", node) else ""
    if not name:
        digest = hashlib.sha256(node.encode()).hexdigest()[:12]
        name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', node)[:40]}-{digest}"
    return folder / f"{name}{SUFFIX}"


def listen(path: Path) -> socket.socket:
    """A socket that listens there; one that an earlier process left, or still has, is replaced. Raises `LinkError`."""
    folder = path.parent
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if found.st_uid != os.geteuid():
            raise LinkError(f"{folder} belongs to somebody else")
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
        # It gets its name when it is ready, so that nobody finds one that does not answer yet, or is open to all.
        new = folder / f".{os.getpid()}"
        new.unlink(missing_ok=True)
        with _address(new) as address:
            listening.bind(address)
        new.chmod(0o600)
        listening.listen(64)
        listening.setblocking(False)
        new.replace(path)
    except OSError as error:
        listening.close()
        raise LinkError(f"{path} cannot be made: {error.strerror or error}") from error
    except LinkError:
        listening.close()
        raise
    return listening


def identity(path: Path) -> tuple[int, int] | None:
    """What tells a socket from another one at the same place."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISSOCK(found.st_mode) else None


def sockets(folder: Path) -> list[Path]:
    """Those that lie there now, whether or not anybody answers."""
    try:
        return sorted(each for each in folder.iterdir() if each.suffix == SUFFIX and identity(each) is not None)
    except OSError:
        return []


async def connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a node's socket; raises `OSError`."""
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connecting.setblocking(False)
    try:
        with _address(path) as address:
            await asyncio.get_running_loop().sock_connect(connecting, address)
        return await asyncio.open_unix_connection(sock=connecting)
    except BaseException:
        connecting.close()
        raise


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path as the kernel takes it: one that is too long goes by way of its open folder."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    with contextlib.ExitStack() as opened:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        opened.callback(os.close, folder)
        yield f"/proc/self/fd/{folder}/{path.name}"
