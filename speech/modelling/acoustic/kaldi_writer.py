"""An acoustic model as Kaldi's ``final.mdl``: transition model, nnet3 network, priors; binary, weights in 16 bits.

The layout is Kaldi's (src/hmm/transition-model.cc, src/hmm/hmm-topology.cc, src/nnet3/am-nnet-simple.cc,
src/matrix/compressed-matrix.cc). Every phone is a chain of one or two states, each with a self loop and a step
forward of equal probability.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.modelling.errors import ModellingError
from speech.modelling.phones import PhoneSet

Matrix = NDArray[np.float64]

_INT, _FLOAT, _DOUBLE = struct.Struct("<bi"), struct.Struct("<bf"), struct.Struct("<bd")
"""Kaldi writes the size of a number in front of it."""
_HALF = math.log(0.5)
_SIXTEEN_BITS = 65535
_PRIOR_FLOOR = 1e-5


@dataclass(frozen=True)
class Layer:
    """An affine transform of some frames of the layer below; all but the last are followed by a rectifier."""

    offsets: tuple[int, ...]
    """Which frames, relative to the own one, in frames of 10 ms."""
    weights: Matrix
    """Outputs by inputs; the inputs of the first offset come first."""
    bias: Matrix


def context(layers: Sequence[Layer]) -> tuple[int, int]:
    """How many frames the network needs before and behind the one it judges."""
    return -sum(min(layer.offsets) for layer in layers), sum(max(layer.offsets) for layer in layers)


def final_mdl(phones: PhoneSet, layers: Sequence[Layer], priors: Matrix) -> bytes:
    """The file's content.

    Args:
        phones: of the language; decide the number of outputs.
        layers: from the input up; the last one's outputs become logarithms of probabilities.
        priors: share of each output in the training data.

    Raises:
        ModellingError: the layers do not fit on each other or on the phones.
    """
    _check(phones, layers, priors)
    out = _Writer()
    _transition_model(out, phones)
    _network(out, layers)
    left, right = context(layers)
    floored = priors + _PRIOR_FLOOR
    out.token("<LeftContext>").integer(left).token("<RightContext>").integer(right)
    out.token("<Priors>").vector(floored / floored.sum())
    return bytes(out.content)


class _Writer:
    """Kaldi's primitives."""

    def __init__(self) -> None:
        self.content = bytearray(b"\0B")

    def token(self, text: str) -> _Writer:
        self.content += f"{text} ".encode()
        return self

    def integer(self, value: int) -> _Writer:
        self.content += _INT.pack(4, value)
        return self

    def number(self, value: float) -> _Writer:
        self.content += _FLOAT.pack(4, value)
        return self

    def double(self, value: float) -> _Writer:
        self.content += _DOUBLE.pack(8, value)
        return self

    def integers(self, values: Sequence[int]) -> _Writer:
        self.content += _INT.pack(4, len(values)) + np.asarray(values, "<i4").tobytes()
        return self

    def vector(self, values: Matrix | Sequence[float]) -> _Writer:
        row = np.asarray(values, "<f4")
        self.content += b"FV " + _INT.pack(4, len(row)) + row.tobytes()
        return self

    def matrix(self, values: Matrix) -> _Writer:
        """Compressed, one scale for all: half the size of floats."""
        least = float(values.min())
        span = float(values.max()) - least or 1e-5
        levels = np.clip(np.round((values - least) / span * _SIXTEEN_BITS), 0, _SIXTEEN_BITS).astype("<u2")
        self.content += b"CM2 " + struct.pack("<ffii", least, span, *values.shape) + levels.tobytes()
        return self


def _check(phones: PhoneSet, layers: Sequence[Layer], priors: Matrix) -> None:
    inputs = layers[0].weights.shape[1] // len(layers[0].offsets)
    for layer in layers:
        if layer.weights.shape != (len(layer.bias), inputs * len(layer.offsets)):
            raise ModellingError(
                f"a layer has weights {layer.weights.shape}, bias {len(layer.bias)}, "
                f"and gets {len(layer.offsets)} times {inputs} inputs; mend: build the network anew"
            )
        inputs = len(layer.bias)
    if not inputs == len(priors) == phones.pdf_count:
        raise ModellingError(
            f"the network has {inputs} outputs and {len(priors)} priors, the phones need {phones.pdf_count}; "
            "mend: train with the phones.txt that is used here"
        )


def _transition_model(out: _Writer, phones: PhoneSet) -> None:
    kinds = phones.by_states
    numbered = sorted(number for numbers in kinds.values() for number in numbers)
    entry = [-1] * (numbered[-1] + 1)
    for states, numbers in kinds.items():
        for number in numbers:
            entry[number] = states - 1
    out.token("<TransitionModel>").token("<Topology>").integers(numbered).integers(entry).integer(len(kinds))
    for states in kinds:
        out.integer(states + 1)
        for state in range(states):
            out.integer(state).integer(2).integer(state).number(0.5).integer(state + 1).number(0.5)
        out.integer(-1).integer(0)
    out.token("</Topology>").token("<Triples>").integer(len(phones.triples))
    for triple in phones.triples:
        for value in triple:
            out.integer(value)
    out.token("</Triples>").token("<LogProbs>").vector([0.0, *[_HALF] * phones.transition_count])
    out.token("</LogProbs>").token("</TransitionModel>")


def _network(out: _Writer, layers: Sequence[Layer]) -> None:
    wiring = [f"input-node name=input dim={layers[0].weights.shape[1] // len(layers[0].offsets)}"]
    below = "input"
    names = [f"tdnn{number}" for number in range(1, len(layers))] + ["output"]
    for name, layer in zip(names, layers, strict=True):
        parts = [below if offset == 0 else f"Offset({below}, {offset})" for offset in layer.offsets]
        given = f"Append({', '.join(parts)})" if len(parts) > 1 else parts[0]
        below = f"{name}.log-softmax" if name == "output" else f"{name}.relu"
        wiring.append(f"component-node name={name}.affine component={name}.affine input={given}")
        wiring.append(f"component-node name={below} component={below} input={name}.affine")
    wiring.append(f"output-node name=output input={below} objective=linear")
    out.token("<Nnet3>")
    out.content += ("\n" + "\n".join(wiring) + "\n\n").encode()
    out.token("<NumComponents>").integer(2 * len(layers))
    for name, layer in zip(names, layers, strict=True):
        out.token("<ComponentName>").token(f"{name}.affine").token("<FixedAffineComponent>")
        out.token("<LinearParams>").matrix(layer.weights).token("<BiasParams>").vector(layer.bias)
        out.token("</FixedAffineComponent>").token("<ComponentName>")
        component, kind = (
            ("log-softmax", "LogSoftmaxComponent") if name == "output" else ("relu", "RectifiedLinearComponent")
        )
        out.token(f"{name}.{component}").token(f"<{kind}>").token("<Dim>").integer(len(layer.bias))
        out.token("<ValueAvg>").vector([]).token("<DerivAvg>").vector([])
        out.token("<Count>").double(0.0).token(f"</{kind}>")
    out.token("</Nnet3>")
