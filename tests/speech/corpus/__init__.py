"""Replies as people speak them on the phone, labelled by hand: what judges the assessment of replies.

A file per language and scam type, ``<language>/<scam type>.yaml``; in it families of wordings, a reply a line:

```yaml
scam_type: 冒充公检法
families:
  - name: police-reported-send
    split: heldout
    speaker: elderly          # left out: anyone
    replies:
      - {id: police-reported-send-1, text: "他让我转账，我没理他", asks: null, answer: null,
         signals: [contacted, refused_fraudster], escalate: false}
```

What the labels mean, and the borderline decisions, are in docs/labelling.md. The people and the amounts are invented.
`split_of` is the rule by which a family belongs to development or to the held-out part; its outcome is written beside
the name, so that a reader sees it and nobody can move a family unnoticed. Rules are written and tuned on ``dev`` alone.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from speech.assessment import Answer
from speech.modelling.understanding.labelled import Labelled

FOLDER = Path(__file__).parent
LANGUAGES = ("zh-CN", "en")
SPLITS = ("dev", "heldout")
SALT = {"zh-CN": 91, "en": 4561}
"""The first numbers from 0 that leave at least a quarter of every signal's replies on either side of the split. Found
without a look at any rule, nor at what a rule makes of a reply."""
SPEAKERS = ("adult", "elderly", "office", "student")


@dataclass(frozen=True, slots=True)
class Reply(Labelled):
    """A reply to judge by."""

    id: str
    scam_type: str
    split: str
    speaker: str | None
    recogniser: bool
    """Spelled as a recogniser mishears it."""
    note: str
    """Why, where the label is a judgement call."""


def split_of(language: str, family: str) -> str:
    """``heldout`` for about two families in five, by the hash of language and name; else ``dev``."""
    digest = hashlib.sha256(f"{SALT[language]}/{language}/{family}".encode()).digest()
    return "heldout" if int.from_bytes(digest[:4], "big") % 5 < 2 else "dev"


def normalised(text: str) -> str:
    """Letters and digits alone, in lower case: what two spellings of one reply share."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


@cache
def corpus(language: str, split: str | None = None) -> tuple[Reply, ...]:
    """The replies of a language, in the order of the files; of one split if it is named."""
    if split is not None:
        return tuple(reply for reply in corpus(language) if reply.split == split)
    return tuple(
        _reply(entry, family, written["scam_type"])
        for written in (_read(path) for path in sorted((FOLDER / language).glob("*.yaml")))
        for family in written["families"]
        for entry in family["replies"]
    )


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def _reply(entry: dict[str, Any], family: dict[str, Any], scam_type: str) -> Reply:
    known = {"id", "text", "asks", "answer", "signals", "may", "escalate", "near_domain", "recogniser", "note"}
    if unknown := (entry.keys() - known) | (family.keys() - {"name", "split", "speaker", "replies"}):
        raise ValueError(f"{entry['id']}: unknown key {', '.join(sorted(unknown))}")
    return Reply(
        id=entry["id"],
        text=entry["text"],
        asks=entry["asks"],
        answer=None if entry["answer"] is None else Answer(entry["answer"]),
        signals=frozenset(entry["signals"]),
        may=frozenset(entry.get("may", ())),
        escalate=entry["escalate"],
        scam_type=scam_type,
        family=family["name"],
        split=family["split"],
        speaker=family.get("speaker"),
        near_domain=entry.get("near_domain", False),
        recogniser=entry.get("recogniser", False),
        note=entry.get("note", ""),
    )
