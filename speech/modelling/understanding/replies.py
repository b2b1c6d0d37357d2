"""The labelled replies that the judgement learns from.

A file per writer, ``replies/<language>/<writer>.tsv``; in it families of wordings, a reply a line. docs/labelling.md
says what the labels mean. The people and the amounts are invented.

```
## name-of-the-family
text<TAB>asks<TAB>answer<TAB>signals[<TAB>marks]
```

``asks`` is the signal that a yes to the question asserts, or ``-`` if none was asked; ``answer`` yes, no, unclear,
none, or ``-`` exactly if nothing was asked. ``signals`` are separated by spaces, ``-`` if there are none, ``?`` before
one that may be heard or not. Marks: ``near`` for a harmless matter in the words of fraud; ``human`` and ``no-human``
where whether a human takes the call does not follow from the signals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.assessment import CRITICAL, SIGNALS, Answer
from speech.modelling.understanding.labelled import Labelled

FOLDER = Path(__file__).parent / "replies"
MARKS = frozenset({"near", "human", "no-human"})


class RepliesError(ValueError):
    """A file of replies is not as it must be; the message says file, line and reason."""


@dataclass(frozen=True, slots=True)
class Reply(Labelled):
    """A reply to learn from."""

    writer: str


def replies(language: str, folder: Path = FOLDER) -> list[Reply]:
    """All replies of a language; raises `RepliesError`."""
    return [reply for path in sorted((folder / language).glob("*.tsv")) for reply in _read(path)]


def _read(path: Path) -> Iterator[Reply]:
    family = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            family = line.removeprefix("## ").strip()
        elif line.strip() and not line.startswith("#"):
            try:
                yield _reply(line, family, path.stem)
            except ValueError as error:
                raise RepliesError(f"{path}:{number}: {error}") from error


def _reply(line: str, family: str, writer: str) -> Reply:
    parts = line.split("\t")
    if len(parts) not in {4, 5} or not family:
        raise ValueError("a reply stands under a family and has four or five fields, separated by tabs")
    text, asks, answer, listed = parts[:4]
    marks = set(parts[4].split()) if len(parts) == 5 else set()
    names = [] if listed == "-" else listed.split()
    signals = frozenset(name for name in names if name[0] != "?")
    may = frozenset(name[1:] for name in names if name[0] == "?")
    if unknown := (signals | may | ({asks} - {"-"})) - SIGNALS:
        raise ValueError(f"there is no signal {', '.join(sorted(unknown))}")
    if strange := marks - MARKS:
        raise ValueError(f"there is no mark {', '.join(sorted(strange))}")
    if (asks == "-") != (answer == "-"):
        raise ValueError("an answer is given exactly if something was asked")
    return Reply(
        text=text,
        asks=None if asks == "-" else asks,
        answer=None if answer == "-" else Answer(answer),
        signals=signals,
        may=may,
        escalate=("human" in marks or bool(signals & CRITICAL)) and "no-human" not in marks,
        near_domain="near" in marks,
        family=f"{writer}/{family}",
        writer=writer,
    )
