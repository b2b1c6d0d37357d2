"""A teacher: the pre-trained encoder, taught on the labelled replies, says what variations of those mean.

It understands replies by unknown writers better than the judgement (docs/assessment.md has the figures), and is too
slow for the telephone. What it makes of many more sentences than anybody labelled is learnt from, too (Hinton et al.,
"Distilling the knowledge in a neural network", 2015).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from speech.judgement import ASKED, COLUMNS, RULED, SIGNAL_NAMES, Vector
from speech.modelling.understanding.encoder import Encoder, tokenizer
from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.training import Looks, Settings, alike, judged, loss, unruled

_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Teaching:
    """How the encoder is taught."""

    epochs: int = 3
    batch: int = 64
    rate: float = 2e-4
    """Of the encoder's own weights..."""
    rate_new: float = 1e-3
    """...and of those over it."""
    rising: float = 0.06
    """Share of the steps until the rates have risen to that."""
    heads: int = 4
    units: int = 256
    dropped: float = 0.2
    decay: float = 0.01
    most_tokens: int = 96


_Tokens = tuple[list[int], list[int]]
"""Of question and reply, and which of the two each is of."""


def taught(examples: Sequence[Example], variations: Sequence[Example], settings: Settings) -> list[Example]:
    """The variations, wanted of each what a teacher that learnt from the examples makes of it, in chances."""
    teaching = Teaching()
    net = _learnt(examples, settings, teaching)
    logits = torch.from_numpy(_logits(net, variations, teaching))
    count = len(SIGNAL_NAMES) + 1
    wanted = torch.cat((logits[:, :count].sigmoid(), logits[:, count:].softmax(1)), 1).numpy()
    all_scored = np.ones(len(COLUMNS), np.float32)
    return [replace(each, wanted=row, scored=all_scored) for each, row in zip(variations, wanted, strict=True)]


class _Teacher(nn.Module):  # type: ignore[misc]  # PyTorch is not there where types are checked
    def __init__(self, teaching: Teaching) -> None:
        super().__init__()
        self.encoder = Encoder()
        width = self.encoder.width
        self.attention = nn.Linear(width, teaching.heads, bias=False)
        self.inner = nn.Linear((1 + teaching.heads) * width + RULED, teaching.units)
        self.outer = nn.Linear(teaching.units, len(COLUMNS))
        self.ruled = nn.Linear(RULED, len(COLUMNS), bias=False)
        self.drop = nn.Dropout(teaching.dropped)

    def forward(self, batch: Sequence[_Tokens], ruled: torch.Tensor) -> torch.Tensor:
        longest = max(len(tokens) for tokens, _ in batch)
        tokens, sides = (
            torch.tensor([each[which] + [0] * (longest - len(each[which])) for each in batch]) for which in (0, 1)
        )
        there = torch.arange(longest) < torch.tensor([len(each) for each, _ in batch])[:, None]
        read = self.encoder(tokens, sides, there)
        shares = self.attention(read).masked_fill(~there[..., None], -1e4).softmax(1)
        mean = (read * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        gathered = torch.cat((mean, torch.bmm(shares.transpose(1, 2), read).flatten(1)), 1)
        units = functional.gelu(self.inner(torch.cat((self.drop(gathered), ruled), 1)))
        logits: torch.Tensor = self.outer(self.drop(units)) + self.ruled(ruled)
        return logits


def _learnt(examples: Sequence[Example], settings: Settings, teaching: Teaching) -> _Teacher:
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    chance = np.random.default_rng(settings.seed)
    shuffling = random.Random(settings.seed)
    net = _Teacher(teaching)
    own = list(net.encoder.parameters())
    new = [each for name, each in net.named_parameters() if not name.startswith("encoder.")]
    descent = torch.optim.AdamW(
        [{"params": own, "lr": teaching.rate}, {"params": new, "lr": teaching.rate_new}], weight_decay=teaching.decay
    )
    looks = Looks(examples)
    steps = teaching.epochs * -(-looks.count // teaching.batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        descent,
        [teaching.rate, teaching.rate_new],
        total_steps=steps,
        pct_start=teaching.rising,
        anneal_strategy="linear",
    )
    rows = _tokens(examples, teaching)
    all_ruled = np.stack([each.ruled for each in examples])
    wanted = torch.from_numpy(np.stack([each.wanted for each in examples]))
    scored = torch.from_numpy(np.stack([each.scored for each in examples]))
    hidden = unruled(examples, settings)
    net.train()
    for _ in range(teaching.epochs):
        picked = [looks.example(at, chance) for at in looks.order(chance)]
        batches = list(alike(picked, lambda each: len(rows[each][0]), teaching.batch))
        shuffling.shuffle(batches)
        for batch in batches:
            ruled = all_ruled[batch]
            ruled[chance.random(len(batch)) < hidden[batch], : -len(ASKED)] = 0
            found = loss(
                net([rows[each] for each in batch], torch.from_numpy(ruled)), wanted[batch], scored[batch], settings
            )
            descent.zero_grad()
            found.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            descent.step()
            pace.step()
    return net


def _logits(net: _Teacher, examples: Sequence[Example], teaching: Teaching) -> Vector:
    net.eval()
    rows = _tokens(examples, teaching)
    all_ruled = torch.from_numpy(np.stack([each.ruled for each in examples]))
    lengths = [len(tokens) for tokens, _ in rows]
    return judged(lengths, _AT_ONCE, lambda picked: net([rows[each] for each in picked], all_ruled[picked]))


def _tokens(examples: Sequence[Example], teaching: Teaching) -> list[_Tokens]:
    cut, most = tokenizer(), teaching.most_tokens
    found = (cut.encode((each.reply.asks or "nothing").replace("_", " "), each.text) for each in examples)
    return [(each.ids[:most], each.type_ids[:most]) for each in found]
