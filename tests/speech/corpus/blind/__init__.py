"""Replies by a writer of their own, whom no rule and no judgement learnt from: a second set that nobody tunes on.

They were labelled from docs/labelling.md and read through once more by the same writer. The files are those of
`speech.modelling.understanding.replies`. Whoever works on rules or training replies does not read them; only figures
are shown (``python -m benchmarks.assessment``).
"""

from __future__ import annotations

from pathlib import Path

from speech.modelling.understanding.replies import Reply, replies

FOLDER = Path(__file__).parent


def blind(language: str) -> list[Reply]:
    """The blind replies of a language."""
    return replies(language, FOLDER)
