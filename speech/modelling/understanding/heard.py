"""What the recogniser made of some replies: ``heard/<language>.tsv``, written by `hearing`.

A reply a line: the `key` of its text, a tab, what was heard.
Only Mandarin has such a file; docs/assessment.md says why.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "heard"


def key(text: str) -> str:
    """A reply's text, short."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def heard(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """What was heard, by `key`."""
    path = folder / f"{language}.tsv"
    if not path.exists():
        return {}
    return dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
