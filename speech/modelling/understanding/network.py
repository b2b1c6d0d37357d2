"""Learning `speech.network`: the same network in torch, with tokens, kinds and rules' findings now and then hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from speech.judgement import ASKED, COLUMNS, RULED, Vector, question
from speech.modelling.understanding.descent import Course, Ruled, descend, judged
from speech.modelling.understanding.encoder import Words
from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.looks import Looks
from speech.modelling.understanding.settings import Settings
from speech.network import APART, BUCKETS, Known, known_places

_LEAST_SCALED = 0.001
_COURSE = Course(16, 64, rates=(0.002,), rising=0.1, falling="cos", steepest=2.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the network is made of, and how it is learnt."""

    width: int = 96
    heads: int = 4
    units: int = 192
    least: int = 4
    """Examples in which a token must be met to have a row of its own."""
    course: Course = _COURSE
    decay: float = 0.02
    dropped: float = 0.3
    rows_dropped: float = 0.2
    tokens_hidden: float = 0.15
    """Share of the tokens that one look at a reply takes for unknown..."""
    kinds_hidden: float = 0.3
    """...and whose kind it does not know..."""
    words_hidden: float = 0.1
    """...or what an encoder knows of the word."""
    most_tokens: int = 120


@dataclass(frozen=True, slots=True)
class _Rows:
    """An example as rows of the network's table."""

    tokens: NDArray[np.int64]
    words: NDArray[np.int64]
    """Of the encoder's."""
    kinds: NDArray[np.int64]
    parts: NDArray[np.int64]
    parts_each: NDArray[np.int64]
    denied: NDArray[np.bool_]
    question: int
    ruled: Vector


class LearntNetwork:
    """A network as it was learnt."""

    def __init__(self, net: _Net, known: _Known) -> None:
        self._net, self._known = net, known

    def logits(self, examples: Sequence[Example]) -> Vector:
        """A row for each example, a column for each of `COLUMNS`."""
        self._net.eval()
        rows = [_rows(each, self._known, self._net.shape) for each in examples]
        lengths = [len(each.tokens) for each in rows]
        return judged(lengths, 256, lambda picked: self._net([rows[each] for each in picked]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `speech.network.Network` reads, by its names; the rows in 8 bits each."""
        net = self._net
        tokens, rows = self._with_words()
        scale = (np.maximum(np.abs(rows).max(1), _LEAST_SCALED) / 127).astype(np.float16)
        dense: dict[str, torch.Tensor] = {
            "layers": torch.stack([layer.weight.T for layer in net.layers]),
            "layers_bias": torch.stack([layer.bias for layer in net.layers]),
            "attention": net.attention.weight.T,
            "inner": net.inner.weight.T,
            "inner_bias": net.inner.bias,
            "outer": net.outer.weight.T,
            "ruled": net.ruled.weight.T,
            "bias": net.outer.bias,
        }
        return {
            "tokens": tokens,
            "kinds": self._known.kinds,
            "rows": np.round(rows / scale.astype(np.float32)[:, None]).astype(np.int8),
            "rows_scale": scale,
            **{name: each.detach().numpy().astype(np.float16) for name, each in dense.items()},
        }

    def _with_words(self) -> tuple[Known, Vector]:
        """Every token of the replies and of the encoder, and the rows with what the encoder says added to them."""
        tokens, words = self._known.tokens, self._known.words
        rows = np.asarray(self._net.rows.detach().numpy(), np.float32)
        if words is None:
            return tokens, rows
        both = np.union1d(tokens, words.hashes)
        high = both.astype(np.uint64) << np.uint64(32)
        with torch.no_grad():
            said = self._net.said_of(known_places(words.hashes, high)).numpy()
        return both, np.concatenate((rows[:1], rows[known_places(tokens, high)] + said, rows[self._net.parts_at :]))


@dataclass(frozen=True, slots=True)
class _Known:
    tokens: Known
    kinds: Known
    words: Words | None


def learn_network(
    examples: Sequence[Example],
    settings: Settings,
    variations: Sequence[Example] = (),
    words: Words | None = None,
    shape: Shape = Shape(),
) -> LearntNetwork:
    """Learn from examples, and as often from variations of them, with what an encoder knows of single ``words``.

    On one machine, the same examples and settings give the same network.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    right = [each.line for each in examples if not each.misheard]
    tokens = _common([line.tokens for line in right], shape.least)
    kinds = _common([line.kinds[line.kinds > 0] for line in right], 1)
    known = _Known(tokens, kinds, words)
    looks = Looks(examples, variations)
    examples = looks.examples
    rows = [_rows(each, known, shape) for each in examples]
    net = _Net(shape, known)
    descent = torch.optim.AdamW(net.parameters(), weight_decay=shape.decay)
    by_rules = Ruled(examples, settings)

    def judge(batch: list[int], chance: np.random.Generator) -> torch.Tensor:
        return net([_hidden(rows[each], by_rules.shown([each], chance)[0], chance, shape) for each in batch])

    lengths = [len(each.tokens) for each in rows]
    descend(net, descent, shape.course, looks, settings, lengths=lengths, judge=judge)
    return LearntNetwork(net, known)


class _Net(nn.Module):  # type: ignore[misc]  # PyTorch is not there where types are checked
    def __init__(self, shape: Shape, known: _Known) -> None:
        super().__init__()
        self.shape = shape
        self.parts_at = 1 + len(known.tokens)
        self.kinds_at = self.parts_at + BUCKETS
        self.asked_at = self.kinds_at + 1 + len(known.kinds)
        width = shape.width
        self.rows = nn.Parameter(torch.randn(self.asked_at + len(ASKED) + 1, width) / 5)
        with torch.no_grad():
            self.rows[0] = 0
            self.rows[self.kinds_at] = 0
        self.layers = nn.ModuleList([nn.Linear(3 * width, 2 * width) for _ in APART])
        self.attention = nn.Linear(width, shape.heads, bias=False)
        self.inner = nn.Linear((2 + shape.heads) * width + RULED, shape.units)
        self.outer = nn.Linear(shape.units, len(COLUMNS))
        self.ruled = nn.Linear(RULED, len(COLUMNS), bias=False)
        self.drop = nn.Dropout(shape.dropped)
        self.drop_rows = nn.Dropout(shape.rows_dropped)
        self.words: Any = None
        self.say: Any = None
        if known.words is not None:
            vectors = torch.from_numpy(known.words.vectors)
            self.words = torch.cat((torch.zeros(1, vectors.shape[1]), vectors))
            self.say = nn.Linear(vectors.shape[1], width, bias=False)
            nn.init.normal_(self.say.weight, std=0.2 / vectors.shape[1] ** 0.5)

    def forward(self, batch: Sequence[_Rows]) -> torch.Tensor:
        lengths = np.array([len(each.tokens) for each in batch])
        longest = int(lengths.max())
        at = torch.from_numpy(np.concatenate([place * longest + np.arange(n) for place, n in enumerate(lengths)]))
        mask = torch.zeros(len(batch) * longest).index_fill(0, at, 1).view(len(batch), longest, 1)
        read = torch.zeros(len(batch) * longest, self.shape.width).index_copy(
            0, at, self.drop_rows(self._read(batch, lengths))
        )
        read = read.view(len(batch), longest, self.shape.width)
        for layer, apart in zip(self.layers, APART, strict=True):
            wide = functional.pad(read, (0, 0, apart, apart))
            beside = torch.cat((wide[:, :longest], read, wide[:, 2 * apart : 2 * apart + longest]), 2)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = layer(beside)
            read = read + self.drop(functional.glu(found.float(), -1)) * mask
        greatest = read.masked_fill(mask == 0, -9).amax(1)
        mean = read.sum(1) / mask.sum(1)
        shares = self.attention(read).masked_fill(mask == 0, -1e4).softmax(1)
        means = torch.bmm(shares.transpose(1, 2), read).flatten(1)
        ruled = torch.from_numpy(np.stack([each.ruled for each in batch]))
        gathered = torch.cat((self.drop(torch.cat((greatest, mean, means), 1)), ruled), 1)
        logits: torch.Tensor = self.outer(self.drop(torch.relu(self.inner(gathered)))) + self.ruled(ruled)
        return logits

    def said_of(self, words: NDArray[np.intp]) -> torch.Tensor:
        """What is read of the encoder's words, by their places, from 1."""
        found: torch.Tensor = self.say(self.words[torch.from_numpy(words)])
        return found

    def _read(self, batch: Sequence[_Rows], lengths: NDArray[np.int64]) -> torch.Tensor:
        parts_each = np.concatenate([each.parts_each for each in batch])
        starts = torch.from_numpy(np.concatenate(([0], np.cumsum(parts_each)[:-1])))
        parts = torch.from_numpy(self.parts_at + np.concatenate([each.parts for each in batch]))
        kinds = torch.from_numpy(self.kinds_at + np.concatenate([each.kinds for each in batch]))
        asked = torch.from_numpy(self.asked_at + np.repeat([each.question for each in batch], lengths))
        denied = torch.from_numpy(np.concatenate([each.denied for each in batch]))
        found = functional.embedding(torch.from_numpy(np.concatenate([each.tokens for each in batch])), self.rows)
        found = found + functional.embedding(kinds, self.rows) + functional.embedding(asked, self.rows)
        found = found + functional.embedding_bag(parts, self.rows, starts, mode="mean")
        if self.words is not None:
            found = found + self.said_of(np.concatenate([each.words for each in batch]))
        return found + denied[:, None] * self.rows[-1]


def _hidden(each: _Rows, ruled: Vector, chance: np.random.Generator, shape: Shape) -> _Rows:
    count = len(each.tokens)
    return _Rows(
        np.where(chance.random(count) < shape.tokens_hidden, 0, each.tokens),
        np.where(chance.random(count) < shape.words_hidden, 0, each.words) if each.words.any() else each.words,
        np.where(chance.random(count) < shape.kinds_hidden, 0, each.kinds),
        each.parts, each.parts_each, each.denied, each.question, ruled,
    )  # fmt: skip


def _rows(each: Example, known: _Known, shape: Shape) -> _Rows:
    line, most = each.line, shape.most_tokens
    tokens = line.tokens[:most]
    parts_each = line.parts_each[:most]
    return _Rows(
        known_places(known.tokens, tokens),
        known_places(known.words.hashes, tokens) if known.words else np.zeros(len(tokens), np.intp),
        known_places(known.kinds, line.kinds[:most]),
        (line.parts[: parts_each.sum()] % np.uint64(BUCKETS)).astype(np.int64),
        parts_each,
        line.denied[:most],
        question(each.reply.asks),
        each.ruled,
    )


def _common(hashes: Sequence[NDArray[np.uint64]], least: int) -> Known:
    found, times = np.unique(np.concatenate([np.unique(each) for each in hashes]) >> np.uint64(32), return_counts=True)
    return np.asarray(found[times >= least], np.uint32)
