"""The process in which the phones live: ``python -m rehearsal SCENARIO --folder FOLDER``.

It writes one fact a line to standard output (see `rehearsal.facts`), `Ready` first, and ends when its standard input
is closed, so that no phone outlives the one who started it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

from dialer.lines import LineError
from rehearsal.errors import RehearsalError
from rehearsal.facts import Fact, to_line
from rehearsal.phones import Phones
from rehearsal.scenario import Scenario
from rehearsal.voices import Voices


def main(arguments: list[str] | None = None) -> int:
    """Run the phones until standard input ends. Exit status: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description="The phones of a rehearsal.")
    parser.add_argument("scenario", type=Path, help="rehearsal file (YAML)")
    parser.add_argument("--folder", type=Path, required=True, help="where recordings and logs of the phones go")
    parser.add_argument("--voices", type=Path, required=True, help="where rendered lines are kept")
    options = parser.parse_args(arguments)
    facts = _facts_stream()
    try:
        scenario = Scenario.load(options.scenario)
        asyncio.run(_run(scenario, options.folder, options.voices, facts))
    except (RehearsalError, LineError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _facts_stream() -> TextIO:
    """Standard output for facts alone: whatever else is printed in this process goes to standard error."""
    own = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(own, "w", encoding="utf-8", buffering=1)


async def _run(scenario: Scenario, folder: Path, voices: Path, facts: TextIO) -> None:
    def tell(fact: Fact) -> None:
        facts.write(to_line(fact) + "\n")

    parent = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(parent), sys.stdin)
    phones = asyncio.create_task(Phones(scenario, folder, Voices(voices), tell).run(), name="phones")
    asked_to_end = asyncio.create_task(parent.read(), name="parent")
    await asyncio.wait((phones, asked_to_end), return_when=asyncio.FIRST_COMPLETED)
    asked_to_end.cancel()
    phones.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await phones
