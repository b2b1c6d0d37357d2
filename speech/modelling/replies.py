"""``python -m speech.modelling.replies LANGUAGE FILE ...``: let a model hear what people answer.

Reads the replies that the understanding is trained on (the first tab-separated field of each line; ``#`` begins a
comment) and writes ``<language>/replies.txt``: each reply that can be said with the vocabulary, as words. Words that
come often and are not in the vocabulary are added to ``words.txt`` below their own heading. Mandarin is cut into words
by jieba, of the group ``model``; what this writes is committed, so building a graph needs none of it.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from speech.modelling.build import DATA
from speech.modelling.contractions import WORDS
from speech.modelling.errors import ModellingError
from speech.modelling.lexicon import read_words

OFTEN = {"zh": 3, "en": 3}
"""How often a word must come to be added."""
HEADING = "# --- what people answer, added by speech.modelling.replies"

_SAME_SOUND = str.maketrans("她它妳", "他他你")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_WRITTEN = re.compile(r"[A-Za-z0-9０-９Ａ-Ｚａ-ｚ%$¥￥]")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_FIGURES = re.compile(r"[0-9$£€%@]")

_APOSTROPHE = {
    short: word
    for word in WORDS
    if (short := word.replace("'", "")) not in {"were", "well", "ill", "id", "hell", "shell"}
}
"""Contractions as people type them, where that is no other word."""

Cut = Callable[[str], Sequence[str]]


def fewest(text: str, known: Container[str], longest: int = 8) -> list[str] | None:
    """Text as the fewest known words, ``None`` if it is not made of them."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(text) + 1):
        ways = [
            [*before, text[start:end]]
            for start in range(max(0, end - longest), end)
            if (before := best[start]) is not None and text[start:end] in known
        ]
        best.append(min(ways, key=len) if ways else None)
    return best[-1]


def mandarin_words(text: str, known: Container[str], cut: Cut) -> list[list[str]]:
    """The clauses of a reply as words; a word that is not known is cut into known ones where it can be."""
    if _WRITTEN.search(text):
        return []
    clauses = [_HAN.findall(text.translate(_SAME_SOUND))]
    return [
        [piece for word in cut(clause) for piece in ([word] if word in known else fewest(word, known) or [word])]
        for found in clauses
        for clause in found
    ]


def english_words(text: str) -> list[list[str]]:
    """The clauses of a reply as words."""
    if _FIGURES.search(text):
        return []
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return [
        [_APOSTROPHE.get(word, word) for word in words]
        for clause in re.split(r"[^a-z' ]+", plain)
        if (words := _WORD.findall(clause))
    ]


def read(paths: Iterable[Path]) -> Iterator[str]:
    """The texts of training replies; raises `ModellingError` for a file that cannot be read."""
    for path in paths:
        try:
            lines = path.read_text("utf-8").splitlines()
        except OSError as error:
            raise ModellingError(f"cannot read {path}: {error.strerror}") from error
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield line.partition("\t")[0]


def new_words(replies: Iterable[Sequence[Sequence[str]]], known: Mapping[str, str], often: int) -> list[str]:
    """Words that come often enough and are not known, the most frequent first."""
    counted = Counter(word for reply in replies for clause in reply for word in clause if word not in known)
    return [word for word, times in counted.most_common() if times >= often and (len(word) > 1 or not word.isascii())]


def main(arguments: list[str] | None = None) -> int:
    """Write the files; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m speech.modelling.replies")
    parser.add_argument("language", choices=sorted(OFTEN))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        texts = list(dict.fromkeys(read(given.files)))
        added, kept = extend(DATA / given.language, given.language, texts)
    except ModellingError as error:
        sys.stderr.write(f"{given.language}: {error}\n")
        return 1
    sys.stdout.write(f"{given.language}: {len(texts)} replies, {kept} clauses kept, {added} words added\n")
    return 0


def extend(folder: Path, language: str, texts: Sequence[str]) -> tuple[int, int]:
    """Write ``words.txt`` and ``replies.txt`` anew; returns how many words were added and how many clauses kept."""
    path = folder / "words.txt"
    head = path.read_text("utf-8").partition(HEADING)[0].rstrip() + "\n"
    path.write_text(head, "utf-8")
    known = read_words(path)
    replies = list(_words(texts, language, known))
    added = new_words(replies, known, OFTEN[language])
    if added:
        path.write_text(f"{head}\n{HEADING}\n" + "".join(f"{word}\n" for word in added), "utf-8")
    sayable = {*known, *added}
    kept = sorted(" ".join(clause) for reply in replies for clause in reply if all(word in sayable for word in clause))
    note = "# Clauses of the replies that the understanding is trained on; written by speech.modelling.replies.\n"
    (folder / "replies.txt").write_text(note + "".join(f"{clause}\n" for clause in kept), "utf-8")
    return len(added), len(kept)


def _words(texts: Iterable[str], language: str, known: Container[str]) -> Iterator[list[list[str]]]:
    if language == "en":
        return map(english_words, texts)
    cut = _jieba()
    return (mandarin_words(text, known, cut) for text in texts)


def _jieba() -> Cut:
    try:
        jieba: Any = importlib.import_module("jieba")
    except ImportError as error:
        raise ModellingError("jieba is not installed; run it with .venv-model/bin/python") from error
    jieba.setLogLevel("ERROR")
    return lambda text: list(jieba.cut(text, HMM=False))


if __name__ == "__main__":
    sys.exit(main())
