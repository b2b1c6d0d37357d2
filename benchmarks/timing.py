"""Processor time, as the guides tell it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable


def took_ms(calls: Iterable[Callable[[], object]]) -> tuple[float, float]:
    """Median and 99th percentile of the calls, in milliseconds of one core; of each the quickest of three runs counts,
    as other programs disturb.
    """
    took = sorted(min(_run_ms(call) for _ in range(3)) for call in calls)
    return took[len(took) // 2], took[math.ceil(len(took) * 0.99) - 1]


def _run_ms(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return 1000 * (time.thread_time() - began)
