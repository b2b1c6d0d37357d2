"""Spans of time as people write them: ``30s``, ``5min``, ``2h``, ``3d``, ``1h30min``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(min|s|h|d)\s*")


def seconds(written: object) -> float:
    """The span in seconds; raises `ValueError` with the mend."""
    if isinstance(written, str):
        parts = _PART.findall(written)
        if parts and "".join(_PART.sub("", written).split()) == "":
            return sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
    elif isinstance(written, float):
        return written
    raise ValueError(f"{written!r} is no span of time; write it with its unit: 30s, 5min, 2h or 3d")


def written(span_s: float) -> str:
    """A span as people write it; the inverse of `seconds`."""
    parts = []
    rest = span_s
    for unit in ("d", "h", "min", "s"):
        amount = rest // _SECONDS[unit] if unit != "s" else rest
        if amount:
            parts.append(f"{amount:g}{unit}")
            rest -= amount * _SECONDS[unit]
    return "".join(parts) or "0s"


Duration = Annotated[float, BeforeValidator(seconds)]
"""Seconds, written with a unit."""
