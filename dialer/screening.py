"""The ear of a call to a subject, and beside it the judgement who or what is at the other end."""

from __future__ import annotations

from speech.answering import Answerer, Answering, Verdict
from speech.ear import Ear
from speech.echo import Played
from speech.heard import Heard

_JUDGED_S = 30.0
"""From the answer on; who has not shown by then to be a machine is spoken with."""
_PERSON_S = 10.0
"""Who has been a person for so long is one: a machine that began like one has said its words by then."""


class ScreeningEar:
    """Hears as an `Ear` does, and tells verdicts among what it hears. Feed it from one thread at a time; `answered` may
    be called from any.
    """

    def __init__(self, ear: Ear, answering: Answering) -> None:
        self._ear = ear
        self._answering = answering
        self._answered = False
        self._answered_s: float | None = None

    def answered(self) -> None:
        """From the next piece on, what is heard is who answered. The first verdict after this is ``UNKNOWN``."""
        self._answered = True

    def robot_says(self, played: Played | None) -> None:
        """See `Ear.robot_says`."""
        self._ear.robot_says(played)

    def silent(self, pcm: bytes) -> bool:
        """See `Ear.silent`."""
        return self._answered == (self._answered_s is not None) and self._ear.silent(pcm)

    def may_wait(self, pcm: bytes) -> bool:
        """See `Ear.may_wait`."""
        return self._answered == (self._answered_s is not None) and self._ear.may_wait(pcm)

    def feed(self, pcm: bytes) -> list[Heard | Verdict]:
        """Hear more; see `Ear.feed`."""
        found: list[Heard | Verdict] = []
        if self._answered and self._answered_s is None:
            self._answered_s = self._answering.clock_s
            self._answering.answer(self._answered_s)
            self._ear.somebody_else()
            found.append(self._answering.verdict)
        judged = self._judged
        if judged:
            _append(found, self._answering.feed(pcm))
        for event in self._ear.feed(pcm):
            found.append(event)
            if judged:
                _append(found, self._answering.heard(event))
        return found

    @property
    def _judged(self) -> bool:
        if self._answered_s is None:
            return True
        verdict, clock_s = self._answering.verdict, self._ear.clock_s
        if verdict.kind is Answerer.PERSON and clock_s - verdict.at_s >= _PERSON_S:
            return False
        return clock_s - self._answered_s < _JUDGED_S

    def flush(self) -> list[Heard]:
        """End the turn that is going on; see `Ear.flush`."""
        return self._ear.flush()


def _append(found: list[Heard | Verdict], verdict: Verdict | None) -> None:
    if verdict is not None:
        found.append(verdict)
