"""What `test_modelling_understanding` looks at, found with PyTorch: prints it as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from speech.clues import token_hash
from speech.judgement import ASKED, COLUMNS, question
from speech.modelling.understanding.cores import done
from speech.modelling.understanding.counted import learn
from speech.modelling.understanding.encoder import Encoder, Words, tokenizer
from speech.modelling.understanding.examples import Example, example, without_punctuation
from speech.modelling.understanding.learning import unseen
from speech.modelling.understanding.network import Shape, learn_network
from speech.modelling.understanding.replies import Reply, replies
from speech.modelling.understanding.settings import Settings
from speech.modelling.understanding.varied import varied
from speech.network import PREFIX, Network

ESCALATE = COLUMNS.index("escalate")
SETTINGS = Settings(epochs=2)


def network_as_written(known: list[Example]) -> dict[str, float]:
    """How far the network that numpy runs is from the one learnt, and whether it knows a word that no reply has."""
    shape = Shape(course=replace(Shape().course, epochs=1))
    learnt = learn_network(known, SETTINGS, words=_words("money", "propane"), shape=shape)
    run = Network.read({PREFIX + name: each for name, each in learnt.arrays().items()}, len(ASKED))
    some = [*known[:40], *_said("the propane is gone"), *_said("the zorble is gone"), *_said("the florn is gone")]
    wanted = learnt.logits(some)
    found = np.stack([run.logits(each.line, each.ruled, question(each.reply.asks)) for each in some])
    return {
        "off": float(np.abs(found - wanted).mean()),
        "known": float(np.abs(found[-3] - found[-2]).max()),
        "unknown": float(np.abs(_bare(run, "zorble") - _bare(run, "florn")).max()),
    }


def taught_by_variations(known: list[Example]) -> dict[str, float]:
    """How much more a word speaks for a human after variations said so that no reply holds."""
    calls = np.zeros(len(COLUMNS), np.float32)
    calls[ESCALATE] = calls[COLUMNS.index("money_sent")] = calls[-1] = 1
    ones = np.ones(len(COLUMNS), np.float32)
    told = [
        replace(each, wanted=calls, scored=ones) for n in range(40) for each in _said(f"the propane went to number {n}")
    ]
    asked = _said("the propane went to my neighbour")
    before, after = (learn(known, SETTINGS, some).logits(asked)[0, ESCALATE] for some in ((), told))
    return {"before": float(before), "after": float(after)}


def variations(known: list[Example]) -> dict[str, object]:
    """Variations with one word that may stand for another."""
    words = replace(_words("money"), near={"money": ("zorble",)})
    found, again = (varied(known, words, "en", 3) for _ in range(2))
    own: dict[str, set[str]] = {}
    for each in known:
        own.setdefault(each.reply.writer, set()).update(each.reply.text.split())
    return {
        "replies": len({each.reply.text for each in known}),
        "found": len(found),
        "same": [each.text for each in found] == [each.text for each in again],
        "others": sum("zorble" in each.text for each in found),
        "strange": [
            word
            for each in found
            if not each.spoken
            for word in each.text.replace("zorble", "money").split()
            if word not in own[each.reply.writer]
        ],
    }


def encoder() -> list[float]:
    """How alike sentences are by the vectors of the pre-trained encoder."""
    net = Encoder().eval()

    def vector(text: str) -> torch.Tensor:
        tokens = torch.tensor([tokenizer().encode(text).ids])
        found = net(tokens, torch.zeros_like(tokens), torch.ones_like(tokens).bool()).mean(1)[0]
        return found / found.norm()

    others = ["That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    with torch.no_grad():
        first = vector("That is a happy person")
        return [float(first @ vector(other)) for other in others]


def with_teacher(known: list[Example]) -> int:
    """The whole way: variations, what a teacher makes of them, and what learnt from both; for how many examples."""
    writers = sorted({each.reply.writer for each in known})
    return len(unseen(known, varied(known, _words("money"), "en", 3), SETTINGS, writers[:1]))


def taken_up_again(known: list[Example]) -> list[int]:
    """How often a job was done: for the first time, for the second, and with other settings."""
    with tempfile.TemporaryDirectory() as name:
        counted = Path(name) / "counted"
        counts = []
        for settings in (SETTINGS, SETTINGS, replace(SETTINGS, seed=7)):
            found = done([partial(_counts, counted)], known, [], settings, Path(name))
            assert found == [len(known)]
            counts.append(len(counted.read_bytes()))
        return counts


def _counts(counted: Path, known: Sequence[Example], variations: Sequence[Example], settings: Settings) -> int:
    with counted.open("ab") as file:
        file.write(b".")
    return len(known)


def _words(*words: str) -> Words:
    hashes = np.array([token_hash(word) >> 32 for word in words], np.uint32)
    order = np.argsort(hashes)
    return Words(hashes[order], np.eye(len(words), 8, dtype=np.float32)[order] * 4, {})


def _said(text: str) -> list[Example]:
    reply = Reply(text, None, None, frozenset(), frozenset(), False, False, "pen/x", "pen")
    return list(example(reply, text, "en"))


def _bare(run: Network, word: str) -> np.ndarray:
    """What a word says by itself, without the pieces of its letters."""
    [each] = _said(word)
    line = replace(each.line, parts=each.line.parts * np.uint64(0))
    return run.logits(line, each.ruled, 0)


def _replies() -> list[Example]:
    """A few hundred of the labelled replies, each in both spellings."""
    some = replies("en")[::97]
    texts = [(each, text) for each in some for text in (each.text, without_punctuation(each.text, "en"))]
    return [found for each, text in texts for found in example(each, text, "en", spoken=text != each.text)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    trials = [network_as_written, taught_by_variations, variations, with_teacher, taken_up_again]
    by_name = {each.__name__: each for each in trials}
    json.dump(encoder() if sys.argv[1] == "encoder" else by_name[sys.argv[1]](_replies()), sys.stdout)
