"""The dynamic graph ``HCLr.fst`` + ``Gr.fst``: a loop over words, composed while decoding with a bigram or a grammar.

It is what lets a recogniser be limited to some words. OpenFst's look-ahead form renumbers the words, so ``words.txt``
and the bigram must be written in its numbers.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from speech.modelling.bigrams import END, START, LanguageCosts
from speech.modelling.graph import UNKNOWN, Costs, GraphWriter, word_labels
from speech.modelling.lexicon import Lexicon
from speech.modelling.openfst import Machine, read_pairs, run
from speech.modelling.phones import PhoneSet


@dataclass(frozen=True)
class DynamicGraph:
    """The files of a dynamic graph."""

    words_loop: bytes
    """``HCLr.fst``"""
    bigram: bytes
    """``Gr.fst``"""
    words: str
    """``words.txt``"""


def dynamic_graph(phones: PhoneSet, lexicon: Lexicon, language: LanguageCosts, costs: Costs) -> DynamicGraph:
    """Build all three files.

    Raises:
        ModellingError: OpenFst's tools are missing or refuse.
    """
    labels = word_labels(lexicon)
    writer = GraphWriter(phones, labels, costs)
    machine = writer.machine
    loop = machine.state()
    machine.finals[loop] = 0.0
    writer.silence(loop)
    for word, ways in lexicon.words.items():
        for way in ways:
            step, state = writer.word_body(way, loop)
            machine.arc(loop, state, step, labels[word])
    writer.unknown(loop, lexicon.fillers)
    compiled = run(machine.text().encode(), ["fstcompile"], ["fstconnect"], ["fstarcsort", "--sort_type=olabel"])
    with tempfile.TemporaryDirectory() as folder:
        pairs = Path(folder) / "pairs"
        convert = ["fstconvert", "--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}"]
        looking_ahead = run(compiled, convert, lookahead=True)
        renumbered = read_pairs(pairs)
    new = {word: renumbered.get(label, label) for word, label in labels.items()} | {"<eps>": 0}
    listed = sorted(new.items(), key=lambda pair: pair[1])
    return DynamicGraph(looking_ahead, _bigram(lexicon, language, new), "".join(f"{w} {n}\n" for w, n in listed))


def _bigram(lexicon: Lexicon, language: LanguageCosts, labels: dict[str, int]) -> bytes:
    machine = Machine()
    after = {START: machine.state()}
    back = machine.state()
    after |= {word: machine.state() for word in lexicon.words}
    for history, state in after.items():
        for word, cost in language.follow[history].items():
            if word == END:
                machine.finals[state] = cost
            else:
                machine.arc(state, after[word], labels[word], labels[word], cost)
        machine.arc(state, back, cost=language.back[history])
    for word in lexicon.words:
        machine.arc(back, after[word], labels[word], labels[word], language.alone[word])
    machine.arc(back, back, labels[UNKNOWN], labels[UNKNOWN])
    machine.finals[back] = language.alone[END]
    return run(
        machine.text().encode(),
        ["fstcompile"],
        ["fstarcsort", "--sort_type=ilabel"],
        ["fstconvert", "--fst_type=const"],
    )
