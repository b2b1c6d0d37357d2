"""Labelled replies, as people speak on the phone. The people and amounts are invented."""

from __future__ import annotations

from pathlib import Path

from speech.assessment import CRITICAL, SIGNALS, Answer, Assessment
from speech.modelling.understanding.labelled import Labelled

FOLDER = Path(__file__).parent
DESPAIR = frozenset({"我不想活了"})
"""Words of suicide escalate although ``distress`` alone does not."""


def labelled(name: str) -> list[Labelled]:
    """The replies of ``<name>.txt``: ``text | asks | answer | signals`` on each line."""
    found = []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, asks, answer, signals = (part.strip() for part in line.split("|"))
        names = [] if signals == "-" else signals.split()
        must, may = {n for n in names if n[-1] != "?"}, {n[:-1] for n in names if n[-1] == "?"}
        assert must | may <= SIGNALS, line
        found.append(
            Labelled(
                text=text,
                asks=None if asks == "-" else asks,
                answer=None if answer == "-" else Answer(answer),
                signals=frozenset(must),
                may=frozenset(may),
                escalate=bool(must & CRITICAL) or text in DESPAIR,
                near_domain=False,
                family=text,
            )
        )
    return found


def names(result: Assessment) -> set[str]:
    """Names of the signals in an assessment."""
    return {signal.name for signal in result.signals}
