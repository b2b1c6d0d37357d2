"""Where the columns of a chart stand: plain geometry, drawn as SVG by the page itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.bulletin.figures import Reach

WIDTH = 920.0
HEIGHT = 220.0
LEFT = 56.0
BOTTOM = 26.0
TOP = 8.0
_GAP = 0.3
"""Share of a column's place that is left free."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of calls with those that reached the subject before it."""

    x: float
    width: float
    calls_y: float
    calls_height: float
    reached_y: float
    reached_height: float
    label: str
    label_x: float
    calls: int
    reached: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid with its number."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns, in a box of `WIDTH` by `HEIGHT`."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    floor: float = HEIGHT - BOTTOM


def columns(reaches: Sequence[Reach], labels: Sequence[str]) -> Chart:
    """A chart of calls and reached subjects, one column for each label."""
    step = nice_step(max((each.calls for each in reaches), default=0))
    top = step * 4
    room = HEIGHT - BOTTOM - TOP
    place = (WIDTH - LEFT) / max(1, len(labels))

    def height(count: int) -> float:
        return round(room * count / top, 1)

    def column(n: int, reach: Reach, label: str) -> Column:
        calls, reached = height(reach.calls), height(reach.reached)
        floor = HEIGHT - BOTTOM
        left = LEFT + place * n
        return Column(
            x=round(left + place * _GAP / 2, 1),
            width=round(place * (1 - _GAP), 1),
            calls_y=round(floor - calls, 1),
            calls_height=calls,
            reached_y=round(floor - reached, 1),
            reached_height=reached,
            label=label,
            label_x=round(left + place / 2, 1),
            calls=reach.calls,
            reached=reach.reached,
        )

    return Chart(
        columns=tuple(column(n, *each) for n, each in enumerate(zip(reaches, labels, strict=True))),
        lines=tuple(Line(round(HEIGHT - BOTTOM - height(step * n), 1), f"{step * n:,}") for n in range(5)),
    )


def nice_step(most: int) -> int:
    """A quarter of the axis that holds ``most``: 1, 2, 5, 10, 20, 50, ..."""
    needed = max(1, math.ceil(most / 4))
    magnitude: int = 10 ** (len(str(needed)) - 1)
    return next(step * magnitude for step in (1, 2, 5, 10) if step * magnitude >= needed)
