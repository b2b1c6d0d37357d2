"""A whole Vosk directory: data, training, ``am/final.mdl``, settings, graph."""

from __future__ import annotations

import shutil
from pathlib import Path

from speech.modelling.acoustic.data import load, prepare
from speech.modelling.acoustic.directory import write_acoustic
from speech.modelling.acoustic.kaldi_writer import final_mdl
from speech.modelling.acoustic.settings import Size
from speech.modelling.acoustic.training import Report, train
from speech.modelling.build import DATA, RECIPES, build
from speech.modelling.phones import PhoneSet


def make(language: str, size: Size, work: Path, target: Path, *, workers: int, report: Report) -> list[Path]:
    """Make every bundled model of a language; returns their folders. Training data are kept in the work folder.

    Args:
        language: ``zh`` or ``en``.
        size: how large, from how much.
        work: where the training data are, or go.
        target: folder of the models; nothing in it is touched before all is trained.
        workers: processes that speak at a time.
        report: told how it goes.

    Raises:
        ModellingError: a tool is missing, or the data files do not fit together.
    """
    report(f"{language}: speaking {size.shards * size.utterances} utterances")
    data = load(prepare(language, size, work, workers))
    report(f"{language}: learning from {len(data.frames) / 360_000:.1f} hours")
    phones = PhoneSet.load(DATA / language / "phones.txt")
    trained = train(data, size, phones.pdf_count, report)
    acoustic = final_mdl(phones, trained.network.layers(), trained.priors)
    made = []
    for name in (name for name, recipe in RECIPES.items() if recipe.language == language):
        folder = target / name
        write_acoustic(folder, acoustic)
        shutil.rmtree(folder / "graph", ignore_errors=True)
        build(name, folder)
        made.append(folder)
    return made
