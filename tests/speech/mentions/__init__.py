"""Replies and what they name, labelled by hand: what judges `speech.mentions`.

The labels were written before the rules. Every third reply of a language is held out: whoever works on the rules sees
figures of it, not the replies that are read wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.mentions import MentionKind, Owner

FOLDER = Path(__file__).parent
LANGUAGES = ("zh-CN", "en")
HELD_OUT_EVERY = 3

_OWNERS = {"s": Owner.SUBJECT, "f": Owner.FRAUDSTER, None: Owner.UNKNOWN}
_LABEL = re.compile(r"(?P<kind>[a-z]+) (?P<value>.+?)(?:!(?P<owner>[sf]))?")

Named = tuple[MentionKind, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reply."""

    text: str
    region: str
    names: tuple[Named, ...]
    owners: tuple[tuple[Named, Owner], ...]
    held_out: bool


def labelled(language: str) -> list[Labelled]:
    """All replies of a language."""
    lines = (FOLDER / f"{language}.txt").read_text("utf-8").splitlines()
    return [_read(line, number) for number, line in enumerate(_said(lines), start=1)]


def _said(lines: list[str]) -> Iterator[str]:
    return (line for line in lines if line and not line.startswith("#"))


def _read(line: str, number: int) -> Labelled:
    text, _, labels = line.partition("|")
    labels, _, region = labels.partition("@")
    found = [_LABEL.fullmatch(label.strip()) for label in labels.split(";") if label.strip()]
    assert all(found), line
    owners = tuple(
        ((MentionKind(label["kind"]), label["value"]), _OWNERS[label["owner"]]) for label in found if label is not None
    )
    names = tuple(name for name, _ in owners)
    return Labelled(text.strip(), region.strip() or "CN", names, owners, number % HELD_OUT_EVERY == 0)
