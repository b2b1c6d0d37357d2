"""The network: a time-delay neural network whose upper layers live on every third frame, as Vosk reads results.

Needs PyTorch.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from speech.modelling.acoustic.kaldi_writer import Layer, Matrix

STEP = 3
"""Frames from one judgement to the next; Vosk's word times presume it."""

OFFSETS = ((-2, -1, 0, 1, 2), (-3, 0, 3), (-3, 0, 3), (-9, 0, 3), (-9, 0, 3))
"""Frames that each layer takes from the one below: 26 back and 14 ahead in all, a delay of 140 ms."""

_NORMAL_EPSILON = 1e-5


class Network(nn.Module):  # type: ignore[misc]  # PyTorch is not there where types are checked
    """Cepstra to the states of phones.

    Args:
        mean: of each coefficient in the training data.
        deviation: likewise.
        hidden: width of the layers.
        outputs: states of phones.
    """

    def __init__(self, mean: NDArray[np.float32], deviation: NDArray[np.float32], hidden: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("scale", torch.from_numpy(1 / deviation))
        widths = [len(mean), *[hidden] * (len(OFFSETS) - 1)]
        self.affine = nn.ModuleList(
            nn.Linear(len(offsets) * width, hidden) for offsets, width in zip(OFFSETS, widths, strict=True)
        )
        self.normal = nn.ModuleList(nn.BatchNorm1d(hidden, eps=_NORMAL_EPSILON) for _ in OFFSETS)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """Logits for every third frame, from the first that has its whole context.

        Args:
            frames: utterances by frames by coefficients.
        """
        first = len(OFFSETS[0])
        normal = (frames - self.mean) * self.scale
        hidden = normal.unfold(1, first, STEP).permute(0, 1, 3, 2).flatten(2)
        for index, (affine, normalise) in enumerate(zip(self.affine, self.normal, strict=True)):
            if index:
                offsets = [offset // STEP for offset in OFFSETS[index]]
                length = hidden.shape[1] - (offsets[-1] - offsets[0])
                shifted = [hidden[:, offset - offsets[0] : offset - offsets[0] + length] for offset in offsets]
                hidden = torch.cat(shifted, -1)
            hidden = affine(hidden)
            hidden = torch.relu(normalise(hidden.flatten(0, 1)).view(hidden.shape))
        return cast("Tensor", self.output(hidden))

    def layers(self) -> list[Layer]:
        """The trained network as plain transforms, with all normalisation worked into them."""
        found = []
        for index, offsets in enumerate(OFFSETS):
            affine, normal = self.affine[index], self.normal[index]
            weights, bias = _numbers(affine.weight), _numbers(affine.bias)
            if index == 0:
                mean, scale = (np.tile(_numbers(part), len(offsets)) for part in (self.mean, self.scale))
                bias = bias - weights @ (mean * scale)
                weights = weights * scale
            gain = _numbers(normal.weight) / np.sqrt(_numbers(normal.running_var) + _NORMAL_EPSILON)
            bias = (bias - _numbers(normal.running_mean)) * gain + _numbers(normal.bias)
            found.append(Layer(offsets, weights * gain[:, None], bias))
        return [*found, Layer((0,), _numbers(self.output.weight), _numbers(self.output.bias))]


def _numbers(tensor: object) -> Matrix:
    return np.asarray(cast("Tensor", tensor).detach().double().numpy(), dtype=np.float64)
