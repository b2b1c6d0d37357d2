"""A teacher: the pre-trained encoder, taught on the labelled replies, says what variations of those mean.

It understands replies by unknown writers better than the judgement (docs/assessment.md has the figures), and is too
slow for the telephone. What it makes of many more sentences than anybody labelled is learnt from, too (Hinton et al.,
"Distilling the knowledge in a neural network", 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from speech.judgement import COLUMNS, RULED, SIGNAL_NAMES, Vector
from speech.modelling.understanding.descent import Course, Ruled, descend, judged
from speech.modelling.understanding.encoder import Encoder, tokenizer
from speech.modelling.understanding.examples import Example
from speech.modelling.understanding.looks import Looks
from speech.modelling.understanding.settings import Settings

_AT_ONCE = 128
_COURSE = Course(3, 64, rates=(2e-4, 1e-3), rising=0.06, falling="linear", steepest=1.0)
"""Its rates are of the encoder's own weights, and of those over it."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """How the encoder is taught."""

    course: Course = _COURSE
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
    net = _Teacher(teaching)
    own = list(net.encoder.parameters())
    new = [each for name, each in net.named_parameters() if not name.startswith("encoder.")]
    descent = torch.optim.AdamW([{"params": own}, {"params": new}], weight_decay=teaching.decay)
    rows = _tokens(examples, teaching)
    by_rules = Ruled(examples, settings)

    def judge(batch: list[int], chance: np.random.Generator) -> torch.Tensor:
        return net([rows[each] for each in batch], torch.from_numpy(by_rules.shown(batch, chance)))

    lengths = [len(tokens) for tokens, _ in rows]
    descend(net, descent, teaching.course, Looks(examples), settings, lengths=lengths, judge=judge)
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
