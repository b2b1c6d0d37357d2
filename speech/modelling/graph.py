"""The static graph ``HCLG.fst``: a bigram over words, each word one chain of phone states that all histories share.

Kaldi's "reordered" convention: the step into the next state comes first, its self loop on the state reached.
Transition probabilities are left out (they are the same for every frame). An unknown word, ``[unk]``, is one free
syllable, or where the language has no syllable table a free loop over phones.
"""

from __future__ import annotations

from dataclasses import dataclass

from speech.modelling.bigrams import END, START, LanguageCosts
from speech.modelling.lexicon import Lexicon, Phones
from speech.modelling.openfst import Machine, run
from speech.modelling.phones import SILENCE, PhoneSet, placed

UNKNOWN = "[unk]"


@dataclass(frozen=True)
class Costs:
    """Costs outside the language model, in negative natural logarithms."""

    unknown: float = 7.0
    """Of one unknown word, or syllable. Lower means fewer false words and fewer right ones."""
    unknown_phone: float = 2.5
    """Of each phone of an unknown word after its first, where phones loop freely."""
    silence: float = 1.0


class GraphWriter:
    """Puts words, silence and the unknown word into a machine."""

    def __init__(self, phones: PhoneSet, labels: dict[str, int], costs: Costs) -> None:
        self.machine = Machine()
        self._phones = phones
        self._labels = labels
        self._costs = costs

    def phone(self, source: int, phone: str, place: str, label: int = 0, cost: float = 0.0) -> int:
        """A phone behind a state; returns the state behind the phone."""
        for index in range(self._phones.states[phone]):
            target = self.machine.state()
            step = self._phones.step(phone, place, index)
            self.machine.arc(source, target, step, label if index == 0 else 0, cost if index == 0 else 0.0)
            self.machine.arc(target, target, self._phones.stay(phone, place, index))
            source = target
        return source

    def silence(self, at: int) -> None:
        """Optional silence at a state."""
        self.machine.arc(self.phone(at, SILENCE, "", 0, self._costs.silence), at)

    def word_body(self, sounds: Phones, end: int) -> tuple[int, int]:
        """A word without its entry; returns the transition-id that enters it and the state it enters."""
        (first, place), *rest = placed(sounds)
        entered = state = self.machine.state()
        self.machine.arc(state, state, self._phones.stay(first, place, 0))
        for index in range(1, self._phones.states[first]):
            target = self.machine.state()
            self.machine.arc(state, target, self._phones.step(first, place, index))
            self.machine.arc(target, target, self._phones.stay(first, place, index))
            state = target
        for phone, where in rest:
            state = self.phone(state, phone, where)
        self.machine.arc(state, end)
        return self._phones.step(first, place, 0), entered

    def unknown(self, at: int, fillers: list[Phones]) -> None:
        """The unknown word, from a state back to it."""
        if fillers:
            self._any_syllable(at, fillers)
        else:
            self._any_phones(at)

    def _any_syllable(self, at: int, syllables: list[Phones]) -> None:
        tree: dict[tuple[Phones, str], int] = {}
        end = self.machine.state()
        self.machine.arc(end, at)
        for sounds in syllables:
            state = at
            for index, (phone, place) in enumerate(placed(sounds)):
                key = (sounds[: index + 1], place)
                if key not in tree:
                    label, cost = (self._labels[UNKNOWN], self._costs.unknown) if index == 0 else (0, 0.0)
                    tree[key] = self.phone(state, phone, place, label, cost)
                state = tree[key]
            self.machine.arc(state, end)

    def _any_phones(self, at: int) -> None:
        middle = self.machine.state()
        for phone in self._phones.states:
            if phone == SILENCE:
                continue
            first = self.phone(at, phone, "begin", self._labels[UNKNOWN], self._costs.unknown)
            self.machine.arc(first, middle)
            self.machine.arc(self.phone(middle, phone, "internal", 0, self._costs.unknown_phone), middle)
            self.machine.arc(self.phone(middle, phone, "end", 0, self._costs.unknown_phone), at)


def word_labels(lexicon: Lexicon) -> dict[str, int]:
    """Output labels: epsilon, the words in their order, the unknown word."""
    return {word: label for label, word in enumerate(["<eps>", *lexicon.words, UNKNOWN])}


def words_text(labels: dict[str, int]) -> str:
    """The text of ``graph/words.txt`` for a static graph."""
    listed = [*labels, "#0", START, END]
    return "".join(f"{word} {label}\n" for label, word in enumerate(listed))


def static_graph(phones: PhoneSet, lexicon: Lexicon, language: LanguageCosts, costs: Costs) -> bytes:
    """``HCLG.fst``.

    Raises:
        ModellingError: OpenFst's tools are missing or refuse.
    """
    labels = word_labels(lexicon)
    writer = GraphWriter(phones, labels, costs)
    machine = writer.machine
    start, back = machine.state(), machine.state()
    after = {START: start} | {word: machine.state() for word in lexicon.words}
    entries = {word: [writer.word_body(way, after[word]) for way in ways] for word, ways in lexicon.words.items()}

    def enter(source: int, word: str, cost: float) -> None:
        for step, state in entries[word]:
            machine.arc(source, state, step, labels[word], cost)

    for history, state in after.items():
        writer.silence(state)
        for word, cost in language.follow[history].items():
            if word == END:
                machine.finals[state] = cost
            else:
                enter(state, word, cost)
        machine.arc(state, back, cost=language.back[history])
    writer.silence(back)
    for word in lexicon.words:
        enter(back, word, language.alone[word])
    writer.unknown(back, lexicon.fillers)
    machine.finals[back] = language.alone[END]
    machine.finals.setdefault(start, language.alone[END])
    return run(
        machine.text().encode(),
        ["fstcompile"],
        ["fstconnect"],
        ["fstarcsort", "--sort_type=ilabel"],
        ["fstconvert", "--fst_type=const"],
    )
