"""Labelled replies, as people speak on the phone. The people and amounts are invented."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech.assess import assess
from speech.assessment import CRITICAL, SIGNALS, Assessment
from tests.speech.corpus import IMPLY_CONTACT

FOLDER = Path(__file__).parent
DESPAIR = frozenset({"我不想活了"})
"""Words of suicide escalate although ``distress`` alone does not."""


@dataclass(frozen=True)
class Labelled:
    """One reply and what it means."""

    text: str
    asks: str | None
    answer: str | None
    """``None`` where it does not matter."""
    signals: frozenset[str]
    """Must be heard."""
    allowed: frozenset[str]
    """May be heard or not."""

    @property
    def escalates(self) -> bool:
        return bool(self.signals & CRITICAL) or self.text in DESPAIR


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
        if must & IMPLY_CONTACT:
            may.add("contacted")
        found.append(
            Labelled(
                text,
                None if asks == "-" else asks,
                None if answer == "-" else answer,
                frozenset(must),
                frozenset(must | may),
            )
        )
    return found


@dataclass(frozen=True)
class Score:
    """Precision and recall of one thing."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hits / ((self.hits + self.false) or 1)

    @property
    def recall(self) -> float:
        return self.hits / ((self.hits + self.missed) or 1)


def scores(replies: list[Labelled], language: str) -> dict[str, Score]:
    """Score of each signal that occurs, and of ``escalation``."""
    results = [(reply, assess(reply.text, language=language, asks=reply.asks)) for reply in replies]

    def score(pairs: list[tuple[bool, bool]]) -> Score:
        return Score(
            sum(want and got for want, got in pairs),
            sum(got and not want for want, got in pairs),
            sum(want and not got for want, got in pairs),
        )

    found = {"escalation": score([(reply.escalates, result.escalate) for reply, result in results])}
    for signal in sorted(SIGNALS):
        pairs = [
            (signal in reply.signals, signal in names(result))
            for reply, result in results
            if signal in reply.signals or signal not in reply.allowed
        ]
        if any(want or got for want, got in pairs):
            found[signal] = score(pairs)
    return found


def names(result: Assessment) -> set[str]:
    """Names of the signals in an assessment."""
    return {signal.name for signal in result.signals}
