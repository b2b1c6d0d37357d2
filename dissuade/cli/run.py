"""``dissuade run``."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.cli.state import state

if TYPE_CHECKING:
    from dissuade.config import Config


def run(
    context: typer.Context,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when nobody is due and no call is in progress.")
    ] = False,
) -> None:
    """Work through the queue of all running campaigns, until it is stopped.

    Ctrl-C (or SIGTERM) once: no further calls, those in progress end as they will. Twice: they are hung up. SIGHUP: the
    rules by which replies are understood are read anew, for calls in progress too; if one is faulty, all stay.
    """
    import uvloop

    own = state(context)
    own.long_running = True
    # A fifth less of a core than asyncio's own loop, where a hundred calls bring sound.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(own.config, until_idle=until_idle))


async def _run(config: Config, *, until_idle: bool) -> None:
    import structlog

    from dissuade.node import Stop, run_node

    log = structlog.get_logger("dissuade.run")
    stop = Stop()

    def stop_asked() -> None:
        log.info("hanging up" if stop.asked.is_set() else "no further calls; once more to hang up those in progress")
        stop()

    def ready() -> None:
        # Rules, readings and scripts live to the end: to look through them for garbage stops every call for 0.2 s.
        gc.collect()
        gc.freeze()
        log.info("ready")

    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop_asked)
    # On a thread: compiling the rules takes a second, and calls go on meanwhile.
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, _read_rules_anew))
    log.info("starting", node=config.node.name, lines=config.lines.count, home=str(config.home.root))
    await run_node(config, until_idle=until_idle, stop=stop, ready=ready)
    log.info("ended")


def _read_rules_anew() -> None:
    import structlog

    from speech.lexicon import LexiconError, reload

    log = structlog.get_logger("dissuade.run")
    try:
        files = reload()
    except LexiconError as error:
        log.error("rules not read anew, the old ones stay in use", reason=str(error))
    else:
        log.info("rules read anew", files=[str(path) for path in files])
