"""``dissuade desk``."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from dissuade.cli.state import state

if TYPE_CHECKING:
    from dissuade.config import Config


def desk(context: typer.Context) -> None:
    """Serve the desk's pages apart from a node, over the same store, until it is stopped.

    `dissuade run` serves them itself when desk.port is set. Beside a node on the same machine, with desk.port set for
    this command alone (DISSUADE_DESK__PORT), live calls are shown and taken here, too.
    """
    own = state(context)
    own.long_running = True
    asyncio.run(_serve(own.config))


async def _serve(config: Config) -> None:
    import structlog

    from dissuade.desk import run_desk

    log = structlog.get_logger("dissuade.desk")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await run_desk(config, stop, ready=lambda address: log.info("ready", address=address))
    log.info("ended")
