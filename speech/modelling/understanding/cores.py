"""Learning on as many cores as there are: each job in a process that was forked with the examples."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.settings import Settings

Job = Callable[[Sequence[Example], Sequence[Example], Settings], Any]
"""What can be pickled, and gives what can be."""

_given: list[tuple[Sequence[Example], Sequence[Example], Settings]] = []


def done(
    jobs: Sequence[Job], examples: Sequence[Example], variations: Sequence[Example], settings: Settings, work: Path
) -> list[Any]:
    """What each job made of the examples and their variations.

    Every one that ends is kept in a folder in ``work``, and taken from there if the same is learnt again.
    """
    kept = work / _digest(examples, variations, settings)
    kept.mkdir(parents=True, exist_ok=True)
    files = [(job, kept / f"{number}.pickle") for number, job in enumerate(jobs)]
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _keep, (examples, variations, settings)) as pool:
        return pool.starmap(_do, files, chunksize=1)


def _keep(examples: Sequence[Example], variations: Sequence[Example], settings: Settings) -> None:
    _given.append((examples, variations, settings))


def _do(job: Job, kept: Path) -> Any:
    if kept.exists():
        return pickle.loads(kept.read_bytes())  # noqa: S301  # written below
    found = job(*_given[0])
    begun = kept.with_suffix(".begun")
    begun.write_bytes(pickle.dumps(found))
    begun.replace(kept)
    return found


def _digest(examples: Sequence[Example], variations: Sequence[Example], settings: Settings) -> str:
    """What is learnt from, and by which program."""
    found = hashlib.sha256(repr(settings).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.read_bytes())
    for each in (*examples, *variations):
        found.update(f"{each.reply.writer} {each.reply.family} {each.reply.asks} {each.text}".encode())
        for figures in (each.hashes, each.line.kinds, each.line.denied, each.ruled, each.wanted, each.scored):
            found.update(figures.tobytes())
    return found.hexdigest()[:16]
