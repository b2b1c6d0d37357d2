"""Whether whoever is heard on a call follows it: told from turn after turn that meant nothing.

Silence is silence, and a machine says what it is. What is left over is not understood: another language or a dialect,
people in the room who talk to each other, a television, music, noise. Of none of them a word is certain, but together
they differ from somebody who answers badly: the recogniser is unsure of nearly every word, or hears a voice and no word
that it knows, or one turn after the other answers nothing. docs/odd-listeners.md has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from speech.assessment import Answer, Assessment
from speech.heard import Utterance
from speech.judgement import MODEL_RULE


class Lost(StrEnum):
    """Why nobody seems to follow."""

    NO_KNOWN_WORDS = "what was said is no language of the script, or noise"
    BESIDE = "what was said answers nothing"


@dataclass(frozen=True, slots=True)
class FollowingSettings:
    """From where on nobody follows."""

    turns: int = 2
    """Turns in a row that meant nothing, before their words are judged."""
    voice_s: float = 2.0
    """Voice in them."""
    words: int = 6
    """Words from which their mean confidence is judged."""
    unsure: float = 0.64
    """Mean confidence of words below which they were not said."""
    sure: float = 0.6
    """Mean confidence of words that are believed when they say that somebody has understood."""
    words_a_second: float = 0.8
    """Somebody who speaks the language says more; more goes by in a voice of which no word is known."""
    beside: int = 4
    """Turns in a row, whose words are sure enough, that answered nothing."""


class Following:
    """Follows the turns of one call."""

    def __init__(self, settings: FollowingSettings | None = None) -> None:
        self._settings = settings or FollowingSettings()
        self.anybody = False
        """Whether a word has been recognised on this call."""
        self._turns = self._words = 0
        self._voice_s = self._sureness = 0.0

    def turn(self, utterance: Utterance, assessment: Assessment) -> None:
        """Take in a finished turn."""
        text = utterance.text.strip()
        self.anybody = self.anybody or bool(text)
        sure = sureness(utterance)
        if text and _means_something(assessment) and sure >= self._settings.unsure:
            self._turns = self._words = 0
            self._voice_s = self._sureness = 0.0
            return
        words = len(utterance.words) or len(text.split())
        self._turns += 1
        self._words += words
        self._sureness += sure * words
        self._voice_s += utterance.end_s - utterance.start_s

    def understands(self, utterance: Utterance, assessment: Assessment) -> bool:
        """Whether a turn says that its speaker has understood; a guess at it would end a case for nothing."""
        said = any(signal.name == "acknowledges" and signal.rule != MODEL_RULE for signal in assessment.signals)
        return said and sureness(utterance) >= self._settings.sure and not self.astray

    @property
    def astray(self) -> bool:
        """Whether the last turns meant nothing: what is said then is not said to the robot."""
        return self._turns >= self._settings.turns

    @property
    def lost(self) -> Lost | None:
        """Why nobody seems to follow; ``None`` while somebody may."""
        its = self._settings
        if self._turns >= its.turns and self._voice_s >= its.voice_s:
            if self._words < its.words_a_second * self._voice_s:
                return Lost.NO_KNOWN_WORDS
            if self._words >= its.words and self._sureness < its.unsure * self._words:
                return Lost.NO_KNOWN_WORDS
        return Lost.BESIDE if self._turns >= its.beside else None


def _means_something(assessment: Assessment) -> bool:
    """Whether a turn answers, or is a sign of anything; that it is taken for "I see" by no rule says little."""
    guesses = [each for each in assessment.signals if each.name == "acknowledges" and each.rule == MODEL_RULE]
    answers = assessment.answer in (Answer.YES, Answer.NO) and not guesses
    return answers or len(assessment.signals) > len(guesses)


def sureness(utterance: Utterance) -> float:
    """Mean confidence of a turn's words, 0 to 1; 1 where the recogniser gave none."""
    words = utterance.words
    return sum(word.confidence for word in words) / len(words) if words else 1.0
