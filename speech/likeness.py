"""A small classifier beside the rules: how much a whole reply sounds like those that a human should take.

A logistic regression over single characters and pairs of them, alone and together with the question, and over what the
lexicon calls everyday, fraudulent and denied. Trained by ``python -m benchmarks.likeness`` on replies that are not held
out; a language without a ``<language>.likeness.json`` beside its lexicon does without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from speech.lexicon import FOLDER, Lexicon, LexiconError
from speech.reply import Reply

_NUMBER = re.compile("[0-9零一二两三四五六七八九十百千万亿几]+")
_NAMED = 3
"""How many features a reason names."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A trained classifier."""

    threshold: float
    """Log-odds from which a reply escalates."""
    bias: float
    weights: Mapping[str, float]

    def reason(self, reply: Reply, rules: Lexicon, asks: str | None) -> str | None:
        """The weightiest characters that speak for a human, or ``None`` if the reply is not alike enough."""
        found = features(reply, rules, asks)
        shares = {name: self.weights[name] * value for name, value in found.items() if name in self.weights}
        if self.bias + sum(shares.values()) < self.threshold:
            return None
        spoken = sorted((name for name in shares if name.startswith("g:")), key=lambda name: -shares[name])
        return "model:" + "+".join(name[2:] for name in spoken[:_NAMED])


def features(reply: Reply, rules: Lexicon, asks: str | None) -> dict[str, float]:
    """What the classifier looks at, and how strongly each counts."""
    text = "^" + _NUMBER.sub("〇", reply.text) + "$"
    marked = "^" + _NUMBER.sub("〇", reply.scan) + "$"
    question = asks or "-"
    found = {f"asks:{question}": 0.5}
    for length in (1, 2):
        for at in range(len(text) - length + 1):
            gram = text[at : at + length] + ("!" if marked[at : at + length] != text[at : at + length] else "")
            found[f"g:{gram}"] = found[f"{question}|{gram}"] = 0.5
    money = rules.signals["money_sent"]
    for name, pattern in (("everyday", money.unless), ("fraud", money.despite), ("denied", money.denied_by)):
        if pattern is not None and pattern.search(reply.scan):
            found[f"is:{name}"] = found[f"is:{name}|{question}"] = 1.0
    found["negations"] = float(min(len(reply.negators), 2))
    found["length"] = min(len(reply.text), 40) / 20
    return found


def likeness(language: str, folder: Path = FOLDER) -> Likeness | None:
    """The classifier of a lexicon's language, if it has one; raises `speech.lexicon.LexiconError` if it is damaged."""
    path = folder / f"{language}.likeness.json"
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Likeness(
            float(data["threshold"]), float(data["bias"]), {k: float(v) for k, v in data["weights"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LexiconError(f"{path}: is damaged ({error}); train it anew: python -m benchmarks.likeness") from error
