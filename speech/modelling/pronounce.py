"""``python -m speech.modelling.pronounce``: write ``en/pronunciations.txt`` anew, by asking espeak-ng.

The English acoustic model was made from espeak-ng's speech, so its phones say best how a word sounds to it. Each word
is asked for alone and in drawn sentences (a word weakens among others: "to" becomes "t @"). Needs espeak-ng; the
result is committed.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from speech.modelling.build import DATA, RECIPES
from speech.modelling.contractions import as_spoken
from speech.modelling.corpus import Corpus
from speech.modelling.lexicon import Phones, read_words
from speech.modelling.phones import PhoneSet

_SHARE = 0.04
"""A way to say a word is kept if at least this part of its occurrences had it."""

_ALSO = {
    "the": "D I j",
    "for": "f 3:",
    "was": "w V z",
    "to": "t U",
}
"""Weak forms that espeak-ng does not write for a lone word."""

_LINKED_R = ("3:", "A@", "e@", "U@", "i@")
"""Word endings that sound an r before a vowel."""

_SENTENCES_AT_ONCE = 200


def spoken(lines: Iterable[str], known: PhoneSet) -> Iterator[tuple[str, list[Phones]]]:
    """The phones of each word of each line, as espeak-ng says them; lines in which it merges words are left out."""
    batch = list(lines)
    for start in range(0, len(batch), _SENTENCES_AT_ONCE):
        part = batch[start : start + _SENTENCES_AT_ONCE]
        text = "\n".join(f"{line}.\n" for line in part)
        command = ["espeak-ng", "-v", "en-us", "-q", "-x", "--sep=_", "--stdin"]
        output = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
        answers = [line.split() for line in output.splitlines() if line.strip()]
        if len(answers) != len(part):
            continue
        for line, words in zip(part, answers, strict=True):
            if len(words) == len(line.split()):
                yield line, [_phones(word, known) for word in words]


def linked(ways: set[Phones]) -> set[Phones]:
    """Ways to say a word, and how they end before a vowel."""
    before_vowel = {(*way, "r") for way in ways if way[-1] in _LINKED_R}
    before_vowel |= {(*way, "j") for way in ways if way[-1] == "i:" and len(way) > 1}
    return ways | before_vowel


def _phones(word: str, known: PhoneSet) -> Phones:
    marked = word.replace("'", "").replace(",", "").replace("%", "").split("_")
    return tuple(known.base(phone) or phone for phone in marked if phone and phone not in {"|", ":", "||"})


def main(folder: Path = DATA / "en") -> int:
    """Write the file; returns the exit status."""
    known = PhoneSet.load(folder / "phones.txt")
    counts: defaultdict[str, Counter[Phones]] = defaultdict(Counter)
    drawn = [
        " ".join(sentence)
        for name, times in (("sentences.txt", 20), ("announcements.txt", 10))
        for sentence in as_spoken(Corpus(folder / name).draw(times, RECIPES["en"].seed))
        if sentence
    ]
    for line, phones in spoken(drawn, known):
        for word, sounds in zip(line.split(), phones, strict=True):
            counts[word][sounds] += 1
    ways: list[str] = []
    for word in read_words(folder / "words.txt"):
        alone = {sounds for _, phones in spoken([word], known) for sounds in phones}
        often = {sounds for sounds, n in counts[word].items() if n >= _SHARE * counts[word].total()}
        also = {tuple(_ALSO[word].split())} if word in _ALSO else set()
        for sounds in sorted(linked(alone | often | also)):
            if set(sounds) <= set(known.states):
                ways.append(f"{word} {' '.join(sounds)}\n")
            else:
                sys.stderr.write(f"{word}: left out {' '.join(sounds)}: not all phones of the model\n")
    head = "# Phones of each word, a line for each way to say it; written by speech.modelling.pronounce.\n"
    (folder / "pronunciations.txt").write_text(head + "".join(ways), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
