"""The part of a Vosk directory that comes from training: ``am`` and ``conf``."""

from __future__ import annotations

from pathlib import Path

from speech.modelling.acoustic.features import Cepstra

MODEL_CONF = """--min-active=10
--max-active=3000
--beam=10
--lattice-beam=4
--acoustic-scale=1
--frame-subsampling-factor=3
--frames-per-chunk=12
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
"""``conf/model.conf``. Acoustic scale 1: the network says probabilities of frames, and the priors are taken off. At
least ten states are kept alive: with 200, as Kaldi does, a graph as small as ours hears the same (within 0.2 points on
all sets of `speech.modelling.measure` but words in random order) in twice the time."""


def write_acoustic(folder: Path, acoustic: bytes) -> None:
    """Write ``am`` and ``conf`` of a model."""
    for relative, content in (
        ("am/final.mdl", acoustic),
        ("conf/mfcc.conf", Cepstra().conf().encode()),
        ("conf/model.conf", MODEL_CONF.encode()),
    ):
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
