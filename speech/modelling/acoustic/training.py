"""Training: the network learns the label of every third frame, on one thread; the same data give the same network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from speech.modelling.acoustic.data import Data
from speech.modelling.acoustic.kaldi_writer import Matrix, context
from speech.modelling.acoustic.network import STEP, Network
from speech.modelling.acoustic.settings import Size

_JUDGED = 50
"""Frames judged in each stretch of a batch."""
_STRETCHES = 64
_SMOOTHING = 0.02
_WEIGHT_DECAY = 1e-3
_WARM_UP = 0.1
_TOLD_EVERY = 100
_SEED = 1

Report = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A network that has learnt."""

    network: Network
    priors: Matrix
    """Share of each label in the data."""
    right: float
    """Share of frames judged right at the end."""


def train(data: Data, size: Size, outputs: int, report: Report) -> Trained:
    """Train a network from nothing.

    Args:
        data: frames and labels.
        size: width, learning rate, and how often all data are seen.
        outputs: number of labels.
        report: told how it goes.
    """
    torch.set_num_threads(1)
    torch.manual_seed(_SEED)
    chance = np.random.default_rng(_SEED)
    sample = data.frames[:: max(1, len(data.frames) // 400_000)].astype(np.float32)
    network = Network(sample.mean(0), sample.std(0), size.hidden, outputs)
    before, behind = context(network.layers())
    stretch = np.arange(before + STEP * (_JUDGED - 1) + 1 + behind)
    judged = before + STEP * np.arange(_JUDGED)
    steps = max(1, round(len(data.frames) * size.passes / (STEP * _JUDGED * _STRETCHES)))
    optimiser = torch.optim.AdamW(network.parameters(), lr=size.rate, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, size.rate, total_steps=steps + 1, pct_start=_WARM_UP, final_div_factor=100
    )
    began = time.monotonic()
    loss_now = right_now = 0.0
    for step in range(1, steps + 1):
        starts = chance.integers(0, len(data.frames) - len(stretch), _STRETCHES)[:, None]
        seen = torch.from_numpy(data.frames[starts + stretch].astype(np.float32))
        wanted = torch.from_numpy(data.labels[starts + judged].astype(np.int64))
        found = network(seen)
        loss = functional.cross_entropy(found.flatten(0, 1), wanted.flatten(), label_smoothing=_SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        right = float((found.argmax(-1) == wanted).float().mean())
        keep = min(0.98, 1 - 1 / step)
        loss_now = keep * loss_now + (1 - keep) * loss.item()
        right_now = keep * right_now + (1 - keep) * right
        if step % _TOLD_EVERY == 0 or step == steps:
            spent = time.monotonic() - began
            report(f"step {step} of {steps}: loss {loss_now:.3f}, {right_now:.1%} of frames right, {spent:.0f} s")
    network.eval()
    return Trained(network, np.bincount(data.labels, minlength=outputs) / len(data.labels), right_now)
