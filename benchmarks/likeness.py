"""Trains the classifier beside the Mandarin rules: ``python -m benchmarks.likeness``.

Replies of the development part, of tests/speech/replies/zh-CN.txt and of ``likeness-zh-CN.txt`` are used; held-out and
unseen ones never.
The threshold is the lowest from which `PRECISION` of the alarms on families that a fold did not see were right.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.lexicon import FOLDER, lexicon
from speech.likeness import features
from speech.reply import prepare
from tests.speech.corpus import corpus
from tests.speech.replies import labelled

LANGUAGE = "zh-CN"
FOLDS = 10
PRECISION = 0.85
STRENGTH = 1.0
"""Inverse of the penalty on the weights."""
LEAST_WEIGHT = 0.01
"""Smaller weights are left out of the file."""

Vector = NDArray[np.float64]


def replies() -> list[tuple[str, str | None, bool, int]]:
    """Text, question, whether it escalates, and the fold; -1 if it is for training alone."""
    found = [
        (reply.text, reply.asks, reply.escalate, zlib.crc32(reply.family.encode()) % FOLDS)
        for reply in corpus(LANGUAGE, split="dev")
        if reply.escalation_scored and reply.text
    ]
    found += [(reply.text, reply.asks, reply.escalates, -1) for reply in labelled(LANGUAGE) if reply.text]
    lines = (Path(__file__).parent / f"likeness-{LANGUAGE}.txt").read_text(encoding="utf-8").splitlines()
    return found + [(line[2:], None, line[0] == "+", -1) for line in lines if line[:2] in {"+ ", "- "}]


def fitted(inputs: Vector, wanted: Vector) -> Vector:
    """Weights of a penalised logistic regression, by Newton's method over the replies' products."""
    kernel = inputs @ inputs.T
    alpha: Vector = np.zeros(len(wanted))
    for _ in range(25):
        score = np.clip(kernel @ alpha, -15, 15)
        chance = 1 / (1 + np.exp(-score))
        slope = chance * (1 - chance)
        step = np.linalg.solve(kernel + np.diag(1 / (STRENGTH * slope)), score + (wanted - chance) / slope)
        alpha = np.asarray(step, dtype=np.float64)
    return np.asarray(inputs.T @ alpha)


def main() -> None:
    """Train, and write the file beside the lexicon."""
    rules = lexicon(LANGUAGE)
    found = replies()
    looks = [features(prepare(text, rules.grammar), rules, asks) | {"bias": 1.0} for text, asks, _, _ in found]
    names = sorted({name for look in looks for name in look})
    place = {name: index for index, name in enumerate(names)}
    inputs = np.zeros((len(found), len(names)))
    for row, look in enumerate(looks):
        for name, value in look.items():
            inputs[row, place[name]] = value
    wanted = np.array([float(reply[2]) for reply in found])
    fold = np.array([reply[3] for reply in found])
    unseen = np.full(len(found), np.nan)
    for number in range(FOLDS):
        unseen[fold == number] = inputs[fold == number] @ fitted(inputs[fold != number], wanted[fold != number])
    tested = fold >= 0
    order = np.argsort(-unseen[tested])
    right = np.cumsum(wanted[tested][order]) / np.arange(1, tested.sum() + 1)
    last = int(np.flatnonzero(right >= PRECISION)[-1])
    threshold = float(unseen[tested][order][last])
    weights = fitted(inputs, wanted)
    kept = {n: round(float(w), 3) for n, w in zip(names, weights, strict=True) if abs(w) >= LEAST_WEIGHT}
    bias = kept.pop("bias", 0.0)
    path = FOLDER / f"{LANGUAGE}.likeness.json"
    data = {"threshold": round(threshold, 3), "bias": bias, "weights": kept}
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    recall = wanted[tested][order][: last + 1].sum() / wanted[tested].sum()
    print(f"{len(found)} replies, {len(kept)} weights, {path.stat().st_size // 1024} KB")
    print(f"families not seen: precision {right[last]:.3f}, recall {recall:.3f} from {threshold:.2f}")


if __name__ == "__main__":
    main()
