"""``python -m speech.modelling.understanding train LANGUAGE``: learn the judgement of a language anew.

On two cores that takes half an hour for Mandarin, two hours for English, which a teacher is taught for first;
what was learnt before the work broke off is taken up again.
Writes the weights, and beside them ``<language>.json``: how well replies are understood whose writer was not
learnt from. The same replies and seed give the same files.

``hear LANGUAGE`` writes anew, in a quarter of an hour, how the bundled recogniser mishears the replies; that is learnt
from, too. It is for when the recogniser's model was made anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speech.judgement import COLUMNS, FOLDER, MOST_TOKENS, question, read
from speech.modelling.understanding.cores import Job, done
from speech.modelling.understanding.examples import Example, examples
from speech.modelling.understanding.hearing import HEARD, hear
from speech.modelling.understanding.learning import bundled, unseen, variations
from speech.modelling.understanding.measures import FOLDS, figures, limits, of, parts
from speech.modelling.understanding.network import LearntNetwork
from speech.modelling.understanding.settings import Settings
from speech.modelling.understanding.writing import write

WORK = Path("var/judgement")


def main(arguments: list[str] | None = None) -> int:
    """Train what is named; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m speech.modelling.understanding", description=__doc__)
    parser.add_argument("what", choices=["hear", "train"])
    parser.add_argument("language", choices=["zh-CN", "en"])
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder for the weights (default: the bundled ones)")
    parser.add_argument(
        "--parts", type=int, choices=range(1, FOLDS + 1), default=FOLDS,
        help=f"by how many {FOLDS}ths of the writers is measured, each with what learns from the others (default: all)",
    )  # fmt: skip
    parser.add_argument("--work", type=Path, default=WORK, help=f"folder for what is learnt so far (default: {WORK})")
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--replies", type=int, default=HEARD, help=f"how many are heard (default: {HEARD})")
    given = parser.parse_args(arguments)
    if given.what == "hear":
        sys.stdout.write(f"{hear(given.language, given.replies)} replies were misheard, but not beyond use\n")
        return 0
    torch.set_num_threads(1)  # each of the processes that are forked has a core
    settings = Settings(seed=given.seed)
    found = examples(given.language)
    writers = parts(found)[: given.parts]
    jobs: list[Job] = [bundled, *(partial(unseen, part=part) for part in writers)]
    varied = variations(given.language, found, settings)
    (weights, network), *logits = done(jobs, found, varied, settings, given.work)
    judged = [each for part in writers for each in of(part, found)]
    chosen = limits(judged, np.concatenate(logits))
    path = given.to / f"{given.language}.npz"
    size = write(path, weights, network, chosen)
    sys.stdout.write(f"{path}: {size // 1024} KB; its network is {_off(path, network, found):.3f} off as written\n")
    measured: dict[str, Any] = {
        "replies": len({(each.reply.writer, each.reply.asks, each.reply.text) for each in judged}),
        "writers": len({each.reply.writer for each in judged}),
        "by writer": figures(judged, np.concatenate(logits), chosen),
    }
    path.with_suffix(".json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    counts = measured["by writer"]["all"]
    precision = counts["hits"] / (counts["hits"] + counts["false"])
    recall = counts["hits"] / (counts["hits"] + counts["missed"])
    sys.stdout.write(f"escalation, unseen by writer: precision {precision:.3f}, recall {recall:.3f}\n")
    return 0


def _off(path: Path, network: LearntNetwork, found: Sequence[Example]) -> float:
    """How far the network as written and run in numpy is from the one learnt, in logits of escalation, at the mean."""
    judgement = read(path)
    some = [each for each in found if len(each.line.tokens) <= MOST_TOKENS][:: len(found) // 500]
    learnt = network.logits(some)
    run = [judgement.network.logits(each.line, each.ruled, question(each.reply.asks)) for each in some]
    column = COLUMNS.index("escalate")
    return float(np.abs(learnt - np.stack(run))[:, column].mean())


if __name__ == "__main__":
    sys.exit(main())
