"""Finite-state machines as text, compiled by Debian's OpenFst tools (package libfst-tools)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from speech.modelling.errors import ModellingError

_LOOKAHEAD = "libfstlookahead.so.22"
"""Registers the type ``olabel_lookahead``; part of libfst22, loaded by name from the system's library path."""


class Machine:
    """A weighted finite-state transducer in the making; state 0 is the start."""

    def __init__(self) -> None:
        self.arcs: list[tuple[int, int, int, int, float]] = []
        """From, to, input, output, cost."""
        self.finals: dict[int, float] = {}
        self.states = 0

    def state(self) -> int:
        """A new state."""
        self.states += 1
        return self.states - 1

    def arc(self, source: int, target: int, given: int = 0, output: int = 0, cost: float = 0.0) -> None:
        """An arc; 0 is epsilon."""
        self.arcs.append((source, target, given, output, cost))

    def text(self) -> str:
        """The machine as ``fstcompile`` reads it."""
        arcs = [f"{a} {b} {i} {o} {cost:.5f}" for a, b, i, o, cost in sorted(self.arcs, key=lambda arc: arc[0])]
        return "\n".join([*arcs, *(f"{state} {cost:.5f}" for state, cost in self.finals.items()), ""])


def run(data: bytes, *commands: list[str], lookahead: bool = False) -> bytes:
    """Pass data through OpenFst commands, one after the other.

    Raises:
        ModellingError: a tool is missing or refuses.
    """
    environment = dict(os.environ)
    if lookahead:
        environment["LD_PRELOAD"] = _LOOKAHEAD
    for command in commands:
        if shutil.which(command[0]) is None:
            raise ModellingError(f"{command[0]} is not installed; mend: apt-get install libfst-tools")
        done = subprocess.run(command, input=data, capture_output=True, env=environment, check=False)
        if done.returncode or not done.stdout:
            raise ModellingError(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace').strip()}")
        data = done.stdout
    return data


def read_pairs(path: Path) -> dict[int, int]:
    """The label pairs that ``fstconvert --save_relabel_opairs`` wrote."""
    return {int(old): int(new) for old, new in (line.split() for line in path.read_text().splitlines())}
