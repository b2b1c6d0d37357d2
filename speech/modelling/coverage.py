"""``python -m speech.modelling.coverage [--add]``: what the lexicons listen for and the bundled models cannot hear.

Recognition and understanding drift apart when a rule waits for a word that is not in the vocabulary: it would never
come. Every stretch of literal text that a pattern can match must be made of words from ``<language>/words.txt``; it may
begin or end inside one, as ``转`` does in ``转账``. Guards that only tell look-alikes apart are not asked for, nor are
figures, punctuation, Latin letters in Mandarin, characters that the lexicon itself replaces before it looks, and what
``<language>/leftout.txt`` gives up.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from speech.lexicon import FOLDER
from speech.modelling.build import DATA
from speech.modelling.lexicon import read_words, syllables
from speech.patterns import tokens

_LISTS = (
    "apart", "before", "negators", "negators_whole", "scope_ends", "hypothetical", "long_ago", "lately", "somebody",
    "relatives", "receiving", "doer_ends",
)  # fmt: skip
_NUMBERS = {
    "zh": ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "两", "百", "千", "万"],
    "en": ["one", "two", "three", "ten", "hundred", "thousand"],
}
"""Numbers come without end; these stand for them."""
_AMOUNTS = {"zh": ["一 万 块"], "en": ["one hundred dollars"]}

_HEADING = "# --- what the rules listen for besides, added by speech.modelling.coverage --add"

State = frozenset[str]
"""What may still be missing of the word that is being said, for every way to have come here; empty between words."""


@dataclass(frozen=True)
class Unsayable:
    """A stretch of text that no row of words contains."""

    text: str
    """Up to the point where it cannot go on, at least."""
    pattern: str
    where: str


@dataclass
class Speech:
    """What can be said with a vocabulary.

    Args:
        words: the vocabulary.
        spaced: whether words are parted by spaces.
    """

    words: Iterable[str]
    spaced: bool
    _by_first: dict[str, set[str]] = field(init=False, default_factory=dict)
    _known: dict[tuple[State, str], State] = field(init=False, default_factory=dict)
    anywhere: State = field(init=False)
    """Before or inside any word."""

    def __post_init__(self) -> None:
        whole = [f"{word} " if self.spaced else word for word in self.words]
        for word in whole:
            self._by_first.setdefault(word[0], set()).add(word[1:])
        inside = set() if self.spaced else {word[at:] for word in whole for at in range(1, len(word))}
        self.anywhere = frozenset({"", *inside})

    def after(self, state: State, text: str) -> State:
        """Where one can be when a text follows; empty if it cannot."""
        for char in text:
            key = (state, char)
            if key not in self._known:
                begun = self._by_first.get(char, set()) if "" in state else set()
                self._known[key] = frozenset({*begun, *(rest[1:] for rest in state if rest[:1] == char)})
            state = self._known[key]
        return state


@dataclass(frozen=True)
class _Ground:
    """A lexicon and the vocabulary that it is held against."""

    lexicon: Mapping[str, Any]
    language: str
    words: list[str]
    left_out: Container[str]
    terms: Mapping[str, list[str]]

    @classmethod
    def of(cls, lexicon: Path, data: Path) -> _Ground:
        read = YAML(typ="safe").load(lexicon.read_text("utf-8-sig"))
        language = str(read["language"]).partition("-")[0]
        terms = {name: node["words"] if isinstance(node, dict) else node for name, node in read["terms"].items()}
        terms |= {"number": _NUMBERS[language], "amount": _AMOUNTS[language]}
        words = [
            word.translate(str.maketrans(read.get("variants", {})))
            for word in read_words(data / language / "words.txt")
        ]
        return cls(read, language, words, set(read_words(data / language / "leftout.txt")), terms)

    @property
    def spaced(self) -> bool:
        return self.language != "zh"

    def speech(self, more: Iterable[str] = ()) -> Speech:
        """What can be said with the vocabulary, and with more words."""
        return Speech([*self.words, *more], self.spaced)

    def expects(self, token: str) -> bool:
        """Whether a piece of a pattern is text that the model ought to hear."""
        if not token.isalpha() or token in self.left_out or set(token) & set(self.lexicon.get("variants", {})):
            return False
        return self.spaced or not re.search("[a-z]", token) or token in self.words

    def with_terms(self, pattern: str) -> Iterator[str]:
        """A pattern and all that the terms named in it stand for."""
        yield pattern
        for name in re.findall(r"\{(\w+)\}", pattern):
            for word in self.terms[name]:
                yield from self.with_terms(word)


Reached = dict[State, str]
"""Each state with a text that leads to it since the last gap."""


class _Walker:
    """Says everything that a pattern can match."""

    def __init__(self, ground: _Ground, speech: Speech, complain: Callable[[str], None]) -> None:
        self._ground = ground
        self._speech = speech
        self._complain = complain

    def pattern(self, text: str) -> None:
        """Complain of each way that cannot be said."""
        self._words(text, {self._speech.anywhere: ""})

    def _words(self, text: str, reached: Reached) -> Reached:
        return self._choices(tokens(text)[::-1], reached)

    def _choices(self, left: list[str], reached: Reached) -> Reached:
        found: Reached = {}
        while True:
            now = reached
            while left and left[-1] not in {"|", ")"}:
                now = self._piece(left, now)
            found |= now
            if not left or left[-1] == ")":
                return found
            left.pop()

    def _piece(self, left: list[str], reached: Reached) -> Reached:
        token = left.pop()
        if token == "(":  # noqa: S105
            found = self._choices(left, reached)
            left.pop()
            if left and left[-1] == "?":
                left.pop()
                found = reached | found
            return found
        if token.startswith("{"):
            found = {}
            for word in self._ground.terms[token[1:-1]]:
                found |= self._words(word, reached)
            return found
        if token[0] in "…^$":
            return {self._speech.anywhere: ""}
        return self._literal(token, reached)

    def _literal(self, token: str, reached: Reached) -> Reached:
        spaced = self._speech.spaced
        if not token.strip():
            return reached
        if not self._ground.expects(token):
            return {self._speech.anywhere: ""}
        found: Reached = {}
        for state, said in reached.items():
            reading = f"{said}{token}{' ' if spaced else ''}"
            if after := self._speech.after(state, f"{token} " if spaced else token):
                found[after] = reading
            else:
                self._complain(reading.strip())
        return found or {self._speech.anywhere: ""}


def unsayable(lexicon: Path, data: Path = DATA) -> list[Unsayable]:
    """All that a lexicon listens for and its language's vocabulary cannot say, each text once."""
    ground = _Ground.of(lexicon, data)
    speech = ground.speech()
    found: dict[str, Unsayable] = {}
    for where, pattern in patterns(ground.lexicon):

        def complain(text: str, pattern: str = pattern, where: str = where) -> None:
            found.setdefault(text, Unsayable(text, pattern, where))

        _Walker(ground, speech, complain).pattern(pattern)
    return list(found.values())


def patterns(lexicon: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every pattern of a lexicon that can match, and where it stands."""
    for name, node in lexicon["terms"].items():
        yield from _listed(f"terms: {name}", node["words"] if isinstance(node, dict) else node)
    for name in _LISTS:
        yield from _listed(name, lexicon[name])
    for name in ("answers", "after_lead"):
        for key, node in lexicon[name].items():
            if key != "agreement":
                yield from _listed(f"{name}: {key}", node)
    for signal, node in lexicon["signals"].items():
        for key in ("own", "unless", "despite", "denied_by"):
            yield from _listed(f"{signal}: {key}", node.get(key, []))
        for rule in node["rules"]:
            for key in ("says", "unless"):
                yield from _listed(f"{signal}: {rule['name']}", rule.get(key, []))


def _listed(where: str, node: Any) -> Iterator[tuple[str, str]]:
    for pattern in [node] if isinstance(node, str) else node:
        yield where, str(pattern)


def lacking(lexicon: Path, data: Path = DATA) -> list[str]:
    """Words of a lexicon that make all of it sayable once they are in the vocabulary; short ones come first."""
    ground = _Ground.of(lexicon, data)
    literal = {
        token
        for one in unsayable(lexicon, data)
        for pattern in ground.with_terms(one.pattern)
        for token in tokens(pattern)
        if ground.expects(token)
    }
    found: list[str] = []
    speech = ground.speech()
    for token in sorted(literal, key=lambda token: (len(token), token)):
        if "" not in speech.after(frozenset({""}), f"{token} " if ground.spaced else token):
            found.append(token)
            speech = ground.speech(found)
    return found


def add(lexicon: Path, data: Path = DATA) -> list[str]:
    """Add to ``words.txt`` what a lexicon lacks; returns the words added.

    A word with a rare syllable is not added: it goes there by hand, with a syllable that the model knows behind it.
    """
    ground = _Ground.of(lexicon, data)
    words = lacking(lexicon, data)
    if not ground.spaced:
        table = set(read_words(data / ground.language / "syllables.txt"))
        words = [word for word in words if set(syllables(word)) <= table]
    path = data / ground.language / "words.txt"
    heading = "" if _HEADING in path.read_text("utf-8") else f"\n{_HEADING}\n"
    with path.open("a", encoding="utf-8") as out:
        out.write(heading + "".join(f"{word}\n" for word in words))
    return words


def main(arguments: list[str] | None = None) -> int:
    """List what cannot be said; returns 1 if there is any."""
    parser = argparse.ArgumentParser(
        prog="python -m speech.modelling.coverage",
        description="What the lexicons listen for and the bundled models cannot hear.",
    )
    parser.add_argument("lexicons", nargs="*", type=Path, help="lexicon files (default: those of the program)")
    parser.add_argument("--add", action="store_true", help="first add the words that are lacking to words.txt")
    given = parser.parse_args(arguments)
    count = 0
    for path in given.lexicons or sorted(FOLDER.glob("*.yaml")):
        for word in add(path) if given.add else []:
            sys.stderr.write(f"{path.name}: added {word}\n")
        for one in unsayable(path):
            count += 1
            sys.stdout.write(f"{path.name}\t{one.text}\t{one.where}\t{one.pattern}\n")
    sys.stderr.write(
        f"{count} stretches of text cannot be said; mend: add their words to words.txt, and build\n" * bool(count)
    )
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
