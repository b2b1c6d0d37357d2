"""What an ear reports of one side of a call. Times are seconds since the first frame it was fed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    text: str
    start_s: float
    end_s: float
    confidence: float
    """0 to 1, as the recogniser gives it."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began."""

    at_s: float


@dataclass(frozen=True, slots=True)
class BrokeIn:
    """Somebody began to speak while the robot speaks: no cough, no noise, no echo, no 嗯. Once a prompt at most."""

    at_s: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ceased; a turn has not ended yet."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Partial:
    """What has been recognised of a turn so far; later ones may revise it."""

    text: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """A finished turn. ``text`` may be empty: there was sound, but no words."""

    text: str
    start_s: float
    end_s: float
    """End of the speech itself, not of the silence that showed it."""
    words: tuple[Word, ...] = ()


Heard = SpeechStarted | BrokeIn | SpeechStopped | Partial | Utterance
