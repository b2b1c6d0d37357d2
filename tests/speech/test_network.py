"""The network that reads words in their order: what it computes, and that order matters to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from speech.clues import Line, clues
from speech.judgement import ASKED, COLUMNS, RULED, judgement, question
from speech.lexicon import lexicon
from speech.network import APART, BUCKETS, PREFIX, Network
from speech.reply import prepare
from tests.speech.corpus import LANGUAGES

pytestmark = pytest.mark.unit

_WIDTH, _HEADS, _UNITS = 3, 2, 5


def _arrays(tokens: list[int], kinds: list[int], width: int = _WIDTH) -> dict[str, Any]:
    chance = np.random.default_rng(5)

    def some(*shape: int) -> Any:
        return chance.normal(size=shape).astype(np.float16)

    rows = 1 + len(tokens) + BUCKETS + 1 + len(kinds) + len(ASKED) + 1
    arrays = {
        "tokens": np.array(tokens, np.uint32),
        "kinds": np.array(kinds, np.uint32),
        "rows": chance.integers(-127, 127, (rows, width)).astype(np.int8),
        "rows_scale": np.full(rows, 0.01, np.float16),
        "layers": some(len(APART), 3 * width, 2 * width),
        "layers_bias": some(len(APART), 2 * width),
        "attention": some(width, _HEADS),
        "inner": some((2 + _HEADS) * width + RULED, _UNITS),
        "inner_bias": some(_UNITS),
        "outer": some(_UNITS, len(COLUMNS)),
        "ruled": some(RULED, len(COLUMNS)),
        "bias": some(len(COLUMNS)),
    }
    return {PREFIX + name: each for name, each in arrays.items()}


def _line(tokens: list[int], parts: list[list[int]], kinds: list[int], denied: list[bool]) -> Line:
    high = np.uint64(32)
    flat = [part for each in parts for part in each]
    return Line(
        np.array(tokens, np.uint64) << high,
        np.array(flat, np.uint64),
        np.array([len(each) for each in parts], np.intp),
        np.array(kinds, np.uint64) << high,
        np.array(denied, np.bool_),
    )


def _by_hand(net: Network, read: list[list[float]], ruled: list[float]) -> list[float]:
    """The same, figure by figure."""
    count = len(read)
    for weights, bias, apart in zip(net.layers.tolist(), net.layers_bias.tolist(), APART, strict=True):
        after = []
        for at in range(count):
            beside: list[float] = []
            for place in (at - apart, at, at + apart):
                beside += read[place] if 0 <= place < count else [0.0] * _WIDTH
            found = [bias[to] + sum(beside[i] * weights[i][to] for i in range(3 * _WIDTH)) for to in range(2 * _WIDTH)]
            gates = [1 / (1 + math.exp(-value)) for value in found[_WIDTH:]]
            after.append([read[at][i] + found[i] * gates[i] for i in range(_WIDTH)])
        read = after
    gathered = [max(token[i] for token in read) for i in range(_WIDTH)]
    gathered += [sum(token[i] for token in read) / count for i in range(_WIDTH)]
    for head in range(_HEADS):
        counts = [math.exp(sum(token[i] * float(net.attention[i, head]) for i in range(_WIDTH))) for token in read]
        gathered += [
            sum(n * token[i] for n, token in zip(counts, read, strict=True)) / sum(counts) for i in range(_WIDTH)
        ]
    gathered += ruled
    inner, outer, direct = net.inner.tolist(), net.outer.tolist(), net.ruled.tolist()
    units = [
        max(0.0, float(net.inner_bias[to]) + sum(value * inner[i][to] for i, value in enumerate(gathered)))
        for to in range(_UNITS)
    ]
    return [
        float(net.bias[to])
        + sum(unit * outer[i][to] for i, unit in enumerate(units))
        + sum(value * direct[i][to] for i, value in enumerate(ruled))
        for to in range(len(COLUMNS))
    ]


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12])
def test_it_computes_what_its_description_says(count: int) -> None:
    net = Network.read(_arrays([7, 9], [4]), len(ASKED))
    chance = np.random.default_rng(count)
    tokens = [int(chance.choice([7, 9, 8])) for _ in range(count)]
    parts = [[int(each) for each in chance.integers(0, BUCKETS, chance.integers(0, 3))] for _ in range(count)]
    kinds = [int(chance.choice([0, 4])) for _ in range(count)]
    denied = [bool(chance.integers(2)) for _ in range(count)]
    ruled = chance.normal(size=RULED).astype(np.float32)
    read = []
    for at in range(count):
        token = net.rows[{7: 1, 9: 2}.get(tokens[at], 0)].astype(float)
        token += net.rows[3 + BUCKETS + (kinds[at] == 4)] + net.rows[3 + BUCKETS + 2 + 3] + denied[at] * net.rows[-1]
        token += sum(net.rows[3 + part] for part in parts[at]) / max(1, len(parts[at]))
        read.append(token.tolist())
    found = net.logits(_line(tokens, parts, kinds, denied), ruled, 3)
    assert found == pytest.approx(_by_hand(net, read, ruled.tolist()), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("wrong", ["rows", "layers"])
def test_one_that_does_not_fit_itself_is_refused(wrong: str) -> None:
    arrays = _arrays([7, 9], [4])
    arrays[PREFIX + wrong] = arrays[PREFIX + wrong][:-1]
    arrays[PREFIX + "rows_scale"] = arrays[PREFIX + "rows_scale"][: len(arrays[PREFIX + "rows"])]
    with pytest.raises(ValueError, match=f"network's {wrong} do not fit"):
        Network.read(arrays, len(ASKED))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_one_minds_the_order_of_words(language: str) -> None:
    trained, rules = judgement(language), lexicon(language)
    assert trained is not None
    ruled = np.zeros(RULED, np.float32)
    said = {
        "en": ("i told her not to and sent it", "i sent her to it and told not"),
        "zh-CN": ("他叫我转我没有", "我没有叫他转我"),
    }[language]
    first, second = (
        trained.network.logits(clues(prepare(text, rules.grammar), rules, None).line, ruled, question(None))
        for text in said
    )
    assert np.abs(first - second).max() > 0.1
