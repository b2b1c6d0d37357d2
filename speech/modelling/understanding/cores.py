"""Learning on as many cores as there are: each job in a process that was forked with the examples."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.training import Settings

Job = Callable[[Sequence[Example], Settings], Any]
"""What can be pickled, and gives what can be."""

_given: list[tuple[Sequence[Example], Settings]] = []


def done(jobs: Sequence[Job], examples: Sequence[Example], settings: Settings) -> list[Any]:
    """What each job made of the examples."""
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _keep, (examples, settings)) as pool:
        return pool.map(_do, jobs, chunksize=1)


def _keep(examples: Sequence[Example], settings: Settings) -> None:
    _given.append((examples, settings))


def _do(job: Job) -> Any:
    return job(*_given[0])
