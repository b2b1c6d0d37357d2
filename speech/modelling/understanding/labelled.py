"""A reply with what it means, by docs/labelling.md: what the judgement learns from, and what judges it."""

from __future__ import annotations

from dataclasses import dataclass

from speech.assessment import CRITICAL, IMPLY_CONTACT, Answer


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reply and what it means."""

    text: str
    asks: str | None
    """The signal that a yes to the robot's question asserts; ``None``: no question was asked."""
    answer: Answer | None
    """``None``: not scored."""
    signals: frozenset[str]
    """Must be heard, and no others."""
    may: frozenset[str]
    """May be heard or not: not scored either way."""
    escalate: bool
    """Whether a competent duty officer would want a human on the line now."""
    near_domain: bool
    """An everyday matter in the words of fraud: a real refund, a real officer, the rent."""
    family: str
    """Replies worded alike."""

    @property
    def implied(self) -> frozenset[str]:
        """Signals that others of the reply imply: right whether they are labelled or not."""
        return frozenset({"contacted"} if self.signals & IMPLY_CONTACT else ())

    @property
    def unscored(self) -> frozenset[str]:
        """Signals that are neither wanted nor wrong."""
        return self.may | (self.implied - self.signals)

    @property
    def escalation_scored(self) -> bool:
        """Whether ``escalate`` counts: not where the only grounds for it are signals that may be heard or not."""
        return self.escalate or not self.may & CRITICAL
