"""Learning a judgement whole, counted words and network, from replies and what a teacher makes of variations."""

from __future__ import annotations

from collections.abc import Sequence

from speech.judgement import Vector, together
from speech.modelling.understanding import encoder
from speech.modelling.understanding.counted import ROUNDS, ROUNDS_BUNDLED, Weights, averaged
from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.measures import of
from speech.modelling.understanding.network import LearntNetwork, learn_network
from speech.modelling.understanding.settings import Settings
from speech.modelling.understanding.teacher import taught
from speech.modelling.understanding.varied import varied


def variations(language: str, examples: Sequence[Example], settings: Settings) -> list[Example]:
    """Variations of replies, where there is an encoder that knows the language to say what they mean; else none."""
    return varied(examples, encoder.words(), language, settings.seed) if language == encoder.LANGUAGE else []


def bundled(
    examples: Sequence[Example], variations: Sequence[Example], settings: Settings
) -> tuple[Weights, LearntNetwork]:
    """What learnt from every reply."""
    return _learnt(examples, variations, settings, ROUNDS_BUNDLED)


def unseen(
    examples: Sequence[Example], variations: Sequence[Example], settings: Settings, part: Sequence[str]
) -> Vector:
    """Logits for the examples of some writers, of what learnt nothing of those."""
    known, known_variations = (
        [each for each in some if each.reply.writer not in part] for some in (examples, variations)
    )
    weights, network = _learnt(known, known_variations, settings, ROUNDS)
    judged = of(part, examples)
    return together(weights.logits(judged), network.logits(judged))


def _learnt(
    examples: Sequence[Example], variations: Sequence[Example], settings: Settings, rounds: int
) -> tuple[Weights, LearntNetwork]:
    told = taught(examples, variations, settings) if variations else []
    words = encoder.words() if variations else None
    return averaged(examples, settings, told, rounds), learn_network(examples, settings, told, words)
