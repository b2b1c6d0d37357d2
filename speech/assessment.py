"""What a reply meant: the shapes that `speech.assess` returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """The reply to a yes-or-no question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NONE = "none"
    """Nothing was said."""


CRITICAL = frozenset(
    {
        "in_contact_now",
        "about_to_send",
        "money_sent",
        "credentials_shared",
        "remote_access",
        "coached",
        "asks_for_human",
    }
)
"""Signals that hand the live call to a human."""
IMPLY_CONTACT = CRITICAL - {"asks_for_human"} | {
    "trusts_fraudster",
    "refused_fraudster",
    "past_incident",
    "recovery_request",
}
"""Whoever says one of these has had to do with a fraudster, so ``contacted`` is right there whether labelled or not."""

SIGNALS = CRITICAL | {
    "contacted",
    "trusts_fraudster",
    "distress",
    "family_involved",
    "recovery_request",
    "refused_fraudster",
    "past_incident",
    "wrong_person",
    "busy_now",
    "hostile",
    "did_not_hear",
    "who_is_calling",
    "acknowledges",
    "opt_out",
}
"""Every signal that a rule may fire or a question may assert."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign, with the words that showed it and the rule that fired."""

    name: str
    words: str
    rule: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one utterance meant."""

    answer: Answer
    signals: tuple[Signal, ...] = ()
    risk: float = 0.0
    """0 to 1."""
    escalate: bool = False
