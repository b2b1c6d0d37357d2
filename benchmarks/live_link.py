"""What it costs that the desk is another process than the node: ``python -m benchmarks.live_link [CALLS] [PAGES]``.

A node with 48 calls, on each of which 100 utterances were said and another grows five times a second, and 8 pages that
are phones, tells a desk in another process for ten seconds. How late a change is seen, how late sound comes, and what
share of a core either process needs for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import struct
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from campaigns.model import Speaker
from dialer.live import FRAME_BYTES, FRAME_S, AudioLink, OnCall, Part, Said
from dialer.live_link import LinkedNodes, LinkServer
from tests.console.live_double import LiveDouble, a_call

LASTS_S = 10.0
_NOW = struct.Struct("<d")


class Paced:
    """A page's sound at a node: frames that tell when they were made, every 20 ms."""

    def __init__(self) -> None:
        self.late: list[float] = []

    def send(self, pcm: bytes) -> None:
        """What the page says, with when it did."""
        self.late.append(time.monotonic() - _NOW.unpack_from(pcm)[0])

    async def frames(self) -> AsyncIterator[bytes]:
        """Without end."""
        at = time.monotonic()
        while True:
            at += FRAME_S
            await asyncio.sleep(at - time.monotonic())
            yield stamped()


class Node(LiveDouble):
    """Its pages are paced."""

    def __init__(self) -> None:
        super().__init__(lines=400)
        self.paced: list[Paced] = []

    @asynccontextmanager
    async def _audio(self, attempt_id: int, login: str) -> AsyncIterator[AudioLink]:
        self.paced.append(Paced())
        yield self.paced[-1]


def stamped() -> bytes:
    """A frame that tells when it was made."""
    return _NOW.pack(time.monotonic()).ljust(FRAME_BYTES, b"\0")


async def node(folder: Path, calls: int) -> None:
    """The process of the node."""
    live = Node()
    said = tuple(Said(Speaker.SUBJECT, "他说他是公安局的，让我把钱转到安全账户上去", 3.0 * each) for each in range(100))
    mine = OnCall("chen", Part.SPEAKS, phone=False, joined_at=0.0)
    for each in range(1, calls + 1):
        live.put(a_call(each, transcript=said, on_call=(mine,)))
    server = LinkServer(live, "n1", folder)
    await server.start()
    await until(lambda: len(live._readers) == 1)
    began, used = time.monotonic(), time.process_time()
    number = 0
    while (now := time.monotonic()) < began + LASTS_S:
        attempt_id = number % calls + 1
        call = live.call(attempt_id)
        assert call is not None
        growing = Said(Speaker.SUBJECT, "我" * (number // calls % 20), 301.0, final=False)
        live.put(replace(call, transcript=(*said, growing), words=str(now)))
        number += 1
        await asyncio.sleep(max(0.0, began + number / (5 * calls) - time.monotonic()))
    report("node", time.process_time() - used, {"sound to the node": [each for p in live.paced for each in p.late]})
    await server.stop()


async def desk(folder: Path, pages: int) -> None:
    """The process of the desk."""
    seen: list[float] = []
    heard: list[float] = []
    async with LinkedNodes(folder) as nodes:
        await until(lambda: nodes.state().nodes)
        used = time.process_time()
        tasks = [asyncio.create_task(page(nodes, attempt_id, heard)) for attempt_id in range(1, pages + 1)]
        async with nodes.changes() as changes:
            async for change in changes:
                now = time.monotonic()
                if not nodes.state().nodes:
                    break
                call = nodes.call(change.attempt_id) if change.attempt_id is not None else None
                if call is not None and call.words[:1].isdigit():
                    seen.append(now - float(call.words))
        report("desk", time.process_time() - used, {"changes": seen, "sound to the desk": heard})
        await asyncio.gather(*tasks)


async def page(nodes: LinkedNodes, attempt_id: int, heard: list[float]) -> None:
    """A page that speaks whenever it hears."""
    async with nodes.audio(attempt_id, "chen") as link:
        async for frame in link.frames():
            heard.append(time.monotonic() - _NOW.unpack_from(frame)[0])
            link.send(stamped())


async def until(holds: Callable[[], object]) -> None:
    """Return when something holds."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def report(process: str, used_s: float, late: dict[str, list[float]]) -> None:
    """Print what was measured."""
    print(f"{process}: {100 * used_s / LASTS_S:.1f} % of a core", flush=True)
    for what, seconds in late.items():
        ordered = sorted(seconds)
        if ordered:
            ninety_nine = ordered[math.ceil(len(ordered) * 0.99) - 1]
            figures = f"median {1000 * ordered[len(ordered) // 2]:.1f} ms, 99 %: {1000 * ninety_nine:.1f} ms"
            print(f"{process}: {what}: {figures}, most {1000 * ordered[-1]:.1f} ms, of {len(ordered)}", flush=True)


def run_node(folder: Path, calls: int) -> None:
    """In a process of its own."""
    quiet()
    asyncio.run(node(folder, calls))


def quiet() -> None:
    """The log is not what is looked at here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def main() -> None:
    """Print the figures."""
    quiet()
    calls, pages = (int(each) for each in (*sys.argv[1:], "48", "8")[:2])
    with tempfile.TemporaryDirectory() as folder:
        process = multiprocessing.get_context("spawn").Process(target=run_node, args=(Path(folder), calls))
        process.start()
        asyncio.run(desk(Path(folder), pages))
        process.join()


if __name__ == "__main__":
    main()
